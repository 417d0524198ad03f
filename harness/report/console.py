"""The two consoles: what goes where, what they can show, and how a refusal looks."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

USUAL_WIDTH = 80
LOG_WIDTH = 120
"""Columns of a line where there is no terminal to ask."""
_ASCII = str.maketrans({"✓": "+", "✗": "x", "…": "~", "–": "-"})


def stdout() -> Console:
    """Where results and progress go. Honours NO_COLOR; plain when it is not a terminal."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())
    if console.width < 1:
        console.width = USUAL_WIDTH  # COLUMNS=0: nothing at all would be shown
    return console


def encodable(line: Text, console: Console) -> Text:
    """``line`` in characters that the console's encoding has."""
    encoding = console.encoding
    if encoding.lower().replace("-", "").startswith("utf"):
        return line
    # One character for one, so that the styles' places stay right.
    plain = line.plain.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return Text(plain, style=line.style, spans=list(line.spans), end=line.end)


def show(draw: Callable[[Console], object]) -> None:
    """Print on standard output. A reader who went away (``| head``), a closed terminal or a full disk change nothing else."""
    console = stdout()
    try:
        draw(console)
        console.file.flush()
        return
    except (OSError, ValueError):  # ValueError: the file was closed
        pass
    except SystemExit as exit_request:
        # What rich makes of a broken pipe. An exit that somebody else asked for goes its way.
        if not isinstance(exit_request.__context__, BrokenPipeError):
            raise
    # What is still in the buffers must go somewhere, or Python complains of it when it ends.
    with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), console.file.fileno())


def refuse(text: str) -> None:
    """One clear message on standard error."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    with contextlib.suppress(OSError, ValueError):  # nobody is there to read it
        console.print(Text(text))
