"""The bridge to Locust: our loads begin and end with its tests, and its statistics see our requests."""

from __future__ import annotations

import argparse
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import gevent
import gevent.event
import locust
import psutil
from locust import LoadTestShape, events
from locust.runners import LocalRunner, MasterRunner, WorkerRunner
from locust.stats import CSV_STATS_INTERVAL_SEC

from harness import __version__
from harness.compiler.plan import JourneyPlan, Plan, Send
from harness.compiler.profile import Profile
from harness.engine.arrivals import Arrivals, arrivals
from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser, users
from harness.engine.connect import connect, take_interrupts_quietly
from harness.engine.crew import LOST_AFTER_S, STRIDE, Crew, Hand
from harness.engine.generator import Generator
from harness.engine.http_reply import Reply
from harness.engine.listener import Listener, LoadResult
from harness.engine.locust_options import mind_options
from harness.engine.locust_stats import feed
from harness.engine.stages import needs_shape, shape
from harness.engine.transport import Transport
from harness.record.book import Book
from harness.record.figures import Figures
from harness.record.recorder import Failure
from harness.record.series import rows
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


class Bridge:
    """One process's part in loads, from Locust's ``init`` to its ``quit``.

    In one process it sends and tells the listener. With several the master has a ``Crew`` and no generator: it tells the
    listener what its workers tell it. A worker has a generator and a ``Hand``, which tells the master.
    """

    def __init__(self, plan: Plan, listener: Listener, headers: Mapping[str, str]) -> None:
        is_open = plan.load.model == OPEN
        self.user_classes: list[type[HarnessUser]] = [arrivals(plan)] if is_open else [*users(plan)]
        self._plan = plan
        self._listener = listener
        self._headers = dict(headers)
        self._environment: Any = None
        self._base_url = ""
        self._crew: Crew | None = None
        self._hand: Hand | None = None
        self._generator: Generator | None = None
        self._pulse: gevent.Greenlet[..., None] | None = None
        self._running = False
        self._total = Beat()
        self._saturated: list[int] = []
        self._heard = False
        self._methods = {(journey, send.name): send.request.method for journey, send in plan.steps}
        self._users = 0
        self._began = self._began_wall = self._ended = 0.0
        self._interrupted = False
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
        events.quit.add_listener(lambda **_: self._listener.close())

    # Locust's events, in the order in which they come

    def _on_init(self, environment: Any, runner: Any, **_: Any) -> None:
        self._environment = environment
        # The last to listen hears it first: before a runner of several processes says goodbye to the others.
        events.quitting.add_listener(self._on_quitting)
        take_interrupts_quietly()
        mind_options(environment, self._plan, self.user_classes, self._listener.refuse)
        if isinstance(runner, WorkerRunner):
            self._hand = Hand(runner, self._mark(), self._join, self._finish)
            return
        if isinstance(runner, MasterRunner):
            try:
                self._mind_several(environment)
                self._base_url = self._listener.ready()
            except SystemExit:
                # Locust would wait for its forked workers, and they for it.
                for child in psutil.Process().children():
                    child.kill()
                raise
            self._crew = Crew(runner, self._mark())
            runner.quit = partial(self._quit, runner.quit)  # type: ignore[method-assign]
            self._say_host(environment)
            return
        if not isinstance(runner, LocalRunner):
            self._listener.refuse(f"a runner of the kind {type(runner).__name__} is not known")
        self._base_url = self._listener.ready()
        self._say_host(environment)

    def _quit(self, locusts_own: Callable[[], None]) -> None:
        """Locust's quit of a master ends the coming of messages, and the greenlet in which they come may call it.

        While workers still have something to tell it waits for that, elsewhere.
        """
        if (
            (self._running or self._finishing)
            and self._crew is not None
            and self._crew.listening is gevent.getcurrent()
        ):
            self._finished.rawlink(lambda _: gevent.spawn(locusts_own))
        else:
            locusts_own()

    def _mind_several(self, environment: Any) -> None:
        """What cannot be with several processes, and what has to be dealt out."""
        feed = self._plan.guests.feed
        if feed is not None and not feed.wrap and feed.order != "random":
            self._listener.refuse(
                "guests from a file, each once, cannot be dealt out to several processes: write wrap: true or order: random"
            )
        if self._plan.load.model == OPEN:
            options = environment.parsed_options
            options.num_users = options.expect_workers or 1  # each worker lets in its share of the guests
            for each in self.user_classes:
                each.fixed_count = options.num_users

    def _mark(self) -> str:
        """The same in every process that runs the same plan with the same version."""
        return hashlib.sha256(f"{__version__} {self._plan!r}".encode()).hexdigest()

    def _say_host(self, environment: Any) -> None:
        """Show Locust our target. Our users go there whatever Locust's host is; others keep a host of their own."""
        others = [each for each in environment.user_classes if not issubclass(each, HarnessUser)]
        if not others:
            environment.host = self._base_url
        for each in others:
            each.host = each.host or environment.host or self._base_url

    def _on_test_start(self, environment: Any, **_: Any) -> None:
        if self._hand is not None:
            if self._generator is not None:
                self._start(self._generator)
            return
        self._say_host(environment)
        self._users = environment.runner.target_user_count
        several = self._crew is not None
        worker = self._listener.begin(self._users, self._run_time(), STRIDE if several else 1)
        if self._crew is not None:
            self._crew.begin(
                {
                    "run_id": worker.run_id,
                    "seed": worker.seed,
                    "base_url": self._base_url,
                    "stories": worker.book.stories.wanted,
                }
            )
        self._start(None if several else Generator(worker))
        if self._ends_by_itself():
            # From here on, not from Locust's start: making guests takes a moment, which is none of the load.
            self._timer = gevent.spawn_later(self._plan.load.duration, self._stop_early)

    def _join(self, told: Mapping[str, Any]) -> str:
        """The master says what the load is: make what this worker needs for it."""
        self._base_url = told["base_url"]
        self._headers["X-Harness-Run"] = told["run_id"]
        worker = self._listener.join(told["run_id"], told["seed"], told["index"], STRIDE, told["stories"])
        self._generator = Generator(worker)
        stripe, stripes = told["stripe"], told["stripes"]
        for each in self.user_classes:
            if issubclass(each, Arrivals):
                each.stripe = None if stripe is None else (stripe, stripes)
        return ""

    def _start(self, generator: Generator | None) -> None:
        self._generator = generator
        for each in self.user_classes if generator is not None else ():
            assert generator is not None
            each.worker = generator.worker
            each.connect = self._connect
            each.reporter = self
            each.ran_out = self._listener.ran_out
            if issubclass(each, Arrivals):
                each.dropped = self._dropped
                each.done = self._all_arrived
        HarnessUser.closing = False
        self._running = True
        self._total = Beat()
        self._saturated = []
        self._finished.clear()
        if generator is not None:
            generator.start()
        self._began, self._began_wall, self._ended = time.perf_counter(), time.time(), 0.0
        self._heard = self._somebody_listens()
        self._pulse = gevent.spawn(self._beat)

    def _on_test_stopping(self, **_: Any) -> None:
        """Let requests under way end before Locust stops its users: with thousands of them it keeps their replies waiting."""
        self._ended = self._ended or time.perf_counter()
        self._drain()

    def _drain(self) -> None:
        HarnessUser.closing = True
        patience = time.perf_counter() + (self._environment.stop_timeout or 0)
        generator = self._generator
        while generator is not None and generator.requests_under_way and time.perf_counter() < patience:
            gevent.sleep(DRAIN_LOOK_S)

    def _on_test_stop(self, environment: Any, **_: Any) -> None:
        self._finish()

    def _on_user_error(self, **_: Any) -> None:
        if self._generator is not None:
            self._generator.internal_errors += 1

    def _on_quitting(self, environment: Any, **_: Any) -> None:
        """Locust is about to end: if a load is still running, the user or a signal has cut it short."""
        if self._finishing:
            # Cut short while the report was being made, in another greenlet.
            self._interrupted = self._interrupted or self._crew is not None
            self._listener.hurry()
            self._finished.wait(timeout=LONGEST_FINISH_S)
            return
        if not self._running:
            return
        self._interrupted = True
        try:
            if self._hand is not None:
                self._drain()
            else:
                environment.runner.stop()
        except KeyboardInterrupt:
            logging.getLogger(__name__).warning("interrupted again: requests under way are given up")
        self._finish()

    # While the load runs

    def _connect(self, journey: JourneyPlan) -> Transport:
        return connect(self._base_url, self._headers, self._plan, journey)

    def request_done(
        self, journey: JourneyPlan, send: Send, target: bytes, reply: Reply, failure: Failure | None
    ) -> None:
        """Tell our listener of a failure; and as long as somebody but Locust listens, Locust's event of the request.

        The event takes ten times as long as all else there is to do with a reply. Locust's own statistics are fed
        once a second instead (``locust_stats``).
        """
        if failure is not None:
            self._listener.failure(send, target, reply, failure)
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
            if not self._running:
                return  # the load ended in the turn in which this was due
            if self._hand is not None:
                self._hand.beat(self._generated())
                continue
            beat = self._generated() if self._crew is None else self._crew.take()
            self._count(beat)
            if beat.saturated:
                self._saturated.append(second - 1)
            self._listener.second(self._snapshot(second - 1, 1.0, beat))
            if self._everybody_done():
                gevent.spawn(self._stop_early)
                return

    def _generated(self) -> Beat:
        """What this process did since the last time."""
        assert self._generator is not None
        beat = self._generator.beat(self._environment.runner.user_count)
        beat.samples = self._listener.take_samples()
        self._feed_locust(beat.figures)
        return beat

    def _count(self, beat: Beat) -> None:
        self._listener.sampled(beat.samples)
        self._total.merge(replace(beat, samples=[]))

    def _run_time(self) -> float | None:
        seconds = getattr(self._environment.parsed_options, "run_time", None)
        return float(seconds) if seconds else self._plan.load.duration

    def _ends_by_itself(self) -> bool:
        """Whether nobody else ends the load: no time given to Locust, no shape, no arrivals that come to an end."""
        told = getattr(self._environment.parsed_options, "run_time", None)
        return not told and self._ours_alone and self.shape is None and self._plan.load.model != OPEN

    def _dropped(self, journey: JourneyPlan) -> None:
        if self._generator is not None:
            self._generator.worker.recorder.dropped(journey.index)

    def _all_arrived(self) -> None:
        """The last guest of an open load has come: it ends, and those under way get their time."""
        if self._hand is not None:
            self._hand.done()  # the master ends the load when all are done
        else:
            gevent.spawn(self._stop_early)

    def _everybody_done(self) -> bool:
        if self._plan.load.model == OPEN:
            return self._crew is not None and self._crew.all_done
        if self._plan.load.iterations is None or self._environment.runner.user_count:
            return False
        return sum(j.started for j in self._total.figures.journeys.values()) >= self._users

    def _stop_early(self) -> None:
        options = self._environment.parsed_options
        self._ended = time.perf_counter()
        if options is not None and options.headless:
            self._environment.runner.quit()
        else:
            self._environment.runner.stop()

    def _snapshot(self, second: int, span_s: float, beat: Beat) -> Snapshot:
        figures = beat.figures
        now = figures.total()
        is_open = self._plan.load.model == OPEN
        answered = now.ok + now.failed
        elapsed = time.perf_counter() - self._began
        run_time = self._run_time()
        so_far = list(self._total.figures.steps.values())
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
            figures=figures,
            saturated=beat.saturated,
            cpu=beat.cpu,
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
        return sum(journey.unfinished for journey in self._total.figures.journeys.values())

    def _finish(self) -> None:
        """The load is over, whichever way it ended: count what is left, and tell. Once a load."""
        if not self._running:
            return
        self._running = False
        self._finishing = True
        for each in (self._pulse, self._timer):
            if each is not None and each is not gevent.getcurrent():
                each.kill(block=False)
        if self._crew is not None and self._crew.listening is gevent.getcurrent():
            # The last worker is gone, and this is where messages come: it must not wait for any.
            gevent.spawn(self._end)
            return
        self._end()

    def _end(self) -> None:
        if self._hand is not None:
            self._drain()
        generator, self._generator = self._generator, None
        if self._hand is not None:
            assert generator is not None
            last = generator.stop()
            last.samples = self._listener.take_samples()
            self._feed_locust(last.figures)
            self._hand.final(last, generator.worker.book)
            self._finishing = False
            self._finished.set()
            return
        ended = self._ended or time.perf_counter()
        cpu = self._total.cpu
        if generator is not None:
            last = generator.stop()
            last.samples = self._listener.take_samples()
            self._feed_locust(last.figures)
            cpu = last.cpu
            books: tuple[Book, ...] = (generator.worker.book,)
        else:
            assert self._crew is not None
            self._crew.finish((self._environment.stop_timeout or 0) + LOST_AFTER_S)
            last = self._crew.take()
            books = tuple(self._crew.books)
        self._count(last)
        crew = self._crew
        code = self._listener.end(
            LoadResult(
                figures=self._total.figures,
                books=books,
                started=self._began_wall,
                duration_s=ended - self._began,
                users=self._users,
                interrupted=self._interrupted,
                cpu=cpu,
                loop_lag_p99_ms=self._total.lag.percentiles((99.0,))[0] / 1000,
                lateness_p99_ms=self._total.lateness.percentiles((99.0,))[0] / 1000,
                saturated_seconds=tuple(self._saturated),
                gc_longest_ms=self._total.gc_longest_ms,
                internal_errors=self._total.internal_errors,
                last_rows=tuple(rows(int(ended - self._began), last.figures)),
                workers=1 if crew is None else crew.workers,
                workers_lost=0 if crew is None else len(crew.lost),
                troubles=() if crew is None else tuple(crew.troubles),
            )
        )
        self._environment.process_exit_code = code
        if getattr(self._environment.parsed_options, "csv_prefix", None):
            # Locust's CSV files are a picture of each second: let it take the last one.
            gevent.sleep(CSV_STATS_INTERVAL_SEC + 0.1)
        self._finishing = False
        self._finished.set()
