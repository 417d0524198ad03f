"""Measuring one process on core 0: requests per second by the target's own count, CPU seconds, peak memory."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.contestants import HERE, LONGEST_S, Contestant
from benchmarks.nginx import Nginx

SETTLE_S = 1.0
START_S = 60.0
END_S = 60.0
GROWN_S = 8.0
"""After so long without a new connection no more are waited for: Locust's own users starve each other."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """``cpu``: share of a core. ``cpu_s``: CPU seconds a million requests. ``peak_mb``: most resident memory (10⁶ bytes)."""

    requests_per_s: float
    cpu: float
    cpu_s: float
    peak_mb: float
    connections: int

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def measure(contestant: Contestant, users: int, seconds: float, target: Nginx, folder: Path) -> Sample:
    """Start it, wait until all users are there, watch for so long, stop it. Raises RuntimeError when it fails."""
    folder.mkdir()
    _wait_until_alone(target)
    process = subprocess.Popen(
        ["timeout", "-k", "5", str(LONGEST_S + 30), "taskset", "-c", "0", *contestant.command(users, folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **contestant.environment},
        stdout=(folder / "out").open("wb"), stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        pid = _child(process)
        before = target.counters()
        _wait_for(process, target, users + 1 if contestant.connects else 0, before.requests + users)
        time.sleep(SETTLE_S)
        before, cpu, begun = target.counters(), _cpu(pid), time.perf_counter()
        time.sleep(seconds)
        after, cpu, took = target.counters(), _cpu(pid) - cpu, time.perf_counter() - begun
        peak = _peak(pid)
        os.kill(pid, signal.SIGINT if contestant.name in {"wrk", "k6"} else signal.SIGTERM)
        process.wait(END_S)
    except (OSError, subprocess.TimeoutExpired, IndexError, StopIteration) as error:
        raise RuntimeError(f"{contestant.name} at {users} users: {error!r}; see {folder / 'out'}") from error
    finally:
        if process.poll() is None:
            process.terminate()  # timeout hands it on
            process.wait(20)
    if failures := contestant.failures(folder):
        raise RuntimeError(f"{contestant.name} at {users} users: {failures} requests failed; see {folder / 'out'}")
    done = after.requests - before.requests
    return Sample(done / took, cpu / took, cpu / done * 1e6, peak / 1e6, after.connections - 1)


def _child(process: subprocess.Popen[bytes]) -> int:
    """The process that ``timeout`` guards."""
    for _ in range(200):
        if found := Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            return int(found[0])
        time.sleep(0.01)
    raise StopIteration("it did not start")


def _wait_until_alone(target: Nginx) -> None:
    """Until the connections of whoever was here before are closed."""
    ends = time.monotonic() + 10
    while target.counters().connections > 1:
        if time.monotonic() > ends:
            raise RuntimeError("somebody else uses the target")
        time.sleep(0.1)


def _wait_for(process: subprocess.Popen[bytes], target: Nginx, connections: int, requests: int) -> None:
    """Until so many connections are open, or no more come, and so many requests came."""
    begun = grown = time.monotonic()
    most = 0
    while (now := time.monotonic()) < begun + START_S:
        if process.poll() is not None:
            raise StopIteration(f"it ended early, with {process.returncode}")
        seen = target.counters()
        if seen.connections > most:
            most, grown = seen.connections, now
        enough = seen.connections >= connections or (most > 1 and now - grown > GROWN_S)
        if enough and seen.requests >= requests:
            return
        time.sleep(0.1)
    raise StopIteration(f"only {most} of {connections} connections after {START_S:g} s")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
