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
from locust.runners import LocalRunner, MasterRunner
from locust.stats import CSV_STATS_INTERVAL_SEC

from harness.compiler.plan import Plan
from harness.engine.alone import Alone
from harness.engine.arrivals import arrivals
from harness.engine.beat import Beat
from harness.engine.closed import HarnessUser, users
from harness.engine.interrupts import raise_in_main
from harness.engine.listener import Listener, LoadBegins
from harness.engine.load_so_far import LoadSoFar
from harness.engine.locust_options import mind_classes, mind_options, mind_several, say_host, take_run_time, told_of
from harness.engine.memory import Memory
from harness.engine.others import Others, others_of
from harness.engine.senders import Senders
from harness.engine.several import Several
from harness.engine.stages import users_at_first
from harness.engine.web_tab import add_tab
from harness.record.snapshot import Snapshot
from harness.scenario.model import OPEN

LOCUST_VERSION: str = locust.__version__
LONGEST_FINISH_S = 15
"""How long an interrupted process waits for its report to be written."""
_log = logging.getLogger("harness")


class Bridge:
    """The part in loads of the process that reports, from Locust's ``init`` to its ``quit``.

    In one process it sends and tells the listener. With several it is the master: it sends nothing, and tells the listener
    what its workers tell it. ``Senders`` hides which of the two.
    """

    def __init__(self, plan: Plan, listener: Listener, headers: Mapping[str, str]) -> None:
        is_open = plan.load.model == OPEN
        self.user_classes: list[type[HarnessUser]] = [arrivals()] if is_open else [*users(plan)]
        self.plan = plan
        self._listener = listener
        self._headers = dict(headers)
        self._environment: Any = None
        self._base_url = ""
        self._made: Senders | None = None
        self._pulse: gevent.Greenlet[..., None] | None = None
        self._running = False
        self._so_far = LoadSoFar()
        self._users = 0
        self._began = self._began_wall = self._ended = 0.0
        self._interrupted = False
        self._timer: gevent.Greenlet[..., None] | None = None
        self.ours_alone = False
        """Whether Locust's command line is ours, so that the scenario's load counts."""
        self.follows_stages = False
        """Whether a shape of ours makes users as the scenario's stages want them."""
        self._run_time_told: float | None = None
        self._code: int | None = None
        self._finishing = False
        self._finished = gevent.event.Event()
        self._begun = gevent.event.Event()
        self._begun.set()
        self._loads = self._signals = 0
        self._stopping = self._quitting = False
        self._memory: Memory | None = None
        self._troubles: list[str] = []
        self._internal_errors = 0

    @property
    def _senders(self) -> Senders:
        assert self._made is not None, "Locust makes its runner before there are loads"
        return self._made

    # Locust's events, in the order in which they come

    def on_init(self, environment: Any, runner: Any) -> None:
        """Locust has made its runner."""
        self._environment = environment
        mind_options(environment, self.plan, self.user_classes, self._listener.refuse)
        self._others = Others(environment, self.plan)
        if self.plan.load.model == OPEN and (others := others_of(environment)):
            # Guests of an open load come without a Locust user; one would only take its number from the others.
            environment.user_classes[:] = others
        elif self.ours_alone:
            mind_classes(environment, self.user_classes, self._listener.refuse)
        if self.ours_alone:
            self._run_time_told = take_run_time(environment.parsed_options)
        if environment.web_ui is not None and (tab := self._listener.web_tab()):
            add_tab(environment.web_ui, tab)
        if isinstance(runner, MasterRunner):
            try:
                mind_several(environment, self.plan, self._listener.refuse)
                self._base_url, held = self._listener.ready()
            except SystemExit:
                # Locust would wait for its forked workers, and they for it.
                for child in psutil.Process().children():
                    child.kill()
                raise
            self._made = Several(environment, self.plan, self._listener, self._base_url, held)
            runner.quit = partial(self._quit, runner.quit)  # type: ignore[method-assign]
        elif isinstance(runner, LocalRunner):
            self._base_url, held = self._listener.ready()
            self._made = Alone(
                environment, self.plan, self._headers, self._listener, self._base_url, held, self._all_arrived
            )
            self._memory = Memory(self._out_of_memory)
        else:
            self._listener.refuse(f"a runner of the kind {type(runner).__name__} is not known")
        say_host(environment, self._base_url)

    def asked_to_end(self) -> None:
        """A signal. The first ends the load with all that belongs to it, the second at once, with what is there."""
        self._signals += 1
        if not self._loads:
            if self._signals == 1:
                code = self._listener.interrupted_early()
                self._listener.close()
                raise_in_main(SystemExit(code))
            return
        if self._running or not self._begun.is_set() or (self._finishing and self._senders.several):
            self._interrupted = True
        if self._finishing or self._signals > 1:
            self._listener.hurry()
        if self._signals > 1 and self._running:
            self._senders.give_up()
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
        if (self._running or self._finishing) and self._senders.in_messages:
            self._finished.rawlink(lambda _: gevent.spawn(locusts_own))
        else:
            locusts_own()

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
        say_host(environment, self._base_url)
        told, self._run_time_told = self._run_time_told, None
        if told is not None:
            environment.parsed_options.run_time = told  # taken from Locust for as long as it would have begun to count
        wanted = users_at_first(self.plan) if self.follows_stages else environment.runner.target_user_count
        self._others.begin()
        self._users, others = self._others.shares(wanted)
        senders = self._senders
        begins = LoadBegins(
            users=self._users, others=others, other_classes=tuple(each.__name__ for each in others_of(environment)),
            duration_s=self._run_time(), stride=senders.stride, follows_stages=self.follows_stages,
            told=told_of(environment, self.plan, self.follows_stages),
        )  # fmt: skip
        senders.begin(self._listener.begin(begins))
        self._so_far = LoadSoFar()
        self._stopping = False
        self._troubles = []
        if self._memory is not None:
            self._memory.hold()
        self._finished.clear()
        self._ended, self._running = 0.0, True
        self._began_wall, self._began = time.time(), senders.start(self.user_classes)
        self._pulse = gevent.spawn(self._beat)
        ends = self.plan.load.duration if self._ends_by_itself() else told
        if ends:
            # From here on, not from Locust's start: making guests takes a moment, which is none of the load.
            _log.info("the load ends after %g s", ends)
            self._timer = gevent.spawn_later(max(self._began + ends - time.perf_counter(), 0), self._stop_early)

    def on_test_stopping(self) -> None:
        """Let requests under way end before Locust stops its users."""
        self._ended = self._ended or time.perf_counter()
        self._stopping = True
        self._senders.stopping()

    def on_test_stop(self) -> None:
        """Locust has stopped its users."""
        self._finish()

    def on_user_error(self, error: object) -> None:
        """Something of ours went wrong in a user."""
        if isinstance(error, MemoryError) and self._memory is not None:
            self._memory.ran_out()
        elif self._made is not None:
            self._made.internal_error()

    def on_quitting(self) -> None:
        """Locust is about to end: if a load is still running, the user or a signal has cut it short."""
        self._quitting = True
        self._begun.wait(timeout=LONGEST_FINISH_S)
        if self._finishing or (self._running and self._stopping):
            # It ends already, in another greenlet.
            self._finished.wait(timeout=(self._environment.stop_timeout or 0) + LONGEST_FINISH_S)
        elif self._running:
            self._interrupted = True
            self._environment.runner.stop()
            self._finish()
        if self._code is not None and self._environment.process_exit_code == self._code:
            # Workers have told the rest of their statistics since the load ended.
            self._environment.process_exit_code = self._others.exit_code(self._code, self._internal_errors)

    def on_quit(self) -> None:
        """The process ends."""
        self._listener.close()

    # While the load runs

    def _beat(self) -> None:
        """Once a second, on the second (with several processes when all have told of it): collect, show, see who is done."""
        second = 0
        grace = self._senders.grace_s
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
        beat = self._senders.second()
        self._count(beat)
        if beat.saturated:
            self._so_far.saturated.append(second)
        enough = self._listener.second(self._snapshot(second, beat))
        return enough or self._everybody_done()

    def _count(self, beat: Beat) -> None:
        self._listener.sampled(beat.samples)
        self._so_far.add(beat)

    def _snapshot(self, second: int, beat: Beat) -> Snapshot:
        is_open = self.plan.load.model == OPEN
        users, others = self._others.look()
        elapsed = time.perf_counter() - self._began
        run_time = self._run_time()
        return self._so_far.snapshot(
            second, beat, elapsed_s=elapsed, remaining_s=max(run_time - elapsed, 0.0) if run_time else None,
            users=None if is_open else users, others=others, workers=self._senders.workers,
            workers_lost=self._senders.workers_lost,
        )  # fmt: skip

    def _out_of_memory(self) -> None:
        """Of this process there is nothing more to expect than its report."""
        after = time.perf_counter() - self._began
        self._troubles.append(
            f"This process ran out of memory {after:.0f} s after the load began, which was ended then."
        )
        gevent.spawn(self._stop_early)

    def _run_time(self) -> float | None:
        seconds = getattr(self._environment.parsed_options, "run_time", None)
        return float(seconds) if seconds else self.plan.load.duration

    def _ends_by_itself(self) -> bool:
        """Whether nobody else ends the load: no time given to Locust, no shape, no arrivals that come to an end."""
        told = getattr(self._environment.parsed_options, "run_time", None)
        return not told and self.ours_alone and not self.follows_stages and self.plan.load.model != OPEN

    def _all_arrived(self) -> None:
        """The last guest of an open load has come: it ends, and those under way get their time."""
        gevent.spawn(self._stop_early)

    def _everybody_done(self) -> bool:
        if self.plan.load.model == OPEN:
            return self._senders.all_done
        if self.plan.load.iterations is None or self._others.look()[0]:
            return False
        return self._so_far.started >= self._users

    def _stop_early(self) -> None:
        options = self._environment.parsed_options
        self._ended = time.perf_counter()
        if options is not None and options.headless:
            self._environment.runner.quit()
        else:
            self._environment.runner.stop()

    def _finish(self) -> None:
        """The load is over, whichever way it ended: count what is left, and tell. Once a load."""
        if not self._running:
            return
        self._running = False
        self._finishing = True
        for each in (self._pulse, self._timer):
            if each is not None and each is not gevent.getcurrent():
                each.kill(block=False)
        if self._senders.in_messages:
            # The last worker is gone, and this is where messages come: it must not wait for any.
            gevent.spawn(self._end)
            return
        self._end()

    def _end(self) -> None:
        lasted_s = (self._ended or time.perf_counter()) - self._began
        rest = self._senders.end(lasted_s)
        self._count(rest.last)
        result = self._so_far.result(
            rest, started=self._began_wall, lasted_s=lasted_s, users=self._users, interrupted=self._interrupted,
            troubles=self._troubles,
        )  # fmt: skip
        self._internal_errors = result.internal_errors
        code = self._listener.end(replace(result, others=self._others.told(result.internal_errors)))
        self._code = None if code is None else self._others.exit_code(code, result.internal_errors)
        self._environment.process_exit_code = self._code
        if getattr(self._environment.parsed_options, "csv_prefix", None):
            # Locust's CSV files are a picture of each second: let it take the last one.
            gevent.sleep(CSV_STATS_INTERVAL_SEC + 0.1)
        self._finishing = False
        self._finished.set()
        if self._senders.deserted and getattr(self._environment.parsed_options, "headless", False):
            gevent.spawn(self._environment.runner.quit)  # Locust would wait for workers to come back
