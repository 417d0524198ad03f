"""What keeps two runs from being compared, and what a reader should know who compares them all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.compare.runs import Run
from harness.record.figures import StepKey

MOST_SATURATED = 0.10
"""Share of a run's seconds that may be left out because the generator was saturated in them."""
LEVEL_MAY_DIFFER = 0.02
DURATION_MAY_DIFFER = 0.05
BUSY_LAG_MS, BUSIER = 5.0, 2.0
"""A generator whose loop lags more than this, and by so many times as much as another's, had less of its machine."""
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why runs are not to be compared: which run ("": all), what is the matter with it, and how to go on."""

    run: str
    what: str
    way_out: str

    @property
    def reason(self) -> str:
        """Without the way out."""
        return f"{self.run}: {self.what}" if self.run else self.what

    def __str__(self) -> str:
        return f"{self.reason}. {self.way_out}"


def obstacles(base: Sequence[Run], new: Sequence[Run]) -> list[Obstacle]:
    """Everything that speaks against comparing; empty where nothing does. Each run is held against the first one."""
    runs = (*base, *new)
    found = [each for run in runs for each in of_one(run)]
    found += [each for run in runs[1:] for each in of_two(runs[0], run)]
    seen: dict[tuple[str, datetime], str] = {}
    for run in runs:
        known = seen.get((run.run_id, run.started))
        if known is not None:
            again = "named twice" if known == run.name else f"the same run as {known}"
            found.append(Obstacle(run.name, again, "Name each run once"))
        seen[run.run_id, run.started] = run.name
    return found


def of_one(run: Run) -> Iterator[Obstacle]:
    """What is wrong with a run by itself."""
    if run.verdict not in ("pass", "fail"):
        yield Obstacle(run.name, f"{_short(run.verdict)}, so it does not hold all it should", "Run it again to its end")
    elif not run.sent:
        yield Obstacle(run.name, "no request was sent", "Run it again")
    if run.planned_s is not None and run.duration_s < run.planned_s * (1 - DURATION_MAY_DIFFER):
        early = f"it ended after {run.duration_s:.0f} of {run.planned_s:.0f} s"
        yield Obstacle(run.name, early, "Run it again to its end")
    if run.duration_s > 0 and run.saturated_s / run.duration_s > MOST_SATURATED:
        saturated = f"the generator was saturated for {run.saturated_s} of {run.duration_s:.0f} s"
        yield Obstacle(
            run.name,
            f"{saturated}, so its figures may be the generator's own",
            "Run it with less load, or on a machine with more to spare",
        )


def of_two(base: Run, run: Run) -> Iterator[Obstacle]:
    """In what a run is another than the base, so that their figures do not stand beside one another."""
    if base.scenario != run.scenario:
        what = f"another scenario: '{_short(run.scenario)}', not '{_short(base.scenario)}'"
        yield Obstacle(run.name, what, "Compare runs of the same scenario")
        return
    if base.steps.keys() != run.steps.keys():
        yield Obstacle(run.name, f"other steps: {_steps(base, run)}", "Run both from the same scenario")
    elif (differ := _sections(base, run)) is not None:
        yield Obstacle(run.name, f"another version of the scenario: {differ}", "Run both from the same one")
    if base.model != run.model:
        what = f"another kind of load: {_short(run.model)}, not {_short(base.model)}"
        yield Obstacle(run.name, what, "Run both with the same load")
        return
    if not _near(base.level, run.level, LEVEL_MAY_DIFFER):
        unit, option, per = ("guests/s", "--rate", "/s") if base.model == "open" else ("users", "--users", "")
        what = f"another load: {run.level:g} {unit}, not {base.level:g}"
        yield Obstacle(run.name, what, f"Run it again with {option} {base.level:g}{per}")
    planned = base.planned_s is not None and run.planned_s is not None
    long, wanted = (run.planned_s, base.planned_s) if planned else (run.duration_s, base.duration_s)
    if not _near(long or 0.0, wanted or 0.0, DURATION_MAY_DIFFER):
        what = f"another duration: {long:.0f} s, not {wanted:.0f} s"
        yield Obstacle(run.name, what, "Run both for the same time")


def _near(one: float, two: float, share: float) -> bool:
    return abs(one - two) <= share * max(abs(one), abs(two))


def _steps(base: Run, run: Run) -> str:
    gone = [_step(key) for key in base.steps if key not in run.steps]
    come = [_step(key) for key in run.steps if key not in base.steps]
    return ", ".join([*(f"without {each}" for each in _few(gone)), *(f"with {each}" for each in _few(come))])


def _few(names: list[str]) -> list[str]:
    more = len(names) - _NAMED
    return names if more <= 0 else [*names[:_NAMED], f"{more} more"]


def _step(key: StepKey) -> str:
    return f"'{_short(key.journey)}/{_short(key.step)}'"


def _short(text: str, limit: int = 60) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: limit + 1]).split())
    return line if len(text) <= limit else f"{line[:limit]}…"


def _sections(base: Run, run: Run) -> str | None:
    """The first line in which what was sent differs. Versions may spell the same scenario differently."""
    if base.version != run.version or not base.sections or not run.sections:
        return None
    for name in {**base.sections, **run.sections}:
        theirs, ours = base.sections.get(name, "").splitlines(), run.sections.get(name, "").splitlines()
        for one, two in zip(theirs, ours, strict=False):
            if one != two:
                return f"{name} say '{_short(two.strip())}', not '{_short(one.strip())}'"
        if len(theirs) != len(ours):
            return f"{name} are longer in one of them"
    return None


def remarks(base: Sequence[Run], new: Sequence[Run]) -> list[str]:
    """What differs and need not matter."""
    runs = (*base, *new)
    found = []
    versions = sorted({_short(run.version, 20) for run in runs})
    if len(versions) > 1:
        found.append(f"Made by different versions of harness: {', '.join(versions)}.")
    calm, busy = min(runs, key=lambda run: run.loop_lag_p99), max(runs, key=lambda run: run.loop_lag_p99)
    if busy.loop_lag_p99 > max(BUSY_LAG_MS, BUSIER * calm.loop_lag_p99):
        found.append(
            f"The generator's loop lagged by {busy.loop_lag_p99:.1f} ms (p99) in {busy.name}, and by "
            f"{calm.loop_lag_p99:.1f} ms in {calm.name}: its machine was busy, and small differences may be its doing."
        )
    return found
