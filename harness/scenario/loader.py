"""``load``: from a file to a checked Scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.extensions.installed import ExtensionError
from harness.scenario.check import check
from harness.scenario.diagnostics import Diagnostic, EnoughError, Findings, ScenarioError
from harness.scenario.includes import with_includes
from harness.scenario.language import SCENARIO
from harness.scenario.masking import Masker
from harness.scenario.model import CDP, SANDBOX, Scenario
from harness.scenario.overrides import Override, profile_unknown, with_overrides
from harness.scenario.parts import PartsExpander
from harness.scenario.shapes import Bad
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, Source, child, many_values, parse, read
from harness.scenario.source import Sequence as SequenceNode
from harness.scenario.steps import STEPS
from harness.scenario.values import Secret
from harness.scenario.variables import expand
from harness.scenario.vocabulary import OWN_SYSTEMS, systems, vocabulary_of

SANDBOX_CREDENTIALS: Mapping[str, str] = {"client_key": "sandbox", "api_token": "sandbox"}
"""An embedded sandbox has its own keys: those of a real account are neither needed nor sent."""


MOST_NOTED = 500
"""Mistakes after which a file is not read on."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario without errors, and the warnings about it."""

    scenario: Scenario
    warnings: tuple[Diagnostic, ...]
    sources: Mapping[str, tuple[str, ...]]


def load(path: str | Path, overrides: Sequence[Override] = (), profile: str | None = None) -> Scenario:
    """Read, check and return a scenario; ``overrides`` count as if they stood in the file.

    ``profile`` picks one of several loads; else the first. Raises ScenarioError with every mistake found.
    """
    return examine(read(Path(path)), overrides, profile).scenario


def loads(text: str, name: str = "scenario.yaml") -> Scenario:
    """The same from a text."""
    return examine(parse(text, name)).scenario


def examine(source: Source, overrides: Sequence[Override] = (), profile: str | None = None) -> Loaded:
    """The scenario of a parsed source, with its warnings. Raises ScenarioError, which names them, too."""
    to = Findings(most=MOST_NOTED)
    sources = {source.name: source.lines}
    try:
        with many_values():
            scenario = _examined(source, overrides, profile, to, sources)
    except EnoughError:
        scenario = None
    # Terminals and CI logs are read by others than the file: what is secret in it is not shown there.
    masker = Masker(to.secrets)
    found = [
        replace(each, message=masker.mask(each.message), label=masker.mask(each.label)) for each in to.sorted(sources)
    ]
    sources = {name: tuple(map(masker.blot, lines)) for name, lines in sources.items()}
    if scenario is None or to.has_errors:
        raise ScenarioError(found, sources)
    return Loaded(scenario, tuple(found), sources)


def _examined(
    source: Source,
    overrides: Sequence[Override],
    profile: str | None,
    to: Findings,
    sources: dict[str, tuple[str, ...]],
) -> Scenario | None:
    """The scenario, or None where not even its shape is right. Everything that is wrong is noted."""
    root = with_includes(source, to, sources)
    root, profile = with_overrides(root, overrides, profile, to, sources)
    root = _with_sandbox_keys(root)
    own = _extension(root, to)
    if own is None:
        return None
    to.captures = own.union(_captures(root))
    root, unused = PartsExpander(root, to).expand()
    for part in unused:
        STEPS.read(part, to)
    unknown = profile is not None and profile_unknown(root, profile, to, sources)
    made = SCENARIO.read(root, to)
    if isinstance(made, Bad):
        return None
    scenario, profiles = made
    if profile is not None and not unknown:
        scenario = replace(scenario, load=dict(profiles)[profile], load_name=profile)
    scenario = replace(scenario, secrets=tuple(Secret(*each) for each in sorted(to.secrets.items())))
    check(scenario, [each for _, each in profiles], to)
    return scenario


def _extension(root: Node, to: Findings) -> frozenset[str] | None:
    """Tell ``to`` which system the target names; gives the names that its verbs capture by themselves.

    None: the system is an extension's that cannot be used. That is noted.
    """
    target = child(root, "target")
    system = child(target, "system") if target else None
    if isinstance(system, Scalar):
        name = expand(system, Findings())
        to.system = name if not isinstance(name, Bad) and (name in OWN_SYSTEMS or name in systems()) else to.system
    try:
        own = vocabulary_of(to.system).own
    except ExtensionError as error:
        said = f"the system '{to.system}' of {error.package} cannot be used"
        to.error("E331", system.span if system else None, said, error.reason)
        return None
    return frozenset(name for verb in own.values() if verb.speech for name in verb.speech.verb.captures)


def _captures(node: Node) -> Iterator[str]:
    """The names that ``capture:`` keys anywhere in the file give."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, SequenceNode):
            waiting.extend(each.items)
        elif isinstance(each, MappingNode):
            for key, value in each.items:
                waiting.append(value)
                if key.text == "capture" and isinstance(value, MappingNode):
                    yield from (name.text for name, _ in value.items)


def _with_sandbox_keys(root: Node) -> Node:
    target = child(root, "target")
    url = child(target, "url") if target else None
    system = child(target, "system") if target else None
    named = isinstance(url, Scalar) and url.text == SANDBOX
    other = isinstance(system, Scalar) and system.text != CDP
    if not named or other or not isinstance(target, MappingNode) or not isinstance(root, MappingNode):
        return root
    kept = [(key, value) for key, value in target.items if key.text not in ("region", *SANDBOX_CREDENTIALS)]
    for name, text in SANDBOX_CREDENTIALS.items():
        span = next((key.span for key, _ in target.items if key.text == name), target.span)
        kept.append((Scalar(name, False, span), Scalar(text, False, span)))
    changed = MappingNode(tuple(kept), target.span)
    return MappingNode(tuple((k, changed if k.text == "target" else v) for k, v in root.items), root.span)
