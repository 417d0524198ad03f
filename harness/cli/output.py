"""Where a command's result goes: to the terminal, to standard output, or into a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click


def put(render: Callable[[], None] | None, text: Callable[[], str], out: str | None) -> None:
    """Write a result. ``render`` draws it on a terminal (None: there is no such form), ``text`` gives it as a text.

    Ends the process with 2 when the file ``out`` cannot be written.
    """
    if out is None:
        if render is not None:
            render()
        else:
            click.echo(text().encode("utf-8", "replace"), nl=False)
        return
    try:
        Path(out).write_bytes(text().encode("utf-8", "replace"))
    except OSError as error:
        from harness.report.console import refuse  # noqa: PLC0415 - only when something is wrong
        from harness.report.words import os_reason  # noqa: PLC0415

        refuse(f"error: {out}: {os_reason(error)}")
        sys.exit(2)
