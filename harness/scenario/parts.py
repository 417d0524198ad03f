"""``steps_from``: the steps of a part or of another journey, on nodes, so that every position stays the written one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.scenario.diagnostics import Findings, nearest, suggest
from harness.scenario.source import Mapping, Node, Scalar, Sequence, child, describe

MOST_STEPS = 100_000
MOST_LEVELS = 40
MOST_UNUSED = 1_000
"""Steps of a part that nobody uses, beyond which it is not read."""


@dataclass(frozen=True)
class _Expanded:
    """A list of steps without ``steps_from``; how many there are, those within others, too, and how deep they lie."""

    node: Sequence
    size: int = 0
    depth: int = 0


class PartsExpander:
    """Puts the steps that ``steps_from`` names in its place: each part is worked out once, however often it is used.

    Bounded by MOST_STEPS and MOST_LEVELS, so that no few lines make a scenario without end.
    """

    def __init__(self, root: Node, to: Findings) -> None:
        self._to = to
        self._known: dict[str, Sequence] = {}
        self._done: dict[str, _Expanded] = {}
        self._full = False
        self._meant = set(_mentioned(root))  # and names that another was most likely meant to be
        self._root = root
        journeys, parts = child(root, "journeys"), child(root, "parts")
        for key, value in journeys.items if isinstance(journeys, Mapping) else ():
            steps = child(value, "steps")
            if isinstance(steps, Sequence):
                self._known[key.text] = steps
        for key, value in parts.items if isinstance(parts, Mapping) else ():
            if key.text in self._known:
                label = "give the part another name: 'steps_from' would not know which"
                to.error("E225", key.span, f"'{key.text[:60]}' is a part and a journey", label)
                self._meant.add(key.text)
            elif isinstance(value, Sequence) and (value.items or value.broken):
                self._known[key.text] = value
            else:
                self._known[key.text] = Sequence((), value.span, broken=True)
                if isinstance(value, Sequence):
                    to.error("E208", value.span, "an empty list", "a part is a list of steps: add one, or take it out")
                    self._meant.add(key.text)

    def expand(self) -> tuple[Node, tuple[Node, ...]]:
        """The root without ``parts``, every ``steps_from`` replaced; and the parts that nobody uses."""
        root = self._root
        if not isinstance(root, Mapping):
            return root, ()
        items: list[tuple[Scalar, Node]] = []
        parts: Node | None = None
        for key, value in root.items:
            if key.text == "parts":
                parts = value
            elif key.text == "journeys" and isinstance(value, Mapping):
                journeys = tuple((k, self._journey(v, k.text)) for k, v in value.items)
                items.append((key, Mapping(journeys, value.span)))
            else:
                items.append((key, value))
        return Mapping(tuple(items), root.span), self._unused(parts) if parts is not None else ()

    def _unused(self, node: Node) -> tuple[Node, ...]:
        if not isinstance(node, Mapping) or not node.items:
            label = "parts: {pay: [confirm, checkout]}"
            self._to.error("E201", node.span, f"{describe(node)} where parts by their names belong", label)
            return ()
        unused: list[Node] = []
        for key, value in node.items:
            if not isinstance(value, Sequence):
                self._to.error(
                    "E201", value.span, f"part '{key.text[:40]}' is no list of steps", "write '- ' and a step"
                )
            elif key.text not in self._meant:
                label = f"write '- steps_from: {key.text[:40]}' where it belongs, or take it out"
                self._to.warning("W416", key.span, f"part '{key.text[:40]}' is never used", label)
                found = self._named(key.text, ())
                if found.size <= MOST_UNUSED:
                    unused.append(found.node)
        return tuple(unused)

    def _journey(self, node: Node, name: str) -> Node:
        if not isinstance(node, Mapping):
            return node
        items: list[tuple[Scalar, Node]] = []
        for key, value in node.items:
            wanted = key.text == "steps" and isinstance(value, Sequence)
            items.append((key, self._steps(value, (name,)).node if wanted and isinstance(value, Sequence) else value))
        return Mapping(tuple(items), node.span)

    def _steps(self, node: Sequence, under_way: tuple[str, ...]) -> _Expanded:
        items: list[Node] = []
        size = depth = 0
        broken = node.broken
        for item in node.items:
            source = child(item, "steps_from") if isinstance(item, Mapping) and len(item.items) == 1 else None
            if source is not None:
                found = self._from(source, under_way, MOST_STEPS - size)
                items.extend(found.node.items)
                broken = broken or found.node.broken
                size += found.size
                depth = max(depth, found.depth)
            else:
                step, inner_size, inner_depth = self._step(item, under_way)
                items.append(step)
                size += 1 + inner_size
                depth = max(depth, 1 + inner_depth)
        return _Expanded(Sequence(tuple(items), node.span, broken), size, depth)

    def _step(self, node: Node, under_way: tuple[str, ...]) -> tuple[Node, int, int]:
        """A step with the steps within it replaced; their number and depth."""
        if not isinstance(node, Mapping):
            return node, 0, 0
        if not any(key.text in _HOLD_STEPS for key, _ in node.items):
            return node, 0, 0
        size = depth = 0

        def inner(value: Node) -> Node:
            nonlocal size, depth
            if not isinstance(value, Sequence):
                return value
            found = self._steps(value, under_way)
            size += found.size
            depth = max(depth, found.depth)
            return found.node

        items: list[tuple[Scalar, Node]] = []
        for key, value in node.items:
            made = value
            if key.text in ("steps", "else"):
                made = inner(value)
            elif key.text == "choose" and isinstance(value, Sequence):
                ways = (
                    Mapping(tuple((k, inner(v)) for k, v in way.items), way.span) if isinstance(way, Mapping) else way
                    for way in value.items
                )
                made = Sequence(tuple(ways), value.span)
            items.append((key, made))
        return Mapping(tuple(items), node.span), size, depth

    def _from(self, source: Node, under_way: tuple[str, ...], room: int) -> _Expanded:
        nothing = _Expanded(Sequence((), source.span, broken=True))
        if not isinstance(source, Scalar) or not source.text:
            label = (
                f"name a part or a journey: {', '.join(self._known)}"[:200] if self._known else "add it below 'parts:'"
            )
            self._to.error("E225", source.span, "steps_from names one part or journey", label)
            return nothing
        if source.text in self._known and self._known[source.text].broken:
            return nothing
        if source.text not in self._known:
            name = source.text[:60]
            self._meant.add(nearest(name, self._known) or "")
            label = suggest(name, self._known) if self._known else "add it below 'parts:'"
            self._to.error("E225", source.span, f"no part or journey '{name}'", label)
            return nothing
        if source.text in under_way:
            ring = " → ".join((*under_way[under_way.index(source.text) :], source.text))
            said = f"'{source.text[:60]}' stands in its own steps"
            self._to.error("E225", source.span, said, f"take one of these out: {ring[:200]}")
            return nothing
        if len(under_way) > MOST_LEVELS:
            self._to.error("E225", source.span, f"more than {MOST_LEVELS} parts in parts", "write some of them out")
            return nothing
        found = self._named(source.text, under_way)
        if found.size > room or found.depth > MOST_LEVELS:
            if not self._full:
                many = f"{MOST_STEPS} steps" if found.size > room else f"{MOST_LEVELS} levels of steps in steps"
                self._to.error("E225", source.span, f"this makes more than {many}", "let 'repeat' say how often")
            self._full = True
            return nothing
        return found

    def _named(self, name: str, under_way: tuple[str, ...]) -> _Expanded:
        if name not in self._done:
            self._done[name] = self._steps(self._known[name], (*under_way, name))
        return self._done[name]


def _mentioned(root: Node) -> Iterator[str]:
    """Every name behind a ``steps_from``."""
    waiting = [each for each in (child(root, "journeys"), child(root, "parts")) if each is not None]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting.extend(node.items)
        elif isinstance(node, Mapping):
            for key, value in node.items:
                if key.text == "steps_from" and isinstance(value, Scalar):
                    yield value.text
                elif not isinstance(value, Scalar):
                    waiting.append(value)


_HOLD_STEPS = ("steps", "else", "choose")
