"""A session: what happens around the load, from the first look at the target to the written report."""

from __future__ import annotations

import errno
import logging
import secrets as random_secrets
import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from harness.compiler.plan import Plan, Send
from harness.engine.http_reply import Reply
from harness.engine.interrupts import Cut, CutShortError
from harness.engine.leave import Leave, NotAllowedError, allowed_places, check_production
from harness.engine.listener import LoadBegins, LoadResult
from harness.engine.lookup import Held
from harness.engine.marks import new_run_id, request_headers
from harness.engine.seal import Seal
from harness.engine.target_errors import TargetError
from harness.engine.target_reader import TargetReader
from harness.engine.web_tab import WebTab
from harness.engine.worker import Worker
from harness.guests.identity import base36
from harness.record.moments import moment
from harness.record.recorder import Failure
from harness.record.snapshot import Snapshot
from harness.report import console, others_words, terminal, threshold_words, words
from harness.report.outcome_summary import VerificationSummary
from harness.report.progress import Progress
from harness.report.summary import Summary
from harness.report.verified import verification
from harness.run import before_load, directory, exit_codes
from harness.run.baseline import Baseline, show
from harness.run.breaker import Breaker
from harness.run.embedded import Embedded, points_of_sale
from harness.run.handout import hand_out
from harness.run.live_page import LivePage
from harness.run.load_under_way import REMOVED, LoadUnderWay
from harness.run.options import RunOptions
from harness.run.outcome import Done, can_be_read, read_outcome, told_stories
from harness.run.planned_rate import check_rate
from harness.run.samples import Samples
from harness.run.secrets import mask_logs, masker_of, secrets_of
from harness.run.summaries import Summaries, load_as_it_runs
from harness.sandbox.config import SandboxError
from harness.scenario.hosts import HostError
from harness.scenario.model import CDP, Scenario
from harness.scenario.printer import to_yaml
from harness.scenario.settings import Settings

NO_MEMORY = "there was not enough memory to make the report"
_log = logging.getLogger("harness")


class Session:
    """Told by the engine how the load goes; prints, writes and judges. One a process."""

    def __init__(
        self,
        options: RunOptions,
        settings: Settings,
        scenario: Scenario,
        plan: Plan,
        baseline: Baseline | None = None,
    ) -> None:
        self._options = options
        self._baseline = baseline
        self._allowed = (*options.allow_host, *settings.allow_hosts)
        self._scenario = scenario
        self._plan = plan
        self.run_id = new_run_id("R")
        self._loads = 0
        self._base_url = ""
        self._embedded = Embedded(points_of_sale(scenario))
        self._reader: TargetReader | None = None
        self._first_directory: directory.RunDirectory | None = None
        self._load: LoadUnderWay | None = None
        self._progress = Progress(console.stdout(), options.quiet)
        self._reading: Cut[VerificationSummary | None] = Cut()
        self._masker = masker_of(scenario)
        self._live = LivePage(scenario, self._masker)
        self._seal = Seal(secrets_of(scenario))
        self._samples = Samples(self._masker.mask)
        self._summaries = Summaries(scenario, plan, options, self._masker)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return request_headers(self.run_id)

    # What the engine calls

    def refuse(self, reason: str) -> NoReturn:
        """The command line is wrong."""
        console.refuse(f"error: {reason}\nNo load was sent.")
        raise SystemExit(exit_codes.WRONG)

    def ready(self) -> tuple[str, Held]:
        """Look at the target before anything is sent. Ends the process with 2 or 3 when it cannot be."""
        mask_logs(self._masker)
        target = self._scenario.target
        try:
            leave = Leave.of(self._allowed)
        except HostError as error:
            self.refuse(f"--allow-host: {error}{error.label and f'; {error.label}'}")
        try:
            check_production(target, self._options.allow_production)
            check_rate(self._plan)
            self._base_url = self._embedded.url if target.is_sandbox else target.url
            held = allowed_places(self._base_url, target, leave)
            self._reader = TargetReader(self._base_url, target, self.headers, held.first)
            self._reader.probe(target.system == CDP)
        except (NotAllowedError, TargetError, SandboxError) as error:
            self.close()
            console.refuse(f"error: {error}\nNo load was sent.")
            raise SystemExit(exit_codes.NO_TARGET) from None
        try:
            self._first_directory = self._make_directory(self._options.out)
        except OSError as error:
            self.close()
            console.refuse(f"error: the run directory cannot be made: {words.os_error(error)}\nNo load was sent.")
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise SystemExit(exit_codes.INCOMPLETE if full else exit_codes.WRONG) from None
        return self._base_url, held

    def web_tab(self) -> WebTab:
        """The tab that shows the load while it runs."""
        return self._live.tab()

    def begin(self, begins: LoadBegins) -> Worker:
        """A load begins."""
        self._loads += 1
        run_id = self.run_id if self._loads == 1 else f"{self.run_id}{base36(self._loads).upper()}"
        place = self._first_directory or self._make_directory(None)
        self._first_directory = None
        seed = self._scenario.guests.seed
        seed = random_secrets.randbelow(2**31) if seed is None else seed
        self._samples = Samples(self._masker.mask)
        target = self._scenario.target
        worker = Worker(
            self._plan, target.key, seed, run_id, 0, begins.stride, self._wanted_stories(), target.token, self._seal
        )
        breaker = Breaker(self._scenario.stop_when, self._scenario.thresholds if self._options.stop_on_fail else ())
        sends = load_as_it_runs(self._scenario.load, begins)
        as_it_runs = replace(self._scenario, guests=replace(self._scenario.guests, seed=seed), load=sends)
        text = to_yaml(self._masker.value(as_it_runs))
        load = self._load = LoadUnderWay(self._base_url, run_id, seed, worker, place, breaker, text, begins, sends)
        load.write(lambda: place.scenario(text))
        load.write(lambda: place.begun(self._summaries.before(load, time.time())))
        _log.info("run %s of scenario %s to %s, seed %s", run_id, self._scenario.name, self._base_url, seed)
        if told := others_words.share(
            sends.model, begins.users, begins.others, begins.other_classes, begins.told.users
        ):
            _log.warning("%s", told)
        self._progress.start(self._masker.mask(f"{self._scenario.name} → {self._base_url}"), sends)
        self._live.begin(self._summaries.facts(load, time.time()), sends)
        return worker

    def second(self, snapshot: Snapshot) -> bool:
        """A second of the load is over; whether that is enough of it."""
        stopped = None
        if self._load is not None:
            load = self._load
            now = moment(len(load.moments), snapshot)
            load.series.add(snapshot.rows)
            load.moments.append(now)
            load.blocks.second(snapshot.figures)
            load.write(lambda: load.directory.second(now, snapshot.rows))
            load.write(lambda: load.directory.set_out(load.worker.stride, snapshot.guests))
            stopped = load.stopped = load.breaker.second(snapshot.figures, snapshot.saturated)
        self._progress.update(snapshot)
        self._live.second(snapshot)
        if stopped is not None:
            _log.warning("%s", self._masker.mask(threshold_words.stopped(stopped)))
        return stopped is not None

    def hand_out(self) -> dict[str, Any]:
        """What workers need to know of the plan."""
        return hand_out(self._scenario, self._plan)

    def failure(self, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request failed: keep the first few of each kind, with request and reply."""
        self._samples.add(self._plan.steps[send.index][0], send, target, reply, failure)

    def take_samples(self) -> list[dict[str, object]]:
        """The samples since the last call."""
        return self._samples.take()

    def sampled(self, samples: list[dict[str, object]]) -> None:
        """Write samples down, the first few of each kind whichever process they come from."""
        load = self._load
        if load is None:
            return
        for sample in samples:
            if load.kept.keeps(sample):
                load.write(partial(load.directory.failure, sample))

    def end(self, result: LoadResult) -> int:
        """The load is over: read back, judge, write, print; gives the exit code."""
        folder = self._load.directory.path if self._load is not None else Path()
        try:
            return self._end(result)
        except MemoryError:
            console.refuse(f"error: {NO_MEMORY}; harness report {folder} makes one of what was written")
            return exit_codes.INCOMPLETE

    def _end(self, result: LoadResult) -> int:
        load, self._load = self._load, None
        assert load is not None
        load.interrupted = result.interrupted
        for told in others_words.lines(result.others, result.workers):
            _log.info("%s", told)
        self._progress.stop()
        self._live.reading("", 0, 0)
        load.series.add(result.last_rows)
        if load.directory.missing():
            load.trouble = load.trouble or REMOVED
        load.write(lambda: load.directory.seconds(result.last_rows))
        # Reading back can take long: should it be cut off, the load's figures are there, and what it takes to go on.
        done = self._done(load, result)
        keep = (lambda: load.directory.histograms(load.blocks.blocks()), lambda: load.directory.done(done))
        unwritten = [write for write in keep if not load.write(write)]
        load.write(lambda: load.directory.begun(self._summaries.after(load, result, None)))
        outcome = self._verify(load, done)
        comparison = None
        if self._baseline is not None:
            so_far = self._summaries.after(load, result, outcome)
            load.compared, comparison = self._baseline.compared(load.directory, so_far)
        summary, place = self._report(load, result, outcome)
        if load.trouble:
            # There may be room now, or again.
            for write in (lambda: load.directory.again(load.as_it_runs, load.moments, load.series), *unwritten):
                load.write(write)
        load.directory.close()
        self._live.end(summary, place or load.directory.path / "report.html")
        console.show(lambda out: terminal.render(summary, out, str(place) if place else None))
        if comparison is not None:
            console.show(lambda out: show(comparison, load.directory, out))
        return exit_codes.OF_VERDICT[summary.verdict]

    def interrupted_early(self) -> int:
        """The process is to end before any load began; gives the exit code."""
        if self._first_directory is not None:
            self._first_directory.discard()
        console.refuse(before_load.TOLD)
        return exit_codes.INTERRUPTED

    def hurry(self) -> None:
        """Leave out what takes long."""
        self._reading.now()

    def close(self) -> None:
        """Take down what was started."""
        self._embedded.stop()

    def ran_out(self, reason: str) -> None:
        """Guests come from a file, and there are no more."""
        if self._load is not None and not self._load.trouble:
            self._load.trouble = f"The guests ran out: {reason}."
            _log.error("%s", self._load.trouble)

    # How it is done

    def _wanted_stories(self) -> int:
        """How many guests' stories are kept; none where nobody can read them back."""
        reads = self._reader is not None and can_be_read(self._scenario, self._reader)
        if self._scenario.guests.feed is not None:
            return 0  # people from a file come more than once, and have a story of their own at the target
        return (self._scenario.verify.guests.size or 0) if reads else 0

    def _make_directory(self, out: str | None) -> directory.RunDirectory:
        return directory.make(out, self._scenario.name, datetime.now().astimezone(), self._masker)

    def _report(
        self, load: LoadUnderWay, result: LoadResult, outcome: VerificationSummary | None
    ) -> tuple[Summary, Path | None]:
        """Write the summary, if need be elsewhere; gives it, and the place of its page (None: there is none)."""
        summary = self._summaries.after(load, result, outcome)
        try:
            load.directory.room()
            load.directory.summary(summary)
            load.added = load.directory.added_forms(summary)
            if load.added:
                summary = self._summaries.after(load, result, outcome)
                load.directory.summary(summary)
            return summary, load.directory.path / "report.html"
        except OSError as error:
            load.trouble = load.trouble or f"The report could not be written: {words.os_error(error)}."
        summary = self._summaries.after(load, result, outcome)
        try:
            return summary, load.directory.summary_elsewhere(summary) / "report.html"
        except OSError:
            return summary, None

    def _done(self, load: LoadUnderWay, result: LoadResult) -> Done:
        """What the load did, to be kept and read back."""
        people = load.worker.guest_field
        return Done(
            load.run_id, load.seed, result.books, told_stories(self._plan, result.books, people, self._seal), people
        )

    def _verify(self, load: LoadUnderWay, done: Done) -> VerificationSummary | None:
        """What became of orders and guests; None where the scenario has no way to ask, or does not want to."""
        reader = self._reader
        if reader is None or not can_be_read(self._scenario, reader):
            return None
        self._tell_reading("orders", 0, 0)
        told, folder = self._tell_reading, load.directory.path
        try:
            return self._reading.run(
                lambda: read_outcome(self._scenario, self._plan, done, reader, self._base_url, told, folder)
            )
        except CutShortError:
            trouble = f"reading it back was interrupted; harness verify {folder} goes on with it"
            cut = verification(None, None, self._plan.currency, trouble, failed=True)
            return replace(cut, interrupted=not load.interrupted)
        except Exception as error:  # whatever it is, the load's own figures are worth a report
            _log.exception("what became of the orders could not be read back")
            trouble = f"reading it back broke off ({type(error).__name__}); harness verify {folder} goes on with it"
            return verification(None, None, self._plan.currency, trouble, failed=True)
        finally:
            self._progress.stop()

    def _tell_reading(self, what: str, done: int, of: int) -> None:
        self._progress.reading(what, done, of)
        self._live.reading(what, done, of)
