"""Every command that a page shows, in a block or in a line, is one that the command line, make or the benchmarks take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from harness.cli.main import COMMANDS, cli
from tests.conftest import ROOT

from .pages import NAMES, blocks, shown_in, spans, text_of, without_blocks

OTHERS = [*ROOT.glob("scenarios/*.yaml"), *ROOT.glob("examples/ci/*"), ROOT / "Makefile"]
"""Files beside the pages in which readers see commands."""
LOCUST = {"--exit-code-on-error", "--tags", "-t", "-f", "-u", "--csv", "--headless", "--web-login"}
PYTEST = {"-x", "-k", "-n", "-p", "--lf"}
COMPOSE = {"--scale"}
BEFORE = re.compile(r"\w+=.*|exec|if|then|do|until|while|!")
"""What may stand before a command, so that it is one all the same."""


def commands(text: str, program: str) -> Iterator[list[str]]:
    """The words behind a program's name, wherever it is called in a piece of shell."""
    text = re.sub(r"(^|\s)#.*$", "", text.replace("\\\n", " "), flags=re.M)
    lexer = shlex.shlex(text, posix=True, punctuation_chars="\n;&|()<>")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] | None = None
    begins = True
    for word in (*lexer, "\n"):
        if set(word) <= set("\n;&|()<>"):
            if words is not None:
                yield words
            words, begins = None, True
        elif words is not None:
            words.append(word)
        elif begins and word == program:
            words = []
        else:
            begins = begins and BEFORE.fullmatch(word) is not None


def test_commands_are_found_in_shell() -> None:
    text = "A=1 harness run \\\n  x.yaml | harness b > c; echo harness d\n(harness 'e f') # harness g\nx=$(harness h)\n"
    assert list(commands(text, "harness")) == [["run", "x.yaml"], ["b"], ["e f"], ["h"]]


def shell(name: str) -> Iterator[str]:
    """All that is shell on a page: blocks, lines of other blocks, indented lines, code within lines."""
    text = text_of(name)
    for language, code in blocks(text):
        if language == "sh":
            yield code
        else:
            yield from re.findall(r"^harness .*$", code, re.M)
    yield from re.findall(r"^    (\S.*)$", without_blocks(text), re.M)
    yield from (span for span in spans(text) if re.match(r"(\w+=\S* )*(harness|make|python) ", span))


def take(words: list[str]) -> None:
    """As the command line reads it, but for the values. Raises click.UsageError."""
    command: click.Command = cli
    context = click.Context(cli)
    path: list[str] = []
    while isinstance(command, click.Group) and words and (path == ["guests"] or not words[0].startswith("-")):
        below = command.get_command(context, words[0])
        if below is None and path == ["guests"]:
            below, words = command.get_command(context, "N"), ["", *words]
        if below is None:
            raise click.UsageError(f"no such command: {words[0]}")
        command, path, words = below, [*path, words[0]], words[1:]
    command.make_parser(click.Context(command)).parse_args(words)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_line_takes_what_a_page_shows(name: str) -> None:
    for piece in shell(name):
        for words in commands(piece, "harness"):
            if "[OPTIONS]" not in words:
                take(words)


@pytest.mark.parametrize("name", [shown_in(path) for path in OTHERS])
def test_and_what_other_files_show(name: str) -> None:
    known = "|".join(COMMANDS)
    for line in re.findall(rf"\bharness ((?:{known}) .*)$", text_of(name), re.M):
        take(shlex.split(line.replace("$@", "")))


def test_it_takes_no_others() -> None:
    for wrong in ("chek", "run --user 5", "batch upload --from", "guests 5 --formats csv"):
        with pytest.raises(click.UsageError):
            take(wrong.split())


def options() -> set[str]:
    """All options of all commands, those of our pytest plug-in, and those of others that pages speak of."""
    waiting: list[click.Command] = [cli]
    found = {"--help", *LOCUST, *PYTEST, *COMPOSE}
    found |= set(re.findall(r'"(--harness-[a-z-]+)"', (ROOT / "harness/cli/pytest_plugin.py").read_text("utf-8")))
    while waiting:
        command = waiting.pop()
        found |= {each for option in command.params for each in (*option.opts, *option.secondary_opts)}
        if isinstance(command, click.Group):
            context = click.Context(command)
            waiting += filter(None, (command.get_command(context, name) for name in command.list_commands(context)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_options_within_lines_are_options(name: str) -> None:
    named = {found[0] for span in spans(text_of(name)) if (found := re.match(r"--?[a-z][a-z-]*", span))}
    assert named - options() == set()


def test_make_and_the_benchmarks_have_what_pages_name() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    known = (ROOT / "benchmarks" / "__main__.py").read_text("utf-8")
    benchmarks = set(re.findall(r'^    "(\w+)": "benchmarks\.\w+",$', known, re.M)) | {"all"}
    made, run = set(), set()
    for name in NAMES:
        for piece in shell(name):
            made |= {word for words in commands(piece, "make") for word in words[:1]}
            run |= {
                word for words in commands(piece, "python") if words[:2] == ["-m", "benchmarks"] for word in words[2:]
            }
            assert "-m benchmarks." not in piece, f"{name}: {piece}"
    assert made <= targets
    assert {"demo", "test", "bench"} <= made
    assert run <= benchmarks
    assert len(run) > 5
