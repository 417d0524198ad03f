"""What ``harness snippet`` does: from a scenario and a step's name to code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

from harness.compiler import compile_scenario
from harness.compiler.example import Example
from harness.engine.examples import examples
from harness.report.snippet import Call, call
from harness.report.snippet_csharp import csharp
from harness.report.snippet_javascript import javascript
from harness.report.snippet_postman import collection
from harness.report.snippet_python import python
from harness.report.snippet_shell import line, script
from harness.scenario.blanks import blank
from harness.scenario.diagnostics import nearest
from harness.scenario.loader import examine
from harness.scenario.model import CDP, SANDBOX, Scenario, Target
from harness.scenario.overrides import Override
from harness.scenario.secret_names import is_secret_header, is_secret_name
from harness.scenario.source import read

WHOLE = ("curl", "postman")
"""Languages in which all steps can be written at once."""
LOCAL_SANDBOX = "http://127.0.0.1:8080"
"""Where ``harness sandbox`` is, unless it is told otherwise."""
MOST_NAMED = 30


class NoStepError(Exception):
    """There is no such step, or more than one; the text says which there are."""


def snippet(file: str, step: str | None, language: str, changes: Sequence[Override] = ()) -> str:
    """The code of a step, or of all (None). Raises ScenarioError, NoStepError, RanOutError."""
    scenario = examine(read(Path(file)), changes).scenario
    plan = compile_scenario(scenario)
    plan = replace(plan, guests=replace(plan.guests, returning=0.0))
    hide = _hider(scenario, os.environ)
    made = [_hidden(each, hide) for each in examples(plan, 1 if plan.guests.seed is None else plan.guests.seed)]
    chosen = made if step is None else [_chosen(made, step)]
    if step is not None and chosen[0].binary:
        raise NoStepError(f"the body of '{step[:100]}' is no text, and cannot be written as code")
    chosen = [each for each in chosen if not each.binary]
    target = scenario.target
    base = LOCAL_SANDBOX if target.is_sandbox else target.url
    if language == "postman":
        return collection(scenario.name, chosen, base, _open_key(target))
    if step is None and language not in WHOLE:
        raise NoStepError(f"{language} is written a step at a time: name one of {_names(made)}")
    if language == "curl":
        return script(chosen, base) if step is None else line(chosen[0], base)
    return _WRITERS[language](call(chosen[0], base))


def _open_key(target: Target) -> str:
    """The client key, where it is a sandbox's own and so no secret."""
    return SANDBOX if target.system == CDP and target.key == SANDBOX else ""


_WRITERS: Mapping[str, Callable[[Call], str]] = {"python": python, "csharp": csharp, "javascript": javascript}


def _chosen(made: Sequence[Example], wanted: str) -> Example:
    """The example of a step: by its name, or by journey/name where several journeys have one of that name."""
    found = [each for each in made if wanted in (each.step, f"{each.journey}/{each.step}")]
    if len(found) == 1:
        return found[0]
    if found:
        both = ", ".join(f"{each.journey}/{each.step}" for each in found[:MOST_NAMED])
        raise NoStepError(f"several journeys have a step '{wanted}': {both}")
    known = [*(each.step for each in made), *(f"{each.journey}/{each.step}" for each in made)]
    near = nearest(wanted, known)
    raise NoStepError(
        f"there is no step '{wanted[:100]}': " + (f"did you mean '{near}'?" if near else f"there are {_names(made)}")
    )


def _names(made: Sequence[Example]) -> str:
    names = list(dict.fromkeys(each.step for each in made))
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


# Secrets


def _hider(scenario: Scenario, environment: Mapping[str, str]) -> Callable[[str], str]:
    """Puts blanks, named after the environment's variables, in place of the secrets that came from there."""
    blanks: dict[str, str] = {}
    for secret in scenario.secrets:
        value = secret.reveal()
        name = next((name for name, held in sorted(environment.items()) if held == value), "SECRET")
        for form in (value, quote(value, safe=""), quote(value, safe=":,"), quote_plus(value), json.dumps(value)[1:-1]):
            blanks[form] = blank(name)

    def hide(text: str) -> str:
        for form in sorted(blanks, key=len, reverse=True):
            text = text.replace(form, blanks[form])
        return text

    return hide


def _hidden(example: Example, hide: Callable[[str], str]) -> Example:
    """Without secrets: those of the environment, and what is written out in a place that is one's by its name."""
    path, sign, query = example.target.partition("?")
    pairs = [part.partition("=") for part in hide(query).split("&")]
    query = "&".join(f"{n}{s}{_covered(n, v) if is_secret_name(n) else v}" for n, s, v in pairs)
    body = example.body
    if body is not None and any("x-www-form-urlencoded" in line.lower() for line in example.headers):
        form = [part.partition("=") for part in hide(body).split("&")]
        body = "&".join(f"{n}{s}{_covered(n, v) if is_secret_name(n) else v}" for n, s, v in form)
    return replace(
        example,
        target=hide(path) + sign + query,
        headers=tuple(_header(hide(line)) for line in example.headers),
        body=None if body is None else hide(body),
    )


def _header(line: str) -> str:
    name, _, value = line.partition(": ")
    if not is_secret_header(name):
        return line
    scheme, space, rest = value.partition(" ")
    return f"{name}: {scheme}{space}{_covered(name, rest)}" if space else f"{name}: {_covered(name, value)}"


def _covered(name: str, value: str) -> str:
    """A blank for a secret that stands in the file, unless blanks are in it already."""
    return (
        value if blank("")[0] in value or not value else blank("".join(c if c.isalnum() else "_" for c in name.upper()))
    )
