"""What tests look at while something goes on, and what it left: a sandbox's counts, processes, a run's summary."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any


def stats(url: str) -> dict[str, Any]:
    """What a sandbox has counted."""
    with urllib.request.urlopen(f"{url}/_sandbox/stats", timeout=10) as reply:
        found: dict[str, Any] = json.load(reply)
        return found


def wait_for(condition: Callable[[], Any], seconds: float = 40, what: str = "it did not come to be in time") -> Any:
    """What a condition gives, once that is true."""
    ends = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends, what
        time.sleep(0.02)
    return found


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and not waited for."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def summary_in(folder: Path) -> dict[str, Any]:
    """The summary of the one run in a folder's ``runs``. Its sums hold."""
    found = list(folder.glob("runs/*/summary.json"))
    assert len(found) == 1, found
    summary: dict[str, Any] = json.loads(found[0].read_text("utf-8"))
    for step in summary["steps"]:
        assert step["sent"] == step["ok"] + step["failed"] + step["unfinished"], step
    requests = summary["requests"]
    assert requests["sent"] == requests["ok"] + requests["failed"] + requests["unfinished"]
    assert requests["sent"] == sum(step["sent"] for step in summary["steps"])
    return summary
