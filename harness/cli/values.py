"""Values of options that the scenario language knows, too, written as there."""

from __future__ import annotations

import click


def per_second(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """A rate as so many a second."""
    from harness.scenario.quantities import rate  # noqa: PLC0415 - so that --help is quick

    value = None if text is None else rate(text.strip())
    if text is not None and not value:
        raise click.BadParameter(f"'{text[:60]}' where a rate such as 20/s belongs.")
    return value


def duration_s(_: click.Context, __: click.Parameter, text: str) -> float:
    """A duration in seconds."""
    from harness.scenario.quantities import seconds  # noqa: PLC0415 - so that --help is quick

    value = seconds(text.strip())
    if value is None:
        raise click.BadParameter(f"'{text[:60]}' where a duration such as 5s belongs.")
    return value
