"""One process, and two: how much more they send to a server that costs little, on a machine with two cores.

    python -m benchmarks processes

The same run of ``harness run benchmarks/scenario.yaml``, plain, with ``--processes 1`` and with ``--processes 2``, in turn,
PROCESS_ROUNDS (3) times, PROCESS_SECONDS (5) long. Requests as nginx counts them, processor as the kernel does: nginx, on core 1,
and the master need the machine, too, so two processes are worth less than twice here; by processor time they are compared as well.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.nginx import Nginx, nginx

ROUNDS = int(os.environ.get("PROCESS_ROUNDS", "3"))
SECONDS = int(os.environ.get("PROCESS_SECONDS", "5"))
WAYS = {"one, without a master": (), "--processes 1": ("--processes", "1"), "--processes 2": ("--processes", "2")}


def run() -> dict[str, Any]:
    """The table."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder, nginx(Path(folder)) as server:
        for number in range(ROUNDS):
            for way, options in WAYS.items():
                rate, cpu = _once(server, Path(folder) / f"{number}{way}", options)
                found[way].append((rate, cpu))
                print(
                    f"round {number + 1}  {way:22} {rate:>8,.0f} requests/s  {cpu * 1e6:5.1f} s of processor for a million",
                    flush=True,
                )
    base = statistics.median(rate for rate, _ in found["one, without a master"])
    told = {way: statistics.median(rate for rate, _ in each) for way, each in found.items()}
    for way, rate in told.items():
        print(f"{way:22} {rate:>8,.0f} requests/s  {rate / base:.2f}×")
    return {"rates": told, "ratio": told["--processes 2"] / base}


def _once(server: Nginx, out: Path, options: tuple[str, ...]) -> tuple[float, float]:
    """Requests per second of the load, and processor seconds a request of all our processes."""
    before, began = server.counters().requests, resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "harness",
        "run",
        str(Path(__file__).with_name("scenario.yaml")),
        "--quiet",
        "--out",
        str(out),
    ]
    subprocess.run(
        [*command, "--duration", f"{SECONDS}s", *options], check=True, stdout=subprocess.DEVNULL, timeout=SECONDS + 60
    )
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert time.perf_counter() - started > SECONDS
    sent = server.counters().requests - before
    spent = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    return sent / SECONDS, spent / sent
