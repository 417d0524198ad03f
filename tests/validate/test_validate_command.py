"""The command ``harness validate``, as a user runs it."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.validate.conftest import SHOP, sandbox_with
from tests.watching import stats

Harness = Callable[..., subprocess.CompletedProcess[str]]
KEY, TOKEN = "key-of-our-own", "token-of-our-own"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, "utf-8")
    return path


@pytest.fixture(scope="module")
def private() -> Iterator[SandboxProcess]:
    """A sandbox with keys that are secrets."""
    with SandboxProcess(SandboxConfig(client_key=KEY, api_token=TOKEN)) as process:
        yield process


def private_shop(path: Path, token: bool = True) -> None:
    text = SHOP.replace("client_key: sandbox", "client_key: ${CDP_CLIENT_KEY}")
    path.write_text(text.replace("api_token: sandbox", "api_token: ${CDP_API_TOKEN}" if token else "environment: test"))


def test_the_shipped_scenarios_hold_in_under_ten_seconds(harness: Harness) -> None:
    before, begun = _cpu_s(), time.monotonic()
    done = harness("validate", ROOT / "scenarios", "--target", "sandbox", "-q")
    took, worked = time.monotonic() - begun, _cpu_s() - before
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Coverage: 16 of 16 branches, 42 of 42 steps" in done.stdout
    assert "Held: 19 paths, all held, every outcome read back, in " in done.stdout
    print(f"harness validate scenarios: {took:.1f} s, of which at work {worked:.1f} s")
    # A busy machine makes it take longer, and gives it no more to do.
    assert worked < 10


def _cpu_s() -> float:
    """CPU time of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_tree_shows_every_step_and_what_came_of_it(harness: Harness, shop: Path) -> None:
    done = harness("validate", shop, "--seed", "5", "--path", "buy[repeat:2+leave:no]", "--path", "abandon")
    assert done.returncode == 0, done.stdout + done.stderr
    shape = re.sub(r"[\d.,]+ (ms|s)\b", "T", done.stdout)
    shape = re.sub(r"V[0-9A-Z]{6}", "RUN", shape)
    assert "✓ buy[repeat:2+leave:no]  7 steps, T" in shape
    assert re.search(r"✓ add ×2 +201  T each", shape)
    assert re.search(r"✓ order RUN-0  PURCHASED, [\d.]+ GBP, \d items?, once", shape)
    assert re.search(r"✓ timeline +6 events", shape)
    assert re.search(r"✓ cart +session closed, [\d.]+ GBP abandoned", shape)
    assert "✓ rule: CONFIRM needs an ADD before it  kept" in shape
    assert "\x1b" not in done.stdout
    again = harness("validate", shop, "--seed", "5", "--path", "buy[repeat:2+leave:no]", "--path", "abandon")
    guests = [re.findall(r"customer (\S+)@", each.stdout) for each in (done, again)]
    assert guests[0] == guests[1] != []


def test_a_failure_is_told_in_full_with_no_secret_in_it(harness: Harness, shop: Path, private: SandboxProcess) -> None:
    private_shop(shop)
    keys = {"CDP_CLIENT_KEY": KEY, "CDP_API_TOKEN": TOKEN}
    wrong = ("--set", "target.point_of_sale=nowhere", "--wait", "100ms", "--target", private.url)
    texts = []
    for form in ("text", "json", "junit", "github"):
        done = harness("validate", shop, *wrong, "--path", "quick", "--trace", "--format", form, **keys)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        texts.append(done.stdout)
        for secret in (KEY, TOKEN):
            assert secret not in done.stdout + done.stderr, form
    text, document, xml, github = texts
    for wanted in (
        "1) ",
        "expected  PURCHASED, ",
        "found     none  (after waiting ",
        "cause     wrong point of sale: ",
        "'nowhere'",
        "response  201 in ",
        f"Again: harness validate {shop} --set target.point_of_sale=nowhere --target {private.url} --path quick --trace",
        "Did not hold: 1 of 1 path failed",
    ):
        assert wanted in text, wanted
    made = json.loads(document)
    (path,) = made["files"][0]["journeys"][0]["paths"]
    assert (made["verdict"], made["paths"]["failed"], path["held"]) == ("fail", 1, False)
    assert {f["cause"] for check in path["checks"] for f in check["findings"]} == {"wrong_point_of_sale"}
    assert path["exchanges"][-1]["message"]["pos"] == "nowhere"
    (failure,) = ET.fromstring(xml).iter("failure")
    assert "cause     wrong point of sale" in (failure.text or "")
    line = next(
        number
        for number, each in enumerate(shop.read_text().splitlines(), 1)
        if "steps: [browse, identify, order" in each
    )
    assert f"::error file={shop},line={line},title=quick::no guest " in github


def test_a_curl_line_does_what_the_step_did(harness: Harness, shop: Path, private: SandboxProcess) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    private_shop(shop)
    keys = {"CDP_CLIENT_KEY": KEY, "CDP_API_TOKEN": TOKEN}
    done = harness("validate", shop, "--target", private.url, "--path", "look", "--trace", "--no-probe-rules", **keys)
    lines = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if line.split()[:1] == ["curl"]]
    assert len(lines) == 3
    before = stats(private.url)["events"]
    for line in lines:
        ran = subprocess.run(line, shell=True, env={**os.environ, **keys}, capture_output=True, text=True, check=True)
        assert json.loads(ran.stdout)["status"] == "OK"
    after = stats(private.url)["events"]
    assert {kind: after[kind] - before.get(kind, 0) for kind in after if after[kind] != before.get(kind, 0)} == {
        "VIEW": 1,
        "SEARCH": 1,
    }


def test_without_a_token_the_steps_are_checked_and_the_rest_is_said(
    harness: Harness, shop: Path, private: SandboxProcess
) -> None:
    private_shop(shop, token=False)
    done = harness("validate", shop, "--target", private.url, CDP_CLIENT_KEY=KEY)
    assert done.returncode == 0, done.stderr
    assert "guests, orders, timelines not verified: the scenario's target has no api_token" in done.stdout
    assert "no outcome read back" in done.stdout


@pytest.mark.parametrize(
    ("options", "keys", "told"),
    [
        ((), {"CDP_CLIENT_KEY": "wrong", "CDP_API_TOKEN": TOKEN}, "the client key (401): check the key, and that the region"),
        ((), {"CDP_CLIENT_KEY": KEY, "CDP_API_TOKEN": "wrong"}, "refuses client key and API token (401)"),
        (("--set", "target.environment=production"), {"CDP_CLIENT_KEY": KEY, "CDP_API_TOKEN": TOKEN}, "--allow-production"),
        (("--target", "http://127.0.0.1:9"), {"CDP_CLIENT_KEY": KEY, "CDP_API_TOKEN": TOKEN}, "connection refused"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_used_ends_with_three_and_nothing_sent(
    harness: Harness, shop: Path, private: SandboxProcess, options: tuple[str, ...], keys: dict[str, str], told: str
) -> None:
    private_shop(shop)
    shop.write_text(re.sub(r"  abandon:\n.*\n", "", shop.read_text()))  # force_close is a mistake in production
    before = stats(private.url)["events"]
    target = options if "--target" in options else ("--target", private.url, *options)
    done = harness("validate", shop, *target, **keys)
    assert (done.returncode, done.stdout) == (3, "")
    assert told in done.stderr
    assert "Nothing was sent." in done.stderr
    assert stats(private.url)["events"] == before


def test_production_is_never_sent_a_force_close_by_another_name(
    harness: Harness, shop: Path, sandbox: SandboxProcess
) -> None:
    shop.write_text(SHOP.replace("force_close]", "event: {type: FORCE_CLOSE}]"))
    production = ("--set", "target.environment=production", "--allow-production", "--target", sandbox.url)
    done = harness("validate", shop, *production)
    assert done.returncode in (2, 3)
    assert "FORCE_CLOSE" in done.stderr
    allowed = harness("validate", shop, *production, "--path", "look", "--set", "journeys.abandon.steps.3=clear_cart")
    assert allowed.returncode == 0, allowed.stderr
    assert "rule:" not in allowed.stdout


@pytest.mark.parametrize("form", ["text", "json", "junit", "github"])
def test_wrong_scenarios_end_with_two_and_every_mistake(
    harness: Harness, shop: Path, form: str, tmp_path: Path
) -> None:
    shop.write_text(SHOP.replace("- confirm", "- confrim"))
    (tmp_path / "good.yaml").write_text(SHOP)
    done = harness("validate", "good.yaml", "shop.yaml", "--format", form)
    assert done.returncode == 2
    assert "1 of 2 scenarios cannot be used. Nothing was sent." in done.stderr
    told = done.stderr if form == "text" else done.stdout
    assert "did you mean 'confirm'?" in told
    if form == "json":
        assert json.loads(done.stdout)["diagnostics"][0]["file"] == "shop.yaml"
    if form == "junit":
        assert ET.fromstring(done.stdout).get("errors") == "1"


def test_strict_makes_warnings_errors(harness: Harness, shop: Path) -> None:
    shop.write_text(
        SHOP.replace("  look:", "  odd:\n    steps: [identify, {when: 1 > 2, steps: [browse]}, search]\n  look:")
    )
    lax = harness("validate", shop, "--path", "odd")
    assert (lax.returncode, "warning: this can never run" in lax.stderr) == (0, True)
    strict = harness("validate", shop, "--path", "odd", "--strict")
    assert (strict.returncode, "error: this can never run" in strict.stderr, strict.stdout) == (2, True, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--path", "bye"), "there is no path 'bye': did you mean 'buy'?"),
        (("--paths", "many"), "none of all, pairwise and a number"),
        (("--wait", "soon"), "where a duration such as 30s belongs"),
        (("--seed", "-1"), "no whole number"),
        (("--set", "x"), "is not KEY=VALUE"),
        (("--target", "ftp://x"), "ftp"),
    ],
)
def test_a_wrong_command_line_ends_with_two(
    harness: Harness, shop: Path, arguments: tuple[str, str], told: str
) -> None:
    done = harness("validate", shop, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_x_stops_at_the_first_failure(harness: Harness, shop: Path) -> None:
    with sandbox_with({"errors": {"rate": 1, "status": 503, "only": ["CHECKOUT"]}}) as url:
        done = harness("validate", shop, "--target", url, "-x", "--format", "json")
        events = stats(url)["events"]
    made = json.loads(done.stdout)
    assert (done.returncode, made["paths"]["planned"], made["paths"]["walked"]) == (1, 7, 1)
    assert events["VIEW"] == 1


@pytest.mark.parametrize(
    "faults",
    [{"latency": {"fixed": "30s", "only": ["VIEW"]}}, {"visible_after": "60s"}],
    ids=["walking", "reading back"],
)
def test_an_interrupt_ends_with_130_and_what_there_is(shop: Path, faults: dict[str, object]) -> None:
    with sandbox_with(faults) as url:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "harness",
                "validate",
                str(shop),
                "--target",
                url,
                "--wait",
                "60s",
                "--format",
                "json",
            ],
            env=CLEAN_ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 20
        while stats(url)["browsers"] < 2 and time.monotonic() < deadline:
            time.sleep(0.02)  # the first browser is the probe's: with the second, the first path is under way
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert json.loads(out)["verdict"] == "interrupted"
    assert err == ""


def test_folders_are_searched_for_scenarios(harness: Harness, shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    (folder / "deep" / ".hidden").mkdir(parents=True)
    for name in ("b.yaml", "deep/a.yml", "deep/.hidden/c.yaml"):
        (folder / name).write_text(SHOP)
    (folder / "parts.yaml").write_text("parts: {pay: [confirm]}\n")
    made = json.loads(harness("validate", "all", "--path", "look", "--format", "json").stdout)
    assert [file["file"] for file in made["files"]] == ["all/b.yaml", "all/deep/a.yml"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (harness("validate", "empty").returncode, harness("validate", "nowhere.yaml").returncode) == (2, 2)


def test_plain_http_is_walked_without_an_outcome_and_keeps_cookies(
    harness: Harness, tmp_path: Path, sandbox: SandboxProcess
) -> None:
    (tmp_path / "web.yaml").write_text(
        f"scenario: web\ntarget: {{system: http, url: '{sandbox.url}'}}\n"
        "journeys:\n"
        "  look:\n    cookies: true\n    redirects: true\n    steps:\n"
        "      - request: {path: /}\n        expect: {status: 200, body: <html}\n"
        "      - choose:\n"
        "          - 50%: [{request: {path: /_sandbox/stats}, expect: {json: {$.orders: 77777}}, name: stats}]\n"
        "load: {users: 1, iterations: 1}\n"
    )
    done = harness("validate", "web.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✓ look[choose:none]" in done.stdout
    assert "✗ look[choose:stats]" in done.stdout
    assert "$.orders is not 77777" in done.stdout
    assert "rule:" not in done.stdout


def test_people_from_a_file_come_in_its_order_until_there_are_none(
    harness: Harness, shop: Path, tmp_path: Path
) -> None:
    rows = "\n".join(f"person{number}.{os.getpid()}@example.com,Person {number}" for number in range(5))
    (tmp_path / "people.csv").write_text(f"email,firstname\n{rows}\n")
    feed = "guests: {from: people.csv, feed: unique}\n"
    shop.write_text(SHOP.replace("journeys:\n", f"{feed}journeys:\n", 1))
    done = harness("validate", shop, shop, "-q", "--format", "json")
    made = json.loads(done.stdout)
    paths = [path for journey in made["files"][0]["journeys"] for path in journey["paths"]]
    assert done.returncode == 1
    assert [path["guest"].partition(".")[0] for path in paths] == [*(f"person{n}" for n in range(5)), "", ""]
    assert [path["held"] for path in paths] == [True] * 5 + [False] * 2
    assert "people.csv has 5 rows" in paths[5]["error"]
