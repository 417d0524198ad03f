"""Compiled journeys as guests in somebody else's locustfile: the users alone, with Locust's own reports."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from harness.compiler import compile_scenario
from harness.compiler.plan import Plan, Send
from harness.engine.closed import HarnessUser
from harness.engine.http_reply import Reply
from harness.engine.leave import Leave, NotAllowedError, allowed_places, check_production
from harness.engine.listener import Joined, LoadBegins, LoadResult
from harness.engine.locust_bridge import Bridge
from harness.engine.locust_events import attach
from harness.engine.locust_worker import LocustWorker
from harness.engine.lookup import Held
from harness.engine.marks import new_run_id, request_headers
from harness.engine.target_errors import TargetError
from harness.engine.worker import Worker
from harness.record.recorder import Failure
from harness.record.snapshot import Snapshot
from harness.scenario import Scenario, load
from harness.scenario.model import OPEN
from harness.scenario.settings import allowed_by_environment, settings_beside


def users(
    scenario: str | Path, allow_hosts: Sequence[str] = (), allow_production: bool = False
) -> list[type[HarnessUser]]:
    """The Locust users of a scenario file, to stand in a locustfile beside hand-written ones.

    In a locustfile: ``globals().update({each.__name__: each for each in users("scenarios/purchase.yaml")})``.
    They go to the scenario's target (its ``load`` is Locust's business here: ``-u``, ``-r``, ``-t``, weights), and
    count in Locust's statistics. Leave is needed as for ``harness run``: ``allow_hosts``, HARNESS_ALLOW_HOSTS, or
    ``allow_hosts:`` in a harness.yaml beside the scenario. No report of ours is made; for that use
    ``locustfiles/journeys.py``. Raises
    ScenarioError when the scenario is wrong, ValueError for an open load or an embedded sandbox.
    """
    read = load(scenario)
    if read.load.model == OPEN:
        raise ValueError(f"{scenario}: an open load cannot be mixed with Locust's users; give it a load of users")
    if read.target.is_sandbox:
        raise ValueError(f"{scenario}: name the target's URL; an embedded sandbox belongs to harness run")
    plan = compile_scenario(read)
    run_id = new_run_id("R")
    leave = Leave.of([*allow_hosts, *allowed_by_environment(), *settings_beside(Path(scenario)).allow_hosts])
    listener = _Quiet(read, plan, run_id, leave, allow_production)
    bridge = Bridge(plan, listener, request_headers(run_id))
    attach(bridge, LocustWorker(listener), None)
    return bridge.user_classes


class _Quiet:
    """A listener that reports nothing and leaves exit codes to Locust."""

    def __init__(self, scenario: Scenario, plan: Plan, run_id: str, leave: Leave, allow_production: bool) -> None:
        self._scenario = scenario
        self._plan = plan
        self._run_id = run_id
        self._leave = leave
        self._allow_production = allow_production

    def refuse(self, reason: str) -> NoReturn:
        """End the process."""
        raise SystemExit(f"harness: {reason}")

    def ready(self) -> tuple[str, Held]:
        """The target's base URL and its addresses. Ends the process when load may not go there."""
        target = self._scenario.target
        try:
            check_production(target, self._allow_production)
            return target.url, allowed_places(target.url, target, self._leave)
        except (NotAllowedError, TargetError) as error:
            self.refuse(str(error))

    def web_tab(self) -> None:
        """Locust's web UI stays as it is."""

    def begin(self, begins: LoadBegins) -> Worker:
        """What the users share."""
        seed = self._scenario.guests.seed
        chosen = random.SystemRandom().randrange(2**31) if seed is None else seed
        target = self._scenario.target
        return Worker(self._plan, target.key, chosen, self._run_id, 0, begins.stride, api_token=target.token)

    def hand_out(self) -> dict[str, Any]:
        """Nothing: every process has the locustfile, and the scenario beside it."""
        return {}

    def join(self, told: Mapping[str, Any], index: int, stride: int) -> Joined:
        """Take part in a load of several processes."""
        target, seed = self._scenario.target, told["seed"]
        worker = Worker(self._plan, target.key, seed, told["run_id"], index, stride, api_token=target.token)
        worker.book.watch()
        return Joined(self._plan, worker)

    def second(self, snapshot: Snapshot) -> bool:
        """Nothing to show, and Locust decides when it ends."""
        return False

    def ran_out(self, reason: str) -> None:
        """Locust stops the test itself."""

    def failure(self, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """Locust's statistics have it."""

    def take_samples(self) -> list[dict[str, object]]:
        """None are kept."""
        return []

    def sampled(self, samples: list[dict[str, object]]) -> None:
        """None are kept."""

    def end(self, result: LoadResult) -> int | None:
        """Locust's own exit code stands."""
        return None

    def close(self) -> None:
        """Nothing was opened."""

    def interrupted_early(self) -> int:
        """As Ctrl-C ends any program."""
        return 130

    def hurry(self) -> None:
        """Nothing takes long."""
