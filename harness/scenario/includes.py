"""``include``: other files beside the scenario, on nodes, so that every position stays that of the line which was written."""

from __future__ import annotations

from pathlib import Path

from harness.scenario.diagnostics import Findings, ScenarioError
from harness.scenario.source import LARGEST_FILE, Mapping, Node, Scalar, Sequence, Source, child, inside, read

MERGED = ("parts", "journeys")
"""Mappings that grow by what an included file has of them."""
JOINED = ("catalog", "thresholds")
"""Lists that grow."""
MOST_FILES = 50


def with_includes(source: Source, to: Findings, sources: dict[str, tuple[str, ...]]) -> Node:
    """The root with everything that it includes; ``sources`` collects the lines of every file."""
    root = source.root
    if not isinstance(root, Mapping) or child(root, "include") is None:
        return root
    return _Includer(source, to, sources).include(source, ())


class _Includer:
    """Reads each file once, however many others include it."""

    def __init__(self, source: Source, to: Findings, sources: dict[str, tuple[str, ...]]) -> None:
        self._folder = Path(source.name).parent
        self._to = to
        self._sources = sources
        self._seen: dict[Path, str] = {Path(source.name).resolve(): ""}
        self._left = LARGEST_FILE - sum(map(len, source.lines))

    def include(self, source: Source, under_way: tuple[Path, ...]) -> Mapping:
        """The root of a file with what it includes."""
        root = source.root
        assert isinstance(root, Mapping)
        node = child(root, "include")
        root = Mapping(tuple((k, v) for k, v in root.items if k.text != "include"), root.span)
        if node is None:
            return root
        under_way = (*under_way, Path(source.name).resolve())
        for name in node.items if isinstance(node, Sequence) and node.items else (node,):
            other = self._other(name, source, under_way)
            if other is not None:
                root = _merged(root, self.include(other, under_way), self._to)
        return root

    def _other(self, name: Node, source: Source, under_way: tuple[Path, ...]) -> Source | None:
        to = self._to
        if not isinstance(name, Scalar) or not name.text:
            to.error("E110", name.span, "include takes a file's name, or a list of them", "include: shared.yaml")
            return None
        said = f"'{name.text[:60]}'"
        path = Path(source.name).parent / name.text
        try:
            within = inside(path, self._folder)
            resolved = path.resolve()
        except (OSError, ValueError, RuntimeError):
            to.error("E110", name.span, f"{said} is not a file's name", "include: shared.yaml")
            return None
        if not within:
            to.error(
                "E111", name.span, f"{said} leads out of the scenario's folder", "put the file beside the scenario"
            )
        elif resolved in under_way:
            ring = " → ".join(each.name for each in (*under_way[under_way.index(resolved) :], resolved))
            to.error("E110", name.span, f"{said} includes itself", f"take one of these out: {ring}")
        elif resolved in self._seen:
            if self._seen[resolved] == source.name:
                to.warning("W415", name.span, f"{said} is included already", "take it out")
        elif len(self._seen) >= MOST_FILES:
            to.error("E110", name.span, f"more than {MOST_FILES} files", "put several parts into one file")
        else:
            self._seen[resolved] = source.name
            return self._read(path, name, said)
        return None

    def _read(self, path: Path, name: Scalar, said: str) -> Source | None:
        to = self._to
        if _size(path) > self._left:
            label = "split the scenario"
            to.error("E102", name.span, f"all files together are larger than {LARGEST_FILE >> 20} MiB", label)
            return None
        try:
            other = read(path)
        except ScenarioError as error:
            self._sources.update(error.sources)
            for found in error.diagnostics:
                label = (
                    "paths count from the folder of the file that names it"
                    if "does not exist" in found.message
                    else found.label
                )
                to.error(found.code, found.span or name.span, found.message, label)
            return None
        self._sources[other.name] = other.lines
        self._left -= sum(map(len, other.lines))
        if not isinstance(other.root, Mapping):
            label = "write 'parts:', 'journeys:', 'catalog:' or another key of a scenario in it"
            to.error("E110", name.span, f"{said} holds no keys", label)
            return None
        return other


def _merged(root: Mapping, included: Mapping, to: Findings) -> Mapping:
    items: dict[str, tuple[Scalar, Node]] = {key.text: (key, value) for key, value in root.items}
    for key, value in included.items:
        if key.text in ("scenario", "description"):
            to.error(
                "E110", key.span, f"'{key.text}' in an included file", "take it out: only the scenario itself has one"
            )
            continue
        if key.text not in items:
            items[key.text] = (key, value)
            continue
        own_key, own = items[key.text]
        if key.text in MERGED and isinstance(own, Mapping) and isinstance(value, Mapping):
            names = {k.text: k for k, _ in own.items}
            for k, _ in value.items:
                if k.text in names:
                    where = f"{names[k.text].span.source}:{names[k.text].span.line}"
                    to.error("E110", k.span, f"'{k.text}' is in two files", f"it stands in {where}, too: take one out")
            items[key.text] = (own_key, Mapping((*own.items, *value.items), own.span))
        elif key.text in JOINED and isinstance(own, Sequence) and isinstance(value, Sequence):
            items[key.text] = (own_key, Sequence((*own.items, *value.items), own.span))
        else:
            where = f"{own_key.span.source}:{own_key.span.line}"
            to.error("E110", key.span, f"'{key.text}' is in two files", f"it stands in {where}, too: take one out")
    return Mapping(tuple(items.values()), root.span)


def _size(path: Path) -> int:
    """Bytes; 0 for what cannot be read, which reading then says."""
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
