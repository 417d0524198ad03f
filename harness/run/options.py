"""The options of a run, the same for ``harness run`` and for Locust's own command line."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.scenario.model import OPEN, Load
from harness.scenario.overrides import STEADY, Override

if TYPE_CHECKING:
    # Not while it runs: Locust has to patch the standard library before what that imports.
    from harness.engine.listener import ToldToLocust

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
"""What ``harness run`` hands to Locust."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its flag, its help, and what stands for its value. No ``value``: it is switched on by its name."""

    flag: str
    help: str
    value: str = ""
    many: bool = False

    @property
    def dest(self) -> str:
        """Its name as an attribute."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that sets it, too."""
        name = "ALLOW_HOSTS" if self.flag == "--allow-host" else self.dest.upper()
        return f"HARNESS_{name}"


OPTIONS = (
    Option("--scenario", "the scenario to run", "FILE"),
    Option("--target", "base URL instead of the scenario's, or 'sandbox' for an embedded one", "URL"),
    Option("--load", "which of the scenario's loads, where it has several", "NAME"),
    Option("--set", "replace a value of the scenario, for example load.users=5", "KEY=VALUE", many=True),
    Option("--seed", "makes guests and choices repeatable", "N"),
    Option("--out", "directory for the results (default: runs/<scenario>-<time>)", "DIR"),
    Option("--baseline", "an earlier run to compare with; exit code 1 on a regression", "RUN_DIR"),
    Option("--tolerance", "how much worse than the baseline a figure may get (default: 5%)", "[METRIC=]N%", many=True),
    Option("--strict", "a generator too busy for its figures to be the target's makes the run incomplete"),
    Option("--stop-on-fail", "a threshold that does not hold ends the load"),
    Option("--quiet", "no progress while it runs"),
    Option("--allow-host", "a host other than this machine that load may go to", "HOST", many=True),
    Option("--allow-production", "leave to load a target that calls itself production"),
)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for beside the scenario. None: nothing, the scenario decides."""

    scenario: str | None = None
    target: str | None = None
    load: str | None = None
    seed: str | None = None
    out: str | None = None
    baseline: str | None = None
    tolerance: tuple[str, ...] = ()
    strict: bool = False
    stop_on_fail: bool = False
    quiet: bool = False
    allow_host: tuple[str, ...] = ()
    allow_production: bool = False
    set: tuple[str, ...] = ()

    def overrides(self) -> tuple[Override, ...]:
        """The scenario's values that the options replace; the specific options after ``--set``."""
        made = []
        for text in self.set:
            key, _, value = text.partition("=")
            known = key.strip() in STEADY
            shown = f"--{key.strip().removeprefix('load.')}" if known else f"--set {key.strip()}"
            made.append(Override(key.strip(), value.strip(), shown))
        for key, given, option in (("target.url", self.target, "--target"), ("guests.seed", self.seed, "--seed")):
            if given is not None:
                made.append(Override(key, given, option))
        return tuple(made)

    def command(self, seed: int, told: ToldToLocust, load: Load) -> str:
        """The command line that does the same run again, with the seed that it had. ``--set`` may hold secrets: mask it.

        Where other locustfiles took part it is Locust's.
        """
        ours, _, theirs = told.locustfile.partition(",")
        mixed = bool(ours) and Path(ours) != LOCUSTFILE
        words = ["locust", "-f", told.locustfile, "--scenario"] if mixed else ["harness", "run"]
        words.append(self.scenario or "SCENARIO")
        for option in OPTIONS:
            value = str(seed) if option.dest == "seed" else getattr(self, option.dest)
            if option.dest in ("scenario", "out") or not value:
                continue
            each = value if option.many else (value,)
            words += [part for one in each for part in ((option.flag, str(one)) if option.value else (option.flag,))]
        kept, passed = _of_locust(told, own=not mixed, closed=load.model != OPEN and load.iterations is None)
        if theirs and not mixed:
            passed = ["-f", theirs, *(["--host", told.host] if told.host else []), *passed]
        words += [*kept, *(["--"] if passed and not mixed else []), *passed]
        return shlex.join(words)


def _of_locust(told: ToldToLocust, *, own: bool, closed: bool) -> tuple[list[str], list[str]]:
    """Options that say the same again: of ``harness run`` (where it is its ``own`` command), and what Locust is handed."""
    kept: list[str] = []
    passed: list[str] = []
    if told.users is not None:
        kept += ["--users", str(told.users)]
    if told.duration_s is not None:
        # Guests of an open load whose --duration is over may come to their end; at Locust's -t they may not.
        (kept if closed else passed).extend(["--duration" if own and closed else "-t", f"{told.duration_s:g}s"])
    if told.processes is not None:
        kept += ["--processes", str(told.processes)]
    if told.expect_workers is not None:
        kept += ["--master", "--expect-workers", str(told.expect_workers)]
    if not own:
        kept += [*(["--host", told.host] if told.host else []), *(["--headless"] if told.headless else [])]
    elif not told.headless:
        kept += ["--web"]
    return kept, [*passed, *told.more, *told.classes]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser (Locust's, so that it knows them)."""
    group = parser.add_argument_group("Journeys (harness)")
    for option in OPTIONS:
        described = f"{option.help} [env: {option.variable}]"
        if option.many:
            group.add_argument(option.flag, help=described, metavar=option.value, action="append")
        elif option.value:
            group.add_argument(option.flag, help=described, metavar=option.value)
        else:
            group.add_argument(option.flag, help=described, action="store_true")


def from_command_line(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> RunOptions:
    """The options among the arguments of a command line, the environment where an argument is absent."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_arguments(parser)
    given = vars(parser.parse_known_args(list(arguments))[0])
    values: dict[str, Any] = {}
    for option in OPTIONS:
        value = given[option.dest]
        told = environ.get(option.variable)
        if option.many:
            values[option.dest] = tuple(value or (h.strip() for h in (told or "").split(",") if h.strip()))
        elif option.value:
            values[option.dest] = value if value is not None else told
        else:
            values[option.dest] = bool(value) or (told or "").lower() in ("1", "true", "yes")
    return RunOptions(**values)
