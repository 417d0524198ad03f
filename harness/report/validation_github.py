"""Validation as workflow commands of GitHub: an annotation for each failed path, beside its step in the file."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report import words
from harness.report.diagnostic_formats import command
from harness.report.validation_failure import headline
from harness.report.validation_text import summary_lines
from harness.verify.validated import FileResult, PathResult, Validation


def as_github(validation: Validation) -> Iterator[str]:
    """Lines: commands for what failed, and the sum for whoever reads the log."""
    for file in validation.files:
        for journey in file.journeys:
            for path in journey.paths:
                if not path.held:
                    yield _annotation(path, file)
    for check in validation.rules:
        for finding in check.findings:
            yield command("error", {"title": "rules of the target"}, f"{finding.what}: {finding.cause.text}")
    for line in summary_lines(validation):
        yield line.plain


def _annotation(path: PathResult, file: FileResult) -> str:
    failed = [step.name for step in path.steps if step.failure is not None]
    blamed = [*failed, *(finding.step for finding in path.findings if finding.step), ""]
    where, line = file.place(path.journey, blamed[0])
    causes = dict.fromkeys(
        [step.cause for step in path.steps if step.cause] + [finding.cause.text for finding in path.findings]
    )
    told = "\n".join([headline(path), *map(str, causes)])
    properties = {"file": where, "line": str(line), "title": words.clean(path.name, 200)}
    return command("error", properties, told)
