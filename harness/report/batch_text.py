"""What the batch commands say in the end: as text, and as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from harness.batch.checking import MOST_REMEMBERED, Check, Found
from harness.batch.manifest import ALLOCATED, BUILT, SENT, Manifest
from harness.cdp.batch import CODES, CORRUPTED, ERROR, PROCESSING, SUCCESS, UPLOADING
from harness.report import words
from harness.report.console import encodable

if TYPE_CHECKING:
    from harness.batch.joining import Errors

_STATES = {
    BUILT: "not sent yet",
    ALLOCATED: "not sent yet: a place was asked for",
    SENT: "sent, not begun yet",
    UPLOADING: "not sent yet",
    PROCESSING: "is being processed",
    SUCCESS: "imported",
    CORRUPTED: "corrupted: checksum or size differ",
    ERROR: "imported in part, or not at all",
}
_STYLES = {SUCCESS: "green", CORRUPTED: "red", ERROR: "red"}
MOST_PARTS = 40
LONGEST_NAME = 200


def wrote(count: int, path: str, seed: int, console: Console) -> None:
    """Guests were written to a file."""
    _say(console, f"{words.counted(count, 'guest')} in {words.clean(path, LONGEST_NAME)} (seed {seed})")


def built(manifest: Manifest, shown: str, seconds: float, console: Console) -> None:
    """Parts were built."""
    size = sum(part.size for part in manifest.parts)
    records = words.counted(manifest.records, "record")
    what = f"{records} ({manifest.schema} {manifest.mode}) in {words.counted(len(manifest.parts), 'part')}"
    rate = f", {words.rate(manifest.records / seconds).replace(' requests', '')}" if seconds >= 1 else ""
    _say(console, f"{what}, {words.size(size)}, in {words.clean(shown, LONGEST_NAME)}{rate}")
    for part in manifest.parts[:MOST_PARTS]:
        numbers = f"{words.counted(part.records, 'record'):>18}  {words.size(part.size):>9}"
        _say(console, f"  {part.file}  {numbers}  md5 {part.checksum}", style="dim")
    _more(console, len(manifest.parts) - MOST_PARTS, "part")
    _say(console, f"Next: harness batch check {shown}, then harness batch upload {shown} --target …")


def checked(check: Check, asked: bool, console: Console) -> None:
    """What a check found."""
    for found in check.shown:
        _finding(found, console)
    hidden = sum((check.errors + check.warnings).values()) - len(check.shown)
    _more(console, hidden, "finding")
    kinds = ", ".join(f"{words.count(n)} {schema} {mode}" for (schema, mode), n in check.modes.most_common())
    what = f"{words.counted(check.files, 'file')}, {words.counted(check.records, 'record')}, {words.size(check.bytes)}"
    _say(console, f"{what}{f' ({kinds})' if kinds else ''}")
    if not check.complete:
        _say(console, f"Repeated refs and guests were looked for among the first {words.count(MOST_REMEMBERED)} only.")
    if check.creates and not asked:
        _say(console, "Whether guests to be created exist, a target can tell: harness batch check … --target URL")
    errors, warnings = sum(check.errors.values()), sum(check.warnings.values())
    told = f"{words.counted(errors, 'error')}, {words.counted(warnings, 'warning')}"
    _say(console, told if errors or warnings else "ok", style="bold red" if errors else "bold green")


def check_json(check: Check) -> None:
    """The same for programs."""
    _json(
        {
            "files": check.files,
            "records": check.records,
            "errors": dict(check.errors),
            "warnings": dict(check.warnings),
            "findings": [{**asdict(found), "way_out": found.way_out} for found in check.shown],
        }
    )


def statuses(manifest: Manifest, shown: str, form: str, console: Console) -> None:
    """How the parts of a folder stand."""
    if form == "json":
        _json(asdict(manifest))
        return
    for part in manifest.parts[:MOST_PARTS]:
        style = _STYLES.get(part.state, "yellow")
        told = _STATES.get(part.state, f"the target says {words.clean(part.state)!r}")
        line = Text.assemble(f"{words.clean(part.file)}  {part.ref}  ", (told, style))
        _say(console, line)
    _more(console, len(manifest.parts) - MOST_PARTS, "part")
    done = [part for part in manifest.parts if part.state == SUCCESS]
    records = words.counted(sum(part.records for part in done), "record")
    total = f"{words.count(len(done))} of {words.counted(len(manifest.parts), 'part')} imported, {records}"
    where = f" at {words.clean(manifest.target)}" if manifest.target else ""
    _say(console, f"{total}{where}", style="bold")
    if any(not part.is_over for part in manifest.parts):
        more = "upload" if any(part.state in (BUILT, ALLOCATED) for part in manifest.parts) else "status"
        _say(console, f"It goes on with: harness batch {more} {words.clean(shown, LONGEST_NAME)}")


def stopped(manifest: Manifest, shown: str, console: Console) -> None:
    """An upload ended before its time."""
    done = sum(part.state == SUCCESS for part in manifest.parts)
    what = f"{words.count(done)} of {words.counted(len(manifest.parts), 'part')} imported"
    _say(console, f"{what}; it goes on with: harness batch upload {words.clean(shown, LONGEST_NAME)}")


def one_status(ref: str, code: str, has_log: bool, form: str, console: Console) -> None:
    """How one batch stands."""
    if form == "json":
        _json({"ref": ref, "status": code, "has_log": has_log})
        return
    told = _STATES.get(code, words.clean(code))
    _say(console, Text.assemble(f"{ref}  ", (f"{words.clean(code)}: {told}", _STYLES.get(code, "yellow"))))


def errors(found: Sequence[Any], out: Path | None, console: Console, more: str = "") -> None:
    """What logs say. ``more`` is the command that shows all of it."""
    if not found:
        _say(console, "No part has an error log.", style="green")
        return
    for each in found:
        total = sum(each.errors.by_code.values())
        name = words.clean(each.part or each.ref)
        _say(console, f"{name}: {words.counted(total, 'error')}", style="bold red" if total else "bold")
        if each.note:
            _say(console, f"  {words.clean(each.note, 300)}")
        for code, number in sorted(each.errors.by_code.items()):
            meaning = CODES.get(code, "unknown")
            _say(console, f"  {code}  {words.count(number):>9}  {meaning}")
        if out is None:
            _lines(each.errors, console, more)
    if out is not None:
        _say(console, f"All of them, by line, in {words.clean(str(out), LONGEST_NAME)}")


def errors_json(found: Sequence[Any]) -> None:
    """The same for programs."""
    _json(
        [
            {
                "part": each.part,
                "ref": each.ref,
                "note": each.note,
                "by_code": {str(code): number for code, number in sorted(each.errors.by_code.items())},
                "errors": [asdict(error) for error in each.errors.first],
            }
            for each in found
        ]
    )


def _lines(errors: Errors, console: Console, more: str) -> None:
    for error in errors.first:
        where = f"{words.clean(error.source, LONGEST_NAME)}:{error.line}: " if error.source else ""
        what = f"{error.code} {words.clean(error.message, 300)}"
        kind = f" ({words.clean(f'{error.schema} {error.mode}', 40)})" if error.schema else ""
        _say(console, f"  {where}{what}{kind}")
    hidden = sum(errors.by_code.values()) - len(errors.first)
    if hidden > 0:
        how = more or "harness batch errors … --limit N, or --out FILE.csv"
        _say(console, f"  … and {words.count(hidden)} more: {how}")


def _finding(found: Found, console: Console) -> None:
    place = words.clean(found.file, LONGEST_NAME) + (f":{found.line}" if found.line else "")
    what = Text.assemble(
        f"{place}: ",
        ("error" if found.is_error else "warning", "bold red" if found.is_error else "bold yellow"),
        f"{f' {found.code}' if found.code else ''}: {words.clean(found.message, 300)}; {found.way_out}",
    )
    _say(console, what)


def _more(console: Console, count: int, what: str) -> None:
    if count > 0:
        _say(console, f"… and {words.counted(count, f'more {what}', f'more {what}s')}")


def _say(console: Console, text: str | Text, style: str = "") -> None:
    line = Text(text, style=style) if isinstance(text, str) else text
    console.print(encodable(line, console), soft_wrap=True, highlight=False)


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n")
