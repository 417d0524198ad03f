"""How single values are spelt in the language: texts with ``${…}``, JSON, ranges, durations, shares."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from harness.scenario.expressions import Interpolated, show
from harness.scenario.values import JsonObject, Range, Words
from harness.scenario.variables import escaped
from harness.scenario.yaml_writer import Plain, Written


def words_text(words: Words) -> str:
    """A text with its ``${…}`` as written."""
    if isinstance(words, str):
        return Written(escaped(words))
    written = ""
    for part in words.parts:
        if isinstance(part, str):
            written += escaped(part)
        else:
            if written.endswith("$"):  # "$" before "${" would make an escape
                written = written[:-1] + "${'$'}"
            written += f"${{{show(part)}}}"
    return Written(written)


def json_value(value: Any) -> Any:
    """A JSON value as PyYAML writes it."""
    if isinstance(value, JsonObject):
        return {Written(name): json_value(inner) for name, inner in value.items}
    if isinstance(value, tuple):
        return [json_value(inner) for inner in value]
    if isinstance(value, Interpolated):
        return words_text(value)
    if isinstance(value, Decimal):
        return Plain(f"{value:f}")
    return value


def range_text(value: Range, one: Callable[[float], str]) -> str:
    """``a..b``, or ``a``."""
    return one(value.low) if value.low == value.high else f"{one(value.low)}..{one(value.high)}"


def whole(value: float) -> str:
    """A whole number."""
    return Plain(f"{value:.0f}")


def digits(value: float) -> str:
    """Digits without an exponent, which the language does not know."""
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Seconds as the language writes them."""
    return f"{digits(seconds)}s"


def percent(share: float) -> str:
    """A share as the language writes it."""
    return f"{digits(float(Decimal(repr(share)) * 100))}%"
