"""Texts with blanks: places that a variable fills later, by name, wherever a text comes from or goes to.

A blank is the name between two characters that no text has of its own (they are private to Unicode's users).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_OPEN, _CLOSE = "\ue000", "\ue001"
_BLANK = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")


def blank(name: str) -> str:
    """The blank of a variable."""
    return f"{_OPEN}{name}{_CLOSE}"


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The parts of a text in order, none empty: whether it is a blank, and its text or its name."""
    place = 0
    for match in _BLANK.finditer(text):
        if match.start() > place:
            yield False, text[place : match.start()]
        yield True, match[1]
        place = match.end()
    if place < len(text):
        yield False, text[place:]


def filled(text: str, value: Callable[[str], str]) -> str:
    """The text with each blank replaced by what its name gives."""
    return _BLANK.sub(lambda match: value(match[1]), text)


def names(text: str) -> list[str]:
    """The names of a text's blanks, in order."""
    return [name for is_blank, name in pieces(text) if is_blank]


def foreign(text: str) -> str:
    """A text from outside, in which nothing may pass for a blank."""
    return _MARKS.sub("\ufffd", text)
