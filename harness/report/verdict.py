"""The verdict of a run, and the reasons for it in plain sentences: a function of the summary's figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from harness.report import others_words
from harness.report.outcome_summary import GuestProblem, GuestsVerified, OrdersVerified, VerificationSummary
from harness.report.summary import ComparedSummary, Summary, Verdict
from harness.report.threshold_words import measured, stopped
from harness.report.words import count, counted, percent
from harness.scenario.model import Scenario

MOST_CAUSES = 3
MOST_REGRESSIONS = 5
"""Regressions that are reasons by themselves."""
ORDER_MISSING = "order_missing"
"""The kind of a guest's problem: an order of its own is not there."""


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
        yield f"No request was sent{others_words.nobody(summary)}."
    verification = summary.verification
    if verification is not None:
        if verification.failed:
            yield f"What became of the orders is not known: {verification.trouble}."
        if verification.orders is not None:
            yield from _of_orders(verification, verification.orders)
        if verification.guests is not None:
            yield from _of_guests(verification, verification.guests)
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


def _of_orders(verification: VerificationSummary, orders: OrdersVerified) -> Iterator[str]:
    named = {
        kind: [problem.order for problem in verification.problems if problem.kind == kind]
        for kind in ("missing", "duplicated", "mispriced", "unexpected")
    }
    why = _why_missing(verification.guests)
    if orders.missing_count and not orders.found:
        none = (
            "The one order does not exist"
            if orders.expected == 1
            else f"None of the {count(orders.expected)} orders exists"
        )
        yield f"{none}, though the target answered {'its' if orders.expected == 1 else 'every'} checkout with success.{why}"
    elif orders.missing_count:
        among = ""
        if orders.interval is not None:
            low, high = (percent(share) for share in orders.interval)
            among = f" of a sample; of all {count(orders.of)}, {low} to {high} are missing with 95 % confidence"
        dropped = " Likely cause: the target dropped their events, or has not processed them yet (verify.wait gives it longer)."
        be, their = ("is", "its checkout") if orders.missing_count == 1 else ("are", "their checkouts")
        yield (
            f"{count(orders.missing_count)} of {counted(orders.expected, 'order')} {be} missing{among}, though the target "
            f"answered {their} with success: {_first(named['missing'], orders.missing_count)}.{why or dropped}"
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


def _cause_of_missing(guests: GuestsVerified | None) -> str:
    """What most of the guests that were read back say of their missing orders; empty where none says anything."""
    said = (
        Counter(problem.cause for problem in guests.problems if problem.kind == ORDER_MISSING) if guests else Counter()
    )
    return said.most_common(1)[0][0] if said else ""


def _why_missing(guests: GuestsVerified | None) -> str:
    """The likely cause as a sentence, with a space before it; empty where nothing tells."""
    cause = _cause_of_missing(guests)
    if cause:
        return f" Likely cause: {cause}"
    return "" if guests and guests.asked else " Guests that are read back would tell why (verify.guests)."


def _of_guests(verification: VerificationSummary, guests: GuestsVerified) -> Iterator[str]:
    """What was found with the guests that were read back, a sentence a cause, that of the most guests first."""
    if guests.held == guests.asked:
        return
    orders = verification.orders
    told = _cause_of_missing(guests) if orders is not None and orders.missing_count else ""
    by_cause: dict[str, list[GuestProblem]] = {}
    for problem in guests.problems:
        by_cause.setdefault(problem.cause, []).append(problem)
    by_number = sorted(by_cause.items(), key=lambda each: -len({problem.guest for problem in each[1]}))
    for cause, problems in by_number[:MOST_CAUSES]:
        kinds = {problem.kind: problem for problem in reversed(problems)}
        firsts = [kinds[kind] for kind in dict.fromkeys(problem.kind for problem in problems)]
        found = "; ".join(_example(each) for each in firsts[:MOST_CAUSES])
        number = f"{count(len({problem.guest for problem in problems}))} of {counted(guests.asked, 'guest')} read back"
        yield (
            f"For the same reason, {number}: {found}." if cause == told else f"{number}: {found}. Likely cause: {cause}"
        )


def _example(problem: GuestProblem) -> str:
    return f"{problem.what} (expected {problem.expected}, found {problem.found}; {problem.guest})"
