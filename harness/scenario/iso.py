"""Codes that exist: ISO 639-1 languages, ISO 4217 currencies, ISO 3166-1 countries; from pycountry.

Its tables take longer to read than a scenario; the usual codes are known without them.
"""

from __future__ import annotations

import functools

from harness.scenario.diagnostics import nearest

_USUAL_LANGUAGES = frozenset(
    ("EN", "DE", "FR", "ES", "IT", "NL", "PT", "SV", "DA", "NO", "FI", "PL", "CS", "JA", "KO", "ZH", "AR", "TR", "RU")
)
_USUAL_CURRENCIES = frozenset(
    ("EUR", "USD", "GBP", "CHF", "JPY", "AUD", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK", "CNY", "INR", "BRL")
)
_USUAL_COUNTRIES = frozenset(
    (
        "GB",
        "US",
        "DE",
        "FR",
        "ES",
        "IT",
        "NL",
        "BE",
        "AT",
        "CH",
        "IE",
        "PT",
        "SE",
        "DK",
        "NO",
        "FI",
        "PL",
        "CZ",
        "JP",
        "CN",
        "IN",
        "AU",
        "CA",
        "BR",
    )
)


def is_language(code: str) -> bool:
    """Whether a language has this code: two letters, upper case."""
    return code in _USUAL_LANGUAGES or code in languages()


def is_currency(code: str) -> bool:
    """Whether a currency has this code: three letters, upper case."""
    return code in _USUAL_CURRENCIES or code in currencies()


def is_country(code: str) -> bool:
    """Whether a country has this code: two letters, upper case."""
    return code in _USUAL_COUNTRIES or code in countries()


@functools.cache
def languages() -> frozenset[str]:
    """All codes of languages."""
    import pycountry  # noqa: PLC0415 - see above

    return frozenset(each.alpha_2.upper() for each in pycountry.languages if hasattr(each, "alpha_2"))


@functools.cache
def currencies() -> frozenset[str]:
    """All codes of currencies."""
    import pycountry  # noqa: PLC0415 - see above

    return frozenset(each.alpha_3 for each in pycountry.currencies)


@functools.cache
def countries() -> frozenset[str]:
    """All codes of countries."""
    import pycountry  # noqa: PLC0415 - see above

    return frozenset(each.alpha_2 for each in pycountry.countries)


_MEANT = {"UK": "GB", "EL": "GR", "EUROPE": "EU", "CN": "ZH", "JP": "JA", "DK": "DA", "SE": "SV", "CZ": "CS"}
"""Codes that are often written for others."""


def suggestion(code: str, known: frozenset[str], example: str) -> str:
    """What to write instead."""
    upper = code.upper()
    meant = upper if upper in known else _MEANT.get(upper, "")
    close = meant if meant in known else nearest(code, sorted(known))
    return f"did you mean '{close}'?" if close else f"for example {example}"
