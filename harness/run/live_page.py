"""The page of Locust's web UI that shows a load of ours: what is known of it at the moment when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.engine.web_tab import WebTab
from harness.record.snapshot import Snapshot
from harness.report import live, words
from harness.report.live import Live
from harness.report.progress_steps import stage
from harness.report.summarize import RunFacts, summarize
from harness.report.summary import GeneratorSummary, Summary
from harness.scenario.masking import Masker
from harness.scenario.model import Load, Scenario

TITLE, PATH = "Journeys", "journeys"


class LivePage:
    """Is told how a load goes, and makes the page of it when it is asked for; at most once a second, however many ask."""

    def __init__(self, scenario: Scenario, masker: Masker) -> None:
        self._masker = masker
        self._facts: RunFacts | None = None
        self._load: Load | None = None
        self._live = Live("waiting", PATH, scenario)
        self._report: Path | None = None
        self._made: str | None = None

    def tab(self) -> WebTab:
        """The tab, for Locust's web UI."""
        return WebTab(TITLE, PATH, live.policy(), self._page, self._now, self._whole_report)

    def begin(self, facts: RunFacts, load: Load) -> None:
        """A load begins: what is known of it without its figures."""
        self._facts, self._load, self._report = facts, load, None
        self._set(Live("running", PATH, facts.scenario, facts.target))

    def second(self, snapshot: Snapshot) -> None:
        """A second of it is over."""
        told = "" if self._load is None else stage(self._load, snapshot.elapsed_s)
        self._set(replace(self._live, summary=None, snapshot=snapshot, stage=told))

    def reading(self, what: str, done: int, of: int) -> None:
        """The load is over; so many of the orders or guests have been read back."""
        told = f"{words.count(done)} of {words.count(of)} {what}" if of else what or "a moment"
        self._set(replace(self._live, phase="reading", summary=None, reading=told))

    def end(self, summary: Summary, report: Path) -> None:
        """Everything is known; ``report`` is where the report lies, if it could be written."""
        self._report = report if report.exists() else None
        self._set(replace(self._live, phase="ended", summary=summary, report=self._report is not None))

    def _set(self, known: Live) -> None:
        self._live, self._made = known, None

    def _page(self) -> Iterator[str]:
        # Of what goes before the last piece there is nothing to see.
        for shown in self._now():
            yield live.render(self._live.scenario, shown) if shown else ""

    def _now(self) -> Iterator[str]:
        """The changing part, in one piece; before it empty ones, as pauses for whoever has something else to do."""
        if self._made is None:
            known, pieces = self._live, []
            summed = self._known()
            yield ""
            for piece in live.now(summed):
                pieces.append(piece)
                yield ""
            made = self._masker.mask("".join(pieces))
            if self._live is known:
                self._made = made
        else:
            made = self._made
        yield made

    def _known(self) -> Live:
        """What is known at this moment, with the figures of a load that is under way added up."""
        known, facts = self._live, self._facts
        if known.summary is not None or facts is None or known.snapshot is None:
            return known
        return replace(known, summary=_so_far(facts, known.snapshot))

    def _whole_report(self) -> str | None:
        try:
            return None if self._report is None else self._report.read_text("utf-8")
        except OSError:
            return None  # it has been taken away since


def _so_far(facts: RunFacts, snapshot: Snapshot) -> Summary:
    """The summary of a load that is not over."""
    known = snapshot.so_far
    generator = GeneratorSummary(
        cpu=known.cpu,
        loop_lag_p99=known.loop_lag_p99_ms,
        workers=known.workers,
        workers_lost=known.workers_lost,
        start_lateness_p99=known.lateness_p99_ms,
        saturated=known.saturated_s > 0,
        saturated_s=known.saturated_s,
        gc_longest=known.gc_longest_ms,
    )
    return summarize(replace(facts, duration_s=snapshot.elapsed_s, generator=generator), known.figures, (), None)
