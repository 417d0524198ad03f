"""Events for a store, and what its timelines say, for the tests of the rules."""

import json
from typing import Any

from harness.sandbox.model import Entry
from harness.sandbox.store import Outcome, Store

from .client import event


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def send(store: Store, browser: str, *events: dict[str, Any]) -> Outcome:
    outcome = Outcome.ACCEPTED
    for each in events:
        sent = event(browser, each)
        outcome = store.record(sent, json.dumps(sent).encode())
    return outcome


def entries(store: Store) -> list[Entry]:
    return [e for g in store.guests.values() for s in g.sessions for e in s.timeline]


def notes(store: Store) -> list[str]:
    return [e.note for e in entries(store) if e.note]


def titles(store: Store) -> list[str]:
    return [e.title for e in entries(store) if e.title]
