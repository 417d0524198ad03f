"""Requests per second of one core: hand-written Locust users and compiled journeys, side by side.

The target is nginx on the other core, answering at once with what the CDP answers. Rounds are interleaved,
so that a machine that gets slower gets slower for all.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PORT = 18080
USERS = 50
SECONDS = 5
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))

REPLY = '{"ref":"7ed103bd-08c2-47f4-8f69-91141ca3200d","status":"OK","version":"1.2","client_key":"sandbox"}'
NGINX = f"""
worker_processes 1;
daemon off;
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  default_type application/json;
  large_client_header_buffers 4 32k;
  server {{
    listen 127.0.0.1:{PORT} backlog=4096;
    location / {{
      return 201 '{REPLY}';
    }}
  }}
}}
"""


def missing_tools() -> str | None:
    """What has to be installed first, as a sentence."""
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        return "nginx is needed as the target: apt-get install nginx-light"
    if (os.cpu_count() or 1) < 2:
        return "two cores are needed: one for the generator, one for the target"
    return None


def run() -> dict[str, object]:
    """Measure all contestants; prints a table as it goes."""
    contestants = {
        "Locust HttpUser": _locust("HttpUser"),
        "Locust FastHttpUser": _locust("FastHttpUser"),
        "compiled journeys": _compiled(),
    }
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory() as folder, _nginx(Path(folder)):
        for number in range(ROUNDS):
            for name, (command, environment) in contestants.items():
                rates[name].append(_measure(command, environment, Path(folder)))
                print(f"round {number + 1}/{ROUNDS}  {name:<20} {rates[name][-1]:>9,.0f} requests/s", flush=True)
    return _table(rates)


def _locust(user: str) -> tuple[list[str], dict[str, str]]:
    command = ["-m", "locust", "-f", str(HERE / "handwritten.py"), "--host", f"http://127.0.0.1:{PORT}"]
    return [*command, "--headless", "-u", str(USERS), "-r", str(USERS)], {"BENCH_USER": user}


def _compiled() -> tuple[list[str], dict[str, str]]:
    locustfile = HERE.parent / "locustfiles/journeys.py"
    command = ["-m", "locust", "-f", str(locustfile), "--scenario", str(HERE / "scenario.yaml"), "--headless"]
    return [*command, "--users", str(USERS), "--spawn-rate", str(USERS)], {}


def _measure(command: list[str], environment: dict[str, str], folder: Path) -> float:
    """Answered requests per second of one run, by Locust's own statistics, on core 0."""
    subprocess.run(
        ["taskset", "-c", "0", sys.executable, *command, "-t", f"{SECONDS}s", "--only-summary", "--json-file", "stats",
         "--skip-log-setup"],
        cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        timeout=SECONDS + 60, check=False,
    )  # fmt: skip
    stats = json.loads((folder / "stats.json").read_text())
    (folder / "stats.json").unlink()
    assert not sum(entry["num_failures"] for entry in stats), "the target failed"
    return sum(entry["num_requests"] for entry in stats) / SECONDS


@contextmanager
def _nginx(folder: Path) -> Iterator[None]:
    (folder / "nginx.conf").write_text(NGINX)
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"
    server = subprocess.Popen(["taskset", "-c", "1", nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _table(rates: dict[str, list[float]]) -> dict[str, object]:
    medians = {name: statistics.median(values) for name, values in rates.items()}
    base = medians["Locust FastHttpUser"]
    print(f"\n{'':<20} {'requests/s':>12} {'spread':>9} {'ratio to FastHttpUser':>22}")
    for name, values in rates.items():
        spread = (max(values) - min(values)) / medians[name]
        print(f"{name:<20} {medians[name]:>12,.0f} {spread:>8.1%} {medians[name] / base:>21.2f}×")
    return {"users": USERS, "seconds": SECONDS, "requests_per_s": rates, "median": medians}
