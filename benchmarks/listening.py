"""A locustfile of somebody who has a listener of his own beside a compiled scenario."""

from __future__ import annotations

import sys
from typing import Any

from locust import events

from harness.run.door import journeys

slow: dict[str, int] = {}


@events.request.add_listener
def on_request(name: str, response_time: float, exception: Exception | None, **_: Any) -> None:
    """Count slow and failed requests."""
    if exception is not None or response_time > 1000:
        slow[name] = slow.get(name, 0) + 1


globals().update(journeys(sys.argv[1:]))
