"""Where a command's result goes: to the terminal, to standard output, or into a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def text_or_json(command: F) -> F:
    """``--format text|json``."""
    return click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
        envvar="HARNESS_FORMAT", help="For people, or for programs.",
    )(command)  # fmt: skip


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
