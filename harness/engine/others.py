"""Users beside the compiled ones, of locustfiles of somebody's own: how many there are, and how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from locust import User, constant
from locust.dispatch import UsersDispatcher
from locust.runners import MasterRunner, WorkerNode

from harness.compiler.plan import Plan
from harness.engine.closed import HarnessUser
from harness.record.others import OtherUsers


class Waiting(User):
    """Stands where Locust wants a user class while a worker does not know its load yet."""

    abstract = False
    wait_time = constant(1)
    tasks: list[Any] = [lambda _: None]  # noqa: RUF012 - as Locust wants it


def others_of(environment: Any) -> list[type]:
    """The user classes that are not compiled."""
    return [each for each in environment.user_classes if not issubclass(each, HarnessUser | Waiting)]


class Others:
    """What the process that reports knows of them: Locust's own figures, less those of compiled journeys."""

    def __init__(self, environment: Any, plan: Plan) -> None:
        self._environment = environment
        self._ours = {(f"{journey}/{send.name}", send.request.method) for journey, send in plan.steps}
        self._most = 0

    @property
    def _classes(self) -> set[str]:
        return {each.__name__ for each in others_of(self._environment)}

    def begin(self) -> None:
        """A load begins."""
        self._most = 0

    def look(self) -> tuple[int, int]:
        """How many users are at work at this moment: compiled ones, and others."""
        runner = self._environment.runner
        names = self._classes
        if not names:
            return int(runner.user_count), 0
        several = isinstance(runner, MasterRunner)
        counts = runner.reported_user_classes_count if several else runner.user_classes_count
        others = sum(count for name, count in counts.items() if name in names)
        self._most = max(self._most, others)
        return sum(counts.values()) - others, others

    def shares(self, users: int) -> tuple[int, int]:
        """How so many users are shared out by Locust: compiled ones, and others."""
        others = self._classes
        if not others:
            return users, 0
        if len(others) == len(self._environment.user_classes):
            return 0, users
        dealt: Sequence[dict[str, dict[str, int]]] = [*_dispatched(self._environment.user_classes, users)]
        counts = next(iter(dealt[-1].values())) if dealt else {}
        theirs = sum(count for name, count in counts.items() if name in others)
        return sum(counts.values()) - theirs, theirs

    def told(self, internal_errors: int) -> OtherUsers | None:
        """How they fared so far; None where there are none. ``internal_errors``: exceptions that are ours."""
        classes = tuple(sorted(self._classes))
        entries = [e for key, e in self._environment.stats.entries.items() if key not in self._ours]
        requests = sum(entry.num_requests for entry in entries)
        failed = sum(entry.num_failures for entry in entries)
        if not (classes or requests):
            return None
        raised = sum(each["count"] for each in self._environment.runner.exceptions.values())
        return OtherUsers(classes, self._most, requests, failed, max(raised - internal_errors, 0))

    def exit_code(self, ours: int, internal_errors: int) -> int:
        """The worse of our exit code and of Locust's, as it would be for the others alone."""
        told = self.told(internal_errors)
        if told is None or not (told.failed or told.exceptions):
            return ours
        return max(ours, int(getattr(self._environment.parsed_options, "exit_code_on_error", 1)))


def _dispatched(classes: Sequence[type], users: int) -> UsersDispatcher:
    """Locust's own way from nobody to so many users, on one node."""
    dispatcher = UsersDispatcher([WorkerNode("shares")], [*classes])
    dispatcher.new_dispatch(users, float(max(users, 1)))
    return dispatcher
