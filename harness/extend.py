"""The public interface for packages that add systems, verbs and reporters. docs/extending.md tells how.

All that an extension needs is imported from here; what lies behind it may change, this does not without a new ``API``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.extensions.speech import (
    API,
    Addition,
    Event,
    Key,
    Reporter,
    Request,
    System,
    Verb,
    choice,
    json,
    number,
    text,
    whole,
    yes_no,
)

if TYPE_CHECKING:
    from harness.report.summary import Summary

__all__ = [
    "API",
    "Addition",
    "Event",
    "Key",
    "Reporter",
    "Request",
    "Summary",
    "System",
    "Verb",
    "as_dict",
    "choice",
    "json",
    "number",
    "text",
    "whole",
    "yes_no",
]


def __getattr__(name: str) -> Any:
    """``Summary`` comes with much else, and vocabularies do not need it."""
    if name == "Summary":
        from harness.report.summary import Summary  # noqa: PLC0415 - see above

        return Summary
    raise AttributeError(f"module 'harness.extend' has no attribute '{name}'")


def as_dict(summary: Summary) -> dict[str, Any]:
    """The document summary.json as a dict: the keys that docs/summary.schema.json describes."""
    from json import loads  # noqa: PLC0415 - ``json`` is a key's kind here

    from harness.report.summary_json import to_json  # noqa: PLC0415 - see above

    made: dict[str, Any] = loads(to_json(summary))
    return made
