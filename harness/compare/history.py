"""``history``: metrics over many runs, oldest first, those marked that are not to be compared with the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.compare.comparable import of_one, of_two
from harness.compare.metrics import Metric, MetricError
from harness.compare.reading import MOST_RUNS, SUMMARY, RunError, read_run
from harness.compare.runs import Run
from harness.compare.sides import Measured
from harness.scenario.diagnostics import suggest


@dataclass(frozen=True, slots=True)
class Entry:
    """One run: its values in the order of the metrics, and why it is not to be compared with the newest run."""

    run: Run
    values: tuple[float | None, ...]
    obstacles: tuple[str, ...]

    @property
    def comparable(self) -> bool:
        """Whether its values may stand beside those of the newest run."""
        return not self.obstacles


@dataclass(frozen=True, slots=True)
class History:
    """Runs oldest first. ``unreadable``: what is wrong with directories that look like runs."""

    metrics: tuple[Metric, ...]
    entries: tuple[Entry, ...]
    unreadable: tuple[str, ...]

    def comparable(self, place: int) -> list[float]:
        """The values of one metric of all runs that may stand beside one another."""
        known = [entry.values[place] for entry in self.entries if entry.comparable]
        return [value for value in known if value is not None]


def history(
    paths: Sequence[Path], metrics: Sequence[Metric], last: int | None = None, scenario: str | None = None
) -> History:
    """Read all runs in the directories, or those that are runs themselves. Raises RunError, MetricError.

    ``last``: the newest so many runs only. ``scenario``: those of one scenario only.
    """
    runs, unreadable = _read(paths)
    if scenario is not None and runs:
        names = list(dict.fromkeys(run.scenario for run in runs))
        runs = [run for run in runs if run.scenario == scenario]
        if not runs:
            raise RunError(f"no run of the scenario '{scenario[:60]}'; {suggest(scenario, names)}")
    runs = runs[-last:] if last else runs
    if not runs:
        wrong = f" ({unreadable[0]})" if unreadable else ""
        raise RunError(f"{paths[0]}: no finished run in it{wrong}. Name a directory that holds run directories")
    newest = runs[-1]
    entries = []
    for run in runs:
        told = [each.what for each in (*of_one(run), *of_two(newest, run))]
        entries.append(Entry(run, tuple(value(run, metric) for metric in metrics), tuple(told)))
    for place, metric in enumerate(metrics):
        if all(entry.values[place] is None for entry in entries):
            raise MetricError(_unknown(metric, runs))
    return History(tuple(metrics), tuple(entries), tuple(unreadable))


def _read(paths: Sequence[Path]) -> tuple[list[Run], list[str]]:
    folders: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            raise RunError(f"{path}: there is no such directory")
        here = [path] if (path / SUMMARY).is_file() else sorted(each.parent for each in path.glob(f"*/{SUMMARY}"))
        folders |= dict.fromkeys(here)
    if len(folders) > MOST_RUNS:
        raise RunError(f"{len(folders)} runs; more than {MOST_RUNS} at once are not read")
    runs, unreadable = [], []
    for folder in folders:
        try:
            runs.append(read_run(folder, blocks=False))
        except RunError as error:
            unreadable.append(str(error))
    return sorted(runs, key=lambda run: run.started), unreadable


def value(run: Run, metric: Metric) -> float | None:
    """A metric of a run. A step's name alone means the step of the one journey that has it; else there is no value."""
    if metric.kind == "orders.missing":
        return None if run.orders_missing is None else float(run.orders_missing)
    if metric.step and not metric.journey:
        named = [key for key in run.steps if key.step == metric.step]
        if len(named) != 1:
            return None
        metric = Metric(metric.kind, *named[0])
    return Measured(run).value(metric)


def _unknown(metric: Metric, runs: Sequence[Run]) -> str:
    """Why no run has a value."""
    steps = list(dict.fromkeys(key for run in runs for key in run.steps))
    several = [key for key in steps if key.step == metric.step and not metric.journey]
    if len(several) > 1:
        named = " or ".join(Metric(metric.kind, *key).text for key in several[:5])
        return f"'{metric.text[:60]}': several journeys have that step; write {named}"
    known = list(dict.fromkeys(key.step for key in steps))
    if metric.step and metric.step not in known:
        return f"'{metric.text[:60]}': no run has that step; {suggest(metric.step, known)}"
    return f"'{metric.text[:60]}': no run has a value for it"
