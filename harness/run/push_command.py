"""What ``harness guests push`` does: guests of a file are created by the Guest REST API, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.engine.ask import ask_all
from harness.engine.connect import take_interrupts_quietly
from harness.engine.gate import Pace
from harness.engine.leave import NotAllowedError, check_allowed
from harness.engine.marks import new_run_id, request_headers
from harness.engine.refusal import RefusedError
from harness.engine.target_errors import TargetError
from harness.engine.target_writer import TargetWriter
from harness.report import cleaned, console, pushed, words
from harness.run import exit_codes
from harness.run.guest_file import GuestFileError, Record, records
from harness.run.push_log import PushLog, PushLogError
from harness.run.verification import usual_rate
from harness.scenario.model import Target

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. ``rate``: requests a second, at most; None: what suits the target."""

    file: str
    target: Target
    rate: float | None = None
    dry_run: bool = False
    skip_existing: bool = False
    allowed: Collection[str] = ()
    allow_production: bool = False
    quiet: bool = False


@dataclass(slots=True)
class Pushed:
    """What became of a file's lines. ``named``: the first lines of each reason, by reason."""

    created: int = 0
    before: int = 0
    existing: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[int]] = field(default_factory=dict)

    def fail(self, line: int, why: str) -> None:
        """A line came to nothing."""
        self.failed[why] += 1
        lines = self.named.setdefault(why, [])
        if len(lines) < MOST_NAMED:
            lines.append(line)


def run(request: Request) -> int:
    """Push, print; gives the exit code."""
    path = Path(request.file)
    try:
        if request.dry_run:
            return _dry(path)
        check_allowed(request.target, request.allowed, request.allow_production)
        take_interrupts_quietly()
        return _push(path, request)
    except NotAllowedError as error:
        console.refuse(f"error: {error}\nNothing was sent.")
        return exit_codes.NO_TARGET
    except (GuestFileError, PushLogError) as error:
        console.refuse(f"error: {error}")
        return exit_codes.WRONG
    except TargetError as error:
        console.refuse(f"error: {error}\nThe same command goes on from here.")
        return exit_codes.NO_TARGET
    except KeyboardInterrupt:
        console.refuse("Interrupted. The same command goes on from here.")
        return exit_codes.INTERRUPTED
    except OSError as error:
        console.refuse(f"error: {words.os_error(error)}")
        return exit_codes.WRONG


def _dry(path: Path) -> int:
    result = Pushed()
    for record in records(path):
        if record.wrong:
            result.fail(record.line, "; ".join(record.wrong))
        else:
            result.created += 1
    pushed.dry(console.stdout(), result)
    return exit_codes.NOT_HELD if result.failed else exit_codes.HELD


def _push(path: Path, request: Request) -> int:
    target = request.target
    with path.open("rb"):
        pass  # before anything is asked of the target
    writer = TargetWriter(target.url, target, request_headers(new_run_id("P")))
    writer.probe(True)
    rate = usual_rate(target.url) if request.rate is None else request.rate
    log = PushLog(path, target.url)
    out = console.stdout()
    log.open()
    try:
        with cleaned.counting(out, f"guests of {path} to {target.url}", 0, request.quiet) as tell:
            result = _Pusher(writer, log, Pace(rate), request.skip_existing, tell).run(path)
    finally:
        log.close()
    pushed.done(out, result, target.url, str(log.path))
    return exit_codes.NOT_HELD if result.failed else exit_codes.HELD


@dataclass(frozen=True, slots=True)
class _Answer:
    ref: str = ""
    existing: bool = False
    status: int = 0
    why: str = ""


class _Pusher:
    def __init__(
        self, writer: TargetWriter, log: PushLog, pace: Pace, skip_existing: bool, tell: Callable[[int], None]
    ) -> None:
        self._writer = writer
        self._log = log
        self._pace = pace
        self._skip_existing = skip_existing
        self._tell = tell
        self._again: set[int] = set()
        self.result = Pushed()

    def run(self, path: Path) -> Pushed:
        """Every record that is not there yet. Raises TargetError, GuestFileError, OSError."""
        result = self.result
        waiting = (each for each in records(path) if self._is_new(each))
        for looked, (record, answer) in enumerate(ask_all(waiting, self._one), 1):
            if answer.ref:
                result.created += not answer.existing
                result.existing += answer.existing
                self._log.add(record.line, record.mark, answer.ref)
            else:
                result.fail(record.line, answer.why)
                self._log.add(record.line, record.mark, "", answer.status, answer.why)
            self._tell(looked)
        return result

    def _is_new(self, record: Record) -> bool:
        """Whether a record is yet to be pushed. Raises GuestFileError when another one was pushed from its line."""
        mark = self._log.done.get(record.line)
        if mark is None:
            return True
        if mark != record.mark:
            raise GuestFileError(
                f"line {record.line} is not what was pushed from it before: take {self._log.path} away to begin anew"
            )
        self.result.before += 1
        return False

    def _one(self, record: Record) -> _Answer:
        """Create one guest. Raises TargetError."""
        if record.wrong:
            return _Answer(status=400, why="; ".join(record.wrong))
        uncertain = record.line in self._again or self._log.may_be_there(record.line)
        if uncertain or self._skip_existing:
            self._pace.wait()
            if ref := self._there(record.fields, None if self._skip_existing else self._log.begun):
                return _Answer(ref, existing=self._skip_existing and not uncertain)
        # Should no reply come, it is put again, and then looked for first.
        self._again.add(record.line)
        self._pace.wait()
        try:
            ref = self._writer.create_guest(record.fields)
        except RefusedError as error:
            said = f": {error}" if str(error) else ""
            return _Answer(status=error.status, why=f"the target answers {error.status}{said}")
        self._again.discard(record.line)
        return _Answer(ref or "?")

    def _there(self, fields: dict[str, Any], since: datetime | None) -> str:
        """The ref of a guest of the same email, or else identifier, who came ``since`` then; empty when there is none."""
        emails = [fields["email"]] if "email" in fields else fields.get("emails", [])[:1]
        pairs = [(each["provider"], each["id"]) for each in fields.get("identifiers", [])[:1]]
        if not emails and not pairs:
            return ""
        found = self._writer.guests(email=emails[0]) if emails else self._writer.guests(identifier=pairs[0])
        for guest in found:
            try:
                seen = datetime.fromisoformat(guest.attribute("firstSeen"))
            except ValueError:
                continue
            if since is None or (seen.tzinfo is not None and seen >= since):
                return guest.ref
        return ""
