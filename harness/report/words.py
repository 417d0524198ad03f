"""Words and figures as every report spells them, so that no two of them differ.

Numbers come with three significant digits at least and never round something to nothing: one failure in a
million is "<0.01%", not "0%".
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

NOTHING = "–"
"""Stands where nothing was measured."""

ERROR_KINDS = {
    "http_status": "HTTP status",
    "timeout": "timeout",
    "connection": "connection",
    "check": "check",
    "capture": "capture",
    "generator": "generator",
    "not_allowed": "not allowed",
}

# They belong to the spelling of several scripts and of emoji.
_JOINERS = "\u200c\u200d"


def clean(text: str, limit: int = 120) -> str:
    """``text`` from outside on one line, without control characters, cut after ``limit`` characters."""
    whole = len(text)
    # Cut first: what is longer than this is nobody's name, and each character costs a look-up.
    kept = "".join(map(_harmless, text[: limit + 1]))
    return kept if whole <= limit else f"{kept[:limit]}… ({count(whole)} characters)"


def block(text: str, limit: int) -> str:
    """``text`` from outside on as many lines as it has, without control characters, cut after ``limit`` characters."""
    kept = "\n".join("".join(map(_harmless, line.expandtabs(4))) for line in text[:limit].splitlines())
    return kept if len(text) <= limit else f"{kept}… ({count(len(text))} characters)"


def _harmless(char: str) -> str:
    if char.isprintable():
        return char
    if char.isspace():
        return " "
    if char in _JOINERS:
        return char
    # Format characters go without a trace: a mark that turns the direction of text would rearrange what stands
    # beside the name. Anything else (an escape code, half a surrogate pair) leaves a sign that it was there.
    return "" if unicodedata.category(char) == "Cf" else "\ufffd"


def count(value: int) -> str:
    """``1204`` as ``1,204``."""
    return f"{value:,}"


def counted(value: int, one: str, many: str | None = None) -> str:
    """``1 order``, ``2 orders``."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def figure(value: float | None) -> str:
    """A measured number without its unit: ``0.84``, ``12.3``, ``1,204``."""
    if value is None:
        return NOTHING
    if value < 0:
        return f"-{figure(-value)}"
    if value == 0:
        return "0"
    if value < 0.01:
        return "<0.01"
    if round(value, 2) < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if round(value, 1) < 100 else f"{value:,.0f}"


def ms(value: float | None) -> str:
    """A latency (ms): ``12.3 ms``."""
    return NOTHING if value is None else f"{figure(value)} ms"


def rate(value: float | None) -> str:
    """A rate (1/s): ``84.2/s``."""
    return NOTHING if value is None else f"{figure(value)}/s"


def percent(share: float | None) -> str:
    """A share (0..1): ``0.40%``, ``99.8%``."""
    if share is None:
        return NOTHING
    value = share * 100
    if value in (0, 100):
        return f"{value:.0f}%"
    if 0 < value < 0.01:
        return "<0.01%"
    if 99.95 <= value < 100:
        return f"{value:.2f}%" if value < 99.995 else ">99.99%"
    return f"{value:.2f}%" if round(value, 2) < 10 else f"{value:,.1f}%"


def size(value: int) -> str:
    """Bytes: ``812 B``, ``1.20 MB`` (powers of 1,000)."""
    if value < 1000:
        return f"{value} B"
    amount = float(value)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5:
            return f"{figure(amount)} {unit}"
    return f"{figure(amount / 1000)} TB"


def duration(seconds: float) -> str:
    """A stretch of time (s): ``4.2 s``, ``1 min 30 s``, ``2 h 5 min``."""
    if seconds < 99.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s".removesuffix(" 0 s")
    minutes = round(seconds / 60)
    return f"{count(minutes // 60)} h {minutes % 60} min".removesuffix(" 0 min")


def os_reason(error: OSError) -> str:
    """What the system says of a failure: ``no space left on device``."""
    return (error.strerror or type(error).__name__).lower()


def os_error(error: OSError) -> str:
    """The same, behind the file where the system names one."""
    return f"{error.filename}: {os_reason(error)}" if error.filename else os_reason(error)


def moment(when: datetime) -> str:
    """A moment: ``2026-11-24 06:47:49 UTC``."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def rfc3339(when: datetime) -> str:
    """A moment as RFC 3339 in UTC, to the millisecond."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(value: Decimal, currency: str) -> str:
    """An amount with the digits it came with: ``12,345.60 GBP``."""
    return f"{value:,f} {clean(currency, 12)}".rstrip()
