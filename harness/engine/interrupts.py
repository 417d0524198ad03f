"""Signals that ask a process to end: Ctrl-C, SIGTERM, and SIGHUP, which comes when a terminal is closed.

Python's own way is to raise KeyboardInterrupt in whatever runs just then, and what that was about to count is lost. Here a
signal wakes a greenlet of its own, and nothing else is disturbed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import gevent

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_signals(act: Callable[[], object]) -> None:
    """From now on each of them calls ``act``, in a greenlet. One that this process was told to ignore (nohup) stays so."""

    def handle(*_: object) -> None:
        gevent.spawn(act)

    for each in SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, handle)


def raise_in_main(error: BaseException) -> None:
    """Raise in the main greenlet, where it waits."""
    hub: Any = gevent.get_hub()
    hub.loop.run_callback(hub.parent.throw, error)


class CutShortError(Exception):
    """What was waited for is not wanted any more."""


class Cut(Generic[T]):
    """Lets one greenlet end what another waits for, once and for all."""

    def __init__(self) -> None:
        self._wanted = False
        self._at_work: Any = None

    def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives. Raises CutShortError where it waits, or at once, when ``now`` is called."""
        if self._wanted:
            raise CutShortError
        self._at_work = gevent.getcurrent()
        try:
            return work()
        finally:
            self._at_work = None

    def now(self) -> None:
        """End it."""
        self._wanted = True
        if self._at_work is not None:
            gevent.get_hub().loop.run_callback(self._throw, self._at_work)

    def _throw(self, at_work: Any) -> None:
        if at_work is self._at_work:
            at_work.throw(CutShortError())
