"""A target that refuses what it is asked, and what it says of it."""

from __future__ import annotations

from typing import Any

import orjson

from harness.engine.target_errors import TargetError

LONGEST_MESSAGE = 200
"""Characters of a target's own words that are shown."""
_NAMES = ("developerMessage", "message", "error_msg")


class RefusedError(TargetError):
    """The request itself is not taken. ``status`` is that of the reply; the text is what it says."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def said(body: bytes) -> str:
    """What an error reply, JSON or a storage service's XML, says, on one line; empty where it says nothing."""
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace").partition("<Message>")[2].partition("</Message>")[0]
    else:
        found = (told.get(name) for name in _NAMES) if isinstance(told, dict) else ()
        text = next((each for each in found if isinstance(each, str)), "")
    return " ".join(text.split())[:LONGEST_MESSAGE]
