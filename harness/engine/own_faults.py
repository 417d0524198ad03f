"""Failures of the machine that sends, not of the target: what it ran out of, and what would help."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from harness.record.recorder import Failure

GENERATOR = "generator"
"""The kind of such errors."""
DESCRIPTORS = "no free file descriptors on this machine"
PORTS = "no free ports on this machine"
BUFFERS = "no memory for sockets on this machine"
_TOLD = {
    errno.EMFILE: DESCRIPTORS,
    errno.ENFILE: DESCRIPTORS,
    errno.EADDRNOTAVAIL: PORTS,
    errno.ENOBUFS: BUFFERS,
    errno.ENOMEM: BUFFERS,
}
WAYS_OUT: Mapping[str, str] = {
    DESCRIPTORS: "raise the limit of open files (ulimit -n), or use fewer users or more processes",
    PORTS: "widen the range of ports (net.ipv4.ip_local_port_range), or use fewer users or more machines",
    BUFFERS: "use fewer users or more machines",
}


def own_fault(error: BaseException | None) -> Failure | None:
    """The failure that an error of connecting is, where it is this machine's own."""
    told = _TOLD.get(error.errno or 0) if isinstance(error, OSError) else None
    return None if told is None else Failure(GENERATOR, told)
