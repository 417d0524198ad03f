"""Extensions with mistakes: one clear message with the package's name, and nothing lost."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from harness.cli.report import FORMS
from harness.report.reporters import OWN_FILES, OWN_FORMS
from tests.conftest import CLEAN_ENVIRONMENT
from tests.extend.conftest import make_package

SYSTEM = """\
scenario: extra
target: {system: extra, url: "http://127.0.0.1:9"}
journeys: {visit: {steps: [hop]}}
load: {users: 1, iterations: 1}
"""
CDP = """\
scenario: extra
target: {url: sandbox, point_of_sale: pastoral-witty-grill}
journeys: {visit: {steps: [browse, hop]}}
load: {users: 1, iterations: 1}
"""
HEAD = "from harness.extend import *\nfrom harness.extend import json as json_key\n"
GOOD = "Verb(lambda **k: Request('/x'), 'Hops.')"
BROKEN_SYSTEMS = {
    "import": ("import nowhere_to_be_found", "extra:IT cannot be imported: ModuleNotFoundError: No module named"),
    "syntax": ("IT = (", "cannot be imported: SyntaxError"),
    "exit": ("raise SystemExit('off')", "cannot be imported: SystemExit: off"),
    "absent": ("", "cannot be imported: AttributeError"),
    "shape": ("IT = {'hop': 1}", "extra:IT is dict, and no System of harness.extend"),
    "api": (
        f"IT = System(99, 'x', {{'hop': {GOOD}}})",
        "made for version 99 of harness.extend, and this harness has 1",
    ),
    "no verbs": ("IT = System(API, 'x', {})", "the system 'extra' brings no verbs"),
    "verb": ("IT = System(API, 'x', {'hop': print})", "the verb 'hop' is builtin_function_or_method, and no Verb"),
    "taken": (
        f"IT = System(API, 'x', {{'repeat': {GOOD}}})",
        "the verb 'repeat' of the system 'extra' is the harness's own",
    ),
    "name": (f"IT = System(API, 'x', {{'Hop!': {GOOD}}})", "'Hop!' cannot be a verb"),
    "main": ("IT = System(API, 'x', {'hop': Verb(print, 'x', main='y')})", "has no key 'y', which it names"),
}
BROKEN_VERBS = {
    "raises": ("1 / 0", "'hop' failed with ZeroDivisionError: division by zero"),
    "gives": ("'/x'", "'hop' made str, and no Request or Event of harness.extend"),
    "bodies": ("Request('/x', 'POST', json=1, body='x')", "made a request with json and body: keep one of them"),
    "set": ("Request('/x', 'POST', json={1, 2})", "made a request with set in it, which JSON does not have"),
    "nan": ("Request('/x', 'POST', json=float('nan'))", "made a request with float in it"),
    "type": ("Request('/x', type='what?')", "made a request of type 'what?'"),
    "method": ("Request('/x', 'LOOK')", "unknown method 'LOOK', made by 'hop' of harness-extra 2.0 [E206]"),
    "path": ("Request('x')", "a path that does not begin with / [E324]"),
    "name": ("Request('/${nothing.here}')", "unknown name 'nothing.here', made by 'hop' of harness-extra 2.0 [E219]"),
    "header": ("Request('/x', headers={'Host': 'a'})", "the header Host is written by the harness"),
    "event": ("Event('lower')", "made by 'hop' of harness-extra 2.0"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one check of all cases says of each: a broken package and a scenario that uses it, for every case."""
    folder = tmp_path_factory.mktemp("broken")
    names = []
    for kind, cases in (("system", BROKEN_SYSTEMS), ("verb", BROKEN_VERBS)):
        for number, (code, _) in enumerate(cases.values()):
            name = f"{kind}{number}"
            names.append(f"{name}.yaml")
            if kind == "system":
                whole, groups = HEAD + code, {"systems": f"{name} = {name}:IT"}
            else:
                whole = f"{HEAD}HOP = Addition(API, Verb(lambda: {code}, 'Hops.'))"
                groups = {"verbs": f"{name} = {name}:HOP"}
            make_package(folder / "site", whole, f"harness-{name}", name, **groups)
            used = SYSTEM.replace("extra", name) if kind == "system" else CDP.replace("hop", name)
            (folder / names[-1]).write_text(used, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "harness", "check", *names], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**CLEAN_ENVIRONMENT, "PYTHONPATH": str(folder / "site")}, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"{len(names)} files: " in done.stdout
    assert ": ok" not in done.stdout
    return {file: "\n".join(re.findall(rf"^{file}:.*\n.*\n.*", done.stderr, re.M)) for file in names}


@pytest.mark.parametrize("case", BROKEN_SYSTEMS)
def test_a_broken_system_is_one_message(case, told):
    name = f"system{list(BROKEN_SYSTEMS).index(case)}"
    said = told[f"{name}.yaml"]
    assert f":2:18: error: the system '{name}' of harness-{name} 2.0 cannot be used [E331]" in said
    assert BROKEN_SYSTEMS[case][1].replace("extra", name) in said
    assert said.count("error:") == 1


def test_other_commands_refuse_it_too(harness, package, tmp_path):
    site = package("import nowhere_to_be_found", systems="extra = extra:IT", verbs="hop = extra:HOP")
    (tmp_path / "s.yaml").write_text(SYSTEM, "utf-8")
    for arguments in (["run", "s.yaml"], ["schema"], ["extensions"]):
        done = harness(*arguments, PYTHONPATH=site)
        said = done.stdout + done.stderr
        assert done.returncode == 2, said
        assert "harness-extra 2.0" in said
        assert "nowhere_to_be_found" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("case", BROKEN_VERBS)
def test_a_broken_verb_is_told_at_the_step(case, told):
    name = f"verb{list(BROKEN_VERBS).index(case)}"
    said = told[f"{name}.yaml"]
    assert f"{name}.yaml:3:36: error: " in said
    assert BROKEN_VERBS[case][1].replace("'hop'", f"'{name}'").replace("extra", name) in said
    assert said.count("error:") == 1


def test_a_name_that_two_packages_bring(harness, package, tmp_path):
    code = f"{HEAD}HOP = Addition(API, {GOOD})"
    site = package(code, verbs="hop = extra:HOP")
    package(code, "harness-other", "other", verbs="hop = other:HOP")
    (tmp_path / "s.yaml").write_text(CDP, "utf-8")
    done = harness("check", "s.yaml", PYTHONPATH=site)
    assert done.returncode == 2
    assert "brings 'hop', too: uninstall one of them" in done.stderr


def test_a_name_of_the_harness_is_told_by_the_list_and_does_no_harm(harness, package, tmp_path):
    site = package(f"{HEAD}HOP = Addition(API, {GOOD})", verbs="browse = extra:HOP")
    done = harness("extensions", PYTHONPATH=site)
    assert done.returncode == 2
    assert "the name 'browse' is the harness's own: the package has to take another" in done.stdout
    (tmp_path / "s.yaml").write_text(CDP.replace(", hop", ""), "utf-8")
    assert harness("check", "s.yaml", PYTHONPATH=site).returncode == 0


def test_a_verb_of_another_system(harness, package, tmp_path):
    site = package(f"{HEAD}HOP = Addition(API, {GOOD}, system='http')", verbs="hop = extra:HOP")
    (tmp_path / "s.yaml").write_text(CDP, "utf-8")
    done = harness("check", "s.yaml", PYTHONPATH=site)
    assert done.returncode == 2
    assert "this step is for system http, and the target's is sitecore-cdp [E322]" in done.stderr


REPORTERS = {
    "raises": ("Reporter(API, 'a.txt', lambda s: 1 / 0)", "failed with ZeroDivisionError: division by zero"),
    "exits": ("Reporter(API, 'a.txt', lambda s: exit())", "failed with SystemExit"),
    "gives": ("Reporter(API, 'a.txt', lambda s: 5)", "gave int, and no text or bytes"),
    "replaces": ("Reporter(API, 'summary.json', lambda s: '')", "would replace summary.json, the harness's own"),
    "climbs": ("Reporter(API, '../a.txt', lambda s: '')", "names no file such as takings.txt"),
    "import": ("no_such_name", "cannot be imported: NameError"),
}


def test_a_broken_reporter_loses_nothing(harness, package, write_scenario, tmp_path):
    path = write_scenario()
    good = "GOOD = Reporter(API, 'good.bin', lambda s: b'\\xff' + s.scenario.encode())\n"
    bad = "".join(f"def made_{n}(): return {code}\n" for n, (code, _) in enumerate(REPORTERS.values()))
    names = "".join(f"B{n} = made_{n}()\n" for n, case in enumerate(REPORTERS) if case != "import")
    lazy = "def __getattr__(name):\n    return no_such_name\n"
    entries = "good = extra:GOOD\n" + "".join(f"bad{n} = extra:B{n}\n" for n in range(len(REPORTERS)))
    site = package(HEAD + good + bad + names + lazy, reporters=entries)
    done = harness("run", path, "--out", "r", "--quiet", PYTHONPATH=site)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    folder = tmp_path / "r"
    assert (folder / "good.bin").read_bytes() == b"\xffsmall"
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    assert summary["verdict"] == "incomplete"
    assert summary["requests"]["ok"] == summary["requests"]["sent"] > 0
    assert summary["verification"]["orders"]["missing"] == []
    told = "\n".join(summary["troubles"])
    for _, reason in REPORTERS.values():
        assert reason in told, told
    assert told.count("harness-extra 2.0") == len(REPORTERS)
    assert {each.name for each in folder.iterdir()} - {"good.bin"} <= OWN_FILES
    for name in ("report.html", "summary.md", "junit.xml"):
        assert "division by zero" in (folder / name).read_text("utf-8"), name

    again = harness("report", "r", "--format", "html,bad0", PYTHONPATH=site)
    assert again.returncode == 2
    assert again.stderr == f"error: harness-extra 2.0: the reporter 'bad0' {REPORTERS['raises'][1]}\n"
    unknown = harness("report", "r", "--format", "goood", PYTHONPATH=site)
    assert unknown.returncode == 2
    assert "did you mean 'good'?" in unknown.stderr


def test_the_list_of_forms_is_whole():
    assert set(FORMS) == OWN_FORMS
