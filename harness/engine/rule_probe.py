"""A probe that is no journey: events deliberately out of order, and what the target makes of them."""

from __future__ import annotations

import time
from typing import Any

from harness.cdp import events
from harness.cdp.guests_api import OWN_PROVIDER
from harness.engine.by_hand import browser_of, browser_path, event_path
from harness.engine.target_errors import TargetError
from harness.engine.target_reader import TargetReader
from harness.engine.transport import Transport
from harness.engine.visit import Visit
from harness.scenario.model import Scenario
from harness.verify.checks import Check
from harness.verify.rules import rule_check

PAUSE_S = 0.2
ITEM = "HARNESS_PROBE"


def probe_rules(
    scenario: Scenario, visit: Visit, transport: Transport, reader: TargetReader, number: str, wait_s: float
) -> Check:
    """CONFIRM before its ADD, then a CHECKOUT under ``number``: no order ought to come of it.

    Waits up to ``wait_s`` for the events to be there. Raises nothing for what the target does.
    """
    if not reader.can_read:
        return rule_check(False, (), "the target has no api_token")
    browser = _browser(scenario, transport)
    if not browser or not all(_send(scenario, transport, browser, each) for each in _sequence(visit, number)):
        return rule_check(False, (), "the target refuses the events")
    deadline = time.monotonic() + wait_s
    try:
        while True:
            arrived = _arrived(reader, browser)
            orders = reader.orders_with(number, items=False)
            if arrived or orders or time.monotonic() > deadline:
                return rule_check(arrived, orders)
            time.sleep(PAUSE_S)
    except TargetError as error:
        return rule_check(False, (), str(error))


def _sequence(visit: Visit, number: str) -> list[dict[str, Any]]:
    guest = {name: visit.worker.guest_field(visit.guest, name) for name in ("email", "firstname", "lastname", "id")}
    identifiers = [{"provider": OWN_PROVIDER, "id": guest.pop("id")}]
    product = {"type": "PROBE", "item_id": ITEM, "name": "Probe", "quantity": 1, "price": 1, "productId": ITEM}
    return [
        {"type": events.VIEW.name},
        {"type": events.IDENTITY.name, "identifiers": identifiers, **guest},
        {"type": events.CONFIRM.name, "product": [{"item_id": ITEM}]},
        {"type": events.ADD.name, "product": product},
        {"type": events.CHECKOUT.name, "status": events.PURCHASED, "reference_id": number},
    ]


def _browser(scenario: Scenario, transport: Transport) -> str:
    reply = transport.send("GET", browser_path(scenario.target.key).encode())
    return browser_of(reply.body) if 200 <= reply.status <= 299 else ""


def _send(scenario: Scenario, transport: Transport, browser: str, event: dict[str, Any]) -> bool:
    path = event_path(scenario.target, scenario.defaults, browser, event)
    return 200 <= transport.send("GET", path.encode()).status <= 299


def _arrived(reader: TargetReader, browser: str) -> bool:
    """Whether the CHECKOUT, the last of the events, is on a timeline. Raises TargetError."""
    ref = reader.guest_behind(browser)
    found = reader.sessions(ref) if ref else ()
    return any(events.CHECKOUT.name in session.events for session in found or ())
