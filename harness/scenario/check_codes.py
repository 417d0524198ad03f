"""Codes of languages, currencies and countries: do they exist?"""

from __future__ import annotations

from collections.abc import Callable

from harness.scenario import iso
from harness.scenario.diagnostics import Findings, Span

_CODES: dict[str, tuple[str, str, Callable[[str], bool], Callable[[], frozenset[str]], str]] = {
    "language": ("language", "ISO 639-1", iso.is_language, iso.languages, "EN"),
    "currency": ("currency", "ISO 4217", iso.is_currency, iso.currencies, "GBP"),
    "country": ("country", "ISO 3166-1", iso.is_country, iso.countries, "GB"),
    "nationality": ("country", "ISO 3166-1", iso.is_country, iso.countries, "GB"),
}


def check_code(name: str, value: object, span: Span | None, to: Findings) -> None:
    """Whether the code of a language, currency or country exists; other names are taken as they are."""
    if name not in _CODES or not isinstance(value, str):
        return
    what, standard, exists, known, example = _CODES[name]
    if not exists(value):
        label = iso.suggestion(value, known(), example)
        to.error("E319", span, f"no {what} has the code {value[:20]} ({standard})", label)
