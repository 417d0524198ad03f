"""What a shell is told of an argument: that it is a file, so that the shell completes it by its own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only while a line is completed

    return [CompletionItem(incomplete, type="file")]
