"""What most events of a file carry, which becomes the scenario's defaults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.scenario import iso
from harness.scenario.blanks import blank, names


@dataclass(frozen=True, slots=True)
class Usual:
    """What most events carry. ``pos`` may be a blank, where the file leaves it open."""

    channel: str = "WEB"
    language: str = "EN"
    currency: str = "EUR"
    page: str = "home page"
    pos: str = ""

    def __getitem__(self, name: str) -> str:
        value: str = getattr(self, name)
        return value


def usual(found: Iterable[Mapping[str, Any]]) -> Usual:
    """The most frequent value of each attribute that has to have one."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("channel", "language", "currency", "page", "pos")}
    for event in found:
        for name, counter in counts.items():
            value = event.get(name)
            if name == "pos" and isinstance(value, str) and value == blank("".join(names(value))):
                counter[value] += 1
                continue
            if not isinstance(value, str) or blank("")[0] in value or not value.isprintable():
                continue
            value = value.upper() if name in ("channel", "language", "currency") else value
            if {
                "channel": re.fullmatch(r"[A-Z][A-Z_]{0,39}", value) is not None,
                "language": iso.is_language(value),
                "currency": iso.is_currency(value),
            }.get(name, 0 < len(value) <= 1000):
                counter[value] += 1
    known = {name: counter.most_common(1)[0][0] for name, counter in counts.items() if counter}
    return Usual(**known)
