"""Values of the model that steps and the rest of it share: secrets, ranges, samples, texts and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from harness.scenario.expressions import Interpolated


class Secret:
    """A text that must not be shown: prints as ``***``; ``reveal`` gives it to the one who sends it.

    ``written`` is what stands in the file for it, when that names the environment and not the secret.
    """

    __slots__ = ("_text", "written")

    def __init__(self, text: str, written: str = "") -> None:
        self._text = text
        self.written = written or "***"

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; a single value is a range of itself."""

    low: float
    high: float


Words = str | Interpolated
"""A text of a step: as it is, or with ``${…}`` in it."""


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A JSON object in the order in which it was written."""

    items: tuple[tuple[str, Json], ...] = ()


Json = str | Interpolated | int | Decimal | bool | None | tuple["Json", ...] | JsonObject
"""A JSON value; lists are tuples. Texts may hold ``${…}``; one that is nothing else takes the value's own type."""


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a JSON document: keys and list positions, from the outside in; ``text`` as written."""

    text: str
    parts: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of something are looked at: a random ``size`` of them, or all (None). 0: none."""

    size: int | None = None
