"""What this machine has for a load: files, ports, cores, memory, disk. Asked of the system, nothing is changed."""

from __future__ import annotations

import os
import resource
import shutil
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

LOCUST_RAISES_TO = 10_000
"""Open files that Locust asks for when it starts, where the system lets it."""
_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """``files``: that one process of a load may open; ``hard_files``: that it could be given without root. Sizes in bytes.

    ``ports``: for connections to one address; ``cores`` and ``memory`` that this process may use. None: not known here.
    """

    files: int | None
    hard_files: int | None
    ports: int | None
    cores: float
    memory: int


def machine() -> Machine:
    """This one, now."""
    soft, hard = (
        None if each == resource.RLIM_INFINITY else each for each in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    files = soft
    if soft is not None and soft < LOCUST_RAISES_TO and (hard is None or hard >= LOCUST_RAISES_TO):
        files = LOCUST_RAISES_TO
    return Machine(files, hard, _ports(), _cores(), _memory())


def free_disk(folder: Path) -> tuple[Path, int, bool]:
    """The nearest folder that is there, what is free on its disk (bytes), and whether we may write there. Raises OSError."""
    there = folder.absolute()
    while not there.is_dir() and there != there.parent:
        there = there.parent
    return there, shutil.disk_usage(there).free, os.access(there, os.W_OK | os.X_OK)


def version_of(package: str) -> str:
    """The installed version of a package; empty when it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _ports() -> int | None:
    try:
        low, high = map(int, _PORTS.read_text("ascii").split())
    except (OSError, ValueError):
        return None
    return high - low + 1


def _cores() -> float:
    """Cores that we may run on, or the share that a container is given."""
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    try:
        quota, period = (_CGROUP / "cpu.max").read_text("ascii").split()
        return cores if quota == "max" else min(cores, int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return cores


def _memory() -> int:
    available = int(psutil.virtual_memory().available)
    try:
        most = (_CGROUP / "memory.max").read_text("ascii").strip()
        used = int((_CGROUP / "memory.current").read_text("ascii"))
        return available if most == "max" else max(min(available, int(most) - used), 0)
    except (OSError, ValueError):
        return available
