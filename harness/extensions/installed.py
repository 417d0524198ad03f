"""Which extensions are installed, and what they are. Names come from entry points; nothing is imported before its use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from harness.extensions.speech import API

SYSTEMS, VERBS, REPORTERS = "harness.systems", "harness.verbs", "harness.reporters"
"""Groups of entry points."""
LONGEST_REASON = 300
T = TypeVar("T")


class ExtensionError(Exception):
    """An extension cannot be used. The text names its package and says why; ``name`` is the entry point's."""

    def __init__(self, package: str, name: str, reason: str) -> None:
        self.package = package
        self.name = name
        self.reason = reason
        super().__init__(f"{package}: {reason}")


@cache
def names(group: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Every entry point of a group by its name; of one name there ought to be one."""
    found: dict[str, dict[str, EntryPoint]] = {}
    for each in entry_points(group=group):
        found.setdefault(each.name, {}).setdefault(f"{package_of(each)} {each.value}", each)
    return {name: tuple(found[name].values()) for name in sorted(found)}


def package_of(point: EntryPoint) -> str:
    """The package that brings an entry point, with its version."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else f"the module {point.module}"


def load(group: str, name: str, kind: type[T], taken: Collection[str] = ()) -> tuple[T, str]:
    """An extension, with its package. ``taken``: names that are the harness's own. Raises ExtensionError."""
    points = names(group)[name]
    package = package_of(points[0])
    if name in taken:
        raise ExtensionError(package, name, f"the name '{name}' is the harness's own: the package has to take another")
    if len(points) > 1:
        others = ", ".join(package_of(each) for each in points[1:])
        raise ExtensionError(package, name, f"{others} brings '{name}', too: uninstall one of them")
    return _loaded(points[0], kind), package


@cache
def _import(point: EntryPoint) -> object:
    return point.load()


def _loaded(point: EntryPoint, kind: type[T]) -> T:
    package = package_of(point)
    try:
        made = _import(point)
    except (Exception, SystemExit) as error:
        raise ExtensionError(package, point.name, f"{point.value} cannot be imported: {told(error)}") from error
    if not isinstance(made, kind):
        what = f"{point.value} is {type(made).__name__}, and no {kind.__name__} of harness.extend"
        raise ExtensionError(package, point.name, what)
    api = getattr(made, "api", None)
    if api != API:
        what = f"it is made for version {api} of harness.extend, and this harness has {API}: install another version"
        raise ExtensionError(package, point.name, what)
    return made


def told(error: BaseException) -> str:
    """An exception of somebody else's code, in one line."""
    text = "".join(c for c in " ".join(str(error).split()) if c.isprintable())
    return f"{type(error).__name__}: {text}"[:LONGEST_REASON] if text else type(error).__name__
