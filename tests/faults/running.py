"""A run in a process of its own, watched from outside while something is done to it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import stats, wait_for

PATIENCE_S = 40
SCENARIO = """\
scenario: faults
target: {{url: "{url}", client_key: sandbox, api_token: sandbox, point_of_sale: {pos}}}
defaults: {{channel: WEB, language: EN, currency: GBP, page: home page}}
catalog: [{{item_id: EXACT_90, type: SHOES, name: Exact 90, price: 49.90}}]
journeys:
  buy: {{think: {think}, steps: [browse, identify, {{add: any}}, confirm, checkout]}}
load: {load}
thresholds: ["error_rate < 1%"]
verify: {{wait: {wait}}}
"""


def arrived(url: str) -> int:
    """Requests of guests that a sandbox has counted since it began."""
    known = stats(url)
    return sum(known["events"].values()) + int(known["browsers"])


@dataclass(frozen=True)
class Ended:
    """What a run left: ``summary`` is None where it left none."""

    code: int
    out: str
    err: str
    summary: Any

    def check(self, code: int, verdict: str) -> Ended:
        """Its end is told with one voice, and its sums hold."""
        assert (self.code, self.summary and self.summary["verdict"]) == (code, verdict), self.out + self.err
        assert not self.err.strip(), self.err
        requests = self.summary["requests"]
        for each in (requests, *self.summary["steps"]):
            assert each["sent"] == each["ok"] + each["failed"] + each["unfinished"], each
        assert requests["sent"] == sum(step["sent"] for step in self.summary["steps"])
        assert requests["failed"] == sum(error["count"] for error in self.summary["errors"])
        return self

    def count(self, counted: int) -> None:
        """What was sent is what the server counted, but for what the summary itself says never got there."""
        requests = self.summary["requests"]
        never = sum(
            each["count"]
            for each in self.summary["errors"]
            if each["kind"] == "generator" or each["detail"] == "connection refused"
        )
        assert requests["sent"] - requests["unfinished"] <= counted + never <= requests["sent"], (requests, counted)


GOING_ON: list[subprocess.Popen[Any]] = []
"""Started by the test that is under way: when it fails, none of them may go on into the next."""


class Running:
    """A run that goes on. ``out`` is its directory; ``before`` is put in front of its command."""

    def __init__(
        self,
        folder: Path,
        url: str,
        load: str = "{users: 3, duration: 10m}",
        *options: object,
        think: str = "20ms",
        pos: str = "pastoral-witty-grill",
        wait: str = "2s",
        out: str = "out",
        before: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        **popen: Any,
    ) -> None:
        (folder / "faults.yaml").write_text(
            SCENARIO.format(url=url, load=load, think=think, pos=pos, wait=wait), "utf-8"
        )
        self.out = folder / out
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "harness", "run", "faults.yaml", "--out", out, *map(str, options)],
            **{
                "cwd": folder, "env": {**CLEAN_ENVIRONMENT, "PYTHONPATH": str(ROOT), **(environment or {})}, "text": True,
                "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **popen,
            },
        )  # fmt: skip
        GOING_ON.append(self.process)

    def is_there(self, name: str) -> None:
        """Wait for a file of the run."""
        wait_for(lambda: (self.out / name).exists() or self._ended())
        assert (self.out / name).exists(), self.process.communicate()

    def seconds(self, number: int) -> None:
        """Wait until so many seconds of the load have been told."""
        self.is_there("load.csv")
        wait_for(lambda: (self.out / "load.csv").read_text().count("\n") > number or self._ended())
        assert self.process.poll() is None, self.process.communicate()

    def _ended(self) -> bool:
        return self.process.poll() is not None

    def tell(self, *signals: signal.Signals) -> None:
        for each in signals:
            self.process.send_signal(each)
            time.sleep(0.05)  # two of a kind that are pending are one

    def end(self, out: Path | None = None) -> Ended:
        told, complained = self.process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in (told or "") + (complained or ""), complained
        summary = (out or self.out) / "summary.json"
        read = json.loads(summary.read_text("utf-8")) if summary.exists() else None
        return Ended(self.process.returncode, told or "", complained or "", read)


def no_partial_files(folder: Path) -> bool:
    return not [each for each in folder.iterdir() if each.name.startswith(".")]
