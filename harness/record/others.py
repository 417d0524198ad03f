"""Users of other locustfiles that run beside compiled journeys: what a run says of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherUsers:
    """Users that are not compiled, of the same Locust: their ``classes``, the most ``users`` at a time, and what Locust's
    statistics hold of them: ``requests``, of which ``failed``, and ``exceptions`` that their code raised.
    """

    classes: tuple[str, ...]
    users: int
    requests: int = 0
    failed: int = 0
    exceptions: int = 0
