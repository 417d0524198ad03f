"""``harness validate``, tied together: files in, one value out that every form of output is made of."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from harness.run.cases import CaseFile
from harness.run.validator import Validator
from harness.scenario.walks import BROWSER_ID, all_steps
from harness.verify.checks import Check
from harness.verify.coverage import coverage
from harness.verify.validated import FileResult, JourneyResult, PathResult, Validation


def file_result(file: CaseFile, validator: Validator, results: Sequence[PathResult] = ()) -> FileResult:
    """A file and the results of its paths."""
    site = validator.site(file)
    mine = [each for each in results if each.file == file.file]
    journeys = tuple(
        JourneyResult(
            journey.plan.name,
            journey.selection.total,
            journey.selection.how,
            tuple(each for each in mine if each.journey == journey.plan.name),
        )
        for journey in file.journeys
    )
    return site.masker.value(
        FileResult(
            file.file, file.scenario.name, site.url, site.embedded, journeys, tuple(_places(file)), file.arguments
        )
    )


def _places(file: CaseFile) -> Iterator[tuple[tuple[str, str], tuple[str, int]]]:
    for journey in file.scenario.journeys:
        names = ["", BROWSER_ID, *(step.name for step in all_steps(journey.steps) if step.name)]
        for name in names:
            span = file.place(journey.name, name)
            if span is not None:
                yield (journey.name, name), (span.source, span.line)


def validation(
    files: Sequence[CaseFile],
    validator: Validator,
    results: Sequence[PathResult],
    begun: float,
    rules: tuple[Check, ...] = (),
    remarks: tuple[str, ...] = (),
    interrupted: bool = False,
) -> Validation:
    """Everything in one value. ``begun``: by ``time.monotonic``."""
    unread = _unread(results)
    journeys = [
        (journey.plan, journey.branches, [r for r in results if (r.file, r.journey) == (file.file, journey.plan.name)])
        for file in files
        for journey in file.journeys
    ]
    return Validation(
        run_id=validator.run_id,
        seed=validator.seed,
        duration_s=time.monotonic() - begun,
        files=tuple(file_result(file, validator, results) for file in files),
        coverage=coverage(journeys),
        rules=rules,
        remarks=(*unread, *remarks),
        interrupted=interrupted,
        planned=sum(len(journey.selection.paths) for file in files for journey in file.journeys),
    )


def _unread(results: Sequence[PathResult]) -> tuple[str, ...]:
    """What could not be verified, each reason once."""
    why: dict[str, set[str]] = {}
    for result in results:
        for check in result.checks:
            if check.held is None:
                subject = check.subject.partition(" ")[0]
                why.setdefault(check.told, set()).add(f"{subject}s" if subject != "guest" else "guests")
    return tuple(f"{', '.join(sorted(subjects))} {told}" for told, subjects in why.items())
