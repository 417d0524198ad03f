"""A worker's side of a load that its master leads: it takes the plan in, sends, and tells; it writes no files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from harness.compiler.plan import Plan, Send
from harness.engine.http_reply import Reply
from harness.engine.leave import Leave, NotAllowedError, check_held, check_production
from harness.engine.listener import Joined, NotJoinedError
from harness.engine.lookup import Held
from harness.engine.seal import Seal
from harness.engine.worker import Worker
from harness.record.recorder import Failure
from harness.report import console
from harness.run import exit_codes
from harness.run.handout import HandoutError, take_in
from harness.run.options import RunOptions
from harness.run.samples import Samples
from harness.run.secrets import mask_logs
from harness.scenario.hosts import HostError
from harness.scenario.masking import Masker
from harness.scenario.model import Target

_log = logging.getLogger("harness")


class Member:
    """What a worker of several does with what the engine tells it. One a process.

    ``own``: the plan of this process's own scenario, if it was given one: then it must be the master's.
    """

    def __init__(self, options: RunOptions, own: Plan | None) -> None:
        self._options = options
        self._own = own
        self._plan: Plan | None = own
        self._samples = Samples(str)

    def refuse(self, reason: str) -> NoReturn:
        """The command line is wrong."""
        console.refuse(f"error: {reason}\nNo load was sent.")
        raise SystemExit(exit_codes.WRONG)

    def join(self, told: Mapping[str, Any], index: int, stride: int) -> Joined:
        """Take part in the load that the master tells of. Raises NotJoinedError."""
        try:
            plan, key, token, secrets = take_in(told["handout"], self._own)
            environment = told["handout"]["environment"]
            target = Target(plan.system, told["base_url"], environment, proxy=plan.proxy)
            check_production(target, self._options.allow_production)
            check_held(target.url, target, Leave.of(self._options.allow_host), Held.unpack(told["held"]))
        except (HandoutError, HostError, NotAllowedError) as error:
            raise NotJoinedError(str(error)) from None
        self._plan = plan
        masker = Masker(secrets)
        mask_logs(masker)
        self._samples = Samples(masker.mask)
        seal = Seal(secrets)
        worker = Worker(plan, key, told["seed"], told["run_id"], index, stride, told["stories"], token, seal)
        worker.book.watch()
        return Joined(plan, worker)

    def failure(self, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request failed: keep the first few of each kind, with request and reply."""
        assert self._plan is not None
        self._samples.add(self._plan.steps[send.index][0], send, target, reply, failure)

    def take_samples(self) -> list[dict[str, object]]:
        """The samples since the last call."""
        return self._samples.take()

    def ran_out(self, reason: str) -> None:
        """Guests come from a file, and there are no more."""
        _log.error("the guests ran out: %s", reason)

    def close(self) -> None:
        """Nothing was started."""
