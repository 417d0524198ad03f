"""Samples of failures: the first few of each kind, with request and reply, cut to a size to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from harness.compiler.plan import Send
from harness.engine.http_reply import Reply
from harness.record.figures import ErrorKey
from harness.record.recorder import Failure

PER_KIND = 3
MOST_KINDS = 1000
LONGEST = 2000
"""Characters of a request, and of a reply."""


class Kept:
    """Knows how often each kind of failure has been sampled."""

    def __init__(self) -> None:
        self._seen: Counter[ErrorKey] = Counter()

    def wants(self, key: ErrorKey) -> bool:
        """Whether another sample of that kind is kept; it counts as one."""
        seen = self._seen[key]
        if seen >= PER_KIND or (not seen and len(self._seen) > MOST_KINDS):
            return False
        self._seen[key] += 1
        return True

    def keeps(self, sample: dict[str, object]) -> bool:
        """Whether a sample is kept."""
        return self.wants(ErrorKey(*(str(sample[name]) for name in ("kind", "detail", "journey", "step"))))


class Samples:
    """Takes samples of one process's failures."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask
        self._kept = Kept()
        self._taken: list[dict[str, object]] = []

    def add(self, journey: str, send: Send, target: bytes, reply: Reply, failure: Failure) -> None:
        """A request failed. Secrets are masked here, before a sample goes anywhere."""
        if not self._kept.wants(ErrorKey(failure.kind, failure.detail, journey, send.name)):
            return
        self._taken.append(
            {
                "journey": journey,
                "step": send.name,
                "kind": failure.kind,
                "detail": failure.detail,
                "time": datetime.now().astimezone().isoformat(timespec="milliseconds"),
                "request": self._mask(f"{send.request.method} {target.decode('ascii')}")[:LONGEST],
                "status": reply.status or None,
                "latency_ms": reply.latency_us / 1000,
                "reply": self._mask(reply.body.decode("utf-8", "replace"))[:LONGEST],
            }
        )

    def take(self) -> list[dict[str, object]]:
        """The samples since the last call."""
        taken, self._taken = self._taken, []
        return taken
