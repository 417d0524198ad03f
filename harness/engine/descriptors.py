"""Room for sockets, made before the load starts, and files for what comes after it.

Linux doubles a process's table of open files when it is full, at 256, 512, 1,024 … of them. With more than one thread
it waits meanwhile until every core has passed a quiet moment: 15 to 40 ms in the call ``socket()``, in which no reply
is read. A table that is large from the start never grows while anything is measured.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource

MOST = 65_536
"""Files to make room for, at most: 0.5 MB of the kernel's memory."""


SPARE = 16
"""Files that are held during a load, so that its report can be written while users hold all the others."""
OTHERS = 64
"""Files of a process that are no connections of its users."""


def raise_limit() -> None:
    """Allow this process, and those it starts, as many open files as the system lets it (at most MOST)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def shortage(users: int) -> str:
    """Why this process cannot have so many users, each with a connection; empty when it can."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY or users + OTHERS <= limit:
        return ""
    return (
        f"{users:,} users need {users + OTHERS:,} open files, and a process may have {limit:,} here: "
        "raise the limit (ulimit -n), or use fewer users or more processes"
    )


class Spare:
    """Open files that are of no use but to be closed when others are needed."""

    def __init__(self) -> None:
        self._held: list[int] = []

    def hold(self) -> None:
        """Open them, as many as there may be."""
        with contextlib.suppress(OSError):
            while len(self._held) < SPARE:
                self._held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))

    def release(self) -> None:
        """Close them."""
        while self._held:
            os.close(self._held.pop())


def make_room() -> None:
    """Let the table grow to as many files as this process may open (at most MOST). Does nothing where it cannot."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    highest = MOST if limit == resource.RLIM_INFINITY else min(limit, MOST)
    with contextlib.suppress(OSError):
        read, write = os.pipe()
        try:
            os.close(fcntl.fcntl(read, fcntl.F_DUPFD_CLOEXEC, highest - 1))
        finally:
            os.close(read)
            os.close(write)
