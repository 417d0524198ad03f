"""Test scripts of Postman, read and never run: the values that they keep plainly, and the status that they expect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.importer.calls import Capture

LONGEST_LINE = 2_000
_NAME = r"[A-Za-z_$][\w$]{0,79}"
_PATH = r"""(?:\.[A-Za-z_]\w*|\[[0-9]{1,6}\]|\[["'][^"'\\]*["']\])"""
_REPLY = r"(?:pm\.response\.json\(\)|JSON\.parse\(\s*responseBody\s*\))"
_HELD = re.compile(rf"^\s*(?:(?:var|let|const)\s+)?({_NAME})\s*=\s*{_REPLY}({_PATH}*)\s*;?\s*$")
"""``const jsonData = pm.response.json();``"""
_KEPT = re.compile(
    r"^\s*(?:pm\.(?:collectionVariables|environment|globals|variables)\.set|postman\.set(?:Environment|Global)Variable)"
    r"""\(\s*["']([^"']{1,80})["']\s*,\s*(?:pm\.response\.headers\.get\(\s*["']([A-Za-z0-9-]{1,100})["']\s*\)"""
    rf"|({_REPLY}|{_NAME})({_PATH}*))\s*\)\s*;?\s*$"
)
"""``pm.environment.set("cart", jsonData.cart_no);``"""
_PART = re.compile(r"\.(\w+)|\[([0-9]+)\]|\[[\"']([^\"'\\]*)[\"']\]")
_CODE = r"\(\s*([1-5][0-9]{2})\s*\)"
_STATUS = (
    rf"(?:pm\.response\.to\.have\.status{_CODE}|pm\.expect\(\s*pm\.response\.code\s*\)\.to\.(?:eql?|equal){_CODE})"
)
_FUNCTION = r"(?:function\s*\(\s*\)|\(\s*\)\s*=>)"
_CHECK = re.compile(
    rf"""pm\.test\(\s*(?:"[^"\n]{{0,200}}"|'[^'\n]{{0,200}}')\s*,\s*{_FUNCTION}\s*\{{?\s*{_STATUS}\s*;?\s*\}}?\s*\)\s*;?"""
    rf"|^[ \t]*{_STATUS}[ \t]*;?[ \t]*$",
    re.M,
)
"""``pm.test("made", () => pm.response.to.have.status(201));``, in one line or several, or without ``pm.test``."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a test script keeps and expects. ``status``: 0 where it expects none. ``more``: it does other things, too."""

    captures: tuple[Capture, ...] = ()
    status: int = 0
    more: bool = False


def read_script(lines: Sequence[str]) -> Script:
    """What there is in a test script that the language has words for."""
    found = {int(next(filter(None, match.groups()))) for match in _CHECK.finditer("\n".join(lines))}
    status = found.pop() if len(found) == 1 else 0
    rest = _CHECK.sub("", "\n".join(lines)).split("\n") if status else lines
    held: dict[str, tuple[str | int, ...]] = {}
    captures: list[Capture] = []
    more = False
    for line in rest:
        short = line if len(line) < LONGEST_LINE else ""
        if match := _HELD.match(short):
            held[match[1]] = _path(match[2])
            continue
        match = _KEPT.match(short)
        captured = _captured(match, held) if match else None
        if captured is not None:
            captures.append(captured)
        elif line.strip() and not line.strip().startswith("//"):
            more = True
    return Script(tuple(captures), status, more)


def _captured(match: re.Match[str], held: dict[str, tuple[str | int, ...]]) -> Capture | None:
    """The value that a line keeps; None: nobody knows what its variable holds."""
    name, header, variable, path = match.groups()
    if header:
        return Capture(name, header)
    before = held.get(variable) if re.fullmatch(_NAME, variable) else ()
    whole = None if before is None else (*before, *_path(path))
    return Capture(name, whole) if whole else None


def _path(text: str) -> tuple[str | int, ...]:
    return tuple(int(part[2]) if part[2] else (part[1] or part[3] or "") for part in _PART.finditer(text))
