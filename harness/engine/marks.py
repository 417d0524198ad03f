"""How a run is recognised: a mark of its own, in its order numbers and in every request."""

from __future__ import annotations

import random

from harness import __version__
from harness.guests.identity import base36

_DICE = random.SystemRandom()


def new_run_id(kind: str) -> str:
    """A mark for everything that a run makes at the target. ``kind`` is its first letter: R a load, V a validation."""
    return f"{kind}{base36(_DICE.randrange(36**6)).upper():0>6}"


def request_headers(run_id: str) -> dict[str, str]:
    """What every request carries, so that it can be recognised and switched off."""
    return {"User-Agent": f"harness/{__version__}", "X-Harness-Run": run_id, "Accept-Encoding": "identity"}
