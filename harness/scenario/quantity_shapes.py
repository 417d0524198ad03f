"""Shapes of quantities: durations, shares, rates, counts, amounts, and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.scenario.diagnostics import Findings
from harness.scenario.quantities import (
    FASTEST_PER_S,
    LONGEST_S,
    PER,
    SECONDS,
    money,
    rate,
    seconds,
    share,
    weight,
    whole,
)
from harness.scenario.quantity_hints import (
    meant_duration,
    meant_money,
    meant_range,
    meant_rate,
    meant_sample,
    meant_share,
    meant_whole,
)
from harness.scenario.shapes import BAD, Bad, Schema, Shape
from harness.scenario.source import Node, Scalar
from harness.scenario.texts import Parsed
from harness.scenario.values import Range, Sample

LARGEST_SAMPLE = 10_000_000
MOST_STORIES = 1000
"""Guests whose whole story a load can keep."""


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


_DURATION = "(?:" + "|".join(f"{up_to(int(LONGEST_S / each))}{unit}" for unit, each in SECONDS.items()) + ")"
_STRETCH = rf"(?![0.]+[a-z]){_DURATION}"
_SHARE = rf"{up_to(100)}%"
_RATE = "(?:" + "|".join(f"{up_to(FASTEST_PER_S * each)}/{unit}" for unit, each in PER.items()) + ")"


def _user_level(text: str) -> float | None:
    count = whole(0, 1_000_000)(text)
    return None if count is None else float(count)


def _above_zero(text: str) -> float | None:
    return seconds(text) or None


_WHOLE = rf"(?!0[0-9]){up_to(1_000_000, whole=True)}"
DURATION = Parsed(seconds, "a duration such as 200ms, 5s, 2m or 1h (7 days at most)", _DURATION, meant=meant_duration)
WITHIN = replace(
    DURATION, meant=lambda text: f"{text}ms" if re.fullmatch(r"[0-9]{3,5}", text) else meant_duration(text)
)
"""How soon something has to be there."""
STRETCH = Parsed(
    _above_zero,
    "a duration such as 5s, 2m or 1h, more than nothing and 7 days at most",
    _STRETCH,
    meant=meant_duration,
)
SHARE = Parsed(share, "a share such as 25%, from 0% to 100%", _SHARE, meant=meant_share)
RATE = Parsed(rate, "a rate such as 20/s, 300/min or 1000/h", _RATE, meant=meant_rate)
POSITIVE_RATE = Parsed(
    lambda text: rate(text) or None,
    "a rate such as 20/s or 300/min, more than nothing",
    rf"(?![0.]+/){_RATE}",
    meant=meant_rate,
)
MONEY = Parsed(
    money,
    "an amount such as 49.90",
    r"[0-9]{1,12}(\.[0-9]{1,4})?",
    ("string", "number"),
    (0, 10**12 - 1),
    meant=meant_money,
)
WEIGHT = Parsed(weight, "a weight such as 1 or 2.5", up_to(1_000_000), ("string", "number"), (0, 1_000_000))
USERS = Parsed(_user_level, "a number of users", _WHOLE, ("string", "integer"), (0, 1_000_000))


def _sample(most: int, all_too: bool) -> Callable[[str], Sample | None]:
    def parse(text: str) -> Sample | None:
        if text == "none" or (text == "all" and all_too):
            return Sample(0 if text == "none" else None)
        match = re.fullmatch(r"sample +([0-9]{1,8})", text)
        size = int(match[1]) if match else 0
        return Sample(size) if 1 <= size <= most else None

    return parse


SAMPLE = Parsed(_sample(LARGEST_SAMPLE, True), "all, none, or a sample such as 'sample 500'",
                rf"all|none|sample +(?!0+\s*$){up_to(LARGEST_SAMPLE, whole=True)}", meant=meant_sample)  # fmt: skip
STORIES = Parsed(_sample(MOST_STORIES, False), f"none, or a sample such as 'sample 100' (at most {MOST_STORIES})",
                 rf"none|sample +(?!0+\s*$){up_to(MOST_STORIES, whole=True)}", meant=meant_sample)  # fmt: skip


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
    return Count(whole(low, high), f"a whole number from {low} to {high}", low=low, high=high, meant=meant_whole)


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
        value = Parsed(_range_of(self.one), self.wanted, meant=meant_range(self.meant, self.one)).read(node, to)
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


PAUSE = RangeOf(seconds, meant_duration, "a duration such as 2s, or a range such as 1s..4s,", _DURATION)
QUANTITY = RangeOf(
    whole(1, 10_000),
    meant_whole,
    "a number from 1 to 10000, or a range such as 1..3,",
    _counted(1, 10_000),
    ("string", "integer"),
    (1, 10_000),
)
TIMES = RangeOf(
    whole(0, 10_000),
    meant_whole,
    "a number of times from 0 to 10000, or a range such as 1..5,",
    _counted(0, 10_000),
    ("string", "integer"),
    (0, 10_000),
)
