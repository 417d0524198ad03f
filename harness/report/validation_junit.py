"""Validation as JUnit XML: a suite a file, a case a path."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from harness.report import words
from harness.report.diagnostic_formats import Examined
from harness.report.validation_failure import failure, headline
from harness.report.validation_text import path_lines, rule_lines
from harness.scenario.diagnostics import Diagnostic
from harness.verify.validated import FileResult, PathResult, Validation

LONGEST_NAME = 300


def as_junit(validation: Validation) -> str:
    """An XML document."""
    root = ET.Element("testsuites", name="harness validate", time=f"{validation.duration_s:.3f}")
    cases = failures = 0
    for file in validation.files:
        results = [path for journey in file.journeys for path in journey.paths]
        failed = sum(not path.held for path in results)
        counts = {"tests": str(len(results)), "failures": str(failed), "errors": "0", "skipped": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": words.clean(file.file, LONGEST_NAME), **counts})
        for path in results:
            _case(suite, file, path)
        cases, failures = cases + len(results), failures + failed
    if validation.rules:
        failed = sum(check.held is False for check in validation.rules)
        counts = {"tests": str(len(validation.rules)), "failures": str(failed), "errors": "0", "skipped": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": "rules of the target", **counts})
        for check in validation.rules:
            case = ET.SubElement(suite, "testcase", classname="rules", name=check.subject)
            if check.held is False:
                element = ET.SubElement(case, "failure", message=words.clean(check.told, LONGEST_NAME))
                element.text = "\n".join(line.plain for line in rule_lines(check))
        cases, failures = cases + len(validation.rules), failures + failed
    root.attrib.update({"tests": str(cases), "failures": str(failures), "errors": "0", "skipped": "0"})
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _case(suite: ET.Element, file: FileResult, path: PathResult) -> None:
    seconds = (path.duration_ms + path.waited_ms) / 1000
    group = words.clean(f"{file.scenario}.{path.journey}", LONGEST_NAME)
    name = words.clean(path.name, LONGEST_NAME)
    where, line = file.place(path.journey)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=group,
        name=name,
        time=f"{seconds:.6f}",
        file=words.clean(where, 300),
        line=str(line),
    )
    if not path.held:
        element = ET.SubElement(case, "failure", message=headline(path))
        element.text = "\n".join(each.plain for each in failure(path, file))
    ET.SubElement(case, "system-out").text = "\n".join(each.plain for each in path_lines(path, file))


def wrong_as_junit(examined: Sequence[Examined]) -> str:
    """Scenarios that cannot be used: an error each, nothing was sent."""
    wrong = [each for each in examined if each.count("error")]
    counts = {"tests": str(len(wrong)), "failures": "0", "errors": str(len(wrong)), "skipped": "0"}
    root = ET.Element("testsuites", {"name": "harness validate", **counts})
    for each in wrong:
        name = words.clean(each.path, LONGEST_NAME)
        suite = ET.SubElement(root, "testsuite", {"name": name, **counts, "tests": "1", "errors": "1"})
        case = ET.SubElement(suite, "testcase", classname="scenario", name=name)
        told = [as_sentence(found) for found in each.found]
        element = ET.SubElement(
            case, "error", message=f"{words.counted(each.count('error'), 'mistake')} in the scenario"
        )
        element.text = "\n".join(words.clean(line, 1000) for line in told)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def as_sentence(found: Diagnostic) -> str:
    """A diagnostic in one line, with its place."""
    place = f"{found.span.source}:{found.span.line}:{found.span.column}: " if found.span else ""
    label = f": {found.label.strip()}" if found.label.strip() else ""
    return f"{place}{found.severity}: {found.message} [{found.code}]{label}"
