"""Commands in a small world of their own: file systems that are full, networks with few ports. As any user, where allowed."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest


@functools.cache
def _why_not(options: Sequence[str], prepare: str) -> str:
    if not Path("/proc/self/ns").exists():
        return "needs Linux"
    try:
        done = subprocess.run(
            ["unshare", *options, "sh", "-c", prepare], capture_output=True, text=True, timeout=20, check=False
        )
    except FileNotFoundError:
        return "needs unshare (util-linux)"
    return "" if done.returncode == 0 else f"needs leave to make namespaces: {done.stderr.strip()}"


def confined(options: Sequence[str], prepare: str, probe: str | None = None) -> list[str]:
    """What to put in front of a command. Skips the test where namespaces are not allowed.

    ``prepare`` is a line of shell, in the new namespaces, before the command; ``probe`` another that tries whether it
    can be done.
    """
    options = (*options, "--map-root-user") if os.getuid() else tuple(options)
    if why := _why_not(options, probe or prepare):
        pytest.skip(why)
    return ["unshare", *options, "sh", "-c", f'{prepare} && exec "$@"', "sh"]


def small_disk(folder: os.PathLike[str], options: str) -> list[str]:
    """With a file system of its own at ``folder``, until the command ends; what is on it is gone then."""
    place = shlex.quote(os.fspath(folder))
    mount = f"mount -t tmpfs -o {options} none"
    return confined(["--mount", "--propagation", "private"], f"{mount} {place}", f"{mount} /tmp")


def few_ports(low: int, high: int) -> list[str]:
    """In a network of its own that has nothing but the loopback, and so many ports to connect from."""
    ports = f"echo {low} {high} > /proc/sys/net/ipv4/ip_local_port_range"
    return confined(["--net"], f"ip link set lo up && {ports}")


def minding_modes() -> list[str]:
    """As a user for whom the modes of files count: they do not for root, unless it gives up that right."""
    if os.getuid():
        return []
    without = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}"]
