"""The forms of a comparison, by the name that a user gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.compare.outcome import Comparison
from harness.report import compare_github, compare_html, compare_json, compare_markdown, compare_text


def _github(comparison: Comparison) -> str:
    return "".join(f"{line}\n" for line in compare_github.lines(comparison))


FORMS: Mapping[str, Callable[[Comparison], str]] = {
    "text": compare_text.as_text,
    "json": compare_json.render,
    "md": compare_markdown.render,
    "html": compare_html.render,
    "github": _github,
}
