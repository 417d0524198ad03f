"""Of every block on every page it is known which test runs or reads it, or why none does."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT

from .pages import NAMES, blocks, text_of

COMMANDS = "docs/test_commands.py"
"""Looks whether the program takes the commands; does not run them."""
CHECKED = {
    "ARCHITECTURE.md": {"text": "docs/test_architecture.py"},
    "CONTRIBUTING.md": {"sh": COMMANDS},
    "README.md": {"sh": "docs/test_readme.py", "yaml": "docs/test_readme.py", "text": "docs/test_readme.py"},
    "deploy/README.md": {"sh": "deploy/test_deploy.py"},
    "docs/batch.md": dict.fromkeys(("sh", "text", "yaml"), "batch/test_docs.py"),
    "docs/cdp.md": {**dict.fromkeys(("sh", "yaml", "csv"), "docs/test_cookbook.py"), "text": COMMANDS},
    "docs/ci.md": {"sh": "docs/test_ci.py"},
    "docs/cli.md": {"text": COMMANDS},
    "docs/comparing.md": dict.fromkeys(("sh", "text"), "compare/test_docs.py"),
    "docs/diagnostics.md": dict.fromkeys(("", "yaml"), "scenario/test_diagnostics_page.py"),
    "docs/doctor.md": dict.fromkeys(("sh", "text"), "doctor/test_page.py"),
    "docs/editors.md": dict.fromkeys(("sh", "text", "json"), "docs/test_editors.py"),
    "docs/extending.md": dict.fromkeys(("python", "toml", "yaml"), "extend/test_page.py"),
    "docs/from-k6.md": dict.fromkeys(("javascript", "yaml"), "docs/test_from_k6.py"),
    "docs/guests.md": dict.fromkeys(("csv", "sh", "yaml"), "docs/test_guests.py"),
    "docs/import.md": dict.fromkeys(("sh", "text"), "docs/test_import_page.py"),
    "docs/language-reference.md": {"yaml": "docs/test_reference.py"},
    "docs/language.md": {"yaml": "scenario/test_language_page.py"},
    "docs/locust.md": dict.fromkeys(("sh", "python", "text"), "docs/test_locust_page.py"),
    "docs/outcomes.md": {"text": COMMANDS},
    "docs/reading-a-report.md": dict.fromkeys(("sh", "python"), "docs/test_reading_a_report.py"),
    "docs/safety.md": dict.fromkeys(("sh", "yaml"), "docs/test_safety_page.py"),
    "docs/sandbox.md": dict.fromkeys(("sh", "yaml", "text", "json"), "sandbox/test_docs.py"),
    "docs/scaling.md": {"sh": "docs/test_scaling.py"},
    "docs/tutorial.md": dict.fromkeys(("sh", "yaml", "text"), "docs/test_tutorial.py"),
    "docs/validate.md": dict.fromkeys(("sh", "yaml", "text"), "validate/test_validate_page.py"),
}
"""The test of each kind of block, beneath tests/."""
UNCHECKED = {
    ("docs/editors.md", "lua"): "needs Neovim 0.11, which the tests' systems do not have",
    ("docs/editors.md", "vim"): "needs Vim; that the pattern reads what is printed is tested with VS Code's",
    ("docs/safety.md", "nginx"): "is for the target's side, and needs nginx",
}


@pytest.mark.parametrize("name", NAMES)
def test_each_block_has_its_test(name: str) -> None:
    there = {language for language, _ in blocks(text_of(name))}
    unchecked = {language for page, language in UNCHECKED if page == name}
    assert there == set(CHECKED.get(name, {})) | unchecked


@pytest.mark.parametrize("name", CHECKED)
def test_and_the_test_reads_the_page(name: str) -> None:
    for test in set(CHECKED[name].values()) - {COMMANDS}:
        assert name.rpartition("/")[2] in (ROOT / "tests" / test).read_text("utf-8"), test
