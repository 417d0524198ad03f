"""Validation: each path walked by a guest of its own, its outcome read back until it is there or the wait is over."""

from __future__ import annotations

import secrets as random_secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from harness.compiler.paths import guide
from harness.compiler.plan import sends_of
from harness.engine.guided import Walked, walk_path
from harness.engine.leave import check_production
from harness.engine.marks import new_run_id
from harness.engine.read_back import read_back
from harness.engine.rule_probe import probe_rules
from harness.engine.tape import Tape, folded
from harness.engine.walk import LOST
from harness.guests.identity import RanOutError
from harness.run.cases import Case, CaseFile
from harness.run.embedded import Embedded, points_of_sale
from harness.run.site import SANDBOX_WAIT_S, WAIT_S, Site
from harness.verify.checks import Check
from harness.verify.expectation import expectation
from harness.verify.expected import Expectation
from harness.verify.outcome import judge_outcome
from harness.verify.rules import rule_check
from harness.verify.validated import PathResult

AT_ONCE = 200
"""Paths that are walked before the first outcome is read back: a target has time to process meanwhile."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0
"""Between two looks at an outcome that is not there yet."""
SETTLING_S = 1.0
"""What time will not heal, such as a wrong price, must still be there after so long."""
SHORTER = 5
"""Once a wait has run out in vain, paths after it wait for such a part of it: the target will not hurry up."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """``wait_s``: how long outcomes may take (None: as usual for the target); ``keep``: exchanges of all paths."""

    wait_s: float | None = None
    seed: int | None = None
    allow_production: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class _Walk:
    """A path that was walked; its outcome is still to be read back, unless ``expected`` is None."""

    case: Case
    site: Site
    result: PathResult
    expected: Expectation | None
    ended: float


class Validator:
    """Walks paths and reads back what came of them. ``close`` it; a target is looked at once, before its first path."""

    def __init__(self, files: Sequence[CaseFile], options: Options) -> None:
        self._options = options
        self._embedded = Embedded(name for file in files for name in points_of_sale(file.scenario))
        self._sites: dict[str, Site] = {}
        self.seed = random_secrets.randbelow(2**31) if options.seed is None else options.seed
        self.run_id = new_run_id("V")
        self._in_vain = False

    def site(self, file: CaseFile) -> Site:
        """The target of a file, looked at. Raises SandboxError, TargetError, NotAllowedError."""
        if file.file not in self._sites:
            check_production(file.scenario.target, self._options.allow_production)
            self._sites[file.file] = Site(file, self._embedded, len(self._sites), self.seed, self.run_id)
        return self._sites[file.file]

    def run(self, cases: Sequence[Case], progress: Progress, one_by_one: bool = False) -> Iterator[PathResult]:
        """Results in the order of the paths. ``one_by_one``: each is finished before the next one is begun."""
        waiting = iter(cases)
        done = 0
        while chunk := list(islice(waiting, 1 if one_by_one else AT_ONCE)):
            walks: list[_Walk] = []
            for case in chunk:
                progress("walking", done + len(walks), len(cases))
                walks.append(self._walk(case))
            for result in self._settle(walks, partial(_tell, progress, done, len(cases))):
                done += 1
                yield result

    def validate(self, case: Case) -> PathResult:
        """One path, from its first step to its outcome."""
        return next(self.run([case], lambda *_: None))

    def probe(self, file: CaseFile) -> Check:
        """Send a file's target events out of order, and see that it makes no order of them."""
        site = self.site(file)
        transport = site.connect(file.plan.journeys[0])
        number = f"{self.run_id}-RULES-{len(self._sites)}"
        try:
            visit = site.worker.visit()
            found = probe_rules(file.scenario, visit, transport, site.reader, number, self._wait(site))
            return _masked(found, site.masker.mask)
        except RanOutError as error:
            return rule_check(False, (), str(error))
        finally:
            transport.close()

    def close(self) -> None:
        """Take down what was started."""
        self._embedded.stop()

    # How it is done

    def _walk(self, case: Case) -> _Walk:
        site = self.site(case.file)
        journey = case.journey.plan
        started = time.monotonic()
        tape = Tape(site.connect(journey), site.masker.mask)
        result = PathResult(case.file.file, journey.name, case.path.name)
        try:
            visit, walked = walk_path(site.worker, tape, tape, journey, guide(case.journey.branches, case.path))
        except RanOutError as error:
            return _Walk(case, site, replace(result, error=f"there is no guest for it: {error}"), None, started)
        finally:
            tape.close()
        ended = time.monotonic()
        reached = frozenset(step.name for step in tape.steps)
        lost = walked.end == LOST
        result = replace(
            result,
            steps=folded(tape.steps),
            not_reached=tuple(s.name for s in sends_of(journey.ops) if s.name not in reached) if lost else (),
            notes=_notes(walked, lost, site),
            exchanges=tuple(tape.exchanges),
            guest=site.masker.mask(visit.worker.guest_field(visit.guest, "email")),
            duration_ms=(ended - started) * 1000,
            decided=walked.decided,
            reached=reached,
        )
        shared = frozenset(send.order.upper() for send in journey.sends if send.order)
        known = case.file.plan.guests.feed is not None
        expected = expectation(tape.events, shared, known) if site.is_cdp and not lost else None
        return _Walk(case, site, result, expected, ended)

    def _settle(self, walks: Sequence[_Walk], progress: Callable[[int], None]) -> Iterator[PathResult]:
        """Look at outcomes, again and again where something is missing, and yield each when all before it are done."""
        settled: dict[int, PathResult] = {}
        waiting = list(range(len(walks)))
        again: set[int] = set()
        told, pause = 0, FIRST_PAUSE_S
        while waiting:
            for number in list(waiting):
                progress(told + len(settled))
                if (result := self._look(walks[number], number in again)) is None:
                    again.add(number)
                    continue
                settled[number] = result
                waiting.remove(number)
                while told in settled:
                    yield settled.pop(told)
                    told += 1
            if waiting:
                time.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE_S)

    def _look(self, walk: _Walk, again: bool) -> PathResult | None:
        """The result of a path, or None while its outcome may still come. ``again``: it was not there before."""
        expected = walk.expected
        if expected is None or expected.is_empty:
            return self._finished(walk, (), False)
        checks = judge_outcome(expected, read_back(expected, walk.site.reader))
        waited = time.monotonic() - walk.ended
        findings = [finding for check in checks for finding in check.findings]
        if not findings:
            return self._finished(walk, checks, again)
        wait = self._wait(walk.site)
        patience = wait if any(finding.may_come for finding in findings) else min(SETTLING_S, wait)
        if waited < patience:
            return None
        self._in_vain = self._in_vain or any(finding.may_come for finding in findings)
        return self._finished(walk, checks, again)

    def _wait(self, site: Site) -> float:
        told = self._options.wait_s
        wait = told if told is not None else SANDBOX_WAIT_S if site.is_sandbox else WAIT_S
        return wait / SHORTER if self._in_vain else wait

    def _finished(self, walk: _Walk, checks: tuple[Check, ...], again: bool) -> PathResult:
        mask = walk.site.masker.mask
        result = replace(
            walk.result,
            checks=tuple(_masked(check, mask) for check in checks),
            waited_ms=(time.monotonic() - walk.ended) * 1000 if again else 0.0,
        )
        if walk.expected is not None:
            result = replace(result, browser_id=walk.expected.browser_id)
        keep = self._options.keep or not result.held
        return result if keep else replace(result, exchanges=())


def _notes(walked: Walked, lost: bool, site: Site) -> tuple[str, ...]:
    notes = [f"walked although {condition} for this guest" for condition in walked.against]
    if walked.cut:
        notes.append("stopped after 2,000 requests: the rest is more of the same")
    if lost and site.is_cdp:
        notes.append("outcome not read back: the path did not get to its end")
    return tuple(map(site.masker.mask, notes))


def _masked(check: Check, mask: Callable[[str], str]) -> Check:
    findings = tuple(
        replace(each, what=mask(each.what), expected=mask(each.expected), found=mask(each.found))
        for each in check.findings
    )
    return replace(check, told=mask(check.told), findings=findings)


def _tell(progress: Progress, done: int, total: int, settled: int) -> None:
    progress("reading back", done + settled, total)
