"""YAML with positions: a file becomes nodes that know where they stand.

Scalars stay text; what a text means is decided by what is wanted in its place (``shapes``), so that
YAML 1.1 cannot turn a country into a boolean behind the author's back. Of YAML the language takes
mappings, lists and scalars; anchors, tags and several documents are refused, as are files that are
too large or too deep.
"""

from __future__ import annotations

import gc
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml

from harness.scenario.diagnostics import Diagnostic, ScenarioError, Span
from harness.scenario.syntax import DEEPEST, FLATTEN, no_text, syntax_error

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes. Some 150,000 steps."""
MOST_VALUES = 450_000
"""Keys, values and lists in a file; a step has some six."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(NamedTuple):
    """A piece of text. ``plain``: written without quotes, so that YAML 1.1 might read it as something else."""

    text: str
    plain: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file. Keys are unique."""

    items: tuple[tuple[Scalar, Node], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list. ``broken``: something is missing in it, which is noted already."""

    items: tuple[Node, ...]
    span: Span
    broken: bool = False


Node = Scalar | Mapping | Sequence


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: its name as shown to people, its lines, its root node."""

    name: str
    lines: tuple[str, ...]
    root: Node


def describe(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return "nothing" if node.plain and node.text in ("", "~", "null") else f"'{node.text[:60]}'"


def at(node: Node | None, *path: str | int) -> Span | None:
    """Where the value behind keys and positions stands (its key, where nothing is behind it); None: nowhere.

    A short form counts for the long one: in ``add: A1`` the item stands at ``A1``.
    """
    span = None
    for part in path:
        if isinstance(node, Sequence):
            if not isinstance(part, int) or part >= len(node.items):
                return None
            node = node.items[part]
            span = node.span
        elif isinstance(node, Mapping):
            found = next(((key, value) for key, value in node.items if key.text == part), None)
            if found is None:
                return None
            node = found[1]
            span = node.span if not (isinstance(node, Scalar) and not node.text) else found[0].span
    return span


def child(node: Node, name: str) -> Node | None:
    """What stands behind a key."""
    if not isinstance(node, Mapping):
        return None
    return next((value for key, value in node.items if key.text == name), None)


def key_at(node: Node | None, *path: str) -> Span | None:
    """Where the last of these keys stands; None: nowhere."""
    span = None
    for part in path:
        found = next(((k, v) for k, v in node.items if k.text == part), None) if isinstance(node, Mapping) else None
        if found is None:
            return None
        span, node = found[0].span, found[1]
    return span


@contextmanager
def many_values() -> Iterator[None]:
    """While many small values are made and none is thrown away, looking for garbage only takes time: half of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read(path: Path) -> Source:
    """Read and parse a file. Raises ScenarioError with the one mistake that makes it unreadable."""
    return parse(file_text(path), str(path))


def inside(path: Path, folder: Path) -> bool:
    """Whether a path stays in a folder, symbolic links followed."""
    return path.resolve().is_relative_to(folder.resolve())


def file_text(path: Path) -> str:
    """A file's text. Raises ScenarioError when it is no small regular file of UTF-8, or empty."""
    name = str(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            _refuse("E101", f"{name} is a directory", "name a scenario file in it, for example one that ends in .yaml")
        if not stat.S_ISREG(mode):
            _refuse("E101", f"{name} is not a regular file", "a scenario is a YAML file")
        if path.stat().st_size > LARGEST_FILE:
            _refuse("E102", f"{name} is larger than {LARGEST_FILE >> 20} MiB", "a scenario is a small text file")
        raw = path.read_bytes()
    except FileNotFoundError:
        _refuse("E101", f"{name} does not exist", "check the path; paths count from the current directory")
    except OSError as error:
        _refuse("E101", f"{name} cannot be read: {error.strerror or error}", "")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse("E103", f"{name} is UTF-16", "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _refuse("E103", f"{name}, line {line}: byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8")
    if not text.strip():
        _refuse("E104", f"{name} is empty", "start with 'scenario: name'; the README shows a whole file")
    return text


def parse(text: str, name: str) -> Source:
    """Parse YAML text; ``name`` stands for it in messages. Raises ScenarioError."""
    lines = tuple(text.splitlines())
    if (first := no_text(text, name)) is not None:
        raise ScenarioError([first], {name: lines})
    try:
        with many_values():
            return Source(name, lines, _Builder(name, yaml.parse(text, Loader=_Loader)).document())
    except yaml.YAMLError as error:
        found = syntax_error(error, name, lines)
    except _RefusedError as refusal:
        found = refusal.diagnostic
    except RecursionError:
        found = Diagnostic("E106", None, f"{name} is nested deeper than {DEEPEST} levels")
    raise ScenarioError([found], {name: lines})


class _RefusedError(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def _refuse(code: str, message: str, label: str) -> NoReturn:
    raise ScenarioError([Diagnostic(code, None, message, label)])


class _Builder:
    """Builds nodes from parser events, and stops at the first thing the language does not take."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self._name = name
        self._events = events
        self._left = MOST_VALUES

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self._name, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _stop(self, code: str, span: Span, message: str, label: str) -> NoReturn:
        raise _RefusedError(Diagnostic(code, span, message, label))

    def document(self) -> Node:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._stop("E107", self._span(event), "a second document", "one file holds one scenario: split it")
                first = next(self._events)
                root = self._node(first, 0)
        if root is None or (isinstance(root, Scalar) and root.plain and not root.text):
            _refuse("E104", f"{self._name} is empty", "start with 'scenario: name'; the README shows a whole file")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        start, end = event.start_mark, event.end_mark
        span = Span(self._name, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        self._left -= 1
        if self._left < 0:
            label = "split it, or let 'repeat' say how often"
            self._stop("E102", span, f"more than {MOST_VALUES} keys and values in one file", label)
        if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            return Scalar(event.value, event.style in (None, "") and event.implicit[0], span)
        if isinstance(event, yaml.AliasEvent):
            self._stop(
                "E108", span, f"alias '*{str(event.anchor)[:60]}'", "write the part out: anchors are not taken here"
            )
        if event.anchor is not None:
            self._stop(
                "E108", span, f"anchor '&{str(event.anchor)[:60]}'", "write the part out: anchors are not taken here"
            )
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._stop("E109", span, f"tag '{tag[:60]}'", "remove the tag: what a value means follows from its place")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style in (None, "") and event.implicit[0], span)
        if depth >= DEEPEST:
            self._stop("E106", span, f"nested deeper than {DEEPEST} levels", FLATTEN)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(span, depth)
        return self._mapping(span, depth)

    def _sequence(self, start: Span, depth: int) -> Sequence:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return Sequence(tuple(items), start)

    def _mapping(self, start: Span, depth: int) -> Mapping:
        items: list[tuple[Scalar, Node]] = []
        seen: dict[str, int] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                self._stop("E105", key.span, f"{describe(key)} as a key", "a key is a word followed by ': '")
            if key.text == "<<" and key.plain:
                self._stop("E108", key.span, "merge key '<<'", "write the keys out: merging is not taken here")
            if key.text in seen:
                label = f"it stands in line {seen[key.text]} already: YAML would silently keep only one"
                self._stop("E105", key.span, f"duplicate key '{key.text[:60]}'", label)
            seen[key.text] = key.span.line
            items.append((key, self._node(next(self._events), depth + 1)))
        return Mapping(tuple(items), start)
