"""Users of other locustfiles, beside the journeys, in words."""

from __future__ import annotations

from collections.abc import Sequence

from harness.record.others import OtherUsers
from harness.report import words
from harness.report.summary import Summary
from harness.scenario.model import CLOSED

_HOW = "-u is the sum, and weights share it out: give your classes a fixed_count, and add it to -u"


def lines(others: OtherUsers | None, workers: int) -> list[str]:
    """Who else was there, and whether they had failures: a sentence or two each. Nothing where nobody was."""
    if others is None:
        return []
    where = "this process" if workers == 1 else "these processes"
    who = f"{_named(others.classes)}, {words.counted(others.users, 'user')}"
    made = [f"Other users in {where}: {who}, {words.counted(others.requests, 'request')}. They share the generator."]
    if others.failed:
        made.append(
            f"Beside the journeys: {words.count(others.failed)} of {words.counted(others.requests, 'request')} of other "
            "users failed (see Locust's statistics)."
        )
    if others.exceptions:
        raised = words.counted(others.exceptions, "exception")
        made.append(f"Beside the journeys: {raised} in the code of other users (see Locust's statistics).")
    return made


def more(users: int) -> str:
    """Behind the number of compiled users: how many others there are."""
    return f" ({words.count(users)} more of other locustfiles)" if users else ""


def share(model: str, users: int, others: int, classes: Sequence[str], told: int | None) -> str:
    """What there is to be said before a load in which others have users that were meant for journeys; else nothing.

    ``told``: the number of users that Locust was told, None: it is the scenario's.
    """
    if model != CLOSED or not others or (users and told is not None):
        return ""
    whole = words.counted(users + others, "user")
    if not users:
        return f"no user is left for the journeys, {_named(classes)} has all {words.count(others)}; {_HOW}"
    return f"only {words.count(users)} of the scenario's {whole} are journeys', the others of {_named(classes)}; {_HOW}"


def nobody(summary: Summary) -> str:
    """Why no request was sent, where others had all the users; else nothing."""
    others = summary.others
    if others is None or not others.users or summary.model != CLOSED or summary.level:
        return ""
    return f": no user was left for the journeys, {_named(others.classes)} had all {words.count(others.users)}; {_HOW}"


def note(others: OtherUsers) -> str:
    """The same for the tables of the report, behind the number of users."""
    failed = f"{words.counted(others.requests, 'request')}, {words.count(others.failed)} failed"
    return f"{_named(others.classes)}: {failed}; they share the generator"


def _named(classes: Sequence[str]) -> str:
    return ", ".join(words.clean(each) for each in classes) or "unknown classes"
