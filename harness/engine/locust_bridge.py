"""The bridge to Locust: our loads begin and end with its tests, and its statistics see our requests."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import gevent
import gevent.event
import locust
import psutil
from locust import LoadTestShape
from locust.runners import LocalRunner, MasterRunner
from locust.stats import CSV_STATS_INTERVAL_SEC

from harness.compiler.plan import Plan
from harness.compiler.profile import Profile
from harness.engine.arrivals import arrivals
from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser, users
from harness.engine.crew import Crew
from harness.engine.crew_words import LOST_AFTER_S, STRIDE
from harness.engine.gate import gate_of
from harness.engine.interrupts import raise_in_main
from harness.engine.listener import Listener, LoadResult
from harness.engine.locust_options import mind_options
from harness.engine.lookup import Held
from harness.engine.memory import Memory
from harness.engine.sending import Sending
from harness.engine.stages import needs_shape, shape
from harness.engine.web_tab import add_tab
from harness.record.series import rows
from harness.record.snapshot import Snapshot, SoFar
from harness.scenario.model import OPEN

LOCUST_VERSION: str = locust.__version__
LONGEST_FINISH_S = 15
"""How long an interrupted process waits for its report to be written."""
GRACE_S = 0.3
"""So long after a second is over its figures have come from all workers."""

_log = logging.getLogger("harness")


class Bridge:
    """The part in loads of the process that reports, from Locust's ``init`` to its ``quit``.

    In one process it sends and tells the listener. With several it is the master: it has a ``Crew`` and sends nothing, and
    tells the listener what its workers tell it.
    """

    def __init__(self, plan: Plan, listener: Listener, headers: Mapping[str, str]) -> None:
        is_open = plan.load.model == OPEN
        self.user_classes: list[type[HarnessUser]] = [arrivals()] if is_open else [*users(plan)]
        self.plan = plan
        self._listener = listener
        self._headers = dict(headers)
        self._environment: Any = None
        self._base_url = ""
        self._held = Held()
        self._crew: Crew | None = None
        self._sending: Sending | None = None
        self._pulse: gevent.Greenlet[..., None] | None = None
        self._running = False
        self._total = Beat()
        self._saturated: list[int] = []
        self._users = 0
        self._began = self._began_wall = self._ended = 0.0
        self._interrupted = False
        self._deserted = False
        """Whether Locust ended the load because no worker was heard of."""
        self._timer: gevent.Greenlet[..., None] | None = None
        self.ours_alone = False
        """Whether Locust's command line is ours, so that the scenario's load counts."""
        self._finishing = False
        self._finished = gevent.event.Event()
        self._begun = gevent.event.Event()
        self._begun.set()
        self._loads = self._signals = 0
        self._stopping = self._quitting = False
        self._memory: Memory | None = None
        self._troubles: list[str] = []

    @property
    def shape(self) -> type[LoadTestShape] | None:
        """The Locust shape of a closed load in stages."""
        is_open = self.plan.load.model == OPEN
        return None if is_open or not needs_shape(self.plan) else shape(self.plan)

    @property
    def users_at_first(self) -> int:
        """How many users Locust is to make, unless it is told otherwise."""
        return 1 if self.plan.load.model == OPEN else max(round(Profile(self.plan.load.stages).peak), 1)

    # Locust's events, in the order in which they come

    def on_init(self, environment: Any, runner: Any) -> None:
        """Locust has made its runner."""
        self._environment = environment
        mind_options(environment, self.plan, self.user_classes, self._listener.refuse)
        if environment.web_ui is not None and (tab := self._listener.web_tab()):
            add_tab(environment.web_ui, tab)
        if isinstance(runner, MasterRunner):
            try:
                self._mind_several(environment)
                self._base_url, self._held = self._listener.ready()
            except SystemExit:
                # Locust would wait for its forked workers, and they for it.
                for child in psutil.Process().children():
                    child.kill()
                raise
            self._crew = Crew(runner, Profile(self.plan.load.stages))
            runner.quit = partial(self._quit, runner.quit)  # type: ignore[method-assign]
        elif isinstance(runner, LocalRunner):
            self._base_url, self._held = self._listener.ready()
            self._memory = Memory(self._out_of_memory)
        else:
            self._listener.refuse(f"a runner of the kind {type(runner).__name__} is not known")
        self._say_host(environment)

    def asked_to_end(self) -> None:
        """A signal. The first ends the load with all that belongs to it, the second at once, with what is there."""
        self._signals += 1
        if not self._loads:
            if self._signals == 1:
                code = self._listener.interrupted_early()
                self._listener.close()
                raise_in_main(SystemExit(code))
            return
        if self._running or not self._begun.is_set() or (self._finishing and self._crew is not None):
            self._interrupted = True
        if self._finishing or self._signals > 1:
            self._listener.hurry()
        if self._signals > 1 and self._running:
            if self._sending is not None:
                self._sending.give_up()
            self._finish()
            self._listener.close()
            raise_in_main(SystemExit(self._environment.process_exit_code))
        elif not self._quitting:
            self._quitting = True
            raise_in_main(KeyboardInterrupt())

    def _quit(self, locusts_own: Any) -> None:
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
        """What cannot be with several processes; and users of a worker that is lost go to the others."""
        feed = self.plan.guests.feed
        if feed is not None and not feed.wrap and feed.order != "random":
            self._listener.refuse(
                "guests from a file, each once, cannot be dealt out to several processes: write wrap: true or order: random"
            )
        environment.parsed_options.enable_rebalancing = True

    def _say_host(self, environment: Any) -> None:
        """Show Locust our target. Our users go there whatever Locust's host is; others keep a host of their own."""
        others = [each for each in environment.user_classes if not issubclass(each, HarnessUser)]
        if not others:
            environment.host = self._base_url
        for each in others:
            each.host = each.host or environment.host or self._base_url

    def on_test_start(self) -> None:
        """A load begins."""
        if self._signals:
            gevent.sleep(LONGEST_FINISH_S)  # the process is about to end
        self._loads += 1
        self._begun.clear()
        try:
            self._begin(self._environment)
        finally:
            self._begun.set()

    def _begin(self, environment: Any) -> None:
        self._say_host(environment)
        self._users = environment.runner.target_user_count
        worker = self._listener.begin(self._users, self._run_time(), STRIDE if self._crew is not None else 1)
        if self._crew is not None:
            told = {"run_id": worker.run_id, "seed": worker.seed, "base_url": self._base_url, "held": self._held.pack()}
            told["workers"] = environment.runner.worker_count
            self._crew.begin({**told, "stories": worker.book.stories.wanted, "handout": self._listener.hand_out()})
        else:
            self._headers["X-Harness-Run"] = worker.run_id
            self._sending = Sending(
                environment, self.plan, worker, self._base_url, self._headers, self._listener, self._all_arrived,
                self._held, gate_of(self.plan),
            )  # fmt: skip
        self._total = Beat()
        self._saturated = []
        self._stopping = False
        self._troubles = []
        if self._memory is not None:
            self._memory.hold()
        self._finished.clear()
        self._began = time.perf_counter() if self._crew is None else self._crew.began
        self._began_wall, self._ended = time.time(), 0.0
        self._running = True
        if self._sending is not None:
            self._sending.begin(self.user_classes, self._began)
        self._pulse = gevent.spawn(self._beat)
        if self._ends_by_itself():
            # From here on, not from Locust's start: making guests takes a moment, which is none of the load.
            self._timer = gevent.spawn_later(self.plan.load.duration, self._stop_early)

    def on_test_stopping(self) -> None:
        """Let requests under way end before Locust stops its users."""
        self._ended = self._ended or time.perf_counter()
        self._stopping = True
        self._deserted = self._crew is not None and self._environment.runner.worker_count == 0
        if self._sending is not None:
            self._sending.drain(self._environment.stop_timeout or 0)

    def on_test_stop(self) -> None:
        """Locust has stopped its users."""
        self._finish()

    def on_user_error(self, error: object) -> None:
        """Something of ours went wrong in a user."""
        if isinstance(error, MemoryError) and self._memory is not None:
            self._memory.ran_out()
        elif self._sending is not None:
            self._sending.internal_error()

    def on_quitting(self) -> None:
        """Locust is about to end: if a load is still running, the user or a signal has cut it short."""
        self._quitting = True
        self._begun.wait(timeout=LONGEST_FINISH_S)
        if self._finishing or (self._running and self._stopping):
            # It ends already, in another greenlet.
            self._finished.wait(timeout=(self._environment.stop_timeout or 0) + LONGEST_FINISH_S)
            return
        if not self._running:
            return
        self._interrupted = True
        self._environment.runner.stop()
        self._finish()

    def on_quit(self) -> None:
        """The process ends."""
        self._listener.close()

    # While the load runs

    def _beat(self) -> None:
        """Once a second, on the second (with several processes when all have told of it): collect, show, see who is done."""
        second = 0
        grace = GRACE_S if self._crew is not None else 0.0
        while True:
            second += 1
            gevent.sleep(max(self._began + second + grace - time.perf_counter(), 0))
            if not self._running:
                return  # the load ended in the turn in which this was due
            try:
                if self._one_beat(second - 1):
                    gevent.spawn(self._stop_early)
                    return
            except Exception as error:  # a second of the report is not worth the load
                self.on_user_error(error)
                _log.exception("a second could not be told")

    def _one_beat(self, second: int) -> bool:
        """Whether everybody is done."""
        beat = self._taken()
        self._count(beat)
        if beat.saturated:
            self._saturated.append(second)
        enough = self._listener.second(self._snapshot(second, 1.0, beat))
        return enough or self._everybody_done()

    def _out_of_memory(self) -> None:
        """Of this process there is nothing more to expect than its report."""
        after = time.perf_counter() - self._began
        self._troubles.append(
            f"This process ran out of memory {after:.0f} s after the load began, which was ended then."
        )
        gevent.spawn(self._stop_early)

    def _taken(self) -> Beat:
        if self._crew is not None:
            return self._crew.second()
        assert self._sending is not None
        return self._sending.beat()

    def _count(self, beat: Beat) -> None:
        self._listener.sampled(beat.samples)
        self._total.merge(replace(beat, samples=[]))

    def _run_time(self) -> float | None:
        seconds = getattr(self._environment.parsed_options, "run_time", None)
        return float(seconds) if seconds else self.plan.load.duration

    def _ends_by_itself(self) -> bool:
        """Whether nobody else ends the load: no time given to Locust, no shape, no arrivals that come to an end."""
        told = getattr(self._environment.parsed_options, "run_time", None)
        return not told and self.ours_alone and self.shape is None and self.plan.load.model != OPEN

    def _all_arrived(self) -> None:
        """The last guest of an open load has come: it ends, and those under way get their time."""
        gevent.spawn(self._stop_early)

    def _everybody_done(self) -> bool:
        if self.plan.load.model == OPEN:
            return self._crew is not None and self._crew.all_done
        if self.plan.load.iterations is None or self._environment.runner.user_count:
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
        is_open = self.plan.load.model == OPEN
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
            guests=dict(self._total.guests),
            so_far=self._so_far(),
        )

    def _so_far(self) -> SoFar:
        total, workers = self._total, 1 if self._crew is None else self._crew.workers
        return SoFar(
            figures=total.figures,
            cpu=total.cpu,
            loop_lag_p99_ms=total.lag.percentiles((99.0,))[0] / 1000,
            lateness_p99_ms=total.lateness.percentiles((99.0,))[0] / 1000,
            saturated_s=len(self._saturated),
            gc_longest_ms=total.gc_longest_ms,
            workers=workers,
            workers_lost=0 if self._crew is None else max(workers - self._environment.runner.worker_count, 0),
        )

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
        ended = self._ended or time.perf_counter()
        sending, crew = self._sending, self._crew
        self._sending = None
        if sending is not None:
            last = sending.end()
            self._count(replace(last, cpu=0.0, processes=0))
            self._total.cpu = last.cpu
            result = self._result(last, ended, books=(sending.worker.book,), troubles=tuple(self._troubles))
        else:
            assert crew is not None
            patience = 0 if self._signals > 1 else self._environment.stop_timeout or 0
            crew.finish(patience + LOST_AFTER_S, all_silent=self._deserted)
            last = crew.take()
            self._count(last)
            missing = self._never_came(crew)
            if self._deserted:
                missing = (
                    f"The load ended after {ended - self._began:.1f} s, because no worker was heard of.",
                    *missing,
                )
            result = self._result(
                last, ended, books=crew.books, workers=crew.workers, workers_lost=len(crew.lost), unknown=crew.unknown,
                clock_offset_ms=crew.clock_offset_ms, troubles=(*crew.troubles, *missing),
            )  # fmt: skip
        code = self._listener.end(result)
        self._environment.process_exit_code = code
        if getattr(self._environment.parsed_options, "csv_prefix", None):
            # Locust's CSV files are a picture of each second: let it take the last one.
            gevent.sleep(CSV_STATS_INTERVAL_SEC + 0.1)
        self._finishing = False
        self._finished.set()
        if self._deserted and getattr(self._environment.parsed_options, "headless", False):
            gevent.spawn(self._environment.runner.quit)  # Locust would wait for workers to come back

    def _never_came(self, crew: Crew) -> tuple[str, ...]:
        """A sentence when an open load had fewer guests than planned, because workers were silent."""
        came = sum(journey.started + journey.dropped for journey in self._total.figures.journeys.values())
        if self._interrupted or crew.planned is None or came >= crew.planned:
            return ()
        return (
            f"{crew.planned - came:,} of {crew.planned:,} guests never came: they were due while the worker who was to let "
            "them in was not heard of, and before others took over.",
        )

    def _result(self, last: Beat, ended: float, **more: Any) -> LoadResult:
        total = self._total
        return LoadResult(
            figures=total.figures,
            started=self._began_wall,
            duration_s=ended - self._began,
            users=self._users,
            interrupted=self._interrupted,
            cpu=total.cpu,
            loop_lag_p99_ms=total.lag.percentiles((99.0,))[0] / 1000,
            lateness_p99_ms=total.lateness.percentiles((99.0,))[0] / 1000,
            saturated_seconds=tuple(self._saturated),
            gc_longest_ms=total.gc_longest_ms,
            internal_errors=total.internal_errors,
            last_rows=tuple(rows(int(ended - self._began), last.figures)),
            **more,
        )
