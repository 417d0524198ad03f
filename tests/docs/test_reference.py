"""The generated pages say everything: each command with its options, each key of the language."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest

from harness.cli.main import COMMANDS, cli
from harness.compiler import compile_scenario
from harness.scenario.loader import loads
from harness.scenario.schema import json_schema
from tests.conftest import ROOT
from tests.scenario.test_language_page import whole

CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
LANGUAGE = (ROOT / "docs" / "language-reference.md").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_stands_there_with_all_its_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    (text,) = ["".join(re.findall(rf"^## harness {name}\b.*?(?=^## |\Z)", CLI, re.M | re.S))]
    leaves = list(command.commands.values()) if isinstance(command, click.Group) else []
    for each in (command, *leaves):
        for option in each.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.opts[0] in text


def keys(schema: Any) -> set[str]:
    """All keys of the language, out of its schema."""
    if isinstance(schema, list):
        return set().union(*map(keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    named = schema.get("properties", {})
    own = {name for name, each in named.items() if each is not False and "_" not in name[:1]}
    inner = [
        value for name, value in schema.items() if name not in ("examples", "enum", "properties", "dependentSchemas")
    ]
    return own | keys(inner) | keys(list(named.values()))


def test_every_key_stands_there() -> None:
    written = set(re.findall(r"`([\w.]+)`", LANGUAGE)) | set(re.findall(r"^#+ (\w+)$", LANGUAGE, re.M))
    found = keys(json_schema())
    assert len(found) > 80
    assert found - written == set()


@pytest.mark.parametrize("step", re.findall(r"^```yaml\n(- .*?)^```", LANGUAGE, re.M | re.S))
def test_every_verbs_example_is_right(step: str) -> None:
    before = "- browse: home page\n- identify\n- add: EXACT_90\n"
    if step.startswith(("- payment", "- checkout")):
        before += "- confirm\n"
    compile_scenario(loads(whole(before + step)))
