"""Values of options that the scenario language knows, too, written as there."""

from __future__ import annotations

from collections.abc import Callable

import click

Read = Callable[[click.Context, click.Parameter, str | None], float | None]
"""What click calls with an option's text; None, where the option is not given, stays None."""


def duration(example: str) -> Read:
    """Reads a duration in seconds; ``example`` is shown where it is none."""

    def parse(text: str) -> float | None:
        from harness.scenario.quantities import seconds  # noqa: PLC0415 - so that --help is quick

        return seconds(text)

    return _read(parse, f"a duration such as {example}")


def rate(example: str) -> Read:
    """Reads a rate above 0 as so many a second; ``example`` is shown where it is none."""

    def parse(text: str) -> float | None:
        from harness.scenario import quantities  # noqa: PLC0415 - so that --help is quick

        return quantities.rate(text) or None

    return _read(parse, f"a rate such as {example}")


def _read(parse: Callable[[str], float | None], wanted: str) -> Read:
    def read(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
        value = None if text is None else parse(text.strip())
        if text is not None and value is None:
            raise click.BadParameter(f"'{text[:60]}' where {wanted} belongs.")
        return value

    return read
