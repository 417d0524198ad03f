"""What ``harness extensions`` does: loads all that other packages add, and tells what can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.extensions.installed import REPORTERS, SYSTEMS, VERBS, ExtensionError, names, package_of
from harness.report import console
from harness.report.reporters import reporter
from harness.run import exit_codes
from harness.scenario.vocabulary import addition, extension_system


def run() -> int:
    """Print a line for each; gives the exit code: 2 where one cannot be used."""
    code = exit_codes.HELD
    lines = list(_lines())
    for line, good in lines:
        console.stdout().print(line, markup=False, highlight=False, soft_wrap=True)
        code = code if good else exit_codes.WRONG
    if not lines:
        console.stdout().print("No package adds anything; docs/extending.md tells how one does.", soft_wrap=True)
    return code


def _lines() -> Iterator[tuple[str, bool]]:
    kinds: tuple[tuple[str, str, Callable[[str], str]], ...] = (
        ("system", SYSTEMS, lambda name: "verbs " + ", ".join(extension_system(name))),
        ("verb", VERBS, lambda name: f"for {addition(name).system or 'every system'}: {addition(name).doc}"),
        ("reporter", REPORTERS, lambda name: f"writes {reporter(name)[0].file}"),
    )
    for kind, group, tell in kinds:
        for name, points in names(group).items():
            package = package_of(points[0])
            try:
                yield f"{kind} {name} ({package}): {tell(name)}", True
            except ExtensionError as error:
                yield f"{kind} {name} ({error.package}): cannot be used: {error.reason}", False
