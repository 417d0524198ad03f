"""Words and figures as every report spells them, so that no two of them differ.

Numbers come with three significant digits at least and never round something to nothing: one failure in a
million is "<0.01%", not "0%".
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # commands that show no run, such as check, do without what a summary needs
    from harness.report.summary import OrdersVerified, StoppedSummary, Summary, ThresholdResult

NOTHING = "–"
"""Stands where nothing was measured."""

MOST_OF_A_REASON = 500
"""Characters of a reason that are shown."""

VERDICT_WORDS = {"pass": "PASS", "fail": "FAIL", "incomplete": "INCOMPLETE", "interrupted": "INTERRUPTED"}
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

_THRESHOLD = re.compile(
    r"(?P<metric>.*?)\s*(?:<=|>=|==|<|>)\s*(?P<limit>\d[\d_]*(?:\.\d+)?)\s*(?P<unit>ms|s|%|/s)?\s*$", re.DOTALL
)
_UNIT_KIND = {"ms": "ms", "s": "ms", "%": "share", "/s": "rate"}


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


def money(value: Decimal, currency: str) -> str:
    """An amount with the digits it came with: ``12,345.60 GBP``."""
    return f"{value:,f} {clean(currency, 12)}".rstrip()


def measured(result: ThresholdResult) -> str:
    """What was measured for a threshold, in the unit that the threshold is about.

    Takes more digits where the usual ones would show the limit itself: 300.4 ms is not < 300ms.
    """
    if result.value is None:
        return "nothing to measure"
    parts = _THRESHOLD.match(result.text)
    if parts is None:
        return figure(result.value)
    metric, limit, unit = parts["metric"], float(parts["limit"].replace("_", "")), parts["unit"] or ""
    kind = _UNIT_KIND.get(unit) or _kind_of(metric, limit)
    limit *= {"s": 1000.0, "%": 0.01}.get(unit, 1.0)
    usual = _in_unit(result.value, kind)
    if usual == _in_unit(limit, kind) and result.value != limit:
        return _exact(result.value, kind)
    return usual


def stopped(why: StoppedSummary) -> str:
    """Why and when a load ended early, as a sentence."""
    from harness.report.summary import ThresholdResult  # noqa: PLC0415 - that check starts without it

    value = measured(ThresholdResult(why.condition, why.value, held=False))
    after = f"The load was stopped after {duration(why.after_s)}"
    if why.by == "stop_when":
        how_long = f"for {counted(why.seconds, 'second')}, with {value} in the last of them"
        return f"{after} by stop_when: {why.condition} was true {how_long if why.seconds > 1 else f'({value})'}."
    return f"{after} by --stop-on-fail: {why.condition} did not hold, it was {value}."


def _kind_of(metric: str, limit: float) -> str:
    last = re.split(r"[./]", metric)[-1]
    if re.search(r"(^|_)p\d+$", last) or last in ("min", "mean", "max"):
        return "ms"
    if last == "throughput":
        return "rate"
    if last in ("error_rate", "cpu") or (last == "completed" and limit <= 1):
        return "share"
    return "count"


def _in_unit(value: float, kind: str) -> str:
    if kind == "count":
        return count(int(value)) if value == int(value) else figure(value)
    return {"ms": ms, "rate": rate, "share": percent}[kind](value)


def _exact(value: float, kind: str) -> str:
    scaled = value * 100 if kind == "share" else value
    digits = f"{scaled:,.6f}".rstrip("0").rstrip(".")
    return digits + {"ms": " ms", "rate": "/s", "share": "%", "count": ""}[kind]


def headline(summary: Summary) -> str:
    """The verdict in words: ``Held``, ``Did not hold``, ``Interrupted after 4.2 s``, ``Incomplete``."""
    return {
        "pass": "Held",
        "fail": "Did not hold",
        "incomplete": "Incomplete",
        "interrupted": f"Interrupted after {duration(summary.duration_s)}",
    }[summary.verdict]


def verdict_detail(summary: Summary) -> str:
    """What the verdict rests on, as one sentence: ``3 of 3 thresholds, 204 of 204 orders found.``"""
    if summary.verdict == "pass":
        parts = [*([] if summary.requests.sent else ["no request was sent"]), *_what_held(summary)]
    elif summary.verdict == "interrupted":
        parts = [f"{counted(summary.requests.sent, 'request')} sent", *_what_held(summary)]
    else:
        parts = _what_did_not(summary)
    sentence = ", ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def verdict_line(summary: Summary) -> str:
    """The verdict as one line: ``Held: 3 of 3 thresholds, 204 of 204 orders found.``"""
    detail = verdict_detail(summary)
    return f"{headline(summary)}: {detail[:1].lower()}{detail[1:]}"


def reasons(summary: Summary) -> list[str]:
    """The reasons for the verdict, without one that the verdict's own sentence has said already."""
    told = [clean(reason, MOST_OF_A_REASON) for reason in summary.reasons]
    said = verdict_detail(summary)
    return [] if len(told) == 1 and told[0].rstrip(".").lower() == said.rstrip(".").lower() else told


def missing_orders(summary: Summary) -> int:
    """How many orders ought to exist and were not found."""
    orders = summary.verification.orders if summary.verification else None
    return 0 if orders is None else max(orders.expected - orders.found, orders.missing_count, len(orders.missing))


def missing_names(summary: Summary, limit: int) -> tuple[list[str], int]:
    """The order numbers of the first ``limit`` missing orders, and how many more are missing."""
    orders = summary.verification.orders if summary.verification else None
    if orders is None:
        return [], 0
    named = [clean(name, 80) for name in orders.missing[:limit]]
    return named, max(missing_orders(summary) - len(named), 0)


def _what_held(summary: Summary) -> list[str]:
    total = len(summary.thresholds)
    held = sum(result.held for result in summary.thresholds)
    judged = f"{held} of {counted(total, 'threshold')}" if total else "no thresholds set"
    # After "Held:" the verb is said; anywhere else it is not.
    return [f"{judged} held" if total and summary.verdict != "pass" else judged, _orders_found(summary)]


def _orders_found(summary: Summary) -> str:
    orders = summary.verification.orders if summary.verification else None
    if orders is None:
        return "orders not verified"
    if not orders.expected and not orders.found:
        return "no orders expected"
    found = f"{count(orders.found)} of {counted(orders.expected, 'order')} found"
    return f"{found} in a sample of {count(orders.of)}" if orders.interval is not None else found


def _what_did_not(summary: Summary) -> list[str]:
    parts = []
    if summary.stopped is not None:
        parts.append(f"stopped after {duration(summary.stopped.after_s)}, {clean(summary.stopped.condition)}")
    if lost := summary.generator.workers_lost:
        parts.append(f"{counted(lost, 'worker')} lost")
    elif summary.verdict == "incomplete":
        parts.append(_first_reason(summary))
    if broken := sum(not result.held for result in summary.thresholds):
        parts.append(f"{broken} of {counted(len(summary.thresholds), 'threshold')} not met")
    parts += _wrong_outcome(summary)
    return parts or [_first_reason(summary)]


def order_problems(orders: OrdersVerified) -> list[tuple[int, str]]:
    """What is wrong with orders that exist: how many, and in which way."""
    kinds = (
        (orders.duplicated, "written twice"),
        (orders.mispriced, "with a wrong price"),
        (orders.unexpected, "unexpected"),
    )
    return [(number, what) for number, what in kinds if number]


def _wrong_outcome(summary: Summary) -> list[str]:
    """What of the outcome is not as it ought to be."""
    parts = []
    orders = summary.verification.orders if summary.verification else None
    if orders is not None:
        if shortfall := missing_orders(summary):
            parts.append(f"{count(shortfall)} of {counted(orders.expected, 'order')} missing")
        parts += [f"{counted(number, 'order')} {what}" for number, what in order_problems(orders)]
    guests = summary.verification.guests if summary.verification else None
    if guests is not None and guests.held < guests.asked:
        parts.append(f"{count(guests.asked - guests.held)} of {counted(guests.asked, 'guest')} not as sent")
    return parts


def _first_reason(summary: Summary) -> str:
    if summary.reasons:
        return clean(summary.reasons[0], MOST_OF_A_REASON).rstrip(".")
    requests = summary.requests
    if requests.failed or not requests.sent:
        return f"{count(requests.failed)} of {counted(requests.sent, 'request')} failed"
    return "no reason was given"
