"""Scenarios as pytest sees them: a file is a collector, each path of each journey an item."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from harness.cli.pytest_plugin import AS_WRITTEN, SANDBOX
from harness.engine.leave import NotAllowedError
from harness.engine.target_errors import TargetError
from harness.report.validation_failure import failure, headline
from harness.report.validation_text import path_lines
from harness.run.cases import Case, CaseFile, load_cases
from harness.run.options import RunOptions
from harness.run.validation_result import file_result
from harness.run.validator import Options, Validator
from harness.sandbox.config import SandboxError
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.model import CDP
from harness.scenario.quantities import seconds
from harness.verify.validated import PathResult


class Unusable(Exception):  # noqa: N818 - shown to nobody by its name
    """The target cannot be used; the text says why."""


class NotHeld(Exception):  # noqa: N818 - shown to nobody by its name
    """A path did not hold."""

    def __init__(self, result: PathResult) -> None:
        super().__init__(result.name)
        self.result = result


class ScenarioFile(pytest.File):
    """A scenario file."""

    def collect(self) -> Iterator[PathItem]:
        """Its paths. A wrong scenario is a collection error that shows every mistake."""
        options = self.config.option
        target = options.harness_target
        changes = RunOptions(set=tuple(options.harness_set), target=None if target == AS_WRITTEN else target)
        name = os.path.relpath(self.path, self.config.invocation_params.dir)
        paths = options.harness_paths
        try:
            file = load_cases(name, changes.overrides(), int(paths) if paths.isdigit() else paths)
        except ScenarioError as error:
            raise self.CollectError(str(error)) from None
        for case in file.cases:
            name = case.path.name.replace("::", ":")
            # Given as text, the brackets of a name are read as those of a parametrised test, as --lf does.
            yield PathItem.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}", case=case)


class PathItem(pytest.Item):
    """A path."""

    def __init__(self, *, case: Case, **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case
        if case.file.scenario.target.system != CDP and self.config.option.harness_target == SANDBOX:
            why = "its target is no CDP, and a sandbox cannot stand in for it: --harness-target scenario"
            self.add_marker(pytest.mark.skip(reason=why))

    def runtest(self) -> None:
        """Walk it, and read back what came of it."""
        result = _Shared.of(self.session).validate(self.case)
        if not result.held:
            raise NotHeld(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What did not hold, as ``harness validate`` tells it: no traceback, for nobody's code is to blame."""
        error = excinfo.value
        if isinstance(error, Unusable):
            return f"error: {error}\nNothing was sent."
        if not isinstance(error, NotHeld):
            return super().repr_failure(excinfo, style)
        file = file_result(self.case.file, _Shared.of(self.session).validator)
        tree = [line.plain for line in path_lines(error.result, file)]
        told = [line.plain for line in failure(error.result, file)]
        # The first line is what the summary of the run shows.
        return "\n".join([headline(error.result), "", *tree, "", *told])

    def reportinfo(self) -> tuple[os.PathLike[str], int | None, str]:
        """Where it stands in its file."""
        span = self.case.file.place(self.case.path.journey)
        return self.path, None if span is None else span.line - 1, self.name


class _Shared:
    """What all items of a process share: one validator, and so one embedded sandbox, made for the first item."""

    _KEY = pytest.StashKey["_Shared"]()

    def __init__(self, session: pytest.Session) -> None:
        options = session.config.option
        files: dict[str, CaseFile] = {}
        for item in session.items:
            if isinstance(item, PathItem):
                files.setdefault(item.case.file.file, item.case.file)
        wait = None if options.harness_wait is None else seconds(options.harness_wait.strip())
        wanted = Options(wait_s=wait, allow_production=options.harness_allow_production)
        self.validator = Validator(list(files.values()), wanted)
        self._unusable: dict[str, str] = {}

    @classmethod
    def of(cls, session: pytest.Session) -> _Shared:
        """The one of a session; it is taken down with it."""
        stash = session.config.stash
        if cls._KEY not in stash:
            stash[cls._KEY] = made = cls(session)
            session.config.add_cleanup(made.validator.close)
        return stash[cls._KEY]

    def validate(self, case: Case) -> PathResult:
        """The result of a path. Raises Unusable; a target that could not be used is not tried again."""
        name = case.file.file
        if name not in self._unusable:
            try:
                self.validator.site(case.file)
                return self.validator.validate(case)
            except (NotAllowedError, TargetError, SandboxError) as error:
                self._unusable[name] = str(error)
        raise Unusable(self._unusable[name])
