"""Values from the command line, put into the nodes before they are read: so they are checked like the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.scenario.diagnostics import Findings, Span, suggest
from harness.scenario.loads import LOAD_FIELDS
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar, child
from harness.scenario.source import Sequence as SequenceNode
from harness.scenario.syntax import DEEPEST

STEADY = ("load.users", "load.rate", "load.duration")
"""Keys that turn any load into a steady one when they come from the command line."""

INSTEAD_OF = {"target.url": "region", "target.region": "url"}
"""Of two keys that say the same thing, the one from the command line stands in the place of the other in the file."""


@dataclass(frozen=True, slots=True)
class Override:
    """A value from the command line: the dotted key that it replaces (``load.users``), and the option that gave it."""

    key: str
    text: str
    option: str

    @property
    def names_key(self) -> bool:
        """Whether the author wrote the key, too (``--set a.b=c``); else the option stands for it."""
        return self.option.startswith("--set")

    @property
    def line(self) -> str:
        """What the author wrote, to be shown in messages."""
        return f"{self.key}={self.text}" if self.names_key else self.text

    @property
    def value(self) -> Scalar:
        """The value, with its place in the line."""
        return self._scalar(self.text, len(self.key) + 2 if self.names_key else 1)

    def part(self, number: int) -> Scalar:
        """One of the key's parts, with its place in the line."""
        parts = self.key.split(".")
        return self._scalar(parts[number], sum(map(len, parts[:number])) + number + 1 if self.names_key else 1)

    def _scalar(self, text: str, column: int) -> Scalar:
        return Scalar(text, False, Span(self.option, 1, column, 1, column + max(len(text), 1)))


def with_overrides(
    root: Node,
    overrides: Sequence[Override],
    profile: str | None,
    to: Findings,
    sources: dict[str, tuple[str, ...]],
) -> tuple[Node, str | None]:
    """The root with every override in it, and the name of the load to be picked from what is left of its loads."""
    for each in overrides:
        sources[each.option] = (each.line,)
        if each.key.count(".") > DEEPEST:
            to.error("E209", each.value.span, "a key of so many parts", "write it like load.users")
        elif each.key not in STEADY:
            root = _replaced(root, each, 0)
    steady = {each.key: each for each in overrides if each.key in STEADY}
    if steady and not (profile and profile_unknown(root, profile, to, sources)):
        return _with_steady_load(root, steady, profile, to), None
    return root, profile


def profile_unknown(root: Node, profile: str, to: Findings, sources: dict[str, tuple[str, ...]]) -> bool:
    """Whether the file has no load of this name; noted then."""
    load = child(root, "load")
    several = isinstance(load, MappingNode) and _has_names(load)
    names = [key.text for key, _ in load.items] if isinstance(load, MappingNode) and several else []
    if profile in names:
        return False
    sources["--load"] = (profile,)
    label = suggest(profile, names) if names else "the scenario has one load, without a name: leave --load out"
    to.error("E231", Span("--load", 1, 1, 1, len(profile) + 1), f"no load '{profile[:60]}'", label)
    return True


def _has_names(load: MappingNode) -> bool:
    """Whether a load is several, by their names."""
    return bool(load.items) and not any(key.text in LOAD_FIELDS for key, _ in load.items)


def _replaced(node: Node, override: Override, number: int) -> Node:
    """The node with a value put in behind dotted keys (positions in lists count from 0); missing keys are made."""
    part = override.part(number)
    last = number == override.key.count(".")

    def within(inner: Node) -> Node:
        return override.value if last else _replaced(inner, override, number + 1)

    if isinstance(node, SequenceNode) and part.text.isdecimal() and int(part.text) < len(node.items):
        place = int(part.text)
        return SequenceNode((*node.items[:place], within(node.items[place]), *node.items[place + 1 :]), node.span)
    kept = node.items if isinstance(node, MappingNode) else ()
    if (instead := INSTEAD_OF.get(override.key)) is not None:
        kept = tuple((key, value) for key, value in kept if key.text != instead)
    if any(key.text == part.text for key, _ in kept):
        return MappingNode(tuple((k, within(v) if k.text == part.text else v) for k, v in kept), node.span)
    return MappingNode((*kept, (part, within(MappingNode((), part.span)))), node.span)


def _with_steady_load(root: Node, steady: Mapping[str, Override], profile: str | None, to: Findings) -> Node:
    """The root with a load of so many users or guests per second in place of the one that would run."""
    load = child(root, "load")
    if isinstance(load, MappingNode) and _has_names(load):
        load = child(load, profile) if profile else load.items[0][1]
    items = {key.text: (key, value) for key, value in (load.items if isinstance(load, MappingNode) else ())}
    first = next(iter(steady.values()))
    ways = [key.removeprefix("load.") for key in steady if key != "load.duration"]
    if ways:
        for other in ("users", "rate", "stages", "model"):
            items.pop(other, None)
        for misplaced in ("iterations",) if "rate" in ways else ("arrivals", "max_in_flight"):
            items.pop(misplaced, None)
    elif "stages" in items:
        label = "say how much, too: --users 20 or --rate 20/s"
        to.error("E232", first.value.span, "the load has stages, which say how long", label)
    for key, override in steady.items() if ways or "stages" not in items else ():
        items[key.removeprefix("load.")] = (override.part(1), override.value)
    made = MappingNode(tuple(items.values()), first.value.span)
    kept = root.items if isinstance(root, MappingNode) else ()
    others = tuple((k, v) for k, v in kept if k.text != "load")
    return MappingNode((*others, (first.part(0), made)), root.span)
