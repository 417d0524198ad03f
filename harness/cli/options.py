"""Options that several commands have. Nothing but click is imported, so that ``--help`` is quick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def sets(command: F) -> F:
    """``--set``."""
    return click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Replace a value of the scenario.")(
        command
    )


def target(command: F) -> F:
    """``--target`` of a command to which a scenario's target matters."""
    return click.option(
        "--target", metavar="URL|sandbox", envvar="HARNESS_TARGET", help="As if the scenario named this target."
    )(command)


def load(command: F) -> F:
    """``--load``."""
    return click.option("--load", metavar="NAME", envvar="HARNESS_LOAD", help="Which of the scenario's loads.")(command)


def scenario_options(command: F) -> F:
    """``--target``, ``--load`` and ``--set``."""
    return target(load(sets(command)))


def steady_options(command: F) -> F:
    """``--rate``, ``--users`` and ``--duration``: a steady load instead of the scenario's."""
    for option in (
        click.option("--duration", metavar="TIME", envvar="HARNESS_DURATION", help="How long, for example 30s or 5m."),
        click.option("--users", metavar="N", envvar="HARNESS_USERS", help="Users at a time."),
        click.option("--rate", metavar="N/s", envvar="HARNESS_RATE", help="Guests per second (open load)."),
    ):
        command = option(command)
    return command


def steady(rate: str | None, users: str | None, duration: str | None) -> list[str]:
    """What the options of a steady load say, as ``key=value``."""
    told = (("users", users), ("rate", rate), ("duration", duration))
    return [f"load.{key}={value}" for key, value in told if value is not None]


def forms(*names: str, say: str) -> Callable[[F], F]:
    """``--format``, one of ``names``; the first, unless it is given."""
    return click.option(
        "--format", "form", type=click.Choice(names), default=names[0], show_default=True,
        envvar="HARNESS_FORMAT", help=say,
    )  # fmt: skip


def text_or_json(command: F) -> F:
    """``--format text|json``."""
    return forms("text", "json", say="For people, or for programs.")(command)


def quiet(command: F) -> F:
    """``--quiet`` of a command that shows its progress."""
    return click.option("-q", "--quiet", is_flag=True, envvar="HARNESS_QUIET", help="No progress.")(command)


def out_file(command: F) -> F:
    """``--out FILE`` of a command whose result goes to standard output."""
    return click.option(
        "--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write there, not to standard output."
    )(command)
