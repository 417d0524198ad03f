"""A small chart of blocks for the terminal: a value over the time of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report import words

_BLOCKS = " ▁▂▃▄▅▆▇█"
_PLAIN = "  ...::::"
_FULL, _PLAIN_FULL = "█", "#"


def chart(values: Sequence[float], seconds: float, height: int = 4, plain: bool = False) -> Iterator[str]:
    """Lines of a chart of ``values``, a column each, evenly over ``seconds``. ``plain``: in ASCII."""
    peak = max(values, default=0.0)
    label = _value(peak)
    gutter = max(len(label), 3)
    for row in range(height, 0, -1):
        axis = label if row == height else ""
        cells = "".join(_cell(value, peak, row, height, plain) for value in values)
        yield f"{axis:>{gutter}} {'|' if plain else '┤'}{cells}".rstrip()
    corner, line = ("+", "-") if plain else ("└", "─")
    yield f"{'0':>{gutter}} {corner}{line * len(values)}"
    end = words.duration(seconds)
    yield f"{'':{gutter}}  0 s{end:>{max(len(values) - 3, len(end) + 1)}}"


def _cell(value: float, peak: float, row: int, height: int, plain: bool) -> str:
    eighths = round(value / peak * height * 8) - (row - 1) * 8 if peak > 0 else 0
    if value > 0 and row == 1:
        # Little is not nothing.
        eighths = max(eighths, 1)
    if eighths >= 8:
        return _PLAIN_FULL if plain else _FULL
    return (_PLAIN if plain else _BLOCKS)[max(eighths, 0)]


def _value(value: float) -> str:
    return words.count(round(value)) if value == round(value) else words.figure(value)
