"""The two consoles, and how a refusal looks."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

USUAL_WIDTH = 80


def stdout() -> Console:
    """Where results and progress go. Honours NO_COLOR; plain when it is not a terminal."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())
    if console.width < 1:
        console.width = USUAL_WIDTH  # COLUMNS=0: nothing at all would be shown
    return console


def refuse(text: str) -> None:
    """One clear message on standard error."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    console.print(Text(text))
