"""The bridge to Locust: our loads begin and end with its tests, and its statistics see our requests."""

from __future__ import annotations

import argparse
import inspect
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import gevent
import gevent.event
import locust
from locust import LoadTestShape, events
from locust.runners import LocalRunner
from locust.stats import CSV_STATS_INTERVAL_SEC

from harness.compiler.plan import JourneyPlan, Plan, Send
from harness.compiler.profile import Profile
from harness.engine.arrivals import Arrivals, arrivals
from harness.engine.closed import HarnessUser, JourneyUser, users
from harness.engine.descriptors import make_room
from harness.engine.fast_http import FastHttpTransport
from harness.engine.garbage import Garbage
from harness.engine.health import Health
from harness.engine.http_reply import Reply
from harness.engine.locust_stats import feed
from harness.engine.stages import needs_shape, shape
from harness.engine.transport import Transport
from harness.engine.wire import WireTransport
from harness.engine.wire_tls import TlsSettings
from harness.engine.worker import Worker
from harness.record.figures import Figures
from harness.record.histogram import Histogram
from harness.record.recorder import Failure
from harness.record.series import SeriesRow, rows
from harness.record.snapshot import Snapshot
from harness.scenario.model import OPEN

LOCUST_VERSION: str = locust.__version__
STOP_TIMEOUT_S = 10
"""How long requests under way may take to end when the load is over."""
DRAIN_LOOK_S = 0.005
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
    lateness_p99_ms: float
    saturated_seconds: tuple[int, ...]
    gc_longest_ms: float
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

    def ran_out(self, reason: str) -> None:
        """Guests come from a file, and there are no more: the load ends early."""

    def failure(self, worker: Worker, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request failed."""

    def end(self, result: LoadResult) -> int | None:
        """The load is over; gives the exit code (None: Locust's own)."""

    def hurry(self) -> None:
        """Somebody waits for ``end`` to come back: leave out what takes long."""

    def close(self) -> None:
        """The process is about to end."""


class Bridge:
    """One process's load, from Locust's ``init`` to its ``quit``."""

    def __init__(self, plan: Plan, listener: Listener, headers: Mapping[str, str]) -> None:
        is_open = plan.load.model == OPEN
        self.user_classes: list[type[HarnessUser]] = [arrivals(plan)] if is_open else [*users(plan)]
        self._plan = plan
        self._listener = listener
        self._headers = dict(headers)
        self._environment: Any = None
        self._base_url = ""
        self._worker: Worker | None = None
        self._pulse: gevent.Greenlet[..., None] | None = None
        self._garbage = Garbage()
        self._health = Health()
        self._total = Figures()
        self._lateness = Histogram()
        self._heard = False
        self._methods = {(journey, send.name): send.request.method for journey, send in plan.steps}
        self._users = 0
        self._began = self._began_wall = self._ended = 0.0
        self._interrupted = False
        self._internal_errors = 0
        self._timer: gevent.Greenlet[..., None] | None = None
        self._ours_alone = False
        self._finishing = False
        self._finished = gevent.event.Event()

    @property
    def shape(self) -> type[LoadTestShape] | None:
        """The Locust shape of a closed load in stages."""
        is_open = self._plan.load.model == OPEN
        return None if is_open or not needs_shape(self._plan) else shape(self._plan)

    def attach(self, add_arguments: Callable[[argparse.ArgumentParser], None] | None) -> None:
        """Listen to Locust's events, and add our options to its command line (None: leave it as it is)."""

        def on_parser(parser: argparse.ArgumentParser) -> None:
            if add_arguments is None:
                return
            self._ours_alone = True
            add_arguments(parser)
            level = 1 if self._plan.load.model == OPEN else max(round(Profile(self._plan.load.stages).peak), 1)
            parser.set_defaults(num_users=level, spawn_rate=level, stop_timeout=STOP_TIMEOUT_S)

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
        self._mind_options(environment)
        self._base_url = self._listener.ready()
        self._say_host(environment)

    def _mind_options(self, environment: Any) -> None:
        """What Locust's own options ask for, where it needs our help."""
        options = environment.parsed_options
        if getattr(options, "otel", None):
            self._listener.refuse("--otel is not supported: requests of compiled journeys are not traced")
        wanted, unwanted = set(getattr(options, "tags", None) or ()), set(getattr(options, "exclude_tags", None) or ())
        if not (wanted or unwanted):
            return
        if self._plan.load.model == OPEN:
            self._listener.refuse(
                "--tags and --exclude-tags pick users, and an open load has none: set weights to 0 instead"
            )
        # Locust would keep classes whose only task is filtered out, and let their users fail.
        dropped = [
            each
            for each in self.user_classes
            if issubclass(each, JourneyUser)
            and ((wanted and each.journey.name not in wanted) or each.journey.name in unwanted)
        ]
        environment.user_classes[:] = [each for each in environment.user_classes if each not in dropped]
        if not environment.user_classes:
            self._listener.refuse("no journey has one of the tags; a journey's tag is its name")

    def _say_host(self, environment: Any) -> None:
        """Show Locust our target. Our users go there whatever Locust's host is; others keep a host of their own."""
        others = [each for each in environment.user_classes if not issubclass(each, HarnessUser)]
        if not others:
            environment.host = self._base_url
        for each in others:
            each.host = each.host or environment.host or self._base_url

    def _on_test_start(self, environment: Any, **_: Any) -> None:
        self._say_host(environment)
        self._users = environment.runner.target_user_count
        self._worker = self._listener.begin(self._users, self._run_time())
        for each in self.user_classes:
            each.worker = self._worker
            each.connect = self._connect
            each.reporter = self
            each.ran_out = self._listener.ran_out
            if issubclass(each, Arrivals):
                each.dropped = self._dropped
                each.done = self._all_arrived
        HarnessUser.closing = False
        self._total = Figures()
        self._lateness = Histogram()
        self._internal_errors = 0
        self._health = Health()
        # Locust asks who called when it stops; the first time Python looks through all modules for that, which takes
        # 25 ms, and the last replies of the load would wait so long for us.
        inspect.stack()
        make_room()
        self._garbage.start()
        self._health.start()
        self._began, self._began_wall, self._ended = time.perf_counter(), time.time(), 0.0
        self._heard = self._somebody_listens()
        self._pulse = gevent.spawn(self._beat)
        if self._ends_by_itself():
            # From here on, not from Locust's start: making guests takes a moment, which is none of the load.
            self._timer = gevent.spawn_later(self._plan.load.duration, self._stop_early)

    def _on_test_stopping(self, **_: Any) -> None:
        """Let requests under way end before Locust stops its users: with thousands of them it keeps their replies waiting."""
        self._ended = self._ended or time.perf_counter()
        HarnessUser.closing = True
        patience = time.perf_counter() + (self._environment.stop_timeout or 0)
        while self._requests_under_way() and time.perf_counter() < patience:
            gevent.sleep(DRAIN_LOOK_S)

    def _requests_under_way(self) -> int:
        earlier = sum(step.unfinished for step in self._total.steps.values())
        return 0 if self._worker is None else self._worker.recorder.unfinished + earlier

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

    def _connect(self, journey: JourneyPlan) -> Transport:
        plan, tls = (
            self._plan,
            TlsSettings(self._plan.tls.ca, self._plan.tls.cert, self._plan.tls.key, self._plan.tls.verify),
        )
        if plan.on_the_wire(journey):
            return WireTransport(self._base_url, self._headers, tls=tls)
        return FastHttpTransport(
            self._base_url, self._headers, tls, redirects=journey.redirects, cookies=journey.cookies, proxy=plan.proxy
        )

    def request_done(
        self, journey: JourneyPlan, send: Send, target: bytes, reply: Reply, failure: Failure | None
    ) -> None:
        """Tell our listener of a failure; and as long as somebody but Locust listens, Locust's event of the request.

        The event takes ten times as long as all else there is to do with a reply. Locust's own statistics are fed
        once a second instead (``locust_stats``).
        """
        if failure is not None and self._worker is not None:
            self._listener.failure(self._worker, send, target, reply, failure)
        if not self._heard:
            return
        self._environment.events.request.fire(
            request_type=send.request.method,
            name=f"{journey.name}/{send.name}",
            response_time=reply.latency_us / 1000,
            response_length=reply.bytes_in,
            exception=None if failure is None else RequestFailed(f"{failure.kind}: {failure.detail}"),
            context={},
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
            self._garbage.second(self._environment.runner.user_count)
            self._listener.second(self._snapshot(second - 1, 1.0))
            if self._everybody_done():
                gevent.spawn(self._stop_early)
                return

    def _run_time(self) -> float | None:
        seconds = getattr(self._environment.parsed_options, "run_time", None)
        return float(seconds) if seconds else self._plan.load.duration

    def _ends_by_itself(self) -> bool:
        """Whether nobody else ends the load: no time given to Locust, no shape, no arrivals that come to an end."""
        told = getattr(self._environment.parsed_options, "run_time", None)
        return not told and self._ours_alone and self.shape is None and self._plan.load.model != OPEN

    def _dropped(self, journey: JourneyPlan) -> None:
        if self._worker is not None:
            self._worker.recorder.dropped(journey.index)

    def _all_arrived(self) -> None:
        """The last guest of an open load has come: it ends, and those under way get their time."""
        gevent.spawn(self._stop_early)

    def _everybody_done(self) -> bool:
        if self._plan.load.iterations is None or self._environment.runner.user_count:
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
        self._feed_locust(figures)
        self._total.merge(figures)
        self._lateness.merge(self._worker.lateness)
        self._worker.lateness = Histogram()
        health = self._health.second()
        now = figures.total()
        is_open = self._plan.load.model == OPEN
        answered = now.ok + now.failed
        elapsed = time.perf_counter() - self._began
        run_time = self._run_time()
        so_far = list(self._total.steps.values())
        return Snapshot(
            elapsed_s=elapsed,
            remaining_s=max(run_time - elapsed, 0.0) if run_time else None,
            users=self._under_way() if is_open else self._environment.runner.user_count,
            noun="guest" if is_open else "user",
            sent=sum(step.sent for step in so_far),
            failed=sum(step.failed for step in so_far),
            rate=answered / span_s,
            error_rate=now.failed / answered if answered else 0.0,
            p95=now.latency.percentiles((95.0,))[0] / 1000 if now.latency.count else None,
            rows=tuple(rows(second, figures)),
            saturated=health.saturated,
            cpu=health.cpu,
        )

    def _somebody_listens(self) -> bool:
        """Whether anybody but Locust's own runner wants to hear of every request."""
        return len(self._environment.events.request._handlers) > 1

    def _feed_locust(self, figures: Figures) -> None:
        """Locust's statistics get the last second's counts, unless they have heard of each request already."""
        if not self._heard:
            feed(self._environment.stats, figures, self._methods)
        self._heard = self._somebody_listens()

    def _under_way(self) -> int:
        """Guests of an open load that have set out and not come to an end."""
        return sum(journey.unfinished for journey in self._total.journeys.values())

    def _finish(self) -> None:
        """The load is over, whichever way it ended: count what is left, and tell the listener. Once a load."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._finishing = True
        self._finished.clear()
        for each in (self._pulse, self._timer):
            if each is not None and each is not gevent.getcurrent():
                each.kill(block=False)
        self._health.stop()
        self._garbage.stop()
        last = worker.recorder.take()
        self._feed_locust(last)
        self._total.merge(last)
        self._lateness.merge(worker.lateness)
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
                loop_lag_p99_ms=self._health.lag.percentiles((99.0,))[0] / 1000,
                lateness_p99_ms=self._lateness.percentiles((99.0,))[0] / 1000,
                saturated_seconds=tuple(self._health.saturated),
                gc_longest_ms=self._health.gc_longest_ms,
                internal_errors=self._internal_errors,
                last_rows=tuple(rows(int(ended - self._began), last)),
            )
        )
        self._environment.process_exit_code = code
        if getattr(self._environment.parsed_options, "csv_prefix", None):
            # Locust's CSV files are a picture of each second: let it take the last one.
            gevent.sleep(CSV_STATS_INTERVAL_SEC + 0.1)
        self._finishing = False
        self._finished.set()
