"""What ``harness browser-id`` does: one question to a target."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cdp import endpoints
from harness.engine.leave import is_loopback
from harness.engine.marks import new_run_id, request_headers
from harness.engine.target_reader import TargetReader
from harness.run.named_target import KEY, NoTargetError, url_of
from harness.scenario.hosts import host_of
from harness.scenario.loader import examine
from harness.scenario.model import CDP, SANDBOX, Target
from harness.scenario.overrides import Override
from harness.scenario.source import read
from harness.scenario.values import Secret


@dataclass(frozen=True, slots=True)
class Made:
    """A browser id, the base URL of the target that made it, and how long that took."""

    browser_id: str
    target: str
    latency_ms: float


def new_browser_id(file: str | None, where: str | None, changes: Sequence[Override] = ()) -> Made:
    """A new browser id of a scenario's target, or of a URL or region.

    Raises ScenarioError, NoTargetError; TargetError when the target is not there or refuses.
    """
    target = _target(file, where, changes)
    reader = TargetReader(target.url, target, request_headers(new_run_id("B")))
    begun = time.perf_counter()
    ref = reader.new_browser_id()
    return Made(ref, target.url, round((time.perf_counter() - begun) * 1000, 1))


_NO_SANDBOX = "a sandbox that ends with this command is of no use: start one with 'harness sandbox', and name its URL"


def _target(file: str | None, where: str | None, changes: Sequence[Override]) -> Target:
    if where == SANDBOX:
        raise NoTargetError(_NO_SANDBOX)
    url = endpoints.REGIONS.get(where or "", where)
    if file is not None:
        override = (Override("target.url", url, "--target"),) if url else ()
        target = examine(read(Path(file)), (*changes, *override)).scenario.target
        if target.system != CDP:
            raise NoTargetError(f"the target of {file} is no CDP, so it has no browser ids")
        if target.is_sandbox:
            raise NoTargetError(_NO_SANDBOX)
        return target
    if not url:
        raise NoTargetError("name a scenario, or a target: --target http://127.0.0.1:8080, --target eu")
    url = url_of(url)
    key = os.environ.get(KEY) or (SANDBOX if is_loopback(host_of(url)) else "")
    if not key:
        raise NoTargetError(f"the client key is missing: export {KEY}=… (Settings > API access)")
    return Target(CDP, url, "test", Secret(key))
