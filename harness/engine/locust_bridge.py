"""The bridge to Locust: our loads begin and end with its tests, and its statistics see our requests."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import gevent
import gevent.event
import locust
from locust import events
from locust.runners import LocalRunner

from harness.compiler.plan import Plan, Send
from harness.engine.health import Health
from harness.engine.transport import FastHttpTransport, Reply, Transport
from harness.engine.users import JourneyUser, users
from harness.engine.worker import Worker
from harness.record.figures import Figures
from harness.record.recorder import Failure
from harness.record.series import SeriesRow, rows
from harness.record.snapshot import Snapshot

LOCUST_VERSION: str = locust.__version__
STOP_TIMEOUT_S = 10
"""How long requests under way may take to end when the load is over."""
LONGEST_FINISH_S = 15
"""How long an interrupted process waits for its report to be written."""


class RequestFailed(Exception):  # noqa: N818 - shown to people as the failure's name in Locust's statistics
    """What Locust's statistics and listeners get as the exception of a failed request."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A load that has ended. ``started`` in seconds since the epoch; ``internal_errors`` are ours, not the target's."""

    figures: Figures
    worker: Worker
    started: float
    duration_s: float
    users: int
    interrupted: bool
    cpu: float
    loop_lag_p99_ms: float
    internal_errors: int
    last_rows: tuple[SeriesRow, ...]
    """The stretch after the last whole second."""


class Listener(Protocol):
    """Who is told how the load goes."""

    def refuse(self, reason: str) -> NoReturn:
        """The command line asks for what cannot be: end the process (SystemExit)."""

    def ready(self) -> str:
        """Before anything is sent: make sure of the target and give its base URL. May end the process (SystemExit)."""

    def begin(self, users: int, duration_s: float | None) -> Worker:
        """A load begins, with so many users, for so long (None: until it is stopped): what its users share."""

    def second(self, snapshot: Snapshot) -> None:
        """A second of the load is over."""

    def failure(self, worker: Worker, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request failed."""

    def end(self, result: LoadResult) -> int:
        """The load is over; gives the exit code."""

    def hurry(self) -> None:
        """Somebody waits for ``end`` to come back: leave out what takes long."""

    def close(self) -> None:
        """The process is about to end."""


class Bridge:
    """One process's load, from Locust's ``init`` to its ``quit``."""

    def __init__(self, plan: Plan, listener: Listener, headers: Mapping[str, str]) -> None:
        self.user_classes = users(plan)
        self._plan = plan
        self._listener = listener
        self._headers = dict(headers)
        self._environment: Any = None
        self._base_url = ""
        self._worker: Worker | None = None
        self._pulse: gevent.Greenlet[..., None] | None = None
        self._health = Health()
        self._total = Figures()
        self._users = 0
        self._began = self._began_wall = self._ended = 0.0
        self._interrupted = False
        self._internal_errors = 0
        self._finishing = False
        self._finished = gevent.event.Event()

    def attach(self, add_arguments: Callable[[argparse.ArgumentParser], None]) -> None:
        """Listen to Locust's events, and add our options to its command line."""

        def on_parser(parser: argparse.ArgumentParser) -> None:
            add_arguments(parser)
            parser.set_defaults(
                num_users=self._plan.users,
                spawn_rate=min(self._plan.users, 100),
                run_time=f"{max(round(self._plan.duration), 1)}s",
                stop_timeout=STOP_TIMEOUT_S,
            )

        events.init_command_line_parser.add_listener(on_parser)
        events.init.add_listener(self._on_init)
        events.test_start.add_listener(self._on_test_start)
        events.test_stopping.add_listener(self._on_test_stopping)
        events.test_stop.add_listener(self._on_test_stop)
        events.user_error.add_listener(self._on_user_error)
        events.quitting.add_listener(self._on_quitting)
        events.quit.add_listener(lambda **_: self._listener.close())

    # Locust's events, in the order in which they come

    def _on_init(self, environment: Any, runner: Any, **_: Any) -> None:
        self._environment = environment
        # An interrupt is no error of ours: gevent need not print it.
        hub: Any = gevent.get_hub()
        hub.NOT_ERROR = (*hub.NOT_ERROR, KeyboardInterrupt)
        if not isinstance(runner, LocalRunner):
            self._listener.refuse("several processes (--processes, --master, --worker) are not supported yet")
        self._base_url = environment.host = self._listener.ready()

    def _on_test_start(self, environment: Any, **_: Any) -> None:
        # Whatever the web UI's form says: the load goes where the scenario says, and nowhere else.
        environment.host = self._base_url
        self._users = environment.runner.target_user_count
        self._worker = self._listener.begin(self._users, self._run_time())
        for each in self.user_classes:
            each.worker = self._worker
            each.connect = self._connect
            each.reporter = self
        self._total = Figures()
        self._internal_errors = 0
        self._health = Health()
        self._health.start()
        self._began, self._began_wall, self._ended = time.perf_counter(), time.time(), 0.0
        self._pulse = gevent.spawn(self._beat)

    def _on_test_stopping(self, **_: Any) -> None:
        self._ended = time.perf_counter()

    def _on_test_stop(self, environment: Any, **_: Any) -> None:
        self._finish()

    def _on_user_error(self, **_: Any) -> None:
        self._internal_errors += 1

    def _on_quitting(self, environment: Any, **_: Any) -> None:
        """Locust is about to end: if a load is still running, the user or a signal has cut it short."""
        if self._finishing:
            # Cut short while the report was being made, in another greenlet.
            self._listener.hurry()
            self._finished.wait(timeout=LONGEST_FINISH_S)
            return
        if self._worker is None:
            return
        self._interrupted = True
        try:
            environment.runner.stop()
        except KeyboardInterrupt:
            logging.getLogger(__name__).warning("interrupted again: requests under way are given up")
        self._finish()

    # While the load runs

    def _connect(self, base_url: str) -> Transport:
        return FastHttpTransport(base_url, self._headers)

    def request_done(self, user: JourneyUser, send: Send, target: bytes, reply: Reply, failure: Failure | None) -> None:
        """Tell Locust, its plug-ins and our listener of a request, with the arguments that Locust documents."""
        if failure is not None and self._worker is not None:
            self._listener.failure(self._worker, send, target, reply, failure)
        user.environment.events.request.fire(
            request_type=send.request.method,
            name=f"{user.journey.name}/{send.name}",
            response_time=reply.latency_us / 1000,
            response_length=reply.bytes_in,
            exception=None if failure is None else RequestFailed(f"{failure.kind}: {failure.detail}"),
            context=user.context(),
            response=None,
            start_time=time.time() - reply.latency_us / 1e6,
            url=self._base_url + send.request.target.literals[0].decode("ascii").partition("?")[0],
        )

    def _beat(self) -> None:
        """Once a second, on the second: collect, show, and see whether everybody is done."""
        second = 0
        while True:
            second += 1
            gevent.sleep(max(self._began + second - time.perf_counter(), 0))
            self._listener.second(self._snapshot(second - 1, 1.0))
            if self._everybody_done():
                gevent.spawn(self._stop_early)
                return

    def _run_time(self) -> float | None:
        seconds = getattr(self._environment.parsed_options, "run_time", None)
        return float(seconds) if seconds else None

    def _everybody_done(self) -> bool:
        if self._plan.iterations is None or self._environment.runner.user_count:
            return False
        return sum(j.started for j in self._total.journeys.values()) >= self._users

    def _stop_early(self) -> None:
        options = self._environment.parsed_options
        self._ended = time.perf_counter()
        if options is not None and options.headless:
            self._environment.runner.quit()
        else:
            self._environment.runner.stop()

    def _snapshot(self, second: int, span_s: float) -> Snapshot:
        assert self._worker is not None
        figures = self._worker.recorder.take()
        self._total.merge(figures)
        now = figures.total()
        answered = now.ok + now.failed
        elapsed = time.perf_counter() - self._began
        run_time = self._run_time()
        so_far = list(self._total.steps.values())
        return Snapshot(
            elapsed_s=elapsed,
            remaining_s=max(run_time - elapsed, 0.0) if run_time else None,
            users=self._environment.runner.user_count,
            sent=sum(step.sent for step in so_far),
            failed=sum(step.failed for step in so_far),
            rate=answered / span_s,
            error_rate=now.failed / answered if answered else 0.0,
            p95=now.latency.percentiles((95.0,))[0] / 1000 if now.latency.count else None,
            rows=tuple(rows(second, figures)),
        )

    def _finish(self) -> None:
        """The load is over, whichever way it ended: count what is left, and tell the listener. Once a load."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._finishing = True
        self._finished.clear()
        if self._pulse is not None:
            self._pulse.kill(block=False)
        self._health.stop()
        last = worker.recorder.take()
        self._total.merge(last)
        ended = self._ended or time.perf_counter()
        code = self._listener.end(
            LoadResult(
                figures=self._total,
                worker=worker,
                started=self._began_wall,
                duration_s=ended - self._began,
                users=self._users,
                interrupted=self._interrupted,
                cpu=self._health.cpu,
                loop_lag_p99_ms=self._health.loop_lag_p99_ms,
                internal_errors=self._internal_errors,
                last_rows=tuple(rows(int(ended - self._began), last)),
            )
        )
        self._environment.process_exit_code = code
        self._finishing = False
        self._finished.set()
