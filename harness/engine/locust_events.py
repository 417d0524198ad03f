"""Locust's events, and who of us hears them: the bridge in a process that reports, the worker in one that a master leads.

Which of the two a process is shows when Locust makes its runner: Locust forks its workers after it has read the locustfile.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from locust import events
from locust.runners import WorkerRunner

from harness.engine.interrupts import on_signals
from harness.engine.locust_bridge import Bridge
from harness.engine.locust_worker import LocustWorker
from harness.engine.stages import users_at_first

STOP_TIMEOUT_S = 10
"""How long requests under way may take to end when the load is over."""


def attach(
    bridge: Bridge | None, worker: LocustWorker, add_arguments: Callable[[argparse.ArgumentParser], None] | None
) -> None:
    """Listen to Locust's events, and add our options to its command line (None: leave it as it is).

    ``bridge`` is None where the process can only be a worker.
    """
    role: Bridge | LocustWorker | None = bridge

    def on_parser(parser: argparse.ArgumentParser) -> None:
        if add_arguments is None:
            return
        add_arguments(parser)
        parser.set_defaults(stop_timeout=STOP_TIMEOUT_S)
        if bridge is not None:
            bridge.ours_alone = True
            level = users_at_first(bridge.plan)
            parser.set_defaults(num_users=level, spawn_rate=level)

    def on_worker(runner: WorkerRunner) -> None:
        nonlocal role
        if role is not worker:
            role = worker
            worker.made(runner)

    def mind_signals() -> None:
        if role is not None:
            on_signals(role.asked_to_end)

    def on_test_start(**_: Any) -> None:
        mind_signals()  # Locust has put its own way of SIGTERM in the place of ours
        if role is not None:
            role.on_test_start()

    def on_user_error(exception: object = None, **_: Any) -> None:
        if role is not None:
            role.on_user_error(exception)

    def on_init(environment: Any, runner: Any, **_: Any) -> None:
        # The last to listen hears it first: before a runner of several processes says goodbye to the others.
        events.quitting.add_listener(lambda **_: role.on_quitting() if role is not None else None)
        mind_signals()
        if isinstance(role, Bridge):
            role.on_init(environment, runner)

    events.init_command_line_parser.add_listener(on_parser)
    events.init.add_listener(on_init)
    events.test_start.add_listener(on_test_start)
    events.test_stopping.add_listener(lambda **_: role.on_test_stopping() if role is not None else None)
    events.test_stop.add_listener(lambda **_: role.on_test_stop() if role is not None else None)
    events.user_error.add_listener(on_user_error)
    events.quit.add_listener(lambda **_: role.on_quit() if isinstance(role, Bridge) else None)
    _before_greeting(on_worker)


def _before_greeting(on_worker: Callable[[WorkerRunner], None]) -> None:
    """Call ``on_worker`` with a worker's runner before it greets its master, each time that it tries to.

    Locust's own event comes after that; the master's answer may have come by then, to somebody who does not know it yet.
    """
    greet: Callable[[WorkerRunner], Any] = WorkerRunner.connect_to_master

    def connect_to_master(runner: WorkerRunner) -> Any:
        on_worker(runner)
        return greet(runner)

    WorkerRunner.connect_to_master = connect_to_master  # type: ignore[method-assign]
