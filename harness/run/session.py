"""A session: what happens around the load, from the first look at the target to the written report."""

from __future__ import annotations

import logging
import secrets as random_secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from harness import __version__
from harness.compiler.plan import Plan, Send, money
from harness.compiler.profile import Profile
from harness.engine.http_reply import Reply
from harness.engine.locust_bridge import LOCUST_VERSION, LoadResult
from harness.engine.target import TargetError, TargetReader
from harness.engine.worker import Worker
from harness.guests.identity import base36
from harness.record.figures import ErrorKey, StepKey
from harness.record.ledger import Outcome
from harness.record.recorder import Failure
from harness.record.series import SeriesRow
from harness.record.snapshot import Snapshot
from harness.report import console, terminal
from harness.report.progress import Progress
from harness.report.summarize import RunFacts, summarize
from harness.report.summary import GeneratorSummary, Summary
from harness.run import directory
from harness.run.options import RunOptions
from harness.run.safety import NotAllowedError, check_allowed
from harness.run.secrets import Masker
from harness.sandbox.config import SandboxConfig, SandboxError
from harness.sandbox.process import SandboxProcess
from harness.scenario.model import CDP, CLOSED, SANDBOX, Load, Scenario
from harness.scenario.printer import to_yaml
from harness.scenario.settings import Settings
from harness.verify.reconcile import ExpectedOrder, Reconciliation, reconcile

EXIT_HELD, EXIT_NOT_HELD, EXIT_WRONG, EXIT_NO_TARGET, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130
SAMPLES_PER_ERROR = 3
LONGEST_SAMPLE = 2000
_VERDICT_EXIT = {
    "pass": EXIT_HELD,
    "fail": EXIT_NOT_HELD,
    "incomplete": EXIT_INCOMPLETE,
    "interrupted": EXIT_INTERRUPTED,
}
_log = logging.getLogger("harness")


@dataclass(slots=True)
class _Load:
    """One load under way: its directory, its series so far, how often each error was sampled."""

    run_id: str
    seed: int
    worker: Worker
    directory: directory.RunDirectory
    series: list[SeriesRow]
    samples: dict[ErrorKey, int]
    trouble: str = ""


class Session:
    """Told by the engine how the load goes; prints, writes and judges. One a process."""

    def __init__(self, options: RunOptions, settings: Settings, scenario: Scenario, plan: Plan) -> None:
        self._options = options
        self._allowed = {*options.allow_host, *settings.allow_hosts}
        self._scenario = scenario
        self._plan = plan
        self.run_id = f"R{base36(random_secrets.randbelow(36**6)).upper():0>6}"
        self._loads = 0
        self._base_url = ""
        self._sandbox: SandboxProcess | None = None
        self._reader: TargetReader | None = None
        self._first_directory: directory.RunDirectory | None = None
        self._load: _Load | None = None
        self._progress = Progress(console.stdout(), options.quiet)
        self._hurry = False

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries, so that it can be recognised and switched off."""
        return {"User-Agent": f"harness/{__version__}", "X-Harness-Run": self.run_id, "Accept-Encoding": "identity"}

    # What the engine calls

    def refuse(self, reason: str) -> NoReturn:
        """The command line is wrong."""
        console.refuse(f"error: {reason}\nNo load was sent.")
        raise SystemExit(EXIT_WRONG)

    def ready(self) -> str:
        """Look at the target before anything is sent. Ends the process with 2 or 3 when it cannot be."""
        target = self._scenario.target
        try:
            check_allowed(target, self._allowed, self._options.allow_production)
            if target.is_sandbox:
                self._sandbox = SandboxProcess(SandboxConfig())
            self._base_url = self._sandbox.url if self._sandbox else target.url
            self._reader = TargetReader(self._base_url, target, self.headers)
            self._reader.probe(target.system == CDP)
        except (NotAllowedError, TargetError, SandboxError) as error:
            self.close()
            console.refuse(f"error: {error}\nNo load was sent.")
            raise SystemExit(EXIT_NO_TARGET) from None
        try:
            self._first_directory = self._make_directory(self._options.out)
        except OSError as error:
            self.close()
            console.refuse(f"error: the run directory cannot be made: {_os_words(error)}\nNo load was sent.")
            raise SystemExit(EXIT_WRONG) from None
        return self._base_url

    def begin(self, users: int, duration_s: float | None) -> Worker:
        """A load begins."""
        self._loads += 1
        run_id = self.run_id if self._loads == 1 else f"{self.run_id}{base36(self._loads).upper()}"
        place = self._first_directory or self._make_directory(None)
        self._first_directory = None
        seed = self._scenario.guests.seed
        seed = random_secrets.randbelow(2**31) if seed is None else seed
        worker = Worker(self._plan, self._client_key(), seed, run_id)
        self._load = _Load(run_id, seed, worker, place, [], {})
        as_it_runs = replace(
            self._scenario,
            guests=replace(self._scenario.guests, seed=seed),
            load=self._as_it_runs(users, duration_s),
        )
        self._write(lambda: place.scenario(to_yaml(as_it_runs)))
        _log.info("run %s of scenario %s to %s, seed %s", run_id, self._scenario.name, self._base_url, seed)
        self._progress.start(f"{self._scenario.name} → {self._base_url}")
        return worker

    def second(self, snapshot: Snapshot) -> None:
        """A second of the load is over."""
        if self._load is not None:
            load = self._load
            load.series.extend(snapshot.rows)
            self._write(lambda: load.directory.seconds(snapshot.rows))
        self._progress.update(snapshot)

    def failure(self, worker: Worker, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request failed: keep the first few of each kind, with request and reply."""
        load = self._load
        if load is None:
            return
        journey = self._plan.steps[send.index][0]
        key = ErrorKey(failure.kind, failure.detail, journey, send.name)
        seen = load.samples.get(key, 0)
        if seen >= SAMPLES_PER_ERROR or len(load.samples) > 1000:
            return
        load.samples[key] = seen + 1
        sample: dict[str, object] = {
            "journey": journey,
            "step": send.name,
            "kind": failure.kind,
            "detail": failure.detail,
            "time": datetime.now().astimezone().isoformat(timespec="milliseconds"),
            "request": f"{send.request.method} {target.decode('ascii')[:LONGEST_SAMPLE]}",
            "status": reply.status or None,
            "latency_ms": reply.latency_us / 1000,
            "reply": reply.body[:LONGEST_SAMPLE].decode("utf-8", "replace"),
        }
        self._write(lambda: load.directory.failure(sample))

    def end(self, result: LoadResult) -> int:
        """The load is over: read back, judge, write, print; gives the exit code."""
        load, self._load = self._load, None
        assert load is not None
        self._progress.stop()
        load.series.extend(result.last_rows)
        self._write(lambda: load.directory.seconds(result.last_rows), load)
        outcome, verify_error = self._verify(load, result)
        summary = self._summarize(load, result, outcome, verify_error)
        try:
            load.directory.summary(summary)
            load.directory.close()
        except OSError as error:
            load.trouble = load.trouble or f"The report could not be written: {_os_words(error)}."
        if load.trouble:
            summary = self._summarize(load, result, outcome, verify_error)
        written = load.directory.path / "report.html"
        terminal.render(summary, console.stdout(), str(written) if written.exists() else None)
        return _VERDICT_EXIT[summary.verdict]

    def hurry(self) -> None:
        """Leave out what takes long."""
        self._hurry = True

    def close(self) -> None:
        """Take down what was started."""
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None

    def ran_out(self, reason: str) -> None:
        """Guests come from a file, and there are no more."""
        if self._load is not None and not self._load.trouble:
            self._load.trouble = f"The guests ran out: {reason}."
            _log.error("%s", self._load.trouble)

    # How it is done

    def _as_it_runs(self, users: int, duration_s: float | None) -> Load:
        """The load, with what Locust's own options changed of it."""
        load = self._scenario.load
        first = load.stages[0]
        if load.model != CLOSED or len(load.stages) > 1 or first.kind != "step":
            return load
        return replace(load, stages=(replace(first, level=float(users), over=duration_s or first.over),))

    def _client_key(self) -> str:
        key = self._scenario.target.client_key
        return "" if key is None else key.reveal()

    def _make_directory(self, out: str | None) -> directory.RunDirectory:
        target = self._scenario.target
        keys = [key.reveal() for key in (target.client_key, target.api_token) if key is not None]
        secret = [] if target.is_sandbox or SANDBOX in keys else keys
        pairs = [(secret[0], secret[1])] if len(secret) > 1 else []
        masker = Masker([*secret, *(each.reveal() for each in self._scenario.secrets)], pairs)
        return directory.make(out, self._scenario.name, datetime.now().astimezone(), masker)

    def _write(self, write: object, load: _Load | None = None) -> None:
        """Write to the run directory; a disk that fails makes the run incomplete, and does not stop it."""
        load = load or self._load
        try:
            write()  # type: ignore[operator]
        except OSError as error:
            if load is not None and not load.trouble:
                load.trouble = f"The run directory could not be written: {_os_words(error)}."
                _log.error("%s", load.trouble)

    def _verify(self, load: _Load, result: LoadResult) -> tuple[Reconciliation | None, str]:
        """What became of the orders, or why that is not known. Only sandboxes are asked so far."""
        ledger = load.worker.ledger
        reader = self._reader
        if (
            reader is None
            or self._scenario.target.api_token is None
            or not any(s.purchase for _, s in self._plan.steps)
        ):
            return None, ""
        if not reader.is_sandbox():
            return None, "the target could not be asked" if self._sandbox is not None else ""
        expected = [e for e in ledger.entries() if e.outcome is Outcome.ACKNOWLEDGED]
        numbers = [load.worker.order_number(entry.place) for entry in expected]
        try:
            found = reader.orders(numbers, self._watch)
        except TargetError as error:
            return None, str(error)
        except KeyboardInterrupt:
            return None, "reading them back was interrupted"
        unknown = sum(1 for e in ledger.entries() if e.outcome is Outcome.UNKNOWN)
        return reconcile(self._expected(numbers, [e.value for e in expected]), found, self._plan.currency, unknown), ""

    def _expected(self, numbers: list[str], values: list[int]) -> Iterator[ExpectedOrder]:
        for number, value in zip(numbers, values, strict=True):
            yield ExpectedOrder(number, Decimal(money(value)))

    def _watch(self, _asked: int) -> None:
        if self._hurry:
            raise TargetError("reading them back was interrupted")

    def _summarize(self, load: _Load, result: LoadResult, outcome: Reconciliation | None, verify_error: str) -> Summary:
        troubles = [load.trouble] if load.trouble else []
        if self._options.strict and result.saturated_seconds:
            busy, whole = len(result.saturated_seconds), round(result.duration_s)
            troubles.append(f"The generator was saturated for {busy} of {whole} s: use less load, or more machines.")
        if result.internal_errors:
            troubles.append(f"{result.internal_errors} errors inside the harness, not the target: see run.log.")
        facts = RunFacts(
            scenario=self._scenario,
            target=self._base_url,
            run_id=load.run_id,
            seed=load.seed,
            level=Profile(self._as_it_runs(result.users, None).stages).peak,
            locust_version=LOCUST_VERSION,
            started=result.started,
            duration_s=result.duration_s,
            generator=GeneratorSummary(
                cpu=result.cpu,
                loop_lag_p99=result.loop_lag_p99_ms,
                workers=1,
                workers_lost=0,
                start_lateness_p99=result.lateness_p99_ms,
                saturated=bool(result.saturated_seconds),
                saturated_s=len(result.saturated_seconds),
                saturated_seconds=result.saturated_seconds,
                gc_longest=result.gc_longest_ms,
            ),
            step_types={StepKey(journey, send.name): send.request.type for journey, send in self._plan.steps},
            interrupted=result.interrupted,
            troubles=tuple(troubles),
            verify_error=verify_error,
        )
        return summarize(facts, result.figures, load.series, outcome)


def _os_words(error: OSError) -> str:
    what = (error.strerror or type(error).__name__).lower()
    return f"{error.filename}: {what}" if error.filename else what
