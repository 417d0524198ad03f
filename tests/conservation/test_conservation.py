"""Nothing is lost and nothing invented: what was sent is what the server counts, whatever it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.delaying import delaying
from benchmarks.truthful import run
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.conservation.misbehaving import misbehaving

STEPS = 4
SCENARIO = """\
scenario: conservation
target: {{system: http, url: "{url}"}}
journeys:
  a: {{think: 0ms..40ms, steps: [request: /x/1, request: /x/2, {{request: /x/3, method: POST, body: abc}}, request: /x/4]}}
load: {load}
"""


def command(folder: Path, url: str, load: str) -> list[str]:
    scenario = folder / "scenario.yaml"
    scenario.write_text(SCENARIO.format(url=url, load=load).replace(", method: POST, body: abc", ""), "utf-8")
    return [sys.executable, "-m", "harness", "run", str(scenario), "--out", str(folder / "run"), "--quiet"]


def check(summary: Any, counts: dict[str, int]) -> None:
    """What the summary says against what the server did."""
    requests = summary["requests"]
    for each in (requests, *summary["steps"]):
        assert each["sent"] == each["ok"] + each["failed"] + each["unfinished"], each
    assert requests["sent"] == sum(step["sent"] for step in summary["steps"])
    # A request that was cut off under way, and only such a one, may not have reached the server.
    seen = counts["received"] + counts["unread"]
    assert seen <= requests["sent"] <= seen + requests["unfinished"], (requests, counts)
    (journey,) = summary["journeys"]
    ended = journey["completed"] + journey["failed"] + journey["left"] + journey["unfinished"]
    assert journey["started"] == ended
    errors = summary["errors"]
    assert requests["failed"] == sum(error["count"] for error in errors)
    busy = sum(error["count"] for error in errors if error["detail"] == "503")
    assert counts["busy"] - requests["unfinished"] <= busy <= counts["busy"]
    fine = sum(counts[way] for way in ("ok", "split", "huge", "closes idle", "surplus"))
    assert fine - requests["unfinished"] <= requests["ok"] <= fine


def settled(server: Any) -> Any:
    """The server's counts, once it has come round to all that was sent to it."""
    counts = server.counts()
    while True:
        time.sleep(0.2)
        before, counts = counts, server.counts()
        if counts == before:
            return counts


@pytest.mark.parametrize(
    "load", ["{users: 40, duration: 5s}", "{rate: 60/s, duration: 5s}"], ids=["closed", "open"]
)  # fmt: skip
def test_sent_is_what_the_server_counts(load: str, tmp_path: Path) -> None:
    with misbehaving(seed=11) as server:
        done = subprocess.run(
            command(tmp_path, server.url, load),
            cwd=tmp_path, env=CLEAN_ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        counts = settled(server)
    summary = json.loads((tmp_path / "run/summary.json").read_text("utf-8"))
    check(summary, counts)
    assert counts["received"] > 200, counts
    assert all(counts[way] for way in ("split", "closes idle", "reset", "cut off", "half closed", "garbage", "unread"))


def test_and_when_it_is_interrupted(tmp_path: Path) -> None:
    with misbehaving(seed=12) as server:
        running = subprocess.Popen(
            command(tmp_path, server.url, "{users: 40, duration: 10m}"),
            cwd=tmp_path, env=CLEAN_ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        ends = time.monotonic() + 20
        while server.counts()["received"] < 150 and time.monotonic() < ends:
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        counts = settled(server)
    assert running.returncode == 130, out + err
    check(json.loads((tmp_path / "run/summary.json").read_text("utf-8")), counts)


def test_guests_that_are_due_have_started_or_are_dropped(tmp_path: Path) -> None:
    """Five at once, each there for 100 ms, are fifty a second; the other 150 cannot come in."""
    with delaying("constant 100") as server:
        summary = run(tmp_path, server.url, "{rate: 200/s, duration: 3s, max_in_flight: 5}")
        received = len(server.log())
    (journey,) = summary["journeys"]
    assert journey["started"] + journey["dropped"] == 600
    assert 100 <= journey["started"] <= 160
    assert summary["requests"]["sent"] == journey["started"] == received
    assert summary["requests"]["unfinished"] == 0


def test_a_reply_larger_than_memory_ought_to_be_costs_none(tmp_path: Path) -> None:
    """Hundreds of megabytes pass through; what is kept is 64 kB of each."""
    command = [sys.executable, "-c", _PEAK]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    passed, grown = map(int, done.stdout.split())
    assert passed > 300_000_000
    assert grown < 20_000, f"{grown} kB"


_PEAK = """
import resource
from gevent import monkey; monkey.patch_all()
import gevent, gevent.server
from harness.engine.wire import WireTransport
SIZE = 400_000_000
def serve(sock, _):
    sock.recv(65536)
    sock.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % SIZE)
    piece = bytes(1_000_000)
    for _ in range(SIZE // len(piece)):
        sock.sendall(piece)
server = gevent.server.StreamServer(("127.0.0.1", 0), serve); server.start()
transport = WireTransport(f"http://127.0.0.1:{server.server_port}", {})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reply = transport.send("GET", b"/")
assert reply.status == 200 and len(reply.body) == 65536, reply.failure
print(reply.bytes_in, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
