"""What ``harness validate`` does, from file names to an exit code."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.engine.connect import take_interrupts_quietly
from harness.engine.leave import NotAllowedError
from harness.engine.target_errors import TargetError
from harness.report import console
from harness.report.diagnostic_formats import Examined, as_github, as_json
from harness.report.validation_forms import FORMS, emit
from harness.report.validation_junit import wrong_as_junit
from harness.report.validation_text import Tree
from harness.report.words import os_error
from harness.run import exit_codes
from harness.run.cases import Case, CaseFile, load_cases, only
from harness.run.embedded import unchecked
from harness.run.sniff import scenario_files
from harness.run.validation_result import file_result, validation
from harness.run.validator import Options, Validator
from harness.sandbox.config import SandboxError
from harness.scenario.diagnostics import ScenarioError, nearest, render
from harness.scenario.overrides import Override
from harness.verify.checks import Check
from harness.verify.validated import PathResult

MOST_WITH_EXCHANGES = 100
"""Paths whose requests and replies are kept to the end: nobody reads more, and they are what takes memory."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. ``probe_rules`` None: sandboxes alone. ``out``: the form goes there, and people get text."""

    files: tuple[str, ...]
    changes: tuple[Override, ...] = ()
    paths: str | int = "auto"
    names: tuple[str, ...] = ()
    form: str = "text"
    out: Path | None = None
    strict: bool = False
    fail_fast: bool = False
    quiet: bool = False
    probe_rules: bool | None = None
    options: Options = field(default_factory=Options)

    @property
    def tells_people(self) -> bool:
        """Whether text is printed."""
        return self.form == "text" or self.out is not None


def run(request: Request) -> int:
    """Validate, print, and give the exit code."""
    begun = time.monotonic()
    if request.out is not None:
        try:
            request.out.touch()
        except OSError as error:
            console.refuse(f"error: --out: {request.out} cannot be written: {os_error(error)}.\nNothing was sent.")
            return exit_codes.WRONG
    files = _load(request)
    if files is None:
        return exit_codes.WRONG
    files = _chosen(files, request.names)
    if not files:
        return exit_codes.WRONG
    validator = Validator(files, request.options)
    take_interrupts_quietly()
    try:
        return _validate(request, files, validator, begun)
    except (NotAllowedError, TargetError, SandboxError) as error:
        console.refuse(f"error: {error}\nNothing was sent.")
        return exit_codes.NO_TARGET
    except KeyboardInterrupt:
        console.refuse("Interrupted before anything was sent.")
        return exit_codes.INTERRUPTED
    finally:
        validator.close()


def _load(request: Request) -> list[CaseFile] | None:
    """The files, or None when one is wrong: every mistake of all of them was told then."""
    loaded: list[CaseFile] = []
    examined: list[Examined] = []
    options = frozenset(each.option for each in request.changes)
    names = list(dict.fromkeys(scenario_files(request.files)))
    if not names:
        console.refuse(f"error: no scenario in {', '.join(request.files)}\nNothing was sent.")
        return None
    for name in names:
        try:
            file = load_cases(name, request.changes, request.paths)
            loaded.append(file)
            found, sources = file.warnings, dict(file.sources)
        except ScenarioError as error:
            found, sources = error.diagnostics, error.sources
        found = tuple(replace(each, severity="error") for each in found) if request.strict else tuple(found)
        examined.append(Examined(name, found, options))
        if request.tells_people and found and not (request.quiet and not examined[-1].count("error")):
            console.refuse(render(found, sources))
    wrong = [each for each in examined if each.count("error")]
    if not wrong:
        return loaded
    _tell_wrong(request, examined)
    console.refuse(f"{_some_of(len(wrong), len(examined))} cannot be used. Nothing was sent.")
    return None


def _some_of(wrong: int, all_of: int) -> str:
    return "The scenario" if all_of == 1 else f"{wrong} of {all_of} scenarios"


def _tell_wrong(request: Request, examined: Sequence[Examined]) -> None:
    if request.form == "json":
        emit([as_json(examined)], request.out)
    elif request.form == "junit":
        emit([wrong_as_junit(examined)], request.out)
    elif request.form == "github":
        emit(as_github(examined), request.out)


def _chosen(files: list[CaseFile], names: Sequence[str]) -> list[CaseFile]:
    """The files with the paths that were asked for; empty when there is none of a name, which was told then."""
    known = [each for file in files for case in file.cases for each in (case.path.name, case.path.journey)]
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f": did you mean '{near}'?" if near else f"; there are {', '.join(list(dict.fromkeys(known))[:20])}"
            console.refuse(f"error: --path: there is no path '{name[:200]}'{hint}\nNothing was sent.")
            return []
    chosen = [only(file, names) for file in files]
    return [file for file in chosen if file.journeys]


def _validate(request: Request, files: Sequence[CaseFile], validator: Validator, begun: float) -> int:
    heads = [file_result(file, validator) for file in files]
    cases = [case for file in files for case in file.cases]
    by_file = dict(zip((file.file for file in files), heads, strict=True))
    tree = Tree(console.stdout(), request.quiet, request.options.keep) if request.tells_people else None
    if tree is not None:
        tree.head(heads, len(cases), validator.run_id, validator.seed)
    results: list[PathResult] = []
    rules: list[Check] = []
    remarks = list(dict.fromkeys(filter(None, (_unchecked(file, validator) for file in files))))
    interrupted = False
    with_exchanges = 0
    try:
        for result in _walked(cases, validator, tree, request.fail_fast):
            if tree is not None:
                tree.path(result, by_file[result.file])
            with_exchanges += bool(result.exchanges)
            results.append(result if with_exchanges <= MOST_WITH_EXCHANGES else replace(result, exchanges=()))
        if all(result.held for result in results) or not request.fail_fast:
            _probe(request, files, validator, rules, remarks)
    except KeyboardInterrupt:
        interrupted = True
    made = validation(files, validator, results, begun, tuple(rules), tuple(remarks), interrupted)
    if tree is not None:
        tree.end(made)
    if request.form != "text":
        emit(FORMS[request.form](made), request.out)
    return exit_codes.INTERRUPTED if interrupted else exit_codes.HELD if made.held else exit_codes.NOT_HELD


def _unchecked(file: CaseFile, validator: Validator) -> str:
    return validator.site(file).masker.mask(unchecked(file.scenario))


def _walked(cases: Sequence[Case], validator: Validator, tree: Tree | None, fail_fast: bool) -> Iterator[PathResult]:
    def progress(what: str, done: int, total: int) -> None:
        if tree is not None:
            tree.progress(what, done, total)

    for result in validator.run(cases, progress, one_by_one=fail_fast):
        yield result
        if fail_fast and not result.held:
            return


def _probe(
    request: Request, files: Sequence[CaseFile], validator: Validator, rules: list[Check], remarks: list[str]
) -> None:
    """Probe the rules of each target once, as far as that is wanted, and say where it was not."""
    seen: set[str] = set()
    for file in files:
        site = validator.site(file)
        if not site.is_cdp or site.url in seen:
            continue
        seen.add(site.url)
        wanted = site.is_sandbox if request.probe_rules is None else request.probe_rules
        if file.scenario.target.is_production:
            wanted = False
        if wanted:
            rules.append(validator.probe(file))
        elif request.probe_rules is None:
            remarks.append(f"rules of {site.url} not probed: --probe-rules sends a deliberately wrong sequence")
