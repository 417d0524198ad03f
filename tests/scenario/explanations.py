"""What docs/diagnostics.md says of each code, from explanations.yaml beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

SMALL = """\
scenario: shop
target: {url: sandbox, point_of_sale: pastoral-witty-grill}
journeys: {visit: {steps: [browse]}}
load: {users: 5, duration: 10s}
"""


class Explained(NamedTuple):
    """``example`` is a file of the corpus; empty where none is small enough. No ``mending``: SMALL is the mended one."""

    title: str
    meaning: str
    example: str = ""
    mending: tuple[tuple[str, str], ...] = ()


def _explained(text: str) -> dict[str, Explained]:
    return {
        code: Explained(said["title"], said["meaning"], said.get("example", ""), tuple(said.get("mending", {}).items()))
        for code, said in yaml.safe_load(text).items()
    }


EXPLAINED = _explained(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
