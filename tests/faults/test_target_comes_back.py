"""A target that dies in mid-run, and comes back: the load goes on, and its errors are those of the time between."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.faults.running import Running, arrived
from tests.watching import stats, wait_for


def test_a_target_that_dies_and_comes_back(tmp_path: Path) -> None:
    with SandboxProcess(SandboxConfig()) as first:
        run = Running(tmp_path, first.url, "{users: 5, duration: 10m}", "--quiet", think="20ms")
        run.seconds(1)
        # Nothing may be under way that it has counted and nobody can ask it for any more.
        os.kill(first.pid, signal.SIGKILL)
        run.seconds(2)
    with SandboxProcess(SandboxConfig(), port=urlsplit(first.url).port or 0) as second:
        wait_for(lambda: stats(second.url)["orders"] > 3)
        run.tell(signal.SIGINT)
        ended = run.end().check(130, "interrupted")
        requests = ended.summary["requests"]
        assert {error["kind"] for error in ended.summary["errors"]} == {"connection"}
        assert requests["ok"] >= arrived(second.url) > 20
        orders = ended.summary["verification"]["orders"]
        assert 0 < orders["found"] < orders["expected"], "the second knows nothing of the first one's orders"
        assert len(orders["missing"]) == orders["expected"] - orders["found"]
