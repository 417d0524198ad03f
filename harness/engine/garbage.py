"""Python's garbage collector, kept from pausing the load.

A full collection looks at every object there is: with 3,000 users it stops all of them for 100 ms, which one request
in a hundred would see in its latency. What lives until the end anyway, the program and its users, is frozen: put
aside, never looked at again. That costs nothing (``gc.freeze``); collections of the rest take less than a millisecond.
"""

from __future__ import annotations

import gc


class Garbage:
    """From ``start`` to ``stop`` nothing that lives is looked at; ``second`` is called once a second in between."""

    def __init__(self) -> None:
        self._users = 0

    def start(self) -> None:
        """A load begins. While its first users are made, nothing is collected at all."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._users = 0

    def second(self, users: int) -> None:
        """There are so many users now."""
        if users > self._users:
            gc.freeze()
            self._users = users
        gc.enable()

    def stop(self) -> None:
        """The load is over: all is looked at again."""
        gc.enable()
        gc.unfreeze()
