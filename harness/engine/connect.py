"""A journey's transport, in a load and outside of one; to make it never lets Locust patch the process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gevent

from harness.compiler.plan import JourneyPlan, Plan
from harness.engine.gate import Gate, GatedTransport
from harness.engine.lookup import Held
from harness.engine.transport import Transport
from harness.engine.wire import WireTransport
from harness.scenario.hosts import host_of

_SKIP_PATCHING = "LOCUST_SKIP_MONKEY_PATCH"


def connect(
    base_url: str,
    headers: Mapping[str, str],
    plan: Plan,
    journey: JourneyPlan,
    held: Held,
    gate: Gate | None = None,
) -> Transport:
    """What carries a journey to a target, to its held addresses; it connects with the first request.

    Raises OSError, ValueError.
    """
    if plan.on_the_wire(journey):
        wire = WireTransport(base_url, headers, tls=plan.tls, at=held.at(host_of(base_url)))
        return wire if gate is None else GatedTransport(wire, gate)
    with _unpatched():
        from harness.engine.fast_http import FastHttpTransport  # noqa: PLC0415 - imports Locust, which takes a second
    return FastHttpTransport(
        base_url,
        headers,
        plan.tls,
        redirects=journey.redirects,
        cookies=journey.cookies,
        proxy=plan.proxy,
        at=held.at(host_of(plan.proxy or base_url)),
        gate=gate,
    )


def take_interrupts_quietly() -> None:
    """An interrupt while gevent waits is no error of ours: it need not print it."""
    hub: Any = gevent.get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, KeyboardInterrupt)


@contextmanager
def _unpatched() -> Iterator[None]:
    """Locust patches the standard library when it is imported, unless it is told not to. In a load it has been long before."""
    before = os.environ.get(_SKIP_PATCHING)
    os.environ[_SKIP_PATCHING] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SKIP_PATCHING]
        else:
            os.environ[_SKIP_PATCHING] = before
