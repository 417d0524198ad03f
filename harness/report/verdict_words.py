"""The verdict on a run in words, the same in every report: one line, what it rests on, and the reasons."""

from __future__ import annotations

from harness.report import words
from harness.report.outcome_summary import OrdersVerified
from harness.report.summary import Summary

VERDICT_WORDS = {"pass": "PASS", "fail": "FAIL", "incomplete": "INCOMPLETE", "interrupted": "INTERRUPTED"}
MOST_OF_A_REASON = 500
"""Characters of a reason that are shown."""


def headline(summary: Summary) -> str:
    """The verdict in words: ``Held``, ``Did not hold``, ``Interrupted after 4.2 s``, ``Incomplete``."""
    return {
        "pass": "Held",
        "fail": "Did not hold",
        "incomplete": "Incomplete",
        "interrupted": f"Interrupted after {words.duration(summary.duration_s)}",
    }[summary.verdict]


def verdict_detail(summary: Summary) -> str:
    """What the verdict rests on, as one sentence: ``3 of 3 thresholds, 204 of 204 orders found.``"""
    if summary.verdict == "pass":
        parts = [*([] if summary.requests.sent else ["no request was sent"]), *_what_held(summary)]
    elif summary.verdict == "interrupted":
        parts = [f"{words.counted(summary.requests.sent, 'request')} sent", *_what_held(summary)]
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
    told = [words.clean(reason, MOST_OF_A_REASON) for reason in summary.reasons]
    said = verdict_detail(summary)
    return [] if len(told) == 1 and told[0].rstrip(".").lower() == said.rstrip(".").lower() else told


def remarks(summary: Summary) -> list[str]:
    """What else is to be known of the run."""
    return [words.clean(remark, MOST_OF_A_REASON) for remark in summary.remarks]


def missing_orders(summary: Summary) -> int:
    """How many orders ought to exist and were not found."""
    orders = summary.verification.orders if summary.verification else None
    return 0 if orders is None else max(orders.expected - orders.found, orders.missing_count, len(orders.missing))


def missing_names(summary: Summary, limit: int) -> tuple[list[str], int]:
    """The order numbers of the first ``limit`` missing orders, and how many more are missing."""
    orders = summary.verification.orders if summary.verification else None
    if orders is None:
        return [], 0
    named = [words.clean(name, 80) for name in orders.missing[:limit]]
    return named, max(missing_orders(summary) - len(named), 0)


def _what_held(summary: Summary) -> list[str]:
    total = len(summary.thresholds)
    held = sum(result.held for result in summary.thresholds)
    judged = f"{held} of {words.counted(total, 'threshold')}" if total else "no thresholds set"
    # After "Held:" the verb is said; anywhere else it is not.
    held_so = [f"{judged} held" if total and summary.verdict != "pass" else judged, _orders_found(summary)]
    compared = summary.compared
    return (
        [*held_so, "no worse than the baseline"]
        if compared and not (compared.regressions or compared.trouble)
        else held_so
    )


def _orders_found(summary: Summary) -> str:
    orders = summary.verification.orders if summary.verification else None
    if orders is None:
        return "orders not verified"
    if not orders.expected and not orders.found:
        return "no orders expected"
    found = f"{words.count(orders.found)} of {words.counted(orders.expected, 'order')} found"
    return f"{found} in a sample of {words.count(orders.of)}" if orders.interval is not None else found


def _what_did_not(summary: Summary) -> list[str]:
    parts = []
    if summary.stopped is not None:
        parts.append(
            f"stopped after {words.duration(summary.stopped.after_s)}, {words.clean(summary.stopped.condition)}"
        )
    if lost := summary.generator.workers_lost:
        parts.append(f"{words.counted(lost, 'worker')} lost")
    elif summary.verdict == "incomplete":
        parts.append(_first_reason(summary))
    if broken := sum(not result.held for result in summary.thresholds):
        parts.append(f"{broken} of {words.counted(len(summary.thresholds), 'threshold')} not met")
    parts += _wrong_outcome(summary)
    if summary.compared is not None and (worse := len(summary.compared.regressions)):
        parts.append(f"{words.counted(worse, 'figure')} worse than the baseline")
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
            parts.append(f"{words.count(shortfall)} of {words.counted(orders.expected, 'order')} missing")
        parts += [f"{words.counted(number, 'order')} {what}" for number, what in order_problems(orders)]
    guests = summary.verification.guests if summary.verification else None
    if guests is not None and guests.held < guests.asked:
        parts.append(f"{words.count(guests.asked - guests.held)} of {words.counted(guests.asked, 'guest')} not as sent")
    return parts


def _first_reason(summary: Summary) -> str:
    if summary.reasons:
        return words.clean(summary.reasons[0], MOST_OF_A_REASON).rstrip(".")
    requests = summary.requests
    if requests.failed or not requests.sent:
        return f"{words.count(requests.failed)} of {words.counted(requests.sent, 'request')} failed"
    return "no reason was given"
