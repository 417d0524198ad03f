"""Files of ours that look like real ones: what comes of each, to the letter. UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harness.compiler import compile_scenario
from harness.importer.assemble import Imported, assemble
from harness.importer.files import take
from harness.importer.fitting import OF_THE_VISIT
from harness.report.imported_text import told
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.loader import examine
from harness.scenario.source import parse
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "corpus" / "import"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".expected")
SECRETS = (
    "psfu6uh05hsr9c34rptlr06dn864cqrx", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "8f14e45fceea167a5a36dedd4bea2543",
    "Tr0ub4dor", "c0ffee00", "hunter22", "abcdef0123456789", "AIzaSyD-", "pa55word", "0123456789abcdef", "sk_live_",
    "s3cretpass", "very-secret-word", "Real", "7700 900123",
)  # fmt: skip
"""Of all files: no credential and no person's data gets into a scenario."""


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("CDP_", "HARNESS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(FOLDER)


def imported(name: str) -> Imported:
    taken = take(name)
    return assemble(taken, "", taken.title or Path(name).stem)


@pytest.mark.parametrize("name", FILES)
def test_what_comes_of_it(name: str) -> None:
    made = imported(name)
    if any(each.severity == "error" for each in made.found):
        with pytest.raises(ScenarioError) as raised:
            examine(parse(made.text, name))
        assert {each.code for each in raised.value.diagnostics} == {each.code for each in made.found}
        assert {each.code for each in made.found} <= OF_THE_VISIT | {"W402", "W405", "W406"}
    else:
        compile_scenario(examine(parse(made.text, name)).scenario)
    text = f"{told(made, None)}\n\n{made.text}"
    for secret in SECRETS:
        assert secret not in text
    golden = FOLDER / f"{name}.expected"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_what_is_missing_is_added_on_demand() -> None:
    taken = take("mistaken.postman_collection.json")
    made = assemble(taken, "", "x", complete=True)
    assert {each.code for each in made.found} == {"W405"}
    compile_scenario(examine(parse(made.text, "x")).scenario)
    assert "# made up by --complete, because confirm needs it\n  - item_id: SHOE_24\n" in made.text
    assert "# added by --complete, because confirm needs it\n      - add: SHOE_24\n      - confirm:" in made.text
    assert "# added by --complete, because checkout needs it\n      - confirm\n      - checkout:" in made.text
    as_it_is = assemble(take("mistaken.postman_collection.json"), "", "x")
    assert made.verbs == as_it_is.verbs
    assert not as_it_is.notes.found.get("steps added")
    assert "--complete" not in as_it_is.text


def test_there_are_enough_and_none_is_left_behind() -> None:
    assert len(FILES) >= 20
    assert {path.name for path in FOLDER.glob("*.expected")} == {f"{name}.expected" for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_every_secret_is_a_variable_that_the_summary_names(name: str) -> None:
    made = imported(name)
    read = set(re.findall(r"\$\{(?:env\.)?([A-Z][A-Z0-9_]*)", made.text)) - {"CDP_API_TOKEN"}
    assert read <= {*made.secrets, *made.variables}
