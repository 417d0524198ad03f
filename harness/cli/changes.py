"""What options replace in a scenario, for every command that reads one."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from harness.run.options import RunOptions
from harness.scenario.overrides import Override


def overrides(
    sets: Sequence[str], target: str | None, seed: str | None = None, more: Sequence[str] = ()
) -> tuple[Override, ...]:
    """What the options replace; without ``--set`` what HARNESS_SET says, parts between commas.

    ``more`` are options of their own, as ``key=value``: they come after ``--set``.
    """
    told = tuple(part.strip() for part in os.environ.get("HARNESS_SET", "").split(",") if part.strip())
    changes = tuple(sets) or told
    for text in changes:
        if not text.partition("=")[0].strip() or "=" not in text:
            raise click.BadParameter(f"'{text[:60]}' is not KEY=VALUE, for example load.users=5", param_hint="'--set'")
    return RunOptions(set=(*changes, *more), target=target, seed=seed).overrides()
