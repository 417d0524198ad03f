"""Validation on the terminal, or as plain text in a log: a tree of file, journey, path and step, then the failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.status import Status
from rich.text import Text

from harness.report import words
from harness.report.console import encodable
from harness.report.validation_failure import exchange_lines, failure, headline, step_told
from harness.verify.checks import Check
from harness.verify.validated import FileResult, PathResult, StepResult, Validation

WIDEST_NAME = 30
HELD, FAILED, UNKNOWN = ("✓", "green"), ("✗", "red"), ("–", "yellow")
_INDENT = "  "


class Tree:
    """Prints as results come. ``quiet``: paths alone; ``trace``: each exchange in full."""

    def __init__(self, console: Console, quiet: bool = False, trace: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._trace = trace
        self._file = self._journey = ""
        self._status: Status | None = None

    def progress(self, what: str, done: int, total: int) -> None:
        """What is going on, on a terminal."""
        if not self._console.is_terminal:
            return
        told = f"{what}: {words.count(done)} of {words.counted(total, 'path')}"
        if self._status is None:
            self._status = self._console.status(told)
            self._status.start()
        self._status.update(told)

    def head(self, files: Sequence[FileResult], paths: int, run_id: str, seed: int) -> None:
        """What is about to be done."""
        targets = dict.fromkeys(
            f"an embedded sandbox ({file.target})" if file.embedded else file.target for file in files
        )
        self._print(
            Text.assemble(
                f"Validating {words.counted(paths, 'path')} of {words.counted(len(files), 'scenario')} against ",
                (", ".join(targets), "bold"),
            )
        )
        told = f"Run {run_id}, seed {seed}. Think times are left out."
        self._print(Text(f"{told} cURL lines take the client key from CDP_CLIENT_KEY." if self._trace else told, "dim"))

    def path(self, result: PathResult, file: FileResult) -> None:
        """A path, under the names of its file and its journey."""
        if result.file != self._file:
            self._file, self._journey = result.file, ""
            self._print(Text())
            self._print(Text(words.clean(result.file, 300), "bold"))
        if result.journey != self._journey:
            self._journey = result.journey
            self._print(Text(f"{_INDENT}{words.clean(result.journey)}"))
        for line in path_lines(result, file, self._quiet, self._trace):
            self._print(Text(_INDENT * 2).append_text(line) if line.plain else line)

    def end(self, validation: Validation) -> None:
        """The failures in full, and the sum."""
        if self._status is not None:
            self._status.stop()
        for check in validation.rules:
            self._print(Text())
            self._print(_check(check, 0))
        failures = [(file, path) for file in validation.files for path in _paths(file) if not path.held]
        if failures or any(check.findings for check in validation.rules):
            self._print(Text())
            self._print(Text("Failures", "bold"))
        causes: dict[str, int] = {}
        for number, (file, result) in enumerate(failures, 1):
            self._print(Text())
            where = f"{words.clean(result.file, 300)} › {words.clean(result.name, 300)}"
            self._print(Text.assemble(f"{number}) ", (where, "bold")))
            for line in failure(result, file, number, causes):
                self._print(Text("   ").append_text(line) if line.plain else line)
        for check in validation.rules:
            for line in rule_lines(check):
                self._print(line)
        self._print(Text())
        for line in summary_lines(validation):
            self._print(line)

    def _print(self, line: Text) -> None:
        self._console.print(encodable(line, self._console), soft_wrap=True, highlight=False)


def path_lines(result: PathResult, file: FileResult, quiet: bool = False, trace: bool = False) -> Iterator[Text]:
    """A path, and what is below it."""
    steps = sum(step.times for step in result.steps)
    told = f"{words.counted(steps, 'step')}, {words.ms(result.duration_ms)}"
    if result.waited_ms:
        told += f", outcome after {words.duration(result.waited_ms / 1000)}"
    sign, style = HELD if result.held else FAILED
    yield Text.assemble((f"{sign} ", style), (words.clean(result.name, 300), "bold"), (f"  {told}", "dim"))
    if not result.held and quiet:
        yield Text(f"{_INDENT}{headline(result)}", "red")
    if quiet:
        return
    names = [_step_name(step) for step in result.steps] + [check.subject for check in result.checks]
    width = min(max(map(cell_len, names), default=0), WIDEST_NAME)
    for step in result.steps:
        yield Text(_INDENT).append_text(_step(step, width))
    for name in result.not_reached:
        yield Text.assemble(_INDENT, ("· ", "dim"), (f"{_padded(name, width)}  not reached", "dim"))
    for check in result.checks:
        yield Text(_INDENT).append_text(_check(check, width))
    for note in result.notes:
        yield Text(f"{_INDENT}  {words.clean(note, 300)}", "yellow")
    if trace:
        for exchange in result.exchanges:
            yield Text()
            yield Text(f"{_INDENT}{words.clean(exchange.step)}", "bold")
            for line in exchange_lines(exchange, file.target, with_curl=True):
                yield Text(_INDENT).append_text(line)


def _step(step: StepResult, width: int) -> Text:
    sign, style = HELD if step.failure is None else FAILED
    each = f"  {words.ms(step.latency_ms / step.times)}" + (" each" if step.times > 1 else "")
    line = Text.assemble(
        (f"{sign} ", style), _padded(_step_name(step), width), f"  {step.status or '   '}", (each, "dim")
    )
    return line if step.failure is None else line.append(f"  {step_told(step)}", "red")


def _step_name(step: StepResult) -> str:
    return words.clean(step.name) + (f" ×{step.times}" if step.times > 1 else "")


def _check(check: Check, width: int) -> Text:
    sign, style = UNKNOWN if check.held is None else HELD if check.held else FAILED
    told = words.clean(check.told, 300)
    return Text.assemble((f"{sign} ", style), _padded(check.subject, width), "  ", (told, "" if check.held else style))


def rule_lines(check: Check) -> Iterator[Text]:
    """What a probe of the target's rules found."""
    for finding in check.findings:
        yield Text()
        yield Text(words.clean(finding.what, 300), "bold red")
        yield Text(f"  expected  {words.clean(finding.expected, 300)}")
        yield Text(f"  found     {words.clean(finding.found, 300)}")
        yield Text(f"  cause     {words.clean(finding.cause.text, 500)}", "yellow")


def summary_lines(validation: Validation) -> Iterator[Text]:
    """The sum of it all."""
    if validation.paths and not validation.interrupted:
        yield from _coverage(validation)
    for remark in validation.remarks:
        yield Text(words.clean(remark, 500), "yellow")
    yield _verdict(validation)


def _coverage(validation: Validation) -> Iterator[Text]:
    coverage = validation.coverage
    style = "dim" if coverage.whole else "yellow"
    branches = f"{coverage.branches_reached} of {words.counted(coverage.branches, 'branch', 'branches')}, "
    steps = f"{coverage.steps_reached} of {words.counted(coverage.steps, 'step')}"
    yield Text(f"Coverage: {branches if coverage.branches else ''}{steps}", style)
    if coverage.missed:
        yield Text(f"  not reached: {words.clean(', '.join(coverage.missed), 500)}", style)
    for file in validation.files:
        for journey in file.journeys:
            if journey.how != "all":
                told = f"{journey.how} of {words.count(journey.total)} possible paths"
                yield Text(f"  {words.clean(journey.name)}: {told}", "dim")


def _verdict(validation: Validation) -> Text:
    paths = validation.paths
    failed = sum(not path.held for path in paths)
    verified = sum(path.verified for path in paths)
    whole = words.counted(len(paths), "path")
    parts = [
        f"{words.count(failed)} of {whole} failed" if failed else f"{whole}, all held" if paths else "no path done"
    ]
    if broken := sum(check.held is False for check in validation.rules):
        parts.append(f"{words.counted(broken, 'rule')} of the target not kept")
    if validation.planned > len(paths):
        parts.append(f"{words.count(validation.planned - len(paths))} left out")
    if paths and (verified < len(paths) or not failed):
        parts.append("every outcome read back" if verified == len(paths) else _outcomes(verified))
    parts.append(f"in {words.duration(validation.duration_s)}")
    verdict = "Interrupted" if validation.interrupted else "Held" if validation.held else "Did not hold"
    return Text.assemble((f"{verdict}: ", "bold green" if verdict == "Held" else "bold red"), ", ".join(parts))


def _outcomes(verified: int) -> str:
    return f"{words.counted(verified, 'outcome')} read back" if verified else "no outcome read back"


def _paths(file: FileResult) -> Iterator[PathResult]:
    for journey in file.journeys:
        yield from journey.paths


def _padded(text: str, width: int) -> str:
    shown = Text(words.clean(text), end="")
    if width:
        shown.truncate(max(width, 1), overflow="ellipsis")
    return shown.plain + " " * max(width - cell_len(shown.plain), 0)
