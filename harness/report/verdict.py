"""The verdict of a run, and the reasons for it in plain sentences: a function of the summary's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.report.outcome_summary import GuestsVerified, OrdersVerified, VerificationSummary
from harness.report.summary import ComparedSummary, Summary, Verdict
from harness.report.threshold_words import measured, stopped
from harness.report.words import count, counted, percent
from harness.scenario.model import Scenario

MOST_CAUSES = 3
MOST_REGRESSIONS = 5
"""Regressions that are reasons by themselves."""


def judged(summary: Summary, scenario: Scenario) -> Summary:
    """The summary with its verdict and reasons. One that was interrupted stays so."""
    reasons = tuple(_reasons(summary, scenario))
    return replace(summary, reasons=reasons, verdict=_verdict(summary, bool(reasons)))


def _verdict(summary: Summary, wrong: bool) -> Verdict:
    if summary.verdict == "interrupted":
        return "interrupted"
    if summary.troubles:
        return "incomplete"
    if summary.verification is not None and summary.verification.interrupted:
        return "interrupted"
    return "fail" if wrong else "pass"


def _reasons(summary: Summary, scenario: Scenario) -> Iterator[str]:
    if summary.stopped is not None:
        yield stopped(summary.stopped)
    yield from summary.troubles
    requests = summary.requests
    if not requests.sent:
        yield "No request was sent."
    verification = summary.verification
    if verification is not None:
        if verification.failed:
            yield f"What became of the orders is not known: {verification.trouble}."
        if verification.orders is not None:
            yield from _of_orders(verification, verification.orders, scenario)
        if verification.guests is not None:
            yield from _of_guests(verification.guests)
    missing = verification.orders.missing_count if verification and verification.orders else 0
    for result in summary.thresholds:
        if not result.held and not (missing and result.text.startswith("orders.missing")):
            what = "nothing was measured" if result.value is None else f"it was {measured(result)}"
            yield f"{result.text} did not hold: {what}."
    judged_rate = any(t.metric == "error_rate" and t.step is None and t.journey is None for t in scenario.thresholds)
    if summary.compared is not None:
        yield from _compared_with(summary.compared)
    if requests.failed and not judged_rate:
        yield (
            f"{requests.failed} of {requests.sent} requests failed, and no threshold allows for any (error_rate < 1%)."
        )


def _compared_with(compared: ComparedSummary) -> Iterator[str]:
    for each in compared.regressions[:MOST_REGRESSIONS]:
        yield f"Worse than the baseline {compared.baseline}: {each}"
    if (more := len(compared.regressions) - MOST_REGRESSIONS) > 0:
        yield f"{counted(more, 'more figure')} got worse: see compare.html."


def _of_orders(verification: VerificationSummary, orders: OrdersVerified, scenario: Scenario) -> Iterator[str]:
    named = {
        kind: [problem.order for problem in verification.problems if problem.kind == kind]
        for kind in ("missing", "duplicated", "mispriced", "unexpected")
    }
    if orders.missing_count and not orders.found:
        yield (
            f"None of the {count(orders.expected)} orders exists, though the target answered every checkout with success. "
            f"Likely cause: the point of sale '{scenario.target.point_of_sale}' is not one the target knows; "
            "it answers such events with 201 and drops them."
        )
    elif orders.missing_count:
        among = ""
        if orders.interval is not None:
            low, high = (percent(share) for share in orders.interval)
            among = f" of a sample; of all {count(orders.of)}, {low} to {high} are missing with 95 % confidence"
        yield (
            f"{count(orders.missing_count)} of {count(orders.expected)} orders are missing{among}, though the target "
            f"answered their checkouts with success: {_first(named['missing'], orders.missing_count)}. "
            "Likely cause: the target dropped their events, or has not processed them yet (verify.wait gives it longer)."
        )
    if orders.duplicated:
        first = _first(named["duplicated"], orders.duplicated)
        yield f"{counted(orders.duplicated, 'order')} written more than once: {first}. Likely cause: the target stored them twice."
    if orders.mispriced:
        yield f"{counted(orders.mispriced, 'order')} with another value or currency than sent: {_compared(verification)}."
    if orders.unexpected:
        first = _first(named["unexpected"], orders.unexpected)
        yield f"{counted(orders.unexpected, 'order')} there though the target refused the checkout: {first}."


def _first(names: list[str], whole: int) -> str:
    return ", ".join(names[:3]) + (" …" if whole > 3 else "")


def _compared(verification: VerificationSummary) -> str:
    wrong = [problem for problem in verification.problems if problem.kind == "mispriced"][:MOST_CAUSES]
    return "; ".join(f"{problem.order} {problem.found} instead of {problem.expected}" for problem in wrong)


def _of_guests(guests: GuestsVerified) -> Iterator[str]:
    """The causes of what was found with the guests that were read back, each once, the most frequent first."""
    if guests.held == guests.asked:
        return
    causes: dict[tuple[str, str], set[str]] = {}
    for problem in guests.problems:
        causes.setdefault((problem.kind, problem.cause), set()).add(problem.guest)
    by_number = sorted(causes.items(), key=lambda each: -len(each[1]))
    for (kind, cause), names in by_number[:MOST_CAUSES]:
        first = next(problem for problem in guests.problems if (problem.kind, problem.cause) == (kind, cause))
        yield (
            f"{count(len(names))} of {counted(guests.asked, 'guest')} read back: {first.what} "
            f"(expected {first.expected}, found {first.found}; {first.guest}). Likely cause: {cause}"
        )
