"""When memory runs out: a run ends, and tells, instead of dying. For that some is held until then."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any

import gevent

HELD = 64 << 20
"""Bytes of address space; as nobody writes to them, they take no memory."""


class Memory:
    """Watches for the first MemoryError, wherever it comes up, gives free what is held, and calls ``act``."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._held: mmap.mmap | None = None
        hub: Any = gevent.get_hub()
        locusts_own = hub.handle_error

        def handle(context: object, kind: Any, value: Any, trace: Any) -> None:
            if isinstance(kind, type) and issubclass(kind, MemoryError):
                self.ran_out()
            else:
                locusts_own(context, kind, value, trace)

        hub.handle_error = handle

    def hold(self) -> None:
        """A load begins."""
        self._held = mmap.mmap(-1, HELD)

    def ran_out(self) -> None:
        """There was none left."""
        if self._held is not None:
            self._held.close()
            self._held = None
            self._act()
