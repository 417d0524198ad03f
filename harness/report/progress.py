"""How a running load fares: one calm block on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from harness.record.snapshot import Snapshot
from harness.report import others_words, words
from harness.report.console import encodable
from harness.report.progress_steps import StepsSoFar, stage
from harness.report.text_table import fit
from harness.scenario.model import Load

EVERY_S = 5
"""Seconds between two lines where there is no terminal."""
MANY = 1000
"""From so many orders on a log is told how far reading them back has come."""
SPARK_S = 60
"""Seconds that the spark line shows."""

_BAR = 40
_OTHER_LINES = 12
"""Lines of the block beside its steps, and one that a terminal keeps free."""
_SPARKS = "▁▂▃▄▅▆▇█"
_ASCII_SPARKS = "_.:-=+*#"


class Progress:
    """Shows snapshots as they come, about one a second. Runs no thread; does nothing when ``quiet``.

    A reader that goes away (``| head``) ends the display, never the load: after a failed write it is silent.
    """

    def __init__(self, console: Console, quiet: bool) -> None:
        self._console = console
        self._silent = quiet
        self._live: Live | None = None
        self._title = ""
        self._load: Load | None = None
        self._steps = StepsSoFar()
        self._rates: deque[float] = deque(maxlen=SPARK_S)
        self._told = 0
        self._read_at = 0.0
        self._ascii = not console.encoding.lower().startswith("utf")

    def start(self, title: str, load: Load | None = None) -> None:
        """Begin under ``title``: what runs against what. ``load`` names the stages."""
        self._title = words.clean(title)
        self._load = load
        self._steps = StepsSoFar()
        self._told = 0
        self._rates.clear()
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._guarded(self._start_live)
        else:
            self._guarded(lambda: self._write(self._title))

    def update(self, snapshot: Snapshot) -> None:
        """Show ``snapshot``."""
        self._rates.append(snapshot.rate)
        self._steps.add(snapshot.rows)
        if (live := self._live) is not None:
            self._guarded(lambda: live.update(self._block(snapshot), refresh=True))
        elif (due := int(snapshot.elapsed_s // EVERY_S)) > self._told:
            self._told = due
            self._guarded(lambda: self._write(_line(snapshot, self._stage(snapshot))))

    def reading(self, what: str, done: int, of: int) -> None:
        """After the load: so many of the orders or guests have been read back."""
        if (now := time.monotonic()) - self._read_at < (0.2 if self._console.is_terminal else EVERY_S) and done < of:
            return
        self._read_at = now
        told = f"reading back {what}: {words.count(done)} of {words.count(of)}" if of else "reading back …"
        if (live := self._live) is not None:
            self._guarded(lambda: live.update(encodable(Text(told), self._console), refresh=True))
        elif not self._console.is_terminal and done and of > MANY:
            self._guarded(lambda: self._write(f"{'':>7}  {told}"))

    def stop(self) -> None:
        """End the display and give the terminal back. May be called twice."""
        if (live := self._live) is not None:
            self._live = None
            self._guarded(live.stop)

    def _start_live(self) -> None:
        # Transient: the summary takes its place. No refresh of its own, because that would be a thread.
        self._live = Live(Text(self._title, style="bold"), console=self._console, auto_refresh=False, transient=True)
        self._live.start(refresh=True)

    def _guarded(self, show: Callable[[], object]) -> None:
        if self._silent:
            return
        try:
            show()
        except (OSError, ValueError):  # ValueError: the file was closed
            self._silence()
        except SystemExit as exit_request:
            # What rich makes of a broken pipe. An exit that somebody else asked for goes its way.
            if not isinstance(exit_request.__context__, BrokenPipeError):
                raise
            self._silence()

    def _silence(self) -> None:
        self._silent = True
        if (live := self._live) is not None:
            self._live = None
            self._console.quiet = True  # nothing of what stop() writes can arrive
            live.stop()

    def _write(self, line: str) -> None:
        # Past rich, which on a broken pipe would point the process's own stdout at /dev/null and exit.
        print(encodable(Text(line), self._console).plain, file=self._console.file, flush=True)

    def _block(self, snapshot: Snapshot) -> Group:
        lines = [Text(self._title, style="bold"), self._time(snapshot), *self._figures(snapshot), self._spark()]
        if told := self._stage(snapshot):
            lines.insert(1, Text(told))
        lines += [*self._table(), _health(snapshot)]
        for line in lines:
            line.no_wrap = True
            line.overflow = "crop" if self._ascii else "ellipsis"
        return Group(*(encodable(line, self._console) for line in lines))

    def _figures(self, snapshot: Snapshot) -> list[Text]:
        """The figures of the last second, on two lines where one would be cut."""
        parts = _figures(snapshot)
        whole = Text("   ").join(parts)
        if whole.cell_len <= self._console.width:
            return [whole]
        return [Text("   ").join(parts[:2]), Text("   ").join(parts[2:])]

    def _stage(self, snapshot: Snapshot) -> str:
        return "" if self._load is None else stage(self._load, snapshot.elapsed_s)

    def _table(self) -> list[Text]:
        """The steps, as many as the terminal has room for."""
        table, more = self._steps.table(max(self._console.height - _OTHER_LINES, 0))
        if not table.rows:
            return []
        lines = [Text(), *fit(table, max(self._console.width, 40))]
        return [*lines, Text(f"  and {words.count(more)} more", style="dim")] if more else lines

    def _time(self, snapshot: Snapshot) -> Text:
        elapsed = clock(snapshot.elapsed_s)
        if snapshot.remaining_s is None:
            return Text(f"{elapsed} elapsed")
        whole = snapshot.elapsed_s + snapshot.remaining_s
        length = max(min(_BAR, self._console.width - 28), 8)
        done = min(round(length * snapshot.elapsed_s / whole), length) if whole > 0 else length
        full, empty = ("#", ".") if self._ascii else ("━", "─")
        return Text.assemble(
            (full * done, "cyan"),
            (empty * (length - done), "bright_black"),
            f"  {elapsed} of {clock(whole)}, ",
            f"{clock(snapshot.remaining_s)} left",
        )

    def _spark(self) -> Text:
        sparks = _ASCII_SPARKS if self._ascii else _SPARKS
        room = max(self._console.width - 38, 10)
        rates = list(self._rates)[-room:]
        peak = max(rates, default=0.0)
        drawn = "".join(sparks[round(rate / peak * (len(sparks) - 1)) if peak else 0] for rate in rates)
        return Text.assemble((f"last {len(rates)} s  ", "dim"), (drawn, "cyan"), (f"  peak {words.rate(peak)}", "dim"))


def clock(seconds: float) -> str:
    """A time (s) as on a clock: ``0:07``, ``12:30``, ``1:02:03``."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _errors(snapshot: Snapshot) -> str:
    failed = words.counted(snapshot.failed, "error")
    return f"{failed} (now {words.percent(snapshot.error_rate)})" if snapshot.failed else failed


def _figures(snapshot: Snapshot) -> list[Text]:
    return [
        Text(at_work(snapshot)),
        Text(f"{words.rate(snapshot.rate)}, {words.counted(snapshot.sent, 'request')}", style="bold"),
        Text(_errors(snapshot), style="red" if snapshot.failed else ""),
        Text(f"p95 {words.ms(snapshot.p95)}"),
    ]


def at_work(snapshot: Snapshot) -> str:
    """Users of a closed load; of an open one those who came in the last second, and those under way."""
    crowd = words.counted(snapshot.users, snapshot.noun) + others_words.more(snapshot.others)
    if snapshot.noun == "user":
        return crowd
    started = sum(journey.started for journey in snapshot.figures.journeys.values())
    return f"{words.count(started)} arrived/s, {crowd} under way"


def _health(snapshot: Snapshot) -> Text:
    cpu = f"generator {words.percent(snapshot.cpu)} of a core"
    if snapshot.saturated:
        return Text(f"{cpu}, SATURATED: figures may be its own", style="yellow")
    return Text(f"{cpu}, keeps up", style="dim")


def _line(snapshot: Snapshot, told: str) -> str:
    left = "" if snapshot.remaining_s is None else f"  {clock(snapshot.remaining_s)} left"
    return (
        f"{clock(snapshot.elapsed_s):>7}{left}{f'  {told}' if told else ''}  {at_work(snapshot)}"
        f"  {words.counted(snapshot.sent, 'request')}  {words.rate(snapshot.rate)}"
        f"  {_errors(snapshot)}  p95 {words.ms(snapshot.p95)}"
        f"{'  generator saturated' if snapshot.saturated else ''}"
    )
