"""A load of several processes to do harm to: master, workers, and a wire between them that can be stalled and cut."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import stats

SCENARIO = """\
scenario: many
target: {{url: "{url}", client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
guests: {{locales: en_GB, returning: 20%, seed: {seed}}}
catalog: [{{item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}}]
journeys:
  buy: {{think: {think}, steps: [browse, identify, {{leave: 20%}}, {{add: any}}, confirm, checkout]}}
load: {load}
verify: {{wait: 5s}}
"""


def between(before: dict[str, Any], after: dict[str, Any]) -> int:
    """Requests that arrived in between, but for the one that looked whether the target is there."""
    events = sum(after["events"].values()) - sum(before["events"].values())
    return events + int(after["browsers"]) - int(before["browsers"]) - 1


def sums_hold(summary: dict[str, Any]) -> None:
    """Of every step and of the funnel."""
    for step in summary["steps"]:
        assert step["sent"] == step["ok"] + step["failed"] + step["unfinished"]
    for step in summary["funnel"]:
        parts = ("went_on", "left_by_design", "lost_to_errors", "under_way")
        assert step["entered"] == sum(step[part] for part in parts)


class Wire:
    """A relay on the loopback to a port of it: ``stall`` holds what passes, ``cut`` breaks all connections."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    def cut(self) -> None:
        pairs, self._pairs = self._pairs, []
        for each in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        self._ended = True
        self._listening.close()
        self._open.set()
        self.cut()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                near.close()  # there is no master yet
                continue
            self._pairs.append((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._open.wait()
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class Load:
    """A master with workers of its own; ``with`` ends whatever is left of it."""

    def __init__(self, folder: Path, url: str, load: str, *, think: str = "10ms..50ms", seed: int = 1) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.url = url
        (folder / "many.yaml").write_text(SCENARIO.format(url=url, load=load, think=think, seed=seed), "utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.workers: list[subprocess.Popen[str]] = []
        self.wires: list[Wire] = []
        self.master: subprocess.Popen[str]

    def __enter__(self) -> Load:
        self.before = stats(self.url)
        return self

    def __exit__(self, *_: object) -> None:
        for wire in self.wires:
            wire.close()
        for each in (*self.workers, self.master):
            with contextlib.suppress(ProcessLookupError):
                each.send_signal(signal.SIGCONT)
            if each.poll() is None:
                each.kill()
            each.communicate()

    def start(self, workers: int, *, wired: bool = False, options: tuple[object, ...] = ()) -> None:
        """The master, and so many workers; ``wired``: each over a wire that can be stalled."""
        self.master = self._process(
            "many.yaml", "--out", "out", "--quiet", "--master", "--expect-workers", workers, "--master-port", self.port,
            *options,
        )  # fmt: skip
        for _ in range(workers):
            self.join(wired=wired)

    def join(self, *arguments: object, wired: bool = False, environment: dict[str, str] | None = None) -> None:
        """One more worker, in a folder without files."""
        port = self.port
        if wired:
            self.wires.append(Wire(port))
            port = self.wires[-1].port
        bare = self.folder / "bare"
        bare.mkdir(exist_ok=True)
        worker = self._process("--worker", "--master-port", port, *arguments, cwd=bare, environment=environment)
        self.workers.append(worker)

    def _process(
        self, *arguments: object, cwd: Path | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "harness", "run", *map(str, arguments)],
            cwd=cwd or self.folder, env={**CLEAN_ENVIRONMENT, "PYTHONPATH": str(ROOT), **(environment or {})}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def wait_for_seconds(self, seconds: int) -> None:
        """Until the load has run so long, as its series says."""
        ends = time.monotonic() + 40
        series = self.out / "load.csv"
        while not series.exists() or len(series.read_text("utf-8").splitlines()) <= seconds:
            assert time.monotonic() < ends, "the load does not begin"
            assert self.master.poll() is None, self.master.communicate()[0]
            time.sleep(0.05)

    def signal(self, worker: int, number: int) -> None:
        os.kill(self.workers[worker].pid, number)

    def ended(self, timeout: float = 90) -> tuple[int, dict[str, Any], str]:
        """Exit code, summary, and what was printed; sums are checked."""
        told, _ = self.master.communicate(timeout=timeout)
        assert "Traceback" not in told, told
        summary = json.loads((self.out / "summary.json").read_text("utf-8"))
        sums_hold(summary)
        (journey,) = summary["journeys"]
        assert journey["started"] == sum(journey[each] for each in ("completed", "left", "failed", "unfinished"))
        return self.master.returncode, summary, " ".join(told.split())

    def arrived(self) -> int:
        """How many requests the target saw of this load."""
        return between(self.before, stats(self.url))
