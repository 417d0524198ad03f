"""docs/diagnostics.md: a section for every code, with a wrong example of the corpus and the mended one.

UPDATE_GOLDEN=1 writes the page.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.scenario.diagnostics import Diagnostic, ScenarioError, render
from harness.scenario.loader import examine
from harness.scenario.source import Source, parse, read
from harness.scenario.thresholds import JOURNEY_METRICS, RUN_METRICS

from .corpus import BAD, CORPUS, ENVIRONMENT, compare, options
from .explanations import EXPLAINED, SMALL, Explained
from .test_corpus_bad import CODES_IN_CODE

PAGE = CORPUS.parent.parent / "docs" / "diagnostics.md"
HEAD = """\
# What `harness check` says, and what to do about it

Every mistake has a code. `E1…` are files and YAML, `E2…` the form of what is written, `E3…` its meaning. Errors stop
everything before anything is sent; warnings (`W4…`) do not, unless `--strict` says so.

Each section shows a mistake as it is told, and the lines that mend it. Codes never change their meaning.

"""


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(BAD)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def examined(source: Source, path: Path) -> tuple[tuple[Diagnostic, ...], dict[str, tuple[str, ...]]]:
    overrides, profile = options(path)
    try:
        loaded = examine(source, overrides, profile)
    except ScenarioError as error:
        return error.diagnostics, error.sources
    return loaded.warnings, dict(loaded.sources)


def mended(wrong: str, explained: Explained) -> str:
    for old, new in explained.mending:
        assert wrong.count(old) >= 1, old
        wrong = wrong.replace(old, new)
    return wrong if explained.mending else SMALL


def wrong_text(explained: Explained) -> str:
    return Path(f"{explained.example}.yaml").read_text("utf-8")


def told(code: str, explained: Explained) -> str:
    path = Path(f"{explained.example}.yaml")
    try:
        found, sources = examined(read(path), path)
    except ScenarioError as error:
        found, sources = error.diagnostics, error.sources
    return render([next(each for each in found if each.code == code)], sources)


def section(code: str, explained: Explained) -> str:
    made = f'<a id="{code.lower()}"></a>\n\n## {code}: {explained.title}\n\n{explained.meaning}\n'
    if not explained.example:
        return made
    wrong = wrong_text(explained)
    lines = set(wrong.splitlines())
    right = [line for line in mended(wrong, explained).splitlines() if line not in lines or not explained.mending]
    shown = [line if len(line) < 160 else f"{line[:70]} …" for line in right]
    made += f"\n```\n{told(code, explained)}\n```\n"
    if shown:
        made += "\nMended:\n\n```yaml\n" + "\n".join(shown) + "\n```\n"
    else:
        made += "\nMended: the line is taken out.\n"
    return made


def test_every_code_has_a_section_and_no_other():
    assert set(EXPLAINED) == CODES_IN_CODE
    assert list(EXPLAINED) == sorted(EXPLAINED)


@pytest.mark.parametrize("code", [code for code, explained in EXPLAINED.items() if explained.example])
def test_what_is_said_to_mend_it_does(code, monkeypatch, tmp_path):
    explained = EXPLAINED[code]
    text = mended(wrong_text(explained), explained)
    path = tmp_path / "mended.yaml"
    path.write_text(text, "utf-8")
    found, _ = examined(parse(text, f"{explained.example}.yaml"), path)
    assert code not in {each.code for each in found}
    assert not [each for each in found if each.severity == "error"], render(found, {})


def test_the_page():
    compare(PAGE, HEAD + "\n".join(section(code, explained) for code, explained in EXPLAINED.items()))
    assert PAGE.stat().st_size > 10_000


def test_the_metrics_are_those_of_the_code():
    assert not [metric for metric in (*RUN_METRICS, *JOURNEY_METRICS) if f"`{metric}`" not in EXPLAINED["E211"].meaning]
