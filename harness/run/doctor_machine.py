"""What ``harness doctor`` finds out about this machine, held against what a scenario's load needs."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from harness.engine.machine import Machine, free_disk, machine, version_of
from harness.report import words
from harness.report.fitness import Look

SPARE_FILES = 100
"""Beside its connections a process has libraries, reports and pipes open."""
PROCESS_BYTES = 150_000_000
USER_BYTES = 60_000
"""What a process and a user of it take, roughly; benchmarks/memory.py measures it."""
LEAST_DISK = 100_000_000
ROW_BYTES = 120
"""A step's line in series.csv."""
GUEST_BYTES = 120
"""A guest's line in guests.jsonl."""
SHARE_OF_PORTS = 0.9


@dataclass(frozen=True, slots=True)
class Needs:
    """What a load needs. ``users``: connections at once; ``rate``: requests a second at most (None: the target decides)."""

    users: int
    rate: float | None
    workers: int | None
    seconds: float
    steps: int
    guests: float
    per_worker: float


def looks(needs: Needs | None, processes: int | None, out: Path) -> Iterator[Look]:
    """One after the other. Without ``needs`` things are told, and only what no run could do with is wrong."""
    has = machine()
    share = max(processes or 1, 1)
    yield _versions()
    yield _files(has, needs, share)
    yield _ports(has, needs)
    yield _cores(has, needs, processes)
    yield _memory(has, needs, share)
    yield _disk(needs, out)


def _versions() -> Look:
    found = [f"Python {sys.version.split()[0]}", *(f"{each} {version_of(each)}" for each in ("locust", "gevent"))]
    wrong = [each for each in map(_unfit, metadata.requires("harness") or ()) if each]
    told = ", ".join(found)
    if wrong:
        return Look("versions", "wrong", f"{told}: {'; '.join(wrong)}", "install again: pip install --upgrade harness")
    return Look("versions", "ok", told)


def _unfit(requirement: str) -> str:
    """What is wrong with an installed package; empty when it is as required. Extras and markers are not looked at."""
    if ";" in requirement:
        return ""
    name, bounds = re.fullmatch(r"([\w.-]+)(.*)", requirement.replace(" ", "")).groups()  # type: ignore[union-attr]
    version = version_of(name)
    if not version:
        return f"{name} is missing"
    has = _numbers(version)
    for bound in filter(None, bounds.split(",")):
        sign, limit = re.match(r"([<>=!~]*)(.*)", bound).groups()  # type: ignore[union-attr]
        if (sign == ">=" and has < _numbers(limit)) or (sign == "<" and has >= _numbers(limit)):
            return f"{name} {version} is not {sign}{limit}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version.partition("+")[0])[:3])


def _files(has: Machine, needs: Needs | None, processes: int) -> Look:
    name = "file limit"
    if has.files is None:
        return Look(name, "ok", "none")
    if needs is None:
        return Look(name, "ok", f"{has.files:,} open files a process")
    wanted = math.ceil(needs.users / processes) + SPARE_FILES
    told = f"{has.files:,} a process; {words.counted(needs.users, 'connection')} at once need {wanted:,}"
    if wanted <= has.files:
        return Look(name, "ok", told)
    higher = (
        f"ulimit -n {wanted}"
        if has.hard_files is None or wanted <= has.hard_files
        else "a higher hard limit (limits.conf, LimitNOFILE=)"
    )
    return Look(name, "wrong", told, f"{higher}, or more processes: --processes")


def _ports(has: Machine, needs: Needs | None) -> Look:
    name = "ports"
    if has.ports is None:
        return Look(name, "unknown", "how many there are cannot be seen here")
    usable = int(has.ports * SHARE_OF_PORTS)
    told = f"{has.ports:,} for connections to one address"
    if needs is None or needs.users <= usable:
        return Look(name, "ok", told)
    advice = "sysctl net.ipv4.ip_local_port_range='1024 65535', or more machines"
    return Look(name, "wrong", f"{told}; the load has {words.counted(needs.users, 'connection')} at once", advice)


def _cores(has: Machine, needs: Needs | None, processes: int | None) -> Look:
    name = "cores"
    there = words.counted(int(has.cores), "core") if has.cores >= 1 else f"{has.cores:g} of a core"
    if needs is None:
        return Look(name, "ok", there)
    if needs.rate is None or needs.workers is None:
        told = f"{there}; how much the load needs depends on the target alone"
        return Look(name, "unknown", told, "harness plan --latency tells, once you know how fast the target is")
    wanted = words.counted(needs.workers, "process", "processes")
    told = f"{there}; a peak of {words.rate(needs.rate)} needs {wanted} at {words.rate(needs.per_worker)} each"
    if needs.workers > max(int(has.cores), 1):
        return Look(name, "wrong", told, "less load, or more machines")
    if needs.workers > (processes or 1):
        return Look(name, "wrong", told, f"run it with --processes {needs.workers}")
    return Look(name, "ok", told)


def _memory(has: Machine, needs: Needs | None, processes: int) -> Look:
    name = "memory"
    wanted = PROCESS_BYTES if needs is None else PROCESS_BYTES * processes + USER_BYTES * needs.users
    told = f"{words.size(has.memory)} free; about {words.size(wanted)} needed"
    if wanted <= has.memory:
        return Look(name, "ok", told)
    return Look(name, "wrong", told, "fewer users, or a machine with more")


def _disk(needs: Needs | None, out: Path) -> Look:
    name = "disk"
    try:
        folder, free, may_write = free_disk(out)
    except OSError as error:
        return Look(name, "wrong", f"{out}: {words.os_reason(error)}", "choose another place: --out")
    wanted = LEAST_DISK
    if needs is not None:
        wanted += int(needs.seconds * needs.steps * ROW_BYTES + needs.guests * GUEST_BYTES)
    told = f"{words.size(free)} free in {folder}; about {words.size(wanted)} needed"
    if not may_write:
        return Look(name, "wrong", f"{folder} cannot be written", "choose another place: --out")
    return (
        Look(name, "ok", told)
        if wanted <= free
        else Look(name, "wrong", told, "make room, or choose another place: --out")
    )
