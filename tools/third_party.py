"""Writes THIRD-PARTY.md: what the harness needs at run time, directly and through others, and under which licences.

    .venv/bin/python tools/third_party.py            # writes it
    .venv/bin/python tools/third_party.py --check    # says what is missing in it

Licences are what the installed packages say of themselves.
"""

from __future__ import annotations

import re
import sys
import tomllib
from email.message import Message
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "THIRD-PARTY.md"
HEAD = """\
# Third-party software

What the harness needs at run time. It is installed from the package index, none of it is part of this repository.
Made by `tools/third_party.py` from what the installed packages say of themselves.

| package | needed by | licence | home |
|---|---|---|---|
"""
DEVELOPMENT = """
Only tests and checks need these; they are not installed with the harness:

| package | licence | home |
|---|---|---|
"""


def declared(extra: str = "") -> list[Requirement]:
    """The requirements in pyproject.toml, those of an extra or of the package itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return [Requirement(line) for line in lines]


def closure(requirements: list[Requirement]) -> dict[str, set[str]]:
    """Every package that is needed, and by which ones; ours are needed by "harness"."""
    needed: dict[str, set[str]] = {}
    waiting = [("harness", each) for each in requirements]
    while waiting:
        by, requirement = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(requirement.name)
        new = name not in needed
        needed.setdefault(name, set()).add(by)
        if new:
            waiting += [(name, Requirement(line)) for line in metadata.requires(name) or ()]
    return needed


def licence(about: Message) -> str:
    """What a package says of its licence, in a few words."""
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License ::")
    ]
    named = [each for each in classifiers if each != "OSI Approved"]
    text = str(about.get("License", "")).strip()
    if named:
        return ", ".join(named)
    return text.splitlines()[0][:80] if text else "not stated"


def home(about: Message) -> str:
    """Where a package is developed, as far as it says so."""
    links = [line.split(", ", 1) for line in about.get_all("Project-URL", [])]
    by_name = {name.lower(): url for name, url in links}
    wanted = ("source", "source code", "repository", "github", "code", "homepage", "home")
    found = next((by_name[name] for name in wanted if name in by_name), "") or str(about.get("Home-page") or "")
    return found or (links[0][1] if links else "")


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "/")


def page() -> str:
    """The whole file."""
    needed = closure(declared())
    text = HEAD
    for name in sorted(needed):
        about = metadata.metadata(name)
        by = ", ".join(sorted(needed[name], key=lambda each: (each != "harness", each)))
        text += f"| {name} | {by} | {_cell(licence(about))} | {_cell(home(about))} |\n"
    text += DEVELOPMENT
    for name in sorted({canonicalize_name(each.name) for each in (*declared("dev"), *declared("docs"))} - set(needed)):
        about = metadata.metadata(name)
        text += f"| {name} | {_cell(licence(about))} | {_cell(home(about))} |\n"
    return text


def missing(text: str) -> list[str]:
    """Direct dependencies that a page does not name."""
    names = [canonicalize_name(each.name) for each in (*declared(), *declared("dev"), *declared("docs"))]
    return [name for name in names if f"| {name} |" not in text]


def main(arguments: list[str]) -> int:
    """Writes the file, or checks it."""
    if arguments == ["--check"]:
        gone = missing(PAGE.read_text("utf-8") if PAGE.exists() else "")
        sys.stderr.write("".join(f"{name} is not in {PAGE.name}: run tools/third_party.py\n" for name in gone))
        return bool(gone)
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
