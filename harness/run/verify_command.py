"""What ``harness verify`` does: reads back again what became of a run, and judges it anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.compiler import compile_scenario
from harness.engine.connect import take_interrupts_quietly
from harness.engine.lookup import look_up
from harness.engine.marks import request_headers
from harness.engine.target_errors import TargetError
from harness.engine.target_reader import TargetReader
from harness.engine.worker import Worker
from harness.record.book_file import BookFileError
from harness.record.book_file import read as read_books
from harness.report import console, terminal
from harness.report.outcome_summary import VerificationSummary
from harness.report.progress import Progress
from harness.report.summary import Summary
from harness.report.thresholds import judge_orders
from harness.report.verdict import judged
from harness.report.words import os_error, os_reason
from harness.run import directory, exit_codes
from harness.run.done_files import DoneFileError, read_stories
from harness.run.outcome import Done, can_be_read, read_outcome
from harness.run.recover import load_of, unfinished
from harness.run.run_files import BEGUN, RunDirError, read_summary, scenario_at_cdp
from harness.run.secrets import mask_logs, masker_of
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.hosts import host_of
from harness.scenario.model import SANDBOX, Scenario
from harness.scenario.overrides import Override


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. ``target`` None: where the run went to."""

    run_dir: str
    target: str | None = None
    changes: Sequence[Override] = ()
    quiet: bool = False


def run(request: Request) -> int:
    """Read back, write the reports again, print; gives the exit code."""
    path = Path(request.run_dir)
    try:
        summary, scenario, done = _read(path, request)
    except OSError as error:
        console.refuse(f"error: {os_error(error)}\nNothing was asked.")
        return exit_codes.WRONG
    except (RunDirError, BookFileError, DoneFileError) as error:
        console.refuse(f"error: {error}\nNothing was asked.")
        return exit_codes.WRONG
    except ScenarioError as error:
        console.refuse(f"{error}\nerror: {path / 'scenario.yaml'} cannot be used. Nothing was asked.")
        return exit_codes.WRONG
    mask_logs(masker_of(scenario))
    take_interrupts_quietly()
    progress = Progress(console.stdout(), request.quiet)
    try:
        verification = _ask(path, summary, scenario, done, progress)
    except TargetError as error:
        console.refuse(f"error: {error}\nNothing was verified.")
        return exit_codes.NO_TARGET
    except KeyboardInterrupt:
        console.refuse(f"Interrupted. harness verify {path} goes on from here.")
        return exit_codes.INTERRUPTED
    except OSError as error:
        console.refuse(f"error: {path} cannot be written: {os_reason(error)}")
        return exit_codes.INCOMPLETE
    finally:
        progress.stop()
    only_reading_was_cut = summary.verification is not None and summary.verification.interrupted
    again = replace(
        summary,
        verdict="pass" if only_reading_was_cut else summary.verdict,
        verification=verification,
        thresholds=judge_orders(summary.thresholds, scenario.thresholds, verification),
    )
    if again.verdict not in ("interrupted", "incomplete"):
        again = judged(again, scenario)
    again = replace(masker_of(scenario).value(replace(again, series=())), series=again.series)
    try:
        directory.write_forms(path, again)
        (path / BEGUN).unlink(missing_ok=True)
    except OSError as error:
        console.refuse(f"error: {path} cannot be written: {os_reason(error)}")
        return exit_codes.INCOMPLETE
    terminal.render(again, console.stdout(), str(path / "report.html"))
    return exit_codes.OF_VERDICT[again.verdict]


def _read(path: Path, request: Request) -> tuple[Summary, Scenario, Done]:
    """What the run directory holds. Raises OSError, RunDirError, BookFileError, DoneFileError, ScenarioError."""
    summary = load_of(path) if unfinished(path) else read_summary(path)
    target = request.target or summary.target
    scenario = scenario_at_cdp(path, target, request.changes, "there is nothing to read back")
    ledger = path / "ledger.bin"
    if not ledger.is_file():
        raise RunDirError(f"{path} has no ledger.bin: an older version made it, or the run ended early")
    plan = compile_scenario(scenario)
    people = Worker(plan, "", summary.seed, summary.run_id)
    stories = read_stories(path / "stories.jsonl")
    done = Done(summary.run_id, summary.seed, read_books(ledger), stories, people.guest_field)
    return summary, scenario, done


def _ask(
    path: Path, summary: Summary, scenario: Scenario, done: Done, progress: Progress
) -> VerificationSummary | None:
    target = scenario.target
    held = look_up([host_of(target.proxy or target.url)])
    reader = TargetReader(target.url, target, request_headers(summary.run_id), held.first)
    reader.probe(True)
    if not can_be_read(scenario, reader):
        raise TargetError(
            "there is no api_token, or the scenario's verify wants nothing: the run's scenario.yaml names the variables "
            f"that are read (or use --set target.api_token={SANDBOX})"
        )
    progress.start(f"{summary.scenario} → {target.url}")
    return read_outcome(scenario, compile_scenario(scenario), done, reader, target.url, progress.reading, path)
