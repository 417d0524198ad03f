"""Masking: a secret appears in nothing that is written, whichever way it is encoded.

One expression finds a secret character by character, each as it is or as some encoding has it (percent, JSON, HTML,
Markdown, YAML), so that any mixture of them is found; Base64 is looked for in its three alignments.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from html.entities import html5
from typing import Any, TypeVar

MASK = "***"
SHORTEST = 4
"""Shorter texts are not secrets, and masking them would make everything else unreadable."""
SHORTEST_ENCODED = 6
"""Characters of Base64 or hexadecimal digits that are no coincidence."""
_ENTITIES: dict[str, list[str]] = {}
for _name, _meant in html5.items():
    if _name.endswith(";") and len(_meant) == 1 and ord(_meant) < 0x250:
        _ENTITIES.setdefault(_meant, []).append(_name)

T = TypeVar("T")


class Masker:
    """Replaces secrets in texts. ``pairs`` are user and password, as HTTP Basic sends them."""

    def __init__(self, secrets: Iterable[str], pairs: Iterable[tuple[str, str]] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        found = {_anyhow(secret) for secret in known}
        for secret in known:
            data = secret.encode()
            found |= {_anyhow(each) for each in _encoded(data) if len(each) >= SHORTEST_ENCODED}
        for user, password in pairs:
            found.add(_anyhow(base64.b64encode(f"{user}:{password}".encode()).decode()))
        self._pattern = re.compile("|".join(sorted(found, key=len, reverse=True))) if found else None

    def mask(self, text: str) -> str:
        """The text without secrets."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def blot(self, text: str) -> str:
        """The same, with as many asterisks as there were characters: what stands behind keeps its column."""
        return text if self._pattern is None else self._pattern.sub(lambda found: "*" * len(found[0]), text)

    def value(self, value: T) -> T:
        """A frozen value (dataclasses, tuples, texts) with every text masked."""
        return value if self._pattern is None else self._masked(value)

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, tuple) and type(value) is tuple:
            return tuple(map(self._masked, value))
        if is_dataclass(value) and not isinstance(value, type):
            changed: dict[str, Any] = {}
            for each in fields(value):
                old = getattr(value, each.name)
                if isinstance(old, str | tuple) or is_dataclass(old):
                    changed[each.name] = self._masked(old)
            return replace(value, **changed)
        return value

    def formatter(self, pattern: str) -> logging.Formatter:
        """A log formatter that masks all that it writes, tracebacks too."""
        return self.wrapped(logging.Formatter(pattern))

    def wrapped(self, inner: logging.Formatter | None) -> logging.Formatter:
        """A log formatter that masks what another one makes."""
        return _Masking(self, inner or logging.Formatter())

    def masks(self, formatter: logging.Formatter | None) -> bool:
        """Whether a formatter is one of ours already."""
        return isinstance(formatter, _Masking)


class _Masking(logging.Formatter):
    def __init__(self, masker: Masker, inner: logging.Formatter) -> None:
        super().__init__()
        self._mask, self._inner = masker.mask, inner

    def format(self, record: logging.LogRecord) -> str:
        return self._mask(self._inner.format(record))


def _encoded(data: bytes) -> set[str]:
    """What of the data's Base64 is the same whatever stands around it, in its three alignments; and as hex digits."""
    made = {data.hex(), data.hex().upper()}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).decode()
        core = whole[-(-8 * before // 6) : 8 * (before + len(data)) // 6]
        made |= {core, core.translate(str.maketrans("+/", "-_"))}
    return made


def _anyhow(text: str) -> str:
    """An expression for a text, each of its characters in any encoding."""
    return "".join(map(_char, text))


def _char(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    number = ord(char)
    data = char.encode()
    forms = [
        "".join(f"%(?:25)*{_hex(f'{byte:02x}')}" for byte in data),
        rf"{_BACKSLASH}+u{_hex(f'{number:04x}')}" if number < 0x10000 else _surrogates(number),
        "".join(f"{_BACKSLASH}+x{_hex(f'{byte:02x}')}" for byte in data),
        f"&(?:amp;)*(?:#0*{number}|#[xX]0*{_hex(f'{number:x}')});",
        *(f"&(?:amp;)*{re.escape(name)}" for name in _ENTITIES.get(char, ())),
    ]
    if number < 0x100:
        forms.append(f"{_BACKSLASH}+x{_hex(f'{number:02x}')}")
    if char == " ":
        forms += [r"\+", "&nbsp;"]
    if char == "'":
        forms.append("''")
    forms.append(re.escape(char))  # the last: what begins like it may be longer
    # Escaped in JSON or Markdown, and again in a JSON text.
    return f"(?:{_BACKSLASH}{{0,8}}(?:{'|'.join(forms)}))"


_BACKSLASH = r"(?:\\|%(?:25)*5[cC])"


def _surrogates(number: int) -> str:
    high, low = 0xD800 + ((number - 0x10000) >> 10), 0xDC00 + ((number - 0x10000) & 0x3FF)
    return f"{_BACKSLASH}+u{_hex(f'{high:x}')}{_BACKSLASH}+u{_hex(f'{low:x}')}"


def _hex(digits: str) -> str:
    """Hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)
