"""A target that paths are walked on: looked at before anything is sent, with what all its walks share."""

from __future__ import annotations

from harness.cdp.events import FORCE_CLOSE
from harness.compiler.plan import JourneyPlan
from harness.engine.connect import connect
from harness.engine.gate import gate_of
from harness.engine.leave import NotAllowedError
from harness.engine.lookup import look_up
from harness.engine.marks import request_headers
from harness.engine.target_reader import TargetReader
from harness.engine.transport import Transport
from harness.engine.worker import Worker
from harness.guests.identity import base36
from harness.run.cases import CaseFile
from harness.run.embedded import Embedded
from harness.run.secrets import masker_of
from harness.scenario.hosts import host_of
from harness.scenario.model import CDP

SANDBOX_WAIT_S = 10.0
WAIT_S = 60.0
"""How long a target may take until the outcome of a path is there."""
MOST_FILES = 4096
"""Scenario files that one process tells apart when it numbers guests and orders."""


class Site:
    """One scenario's target."""

    def __init__(self, file: CaseFile, embedded: Embedded, number: int, seed: int, run_id: str) -> None:
        """Looks at the target. Raises SandboxError, TargetError, NotAllowedError; nothing of a journey was sent then.

        ``number`` tells this process's files apart, so that no two have a guest or an order in common.
        """
        scenario, target = file.scenario, file.scenario.target
        refuse_in_production(file)
        self.embedded = target.is_sandbox
        self.url = embedded.url if target.is_sandbox else target.url
        self.run_id = run_id
        self.headers = request_headers(run_id)
        self.is_cdp = target.system == CDP
        self._held = look_up([host_of(target.proxy or self.url)])
        self._gate = gate_of(file.plan)
        self.reader = TargetReader(self.url, target, self.headers, self._held.first)
        self.reader.probe(self.is_cdp)
        if self.is_cdp and self.reader.can_read:
            # Refused credentials are better known now than after the last path.
            self.reader.orders_with(f"{run_id}-PROBE", items=False)
        self.is_sandbox = self.embedded or self.reader.is_sandbox()
        self.masker = masker_of(scenario)
        key = target.key
        self.worker = (
            Worker(file.plan, key, seed, run_id, number % MOST_FILES, MOST_FILES, api_token=target.token)
            if file.plan.guests.feed is None
            # People from a file come one after the other, whatever other files there are.
            else Worker(file.plan, key, seed + number + 1, f"{run_id}F{base36(number).upper()}", api_token=target.token)
        )
        self._plan = file.plan

    def connect(self, journey: JourneyPlan) -> Transport:
        """A connection for a walk."""
        return connect(self.url, self.headers, self._plan, journey, self._held, self._gate)


def refuse_in_production(file: CaseFile) -> None:
    """Raises NotAllowedError for what may never be sent to a production environment, leave or no leave."""
    if not file.scenario.target.is_production:
        return
    for journey, send in file.plan.steps:
        if send.request.type == FORCE_CLOSE.name:
            raise NotAllowedError(f"{journey}/{send.name} sends {FORCE_CLOSE.name}, which is not for production")
