"""Secrets in other people's requests: found by the name of their place or by how they look, and made blanks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from harness.importer.calls import Call
from harness.scenario.blanks import blank
from harness.scenario.secret_names import is_secret_header

_FIELD = re.compile(
    r"(^|_)(pass(word|wd|phrase|code)?|pwd|secret|token|jwt|auth(orization)?|session(_?id)?|sid|csrf|xsrf|signature|sig"
    r"|credentials?|otp|cvv|cvc|card_?number|iban|(api|access|client|private|secret|subscription|app)_?key|apikey)(_|$)"
)
_LOOKS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"
    r"|(?:sk|pk|rk)_(?:live|test)_\w{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|xox[abprs]-[\w-]{10,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|SG\.[\w-]{10,}\.[\w-]{10,}|ya29\.[\w-]{20,}"
)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32,}")
_LONG = re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_+/=.~-]{40,}")
_MASKED = re.compile(r"KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL")
_KNOWN = {"client_key": "CDP_CLIENT_KEY", "clientkey": "CDP_CLIENT_KEY", "api_token": "CDP_API_TOKEN"}
SHORTEST = 6
"""Characters of a secret that is also covered where it stands elsewhere."""


class Secrets:
    """Covers secrets, the same one always by the same variable. ``variables``: their names, in the order of finding."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.variables: dict[str, None] = {}

    def covered(self, call: Call) -> Call:
        """The call without secrets."""
        headers = tuple((name, self._header(name, value)) for name, value in call.headers)
        query = tuple((name, self._field(name, value)) for name, value in call.query)
        form = None if call.form is None else tuple((name, self._field(name, value)) for name, value in call.form)
        body = None if call.body is None else self._body(call.body)
        path = "/".join(self._value("TOKEN", part) for part in call.path.split("/"))
        return replace(call, path=path, headers=headers, query=query, form=form, body=body)

    def everywhere(self, text: str) -> str:
        """A text in which no secret stands that has been found somewhere."""
        for value in sorted(self._names, key=len, reverse=True):
            if len(value) >= SHORTEST and value in text:
                text = text.replace(value, blank(self._names[value]))
        return text

    def _cover(self, place: str, value: str) -> str:
        if not value or blank("")[0] in value:
            return value
        if value not in self._names:
            name = _KNOWN.get(place.lower()) or re.sub(r"\W+", "_", _snake(place).upper(), flags=re.ASCII).strip("_")
            name = name if re.match(r"[A-Z_]", name) else f"TOKEN_{name}"
            name = name[:60] if _MASKED.search(name) else f"{name[:60]}_SECRET"
            number, whole = 2, name
            while whole in self.variables and whole not in _KNOWN.values():
                whole = f"{name}_{number}"
                number += 1
            self._names[value] = whole
            self.variables[whole] = None
        return blank(self._names[value])

    def _header(self, name: str, value: str) -> str:
        lower = name.lower()
        if lower == "cookie" or not (is_secret_header(name) or _is_field(name)):
            return value if lower == "cookie" else self._value(name, value)
        scheme, space, rest = value.partition(" ")
        if lower.endswith("authorization") and space:
            place = "BASIC_AUTH" if scheme.lower() == "basic" else "BEARER_TOKEN"
            return f"{scheme} {self._cover(place, rest.strip())}"
        return self._cover(name, value)

    def _field(self, name: str, value: str) -> str:
        if name == "message" and value[:1] == "{":
            return self._body(value)
        return self._cover(name, value) if _is_field(name) else self._value(name, value)

    def _value(self, place: str, value: str) -> str:
        """A value whose place says nothing, by its looks."""
        if _HEXADECIMAL.fullmatch(value) or _LONG.fullmatch(value):
            return self._cover(place if _is_field(place) else "TOKEN", value)
        return _LOOKS.sub(lambda match: self._cover("TOKEN", match[0]), value)

    def _body(self, body: str) -> str:
        if body.lstrip()[:1] in ("{", "["):
            try:
                document = json.loads(body)
            except (ValueError, RecursionError):
                document = None
            if document is not None:
                # What is covered is put into the text as it was, so that numbers and order stay.
                found: list[tuple[str, str]] = []
                self._search(document, "", found)
                for value, cover in sorted(found, key=lambda pair: len(pair[0]), reverse=True):
                    for ascii_only in (False, True):
                        written = json.dumps(value, ensure_ascii=ascii_only)
                        body = body.replace(written, f'"{cover}"')
                return body
        return _LOOKS.sub(lambda match: self._cover("TOKEN", match[0]), body)

    def _search(self, value: Any, place: str, found: list[tuple[str, str]]) -> None:
        if isinstance(value, str):
            cover = self._field(place, value) if place != "message" else self._value(place, value)
            if cover != value:
                found.append((value, cover))
        elif isinstance(value, dict):
            for name, each in value.items():
                self._search(each, name, found)
        elif isinstance(value, list):
            for each in value:
                self._search(each, place, found)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_")


def _is_field(name: str) -> bool:
    return _FIELD.search(_snake(name).lower()) is not None
