"""The page of all commands, from click's own description of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click

from harness.cli.main import cli

HEAD = """\
# Commands

Every command with every option, made from the code by `make reference`. Any command shows the same with `--help`.
An option that names a variable takes its value from the environment where the command line does not say it; the command
line wins. [The files of a run](reading-a-report.md#the-files-of-a-run) are on a page of their own.
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Context, click.Command]]:
    """Every command that does something by itself, in the order of the help, with its context."""
    if not isinstance(command, click.Group):
        yield context, command
        return
    if (
        command.params
        and context.parent is not None
        and any(isinstance(each, click.Argument) for each in command.params)
    ):
        yield context, command
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None:
            yield from commands(found, click.Context(found, info_name=name, parent=context))


def sentence(text: str) -> str:
    """Text on one line, ended as a sentence."""
    joined = plain(text)
    return joined if not joined or joined[-1] in ".!?" else f"{joined}."


def plain(text: str) -> str:
    """Text on one line, in which nothing is markup."""
    return re.sub(r"\s+", " ", text).strip().replace("<", "&lt;").replace("*", "\\*")


def paragraphs(text: str) -> str:
    """A command's help: each paragraph on one line, click's marks left out."""
    clean = text.replace("\b", "").partition("\f")[0]
    return "\n\n".join(plain(each) for each in re.split(r"\n\s*\n", clean) if each.strip())


def option(each: click.Option, context: click.Context) -> str:
    """One option as an entry of a list."""
    about: dict[str, Any] = dict(each.get_help_extra(context))
    shown = each.get_help_record(context)
    if shown is None:
        return ""
    text = each.help or ""
    if default := about.get("default"):
        text = f"{text.rstrip()}  [default: {default}]"
    if bounds := re.fullmatch(r"(\d+)<=x<=(\d+)", about.get("range", "")):
        text = f"{text.rstrip()}  [from {bounds[1]} to {bounds[2]}]"
    variable = each.envvar if isinstance(each.envvar, str) else ""
    known = f" Variable `{variable}`." if variable else ""
    return f"- `{shown[0].replace('INTEGER RANGE', 'N')}`: {sentence(text)}{known}\n"


def section(context: click.Context, command: click.Command) -> str:
    """One command: how it is called, what it does, its options, an example."""
    usage = re.sub(r"\s+", " ", command.get_usage(context).removeprefix("Usage: "))
    parts = [
        f"\n## {context.command_path}\n",
        f"```text\n{usage}\n```\n",
        f"{paragraphs(command.help or '')}\n",
    ]
    options = [option(each, context) for each in command.params if isinstance(each, click.Option)]
    parts.append("".join(options))
    if command.epilog:
        example = re.sub(r"\s+", " ", command.epilog).strip().removeprefix("Example: ")
        parts.append(f"```text\n{example}\n```\n")
    return "\n".join(part for part in parts if part)


def page() -> str:
    """The whole page."""
    root = click.Context(cli, info_name="harness")
    return HEAD + "".join(section(context, command) for context, command in commands(cli, root))
