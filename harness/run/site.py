"""A target that paths are walked on: looked at before anything is sent, with what all its walks share."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Iterable

from harness import __version__
from harness.cdp.events import FORCE_CLOSE
from harness.compiler.plan import JourneyPlan
from harness.engine.connect import connect
from harness.engine.target import TargetReader
from harness.engine.transport import Transport
from harness.engine.worker import Worker
from harness.guests.identity import base36
from harness.run.cases import CaseFile
from harness.run.safety import NotAllowedError
from harness.run.secrets import Masker
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.scenario.model import CDP, SANDBOX, Scenario

SANDBOX_WAIT_S = 10.0
WAIT_S = 60.0
"""How long a target may take until the outcome of a path is there."""
MOST_FILES = 4096
"""Scenario files that one process tells apart when it numbers guests and orders."""


class Embedded:
    """The embedded sandbox that all files of a process share, started when it is first needed."""

    def __init__(self, points_of_sale: Iterable[str]) -> None:
        default = SandboxConfig().points_of_sale
        self._points_of_sale = tuple(dict.fromkeys((*default, *points_of_sale)))
        self._process: SandboxProcess | None = None

    @property
    def url(self) -> str:
        """Where it is. Raises SandboxError when it cannot be started."""
        if self._process is None:
            self._process = SandboxProcess(SandboxConfig(points_of_sale=self._points_of_sale))
        return self._process.url

    def stop(self) -> None:
        """End it, if it was started."""
        if self._process is not None:
            self._process.stop()
            self._process = None


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
        self.headers = {
            "User-Agent": f"harness/{__version__}",
            "X-Harness-Run": run_id,
            "Accept-Encoding": "identity",
        }
        self.is_cdp = target.system == CDP
        self.reader = TargetReader(self.url, target, self.headers)
        self.reader.probe(self.is_cdp)
        if self.is_cdp and self.reader.can_read:
            # Refused credentials are better known now than after the last path.
            self.reader.orders_with(f"{run_id}-PROBE", items=False)
        self.is_sandbox = self.embedded or self.reader.is_sandbox()
        self.masker = masker_of(scenario)
        key = "" if target.client_key is None else target.client_key.reveal()
        self.worker = (
            Worker(file.plan, key, seed, run_id, number % MOST_FILES, MOST_FILES)
            if file.plan.guests.feed is None
            # People from a file come one after the other, whatever other files there are.
            else Worker(file.plan, key, seed + number + 1, f"{run_id}F{base36(number).upper()}")
        )
        self._plan = file.plan

    def connect(self, journey: JourneyPlan) -> Transport:
        """A connection for a walk."""
        return connect(self.url, self.headers, self._plan, journey)


def refuse_in_production(file: CaseFile) -> None:
    """Raises NotAllowedError for what may never be sent to a production environment, leave or no leave."""
    if file.scenario.target.environment != "production":
        return
    for journey, send in file.plan.steps:
        if send.request.type == FORCE_CLOSE.name:
            raise NotAllowedError(f"{journey}/{send.name} sends {FORCE_CLOSE.name}, which is not for production")


def masker_of(scenario: Scenario) -> Masker:
    """Takes a scenario's secrets out of texts; a sandbox's own are none."""
    target = scenario.target
    keys = [key.reveal() for key in (target.client_key, target.api_token) if key is not None]
    secret = [] if target.is_sandbox or SANDBOX in keys else keys
    pairs = [(secret[0], secret[1])] if len(secret) > 1 else []
    return Masker([*secret, *(each.reveal() for each in scenario.secrets)], pairs)


def new_run_id() -> str:
    """A mark for everything that this run makes at the target."""
    return f"V{base36(random_secrets.randbelow(36**6)).upper():0>6}"
