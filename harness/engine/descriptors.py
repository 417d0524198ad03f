"""Room for sockets, made before the load starts.

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
