"""Export, import: the same requests. Over every scenario of the corpus, as a Postman collection and as cURL lines."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from harness.cdp import endpoints, events
from harness.compiler import compile_scenario
from harness.compiler.example import Example
from harness.compiler.plan import Plan
from harness.engine.examples import examples
from harness.importer.assemble import assemble
from harness.importer.calls import UnreadableError
from harness.importer.files import take
from harness.run.snippet_command import snippet
from harness.scenario.blanks import filled
from harness.scenario.loader import loads
from harness.scenario.model import Scenario
from tests.conftest import ROOT
from tests.scenario.corpus import ENVIRONMENT, GOOD, examined, options

CORPUS = [*sorted(GOOD.glob("*.yaml")), *sorted((ROOT / "scenarios").glob("*.yaml"))]
SYNTHETIC = {*events.IDENTITY_ATTRIBUTES}
"""Of an IDENTITY: people are made anew."""
MADE_ANEW = {"orderedAt", "referenceId", "reference_id"}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("CDP_", "HARNESS_")):
            monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def anew(value: Any) -> Any:
    """JSON without what is another each time."""
    if isinstance(value, dict):
        return {name: "anew" if name in MADE_ANEW else anew(each) for name, each in value.items()}
    return [anew(each) for each in value] if isinstance(value, list) else value


def message(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if isinstance(found, dict) and found.get("type") == "IDENTITY":
        return {name: value for name, value in found.items() if name not in SYNTHETIC}
    return anew(found)


def request(example: Example, base: str, hidden: bool) -> tuple[Any, ...]:
    """What a request is. ``base``: the target's own path. ``hidden``: blanks are alike, where no captures are kept."""

    def text(raw: str) -> str:
        return filled(raw, lambda name: "?" if hidden else f"<{name}>")

    path, _, query = text(example.target).partition("?")
    pairs = sorted((name, str(message(value))) for name, value in parse_qsl(query, keep_blank_values=True))
    body: Any = None if example.body is None else message(text(example.body))
    if "urlencoded" in str(example.headers):
        body = parse_qsl(str(body), keep_blank_values=True)
    return (
        example.method,
        base + unquote(path),
        pairs,
        body,
        sorted(re.sub(r"^Authorization: Basic.*", "Authorization: Basic *", text(line)) for line in example.headers),
    )


def of(scenario: Scenario, hidden: bool) -> list[list[Any]]:
    journeys: dict[str, list[Any]] = {}
    base = "" if scenario.target.is_sandbox else urlsplit(scenario.target.url).path.rstrip("/")
    for each in examples(plan(scenario), 1):
        if each.binary:
            continue  # no text, so no code
        journeys.setdefault(each.journey, []).append(request(each, base, hidden))
    return [each for each in journeys.values() if each]


def plan(scenario: Scenario) -> Plan:
    made = compile_scenario(scenario)
    return replace(made, guests=replace(made.guests, returning=0.0, seed=1))


@pytest.mark.parametrize("language", ["postman", "curl"])
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_same_requests(path: Path, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    overrides, _ = options(path)
    before = examined(Path(path.name)).scenario if path.parent == GOOD else examined(path).scenario
    file = tmp_path / f"exported.{language}"
    file.write_text(snippet(path.name, None, language, overrides), "utf-8")
    try:
        made = assemble(take(str(file)))
    except UnreadableError:
        assert all(each.binary for each in examples(plan(before), 1))  # nothing that code can send
        return
    for each in examples(plan(before), 1):
        for name, capture in each.captures:
            if (
                language == "curl" or capture.kind == "regex"
            ):  # what a way of writing cannot keep, the shell has to give
                monkeypatch.setenv(name, "?" if language == "curl" else f"<{name}>")
    after = loads(made.text)
    sent, again = (of(each, language == "curl") for each in (before, after))
    if language == "curl":  # lines have no journeys
        sent, again = ([[r for each in journeys for r in each]] for journeys in (sent, again))
        create = [r for r in sent[0] if r[1] == endpoints.BROWSER_CREATE]
        sent[0] = [*create[:1], *(r for r in sent[0] if r[1] != endpoints.BROWSER_CREATE)]
    added = "steps added" in made.notes.found
    if added:
        assert path.stem in ADDED, made.notes.found
        rest = [iter(each) for each in again]
        assert all(any(r == found for found in it) for each, it in zip(sent, rest, strict=True) for r in each)
    else:
        assert again == sent


ADDED: set[str] = set()
