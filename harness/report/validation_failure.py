"""A failed path told in full: what was expected, what was found, the likely cause, request and response."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from rich.text import Text

from harness.record.exchange import Exchange
from harness.report import words
from harness.report.curl import curl
from harness.verify.checks import Finding
from harness.verify.validated import FileResult, PathResult, StepResult

LONGEST_VALUE = 1000
LONGEST_RESPONSE = 1500
MOST_LINES = 60
"""Lines of a decoded message."""
_LABEL = 10
_MESSAGE = re.compile(r"(?<=[?&])message=[^&]*")


def failure(
    result: PathResult, file: FileResult, number: int = 1, told: dict[str, int] | None = None
) -> Iterator[Text]:
    """Every line about a failed path, the least indented ones flush left.

    ``told``: causes that were explained before, and in which failure; ``number`` is this one's.
    """
    if result.error:
        yield Text(words.clean(result.error, LONGEST_VALUE), "red")
    for step in result.steps:
        if step.failure is not None:
            yield from _step(step, result)
    causes = {} if told is None else told
    mentioned: set[str] = set()
    for finding in result.findings:
        yield from _finding(finding, result)
        if finding.cause.text not in mentioned:
            mentioned.add(finding.cause.text)
            before = causes.setdefault(finding.cause.text, number)
            short = f"{finding.cause.text.partition(':')[0]}, as in {before})"
            yield _labelled("cause", finding.cause.text if before == number else short, "yellow")
    yield from _exchanges(result, file)
    yield Text()
    yield Text.assemble(("Again: ", "dim"), again(result, file))


def headline(result: PathResult) -> str:
    """The first reason for which a path failed, in one line."""
    if result.error:
        return words.clean(result.error)
    for step in result.steps:
        if step.failure is not None:
            return f"{words.clean(step.name)}: {step_told(step)}"
    return words.clean(result.findings[0].what) if result.findings else "it failed"


def step_told(step: StepResult) -> str:
    """What is wrong with a step, in few words."""
    assert step.failure is not None
    kind, detail = step.failure
    return f"status {words.clean(detail)}" if kind == "http_status" else words.clean(detail, 300)


def again(result: PathResult, file: FileResult) -> str:
    """The command that walks one path again and shows each exchange."""
    return shlex.join(["harness", "validate", result.file, *file.arguments, "--path", result.name, "--trace"])


def exchange_lines(exchange: Exchange, target: str, with_curl: bool) -> Iterator[Text]:
    """An exchange in full."""
    # Where the message stands decoded below, its encoded form would only be in the way; the cURL line has it.
    short = _MESSAGE.sub("message=…", exchange.target) if exchange.message else exchange.target
    yield _labelled("request", f"{exchange.method} {words.clean(short, 20_000)}")
    for header in exchange.headers:
        yield _labelled("", words.clean(header, LONGEST_VALUE))
    if exchange.message:
        yield from _block("message", exchange.message)
    elif exchange.body:
        yield from _block("body", exchange.body)
    yield _labelled("response", _response(exchange))
    if with_curl:
        yield _labelled("curl", curl(exchange, target), style="dim")


def _response(exchange: Exchange) -> str:
    if not exchange.status:
        return f"none: {exchange.failure.detail if exchange.failure else 'unknown'}"
    told = f"{exchange.status} in {words.ms(exchange.latency_ms)}"
    return f"{told}  {words.clean(exchange.reply, LONGEST_RESPONSE)}".rstrip()


def _step(step: StepResult, result: PathResult) -> Iterator[Text]:
    yield Text(f"{words.clean(step.name)}: {step_told(step)}", "bold red")
    if step.cause:
        yield _labelled("cause", step.cause, "yellow")
    if step.lost and result.not_reached:
        yield _labelled("not sent", ", ".join(map(words.clean, result.not_reached)))


def _finding(finding: Finding, result: PathResult) -> Iterator[Text]:
    yield Text(words.clean(finding.what, LONGEST_VALUE), "bold red")
    waited = (
        f"  (after waiting {words.duration(result.waited_ms / 1000)})" if finding.may_come and result.waited_ms else ""
    )
    yield _labelled("expected", words.clean(finding.expected, LONGEST_VALUE))
    yield _labelled("found", words.clean(finding.found, LONGEST_VALUE) + waited)


def _exchanges(result: PathResult, file: FileResult) -> Iterator[Text]:
    """The last exchange of each step that is to blame; of findings that have one cause, of the first."""
    failed = [step.name for step in result.steps if step.failure is not None]
    by_cause = {finding.cause.kind: finding.step for finding in reversed(result.findings) if finding.step}
    blamed = dict.fromkeys([*failed, *reversed(by_cause.values())])
    for name in blamed:
        exchange = next((each for each in reversed(result.exchanges) if each.step == name), None)
        if exchange is not None:
            yield Text()
            yield Text(f"{words.clean(name)}", "bold")
            yield from exchange_lines(exchange, file.target, with_curl=False)


def _block(label: str, text: str) -> Iterator[Text]:
    lines = [words.clean(line, LONGEST_VALUE) if line.strip() else "" for line in text.split("\n")]
    indents = [len(line) - len(line.lstrip(" ")) for line in text.split("\n")]
    for number, line in enumerate(lines[:MOST_LINES]):
        yield _labelled(label if number == 0 else "", " " * max(indents[number] - _indent_of(line), 0) + line)
    if len(lines) > MOST_LINES:
        yield _labelled("", f"… {len(lines) - MOST_LINES} more lines")


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _labelled(label: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"  {label:<{_LABEL}}", "dim"), (text, style))
