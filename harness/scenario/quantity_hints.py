"""What a text that is no quantity was most likely meant to be. None: nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from harness.scenario.quantities import PER, seconds

_UNITS = {
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s",
    "seconds": "s", "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h", "hr": "h", "hour": "h",
    "hours": "h",
}  # fmt: skip
_LIKE_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)"


def meant_duration(text: str) -> str | None:
    """``15`` was to be 15s, ``2 minutes`` 2m."""
    match = re.fullmatch(rf"{_LIKE_NUMBER}\s*([a-z]*)", text.lower())
    unit = _UNITS.get(match[2] or "s") if match else None
    better = f"{match[1].replace(',', '.')}{unit}" if match and unit else None
    return better if better and seconds(better) is not None else None


def meant_share(text: str) -> str | None:
    """``25`` was to be 25%, ``0.25`` as well."""
    match = re.fullmatch(rf"{_LIKE_NUMBER}\s*(%|percent)?", text)
    if not match:
        return None
    number = Decimal(match[1].replace(",", "."))
    if not match[2] and number <= 1:
        number *= 100
    return f"{number.normalize():f}%" if number <= 100 else None


def meant_rate(text: str) -> str | None:
    """``20`` was to be 20/s, ``20 per minute`` 20/min."""
    match = re.fullmatch(rf"{_LIKE_NUMBER}\s*(?:/|per\s|rps|)\s*([a-z]*)", text.lower())
    unit = {"m": "min"}.get(found := _UNITS.get(match[2] or "s", ""), found) if match else ""
    return f"{match[1].replace(',', '.')}/{unit}" if match and unit in PER else None


def meant_range(one: Callable[[str], str | None], parse: Callable[[str], float | None]) -> Callable[[str], str | None]:
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


def meant_whole(text: str) -> str | None:
    """``1,000`` was to be 1000, ``5.0`` 5, ``007`` 7."""
    match = re.fullmatch(r"0*([0-9]+)(?:\.0+)?", re.sub(r"(?<=[0-9])[,_ ](?=[0-9]{3}(\D|$))", "", text))
    return match[1] if match and match[1] != text else None


def meant_money(text: str) -> str | None:
    """``£49,90`` was to be 49.90."""
    match = re.fullmatch(r"[^0-9-]*([0-9]+)(?:[.,]([0-9]{1,4}))?[^0-9]*", text)
    return (match[1] + (f".{match[2]}" if match[2] else "")) if match else None


def meant_sample(text: str) -> str | None:
    """``sample of 500`` was to be sample 500."""
    match = re.fullmatch(r"(?:samples? *(?:of)? *[:=]?)? *([0-9]{1,8})", text)
    return f"sample {match[1]}" if match else text.lower() if text.lower() in ("all", "none") else None
