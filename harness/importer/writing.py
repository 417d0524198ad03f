"""How what is taken over is written in the scenario language: texts with variables, JSON, names."""

from __future__ import annotations

import re
from collections.abc import Container
from decimal import Decimal
from typing import Any

from harness.scenario.blanks import blank, pieces
from harness.scenario.variables import KNOWN_NAMES, escaped
from harness.scenario.yaml_writer import Plain, Written

CLIENT_KEY = Written("${CDP_CLIENT_KEY:-sandbox}")
_OPEN = blank("")[0]


class Variables:
    """Gives blanks their expressions: a guest's field, what was captured before, or the environment.

    ``captured``: blanks' names that a step before has filled. ``used``: variables of the environment.
    """

    def __init__(self, used: dict[str, None]) -> None:
        self.captured: dict[str, str] = {}
        self._used = used

    def expression(self, name: str) -> str:
        """The expression of a blank."""
        root, _, field = name.partition(".")
        if root in KNOWN_NAMES and field in KNOWN_NAMES[root]:
            return name
        if name in self.captured:
            return self.captured[name]
        known = environment_name(name)
        self._used[known] = None
        return f"env.{known}"

    def text(self, text: str) -> str:
        """A text of a step."""
        if _OPEN not in text:
            return text
        written = ""
        for is_blank, piece in pieces(text):
            if not is_blank:
                written += escaped(piece)
                continue
            if written.endswith("$"):
                written = written[:-1] + "${'$'}"
            written += f"${{{self.expression(piece)}}}"
        return Written(written)

    def json(self, value: Any) -> Any:
        """A JSON value."""
        if isinstance(value, dict):
            return {Written(name.replace(_OPEN, "")): self.json(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.json(each) for each in value]
        if isinstance(value, float):
            return Plain(f"{Decimal(repr(value)):f}")
        if isinstance(value, Decimal):
            return Plain(f"{value:f}")
        return self.text(value) if isinstance(value, str) else value


def environment_name(name: str) -> str:
    """A name that a variable of the environment can have."""
    made = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper(), flags=re.ASCII).strip("_")[:80]
    return made if re.match(r"[A-Z_]", made) else f"VALUE_{made}"


def capture_name(name: str, taken: Container[str]) -> str:
    """A name for a captured value, which no other has."""
    made = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()[:40] or "value"
    if (
        not re.match(r"[a-z]", made)
        or made in KNOWN_NAMES
        or made in ("true", "false", "none", "and", "or", "not", "env")
    ):
        made = f"value_{made}"
    number, whole = 2, made
    while whole in taken:
        whole = f"{made}_{number}"
        number += 1
    return whole


def label(name: str, otherwise: str, taken: Container[str] = ()) -> str:
    """A name for a scenario or a journey: letters, digits, - and _."""
    made = re.sub(r"[^\w]+", "-", name.replace(_OPEN, "")).strip("-_")[:60] or otherwise
    number, whole = 2, made
    while whole in taken:
        whole = f"{made}-{number}"
        number += 1
    return whole


def step_name(name: str) -> str:
    """A name for a step, empty where nothing of it can stay."""
    made = "".join(" " if is_blank else piece for is_blank, piece in pieces(name))
    return re.sub(r"[^\w()-]+", " ", made).strip(" ()-")[:70].strip(" ()-")


def path_text(json_path: tuple[str | int, ...]) -> str | None:
    """A JSON path in the scenario's writing; None where it cannot be written."""
    made = "$"
    for part in json_path:
        if isinstance(part, int):
            made += f"[{part}]"
        elif re.fullmatch(r"[A-Za-z_][\w-]*", part):
            made += f".{part}"
        elif "'" not in part:
            made += f"['{part}']"
        else:
            return None
    return made
