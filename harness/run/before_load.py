"""Signals in the moments before a run is ready: nothing has been sent, so the process simply ends, with one sentence."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from harness.run import exit_codes

_owner = 0
TOLD = "Interrupted before the load began: nothing was sent."


def end_on_signals() -> None:
    """From now on Ctrl-C, SIGTERM and a closed terminal end the process, unless it was told to ignore them (nohup).

    They do so at once: in the midst of imports, where it is most of this time, an exception would leave as a stack trace.
    """
    global _owner  # noqa: PLW0603 - a forked worker has nothing to say
    _owner = os.getpid()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _end)


def _end(*_: object) -> NoReturn:
    try:
        if os.getpid() == _owner:
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"{TOLD}\n".encode())
    finally:
        os._exit(exit_codes.INTERRUPTED)
