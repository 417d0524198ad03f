"""Shapes of quantities: durations, shares, rates, counts, amounts, and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from harness.scenario.diagnostics import Findings
from harness.scenario.model import Range, Sample
from harness.scenario.shapes import BAD, Bad, Schema, Shape
from harness.scenario.source import Node, Scalar
from harness.scenario.texts import Parsed

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_SECONDS: Mapping[str, Decimal] = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
_PER: Mapping[str, int] = {"s": 1, "min": 60, "h": 3600}
LONGEST_S = 7 * 24 * 3600
FASTEST_PER_S = 10_000_000


def up_to(most: int, whole: bool = False) -> str:
    """A regular expression of decimal numbers from 0 to ``most``, fractions included unless ``whole``."""
    digits = str(most)
    below = []
    for place, digit in enumerate(digits):
        if digit != "0":
            rest = len(digits) - place - 1
            lower = f"[0-{int(digit) - 1}]" if digit != "1" else "0"
            below.append(f"{digits[:place]}{lower}[0-9]{{{rest}}}" if rest else f"{digits[:place]}{lower}")
    shorter = f"[0-9]{{1,{len(digits) - 1}}}|" if len(digits) > 1 else ""
    if whole:
        return rf"(?:{shorter}{'|'.join(below)}|{digits})"
    return rf"0*(?:(?:{shorter}{'|'.join(below)})(?:\.[0-9]+)?|{digits}(?:\.0+)?)"


_DURATION = "(?:" + "|".join(f"{up_to(int(LONGEST_S / each))}{unit}" for unit, each in _SECONDS.items()) + ")"
_STRETCH = rf"(?![0.]+[a-z]){_DURATION}"
_SHARE = rf"{up_to(100)}%"
_RATE = "(?:" + "|".join(f"{up_to(FASTEST_PER_S * each)}/{unit}" for unit, each in _PER.items()) + ")"
_POSITIVE = "(?!0+$)"


def seconds(text: str) -> float | None:
    """``200ms``, ``5s``, ``2m``, ``1h`` as seconds."""
    match = re.fullmatch(rf"({_NUMBER})(ms|s|m|h)", text)
    if not match:
        return None
    value = float(Decimal(match[1]) * _SECONDS[match[2]])
    return value if value <= LONGEST_S else None


def share(text: str) -> float | None:
    """``25%`` as 0.25."""
    match = re.fullmatch(rf"({_NUMBER})%", text)
    value = Decimal(match[1]) / 100 if match else None
    return float(value) if value is not None and value <= 1 else None


def rate(text: str) -> float | None:
    """``20/s``, ``300/min``, ``1000/h`` as so many per second."""
    match = re.fullmatch(rf"({_NUMBER})/(s|min|h)", text)
    value = float(Decimal(match[1]) / _PER[match[2]]) if match else None
    return value if value is not None and value <= FASTEST_PER_S else None


def whole(low: int, high: int) -> Callable[[str], int | None]:
    """A parser of whole numbers from ``low`` to ``high``."""

    def parse(text: str) -> int | None:
        if not re.fullmatch(r"[0-9]{1,12}", text) or (len(text) > 1 and text[0] == "0"):
            return None
        return int(text) if low <= int(text) <= high else None

    return parse


def _money(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", text) else None


def _weight(text: str) -> float | None:
    value = float(text) if re.fullmatch(_NUMBER, text) else -1.0
    return value if 0 <= value <= 1_000_000 else None


def _user_level(text: str) -> float | None:
    count = whole(0, 1_000_000)(text)
    return None if count is None else float(count)


def _above_zero(text: str) -> float | None:
    return seconds(text) or None


_UNITS = {
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s",
    "seconds": "s", "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h", "hr": "h", "hour": "h",
    "hours": "h",
}  # fmt: skip
_LIKE_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)"


def _meant_duration(text: str) -> str | None:
    """``15`` was to be 15s, ``2 minutes`` 2m."""
    match = re.fullmatch(rf"{_LIKE_NUMBER}\s*([a-z]*)", text.lower())
    unit = _UNITS.get(match[2] or "s") if match else None
    better = f"{match[1].replace(',', '.')}{unit}" if match and unit else None
    return better if better and seconds(better) is not None else None


def _meant_share(text: str) -> str | None:
    """``25`` was to be 25%, ``0.25`` as well."""
    match = re.fullmatch(rf"{_LIKE_NUMBER}\s*(%|percent)?", text)
    if not match:
        return None
    number = Decimal(match[1].replace(",", "."))
    if not match[2] and number <= 1:
        number *= 100
    return f"{number.normalize():f}%" if number <= 100 else None


def _meant_rate(text: str) -> str | None:
    """``20`` was to be 20/s, ``20 per minute`` 20/min."""
    match = re.fullmatch(rf"{_LIKE_NUMBER}\s*(?:/|per\s|rps|)\s*([a-z]*)", text.lower())
    unit = {"m": "min"}.get(found := _UNITS.get(match[2] or "s", ""), found) if match else ""
    return f"{match[1].replace(',', '.')}/{unit}" if match and unit in _PER else None


def _meant_range(one: Callable[[str], str | None], parse: Callable[[str], float | None]) -> Callable[[str], str | None]:
    """``1-4s``, ``1s to 4s``, ``1..4`` were to be 1s..4s."""

    def meant(text: str) -> str | None:
        ends = re.split(r"\s*(?:\.{2,3}|…|-|–|\bto\b|,)\s*", text)
        if len(ends) == 1:
            return one(text)
        if len(ends) != 2:
            return None
        unit = re.sub(r"[0-9.,\s]", "", ends[1])
        low, high = (
            end if parse(end) is not None else one(end)
            for end in (ends[0] + ("" if re.search("[a-z]", ends[0]) else unit), ends[1])
        )
        return f"{low}..{high}" if low and high else None

    return meant


def _meant_whole(text: str) -> str | None:
    """``1,000`` was to be 1000, ``5.0`` 5, ``007`` 7."""
    match = re.fullmatch(r"0*([0-9]+)(?:\.0+)?", re.sub(r"(?<=[0-9])[,_ ](?=[0-9]{3}(\D|$))", "", text))
    return match[1] if match and match[1] != text else None


def _meant_money(text: str) -> str | None:
    """``£49,90`` was to be 49.90."""
    match = re.fullmatch(r"[^0-9-]*([0-9]+)(?:[.,]([0-9]{1,4}))?[^0-9]*", text)
    return (match[1] + (f".{match[2]}" if match[2] else "")) if match else None


_WHOLE = rf"(?!0[0-9]){up_to(1_000_000, whole=True)}"
DURATION = Parsed(seconds, "a duration such as 200ms, 5s, 2m or 1h (7 days at most)", _DURATION, meant=_meant_duration)
WITHIN = replace(
    DURATION, meant=lambda text: f"{text}ms" if re.fullmatch(r"[0-9]{3,5}", text) else _meant_duration(text)
)
"""How soon something has to be there."""
STRETCH = Parsed(
    _above_zero,
    "a duration such as 5s, 2m or 1h, more than nothing and 7 days at most",
    _STRETCH,
    meant=_meant_duration,
)
SHARE = Parsed(share, "a share such as 25%, from 0% to 100%", _SHARE, meant=_meant_share)
RATE = Parsed(rate, "a rate such as 20/s, 300/min or 1000/h", _RATE, meant=_meant_rate)
POSITIVE_RATE = Parsed(
    lambda text: rate(text) or None,
    "a rate such as 20/s or 300/min, more than nothing",
    rf"(?![0.]+/){_RATE}",
    meant=_meant_rate,
)
MONEY = Parsed(
    _money,
    "an amount such as 49.90",
    r"[0-9]{1,12}(\.[0-9]{1,4})?",
    ("string", "number"),
    (0, 10**12 - 1),
    meant=_meant_money,
)
WEIGHT = Parsed(_weight, "a weight such as 1 or 2.5", up_to(1_000_000), ("string", "number"), (0, 1_000_000))
USERS = Parsed(_user_level, "a number of users", _WHOLE, ("string", "integer"), (0, 1_000_000))


LARGEST_SAMPLE = 10_000_000
MOST_STORIES = 1000
"""Guests whose whole story a load can keep."""


def _sample(most: int, all_too: bool) -> Callable[[str], Sample | None]:
    def parse(text: str) -> Sample | None:
        if text == "none" or (text == "all" and all_too):
            return Sample(0 if text == "none" else None)
        match = re.fullmatch(r"sample +([0-9]{1,8})", text)
        size = int(match[1]) if match else 0
        return Sample(size) if 1 <= size <= most else None

    return parse


def _meant_sample(text: str) -> str | None:
    match = re.fullmatch(r"(?:samples? *(?:of)? *[:=]?)? *([0-9]{1,8})", text)
    return f"sample {match[1]}" if match else text.lower() if text.lower() in ("all", "none") else None


SAMPLE = Parsed(_sample(LARGEST_SAMPLE, True), "all, none, or a sample such as 'sample 500'",
                rf"all|none|sample +(?!0+\s*$){up_to(LARGEST_SAMPLE, whole=True)}", meant=_meant_sample)  # fmt: skip
STORIES = Parsed(_sample(MOST_STORIES, False), f"none, or a sample such as 'sample 100' (at most {MOST_STORIES})",
                 rf"none|sample +(?!0+\s*$){up_to(MOST_STORIES, whole=True)}", meant=_meant_sample)  # fmt: skip


@dataclass(frozen=True)
class Count(Parsed[int]):
    """A whole number between two bounds."""

    low: int = 0
    high: int = 0

    def schema(self) -> Schema:
        """An integer, or a variable that gives one."""
        return {
            "anyOf": [
                {"type": "integer", "minimum": self.low, "maximum": self.high},
                {"type": "string", "pattern": rf"[$][{{]|^\s*{_counted(self.low, self.high)}\s*$"},
            ]
        }


def _counted(low: int, high: int) -> str:
    """Whole numbers without leading zeros. ``low`` is 0 or 1."""
    return rf"(?!0[0-9]{'' if low == 0 else '|0'}){up_to(high, whole=True)}"


def count(low: int, high: int) -> Count:
    """A whole number between two bounds."""
    return Count(whole(low, high), f"a whole number from {low} to {high}", low=low, high=high, meant=_meant_whole)


def _range_of(one: Callable[[str], float | None]) -> Callable[[str], Range | None]:
    def parse(text: str) -> Range | None:
        low_text, dots, high_text = text.partition("..")
        low = one(low_text.strip())
        high = one(high_text.strip()) if dots else low
        return None if low is None or high is None else Range(low, high)

    return parse


@dataclass(frozen=True)
class RangeOf(Shape[Range]):
    """``a..b``, or a single value."""

    one: Callable[[str], float | None]
    meant: Callable[[str], str | None]
    wanted: str = "a range"
    pattern: str = ".*"
    types: tuple[str, ...] = ("string",)
    bounds: tuple[float, float] | None = None
    """Of a number, where one may stand."""

    def read(self, node: Node, to: Findings) -> Range | Bad:
        """The range, low end first."""
        value = Parsed(_range_of(self.one), self.wanted, meant=_meant_range(self.meant, self.one)).read(node, to)
        if isinstance(value, Range) and value.low > value.high and isinstance(node, Scalar):
            low, _, high = node.text.partition("..")
            to.error("E207", node.span, "the range runs backwards", f"write {high.strip()}..{low.strip()}")
            return BAD
        return value

    def schema(self) -> Schema:
        """By its pattern."""
        one = self.pattern
        made: Schema = {"type": list(self.types), "pattern": rf"^\s*{one}\s*(\.\.\s*{one}\s*)?$|[$][{{]"}
        if self.bounds:
            made["minimum"], made["maximum"] = self.bounds
        return made


PAUSE = RangeOf(seconds, _meant_duration, "a duration such as 2s, or a range such as 1s..4s,", _DURATION)
QUANTITY = RangeOf(
    whole(1, 10_000),
    _meant_whole,
    "a number from 1 to 10000, or a range such as 1..3,",
    _counted(1, 10_000),
    ("string", "integer"),
    (1, 10_000),
)
TIMES = RangeOf(
    whole(0, 10_000),
    _meant_whole,
    "a number of times from 0 to 10000, or a range such as 1..5,",
    _counted(0, 10_000),
    ("string", "integer"),
    (0, 10_000),
)
