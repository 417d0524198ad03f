"""A load under way, as the run keeps it: its directory, its series so far, how often each error was sampled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.engine.listener import LoadBegins
from harness.engine.worker import Worker
from harness.record.blocks import BlockRecorder
from harness.record.moments import Moment
from harness.record.series import Series
from harness.report import words
from harness.report.summary import ComparedSummary, StoppedSummary
from harness.run.breaker import Breaker
from harness.run.directory import RunDirectory
from harness.run.samples import Kept
from harness.scenario.model import Load

REMOVED = "The run directory was removed while the run went on: its run.log and failures.jsonl are lost."
_log = logging.getLogger("harness")


@dataclass(slots=True)
class LoadUnderWay:
    """``base_url``: of the target. ``as_it_runs``: the scenario's text, secrets masked. ``trouble``: the first there was.
    ``begins``: what Locust was told; ``sends``: the scenario's load with that in it.

    ``added``: what went wrong with forms of the report that other packages bring.
    """

    base_url: str
    run_id: str
    seed: int
    worker: Worker
    directory: RunDirectory
    breaker: Breaker
    as_it_runs: str
    begins: LoadBegins
    sends: Load
    series: Series = field(default_factory=Series)
    moments: list[Moment] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    blocks: BlockRecorder = field(default_factory=BlockRecorder)
    stopped: StoppedSummary | None = None
    trouble: str = ""
    interrupted: bool = False
    added: list[str] = field(default_factory=list)
    compared: ComparedSummary | None = None

    def write(self, write: Callable[[], object]) -> bool:
        """Write to the run directory; a disk that fails makes the run incomplete, and does not stop it."""
        try:
            write()
        except OSError as error:
            if not self.trouble:
                there = self.directory.path.exists()
                told = f"The run directory could not be written: {words.os_error(error)}."
                self.trouble = told if there else REMOVED
                _log.error("%s", self.trouble)
            return False
        return True
