"""Variables of the environment, or the files that they name.

Where ``NAME`` is not set and ``NAME_FILE`` is, the value is what that file holds, without the last line's end: the habit
of Docker and Kubernetes, which keeps secrets out of the environment, where other processes could read them.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

LARGEST = 64 * 1024
"""Bytes of such a file."""
HANDED_OVER = ("/run/secrets/", "/var/run/secrets/")
"""Where containers find their secrets, which are readable in there by design."""
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL|BEARER|JWT|COOKIE|SIGNATURE|PRIVATE|_PW", re.I)


class VariableError(ValueError):
    """The file that a variable names cannot be used; the text says why, ``label`` what to do."""

    def __init__(self, why: str, label: str) -> None:
        super().__init__(why)
        self.label = label


class Variable(NamedTuple):
    """A value. ``secret``: it must not be shown. ``open_to``: the file that it comes from may be read by everybody."""

    text: str
    secret: bool
    open_to: str = ""


def variable(name: str) -> Variable | None:
    """The value of a variable; None where there is none, or it is empty. Raises VariableError."""
    if text := os.environ.get(name):
        return Variable(text, bool(_SECRET_NAME.search(name)))
    if file := os.environ.get(f"{name}_FILE"):
        return _from_file(f"{name}_FILE", Path(file))
    return None


def _from_file(name: str, path: Path) -> Variable:
    try:
        # Without blocking: a pipe that nobody writes to has nothing to say.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, no path
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise VariableError(f"{name} names {path}, which is no file", "name a file that holds the value alone")
            data = file.read(LARGEST + 1)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise VariableError(f"{name} names {path}, which cannot be read: {why}", f"mend {name}, or the file") from None
    if len(data) > LARGEST:
        raise VariableError(f"{name} names {path}, which is larger than {LARGEST >> 10} KiB", "is it the right file?")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise VariableError(f"{name} names {path}, which is not UTF-8", "is it the right file?") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise VariableError(f"{name} names {path}, which is empty", "write the value into it")
    anybody = found.st_mode & stat.S_IROTH and not str(path).startswith(HANDED_OVER)
    return Variable(text, True, str(path) if anybody else "")
