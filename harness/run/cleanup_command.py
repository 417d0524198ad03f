"""What ``harness cleanup`` does, from a run directory to an exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.engine.connect import take_interrupts_quietly
from harness.engine.leave import NotAllowedError, check_production
from harness.engine.marks import request_headers
from harness.engine.target_errors import TargetError
from harness.engine.target_writer import TargetWriter
from harness.report import cleaned, console, words
from harness.run import exit_codes
from harness.run.cleaner import Cleaned, Cleaner
from harness.run.cleanup_log import FAILED, CleanupLog
from harness.run.done_files import DoneFileError
from harness.run.made_guests import GRACE_S, MadeGuests, read_made, summary_of
from harness.run.run_files import RunDirError, scenario_at_cdp
from harness.run.verification import usual_rate
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.model import Target
from harness.scenario.overrides import Override


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. ``target`` None: where the run went to. ``yes`` None: ask on a terminal, else only look.

    ``rate``: requests a second, at most; None: what suits the target. ``ask`` puts a question to the user.
    """

    run_dir: str
    ask: Callable[[str], bool] | None = None
    target: str | None = None
    changes: Sequence[Override] = ()
    yes: bool = False
    rate: float | None = None
    grace_s: float = GRACE_S
    allow_production: bool = False
    quiet: bool = False


def run(request: Request) -> int:
    """Look, ask, delete, print; gives the exit code."""
    path = Path(request.run_dir)
    try:
        made, target = _read(path, request)
    except (RunDirError, DoneFileError) as error:
        console.refuse(f"error: {error}\nNothing was deleted.")
        return exit_codes.WRONG
    except ScenarioError as error:
        console.refuse(f"{error}\nerror: {path / 'scenario.yaml'} cannot be used. Nothing was deleted.")
        return exit_codes.WRONG
    except OSError as error:
        console.refuse(f"error: {path} cannot be read: {words.os_reason(error)}\nNothing was deleted.")
        return exit_codes.WRONG
    except NotAllowedError as error:
        console.refuse(f"error: {error}\nNothing was deleted.")
        return exit_codes.NO_TARGET
    take_interrupts_quietly()
    try:
        return _clean(path, request, made, target)
    except TargetError as error:
        console.refuse(f"error: {error}\nharness cleanup {path} --yes goes on from here.")
        return exit_codes.NO_TARGET
    except KeyboardInterrupt:
        console.refuse(f"Interrupted. harness cleanup {path} --yes goes on from here.")
        return exit_codes.INTERRUPTED
    except OSError as error:
        console.refuse(f"error: {path} cannot be written: {words.os_reason(error)}")
        return exit_codes.INCOMPLETE


def _read(path: Path, request: Request) -> tuple[MadeGuests, Target]:
    """The run's guests, and where they are. Raises RunDirError, DoneFileError, ScenarioError, NotAllowedError, OSError."""
    summary = summary_of(path)
    scenario = scenario_at_cdp(path, request.target or summary.target, request.changes, "it made no guests")
    target = scenario.target
    check_production(target, request.allow_production)
    if target.api_token is None:
        raise RunDirError("guests are deleted by the Guest REST API, and the run's scenario has no api_token")
    return read_made(path, scenario, summary, request.grace_s), target


def _clean(path: Path, request: Request, made: MadeGuests, target: Target) -> int:
    writer = TargetWriter(target.url, target, request_headers(made.run_id))
    writer.probe(True)
    rate = usual_rate(target.url) if request.rate is None else request.rate
    log = CleanupLog(path, target.url)
    out = console.stdout()

    def look(delete: bool) -> Cleaned:
        what = f"{'deleting' if delete else 'looking for'} the guests of run {made.run_id} at {target.url}"
        counting = cleaned.counting(out, what, made.sure - len(log.done), request.quiet)
        with counting as tell, _opened(log if delete else None) as opened:
            return Cleaner(made, writer, rate, opened, frozenset(log.done), tell).run()

    if not request.yes:
        found = look(False)
        cleaned.dry(out, found, log.deleted, target.url, made.listed is None)
        question = f"Delete {words.counted(found.found, 'guest')} at {target.url}?"
        if not found.found:
            return exit_codes.HELD
        if request.ask is None or not request.ask(question):
            out.print(f"Nothing was deleted. To delete: harness cleanup {path} --yes", markup=False, soft_wrap=True)
            return exit_codes.HELD
    result = look(True)
    cleaned.done(out, result, log.deleted, target.url)
    return exit_codes.NOT_HELD if result.guests[FAILED] else exit_codes.HELD


@contextlib.contextmanager
def _opened(log: CleanupLog | None) -> Iterator[CleanupLog | None]:
    if log is not None:
        log.open()
    try:
        yield log
    finally:
        if log is not None:
            log.close()
