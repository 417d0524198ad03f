"""YAML with positions: a file becomes nodes that know where they stand.

Scalars stay text; what a text means is decided by what is wanted in its place (``shapes``), so that
YAML 1.1 cannot turn a country into a boolean behind the author's back. Of YAML the language takes
mappings, lists and scalars; anchors, tags and several documents are refused, as are files that are
too large or too deep.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from harness.scenario.diagnostics import Diagnostic, ScenarioError, Span

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes. Some 150,000 steps."""
DEEPEST = 32
"""Levels of nesting."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
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
    """A list."""

    items: tuple[Node, ...]
    span: Span


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


def read(path: Path) -> Source:
    """Read and parse a file. Raises ScenarioError with the one mistake that makes it unreadable."""
    return parse(_text(path), str(path))


def _text(path: Path) -> str:
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
    try:
        builder = _Builder(name, yaml.parse(text, Loader=_Loader))
        return Source(name, lines, builder.document())
    except yaml.YAMLError as error:
        found = _syntax(error, name, lines)
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
        span = self._span(event)
        if isinstance(event, yaml.AliasEvent):
            self._stop("E108", span, f"alias '*{event.anchor}'", "write the part out: anchors are not taken here")
        if event.anchor is not None:
            self._stop("E108", span, f"anchor '&{event.anchor}'", "write the part out: anchors are not taken here")
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self._stop("E109", span, f"tag '{event.tag}'", "remove the tag: what a value means follows from its place")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style in (None, "") and event.implicit[0], span)
        if depth >= DEEPEST:
            self._stop("E106", span, f"nested deeper than {DEEPEST} levels", "")
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


def _syntax(error: yaml.YAMLError, name: str, lines: tuple[str, ...]) -> Diagnostic:
    """A diagnostic from what PyYAML or libyaml says, with the usual causes put into plain words."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    if mark is None:
        return Diagnostic("E105", None, f"{name} is not YAML: {problem}")
    line = mark.line + 1
    text = lines[mark.line] if mark.line < len(lines) else ""
    column = min(mark.column, len(text)) + 1
    indent = text[: len(text) - len(text.lstrip())]
    if "\t" in indent:
        column = indent.index("\t") + 1
        return Diagnostic(
            "E105",
            Span(name, line, column, line, len(indent) + 1),
            "a tab in the indentation",
            "use spaces: YAML does not take tabs here",
        )
    span = Span(name, line, column, line, column + 1)
    if "mapping values are not allowed" in problem:
        label = "a value that holds ': ' needs quotes; or the line is indented too far"
        return Diagnostic("E105", span, "':' where no key can stand", label)
    if "could not find expected ':'" in problem:
        return Diagnostic("E105", span, "a key without ':'", "write 'key: value'")
    if "expected <block end>" in problem or "did not find expected key" in problem or "block entry" in problem:
        label = "indent it like the lines of the same list or mapping above"
        return Diagnostic("E105", span, "this line does not fit the ones above", label)
    if "flow" in (getattr(error, "context", None) or "") or "expected ',' or" in problem:
        return Diagnostic("E105", span, f"a bracket is not closed or a comma is missing: {problem}", "")
    if "cannot start any token" in problem and text[column - 1 : column] in ("@", "`", "%"):
        return Diagnostic("E105", span, f"'{text[column - 1]}' cannot begin a value", "put the value into quotes")
    return Diagnostic("E105", span, f"not YAML: {problem}", "")
