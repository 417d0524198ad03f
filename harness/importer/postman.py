"""Postman collections, format 2.0 and 2.1: folders, variables, authorization; scripts only as far as they keep values."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from harness.importer.calls import (
    Call,
    Notes,
    Recording,
    Taken,
    UnreadableError,
    objects,
    pairs_of,
    split_url,
    text,
)
from harness.importer.postman_scripts import Script, read_script
from harness.scenario.blanks import blank
from harness.scenario.secret_names import is_secret_name

MOST_REQUESTS = 20_000
LARGEST_FILLED = 8 * 1024 * 1024
"""Characters of a text with its variables filled in: variables of variables can make it large."""
_VARIABLE = re.compile(r"\{\{\s*([^{}]{1,200}?)\s*\}\}")
GUEST = {
    "$guid": "guest.id", "$randomUUID": "guest.id", "$randomEmail": "guest.email", "$randomExampleEmail": "guest.email",
    "$randomFirstName": "guest.firstname", "$randomLastName": "guest.lastname", "$randomCity": "guest.city",
    "$randomStreetAddress": "guest.street", "$randomPhoneNumber": "guest.phone", "$randomCountryCode": "guest.country",
}  # fmt: skip
"""Postman's own random values that are a guest's here."""


def read(document: Mapping[str, Any], name: str) -> Taken:
    """The requests of a collection: a recording a folder. Raises UnreadableError."""
    if not isinstance(document.get("item"), list):
        raise UnreadableError(f"{name} is no Postman collection: it has no items")
    info = document.get("info")
    notes = Notes()
    reader = _Reader(name, notes, _variables(document))
    recordings = reader.recordings(document)
    if not recordings:
        raise UnreadableError(f"{name} holds no request")
    title = text(info.get("name")) if isinstance(info, dict) else ""
    return Taken("Postman collection", title, tuple(recordings), notes)


def _variables(holder: Mapping[str, Any]) -> dict[str, str]:
    """Variables with a value, secrets left out."""
    return {
        text(each.get("key") or each.get("id")): text(each.get("value"))
        for each in objects(holder.get("variable"))
        if text(each.get("value"))
        and not each.get("disabled")
        and each.get("type") != "secret"
        and not is_secret_name(text(each.get("key")))
    }


@dataclass(frozen=True, slots=True)
class _Scope:
    """What folders hand down: variables, authorization."""

    variables: Mapping[str, str]
    auth: Any = None


class _Reader:
    def __init__(self, name: str, notes: Notes, variables: dict[str, str]) -> None:
        self._name = name
        self._notes = notes
        self._variables = variables
        self._left = MOST_REQUESTS

    def recordings(self, document: Mapping[str, Any]) -> list[Recording]:
        scope = _Scope(self._variables, document.get("auth"))
        self._script(document, "the collection")
        loose: list[Call] = []
        made: list[Recording] = []
        for item in objects(document.get("item")):
            if isinstance(item.get("item"), list):
                calls = tuple(self._folder(item, scope))
                if calls:
                    made.append(Recording(text(item.get("name")) or "folder", calls))
            else:
                loose.extend(self._request(item, scope))
        return ([Recording("requests", tuple(loose))] if loose else []) + made

    def _folder(self, folder: Mapping[str, Any], scope: _Scope) -> Iterator[Call]:
        self._script(folder, text(folder.get("name")))
        inner = _Scope({**scope.variables, **_variables(folder)}, folder.get("auth") or scope.auth)
        for item in objects(folder.get("item")):
            yield from self._folder(item, inner) if isinstance(item.get("item"), list) else self._request(item, inner)

    def _request(self, item: Mapping[str, Any], scope: _Scope) -> Iterator[Call]:
        request = item.get("request")
        named = text(item.get("name"))
        script = self._script(item, named)
        if isinstance(request, str):
            request = {"url": request}
        if not isinstance(request, dict):
            self._notes.add("entries without a request", named)
            return
        self._left -= 1
        if self._left < 0:
            raise UnreadableError(f"{self._name} has more than {MOST_REQUESTS:,} requests")

        def fill(value: Any) -> str:
            return self._filled(text(value), scope.variables)

        url = fill(self._url(request.get("url")))
        if not url:
            self._notes.add("entries without a request", named)
            return
        host, path, query = split_url(url)
        headers = [
            (fill(each.get("key")), fill(each.get("value")))
            for each in objects(request.get("header"))
            if not each.get("disabled")
        ]
        self._authorize(request.get("auth") or scope.auth, headers, fill)
        content, form, kind = self._body(request.get("body"), fill, named)
        if kind and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("Content-Type", kind))
        method = text(request.get("method")).upper() or "GET"
        yield Call(
            host, path, method, query, tuple(headers), content, form, named,
            captures=script.captures, expected=script.status,
        )  # fmt: skip

    def _url(self, url: Any) -> str:
        """A URL as text; path variables filled in."""
        if isinstance(url, str):
            return url
        if not isinstance(url, dict):
            return ""
        raw = text(url.get("raw")) or self._put_together(url)
        for each in objects(url.get("variable")):
            if text(each.get("key")):
                key, value = text(each.get("key")), text(each.get("value"))
                value = value if "{{" in value else quote(value, safe="")
                put = f"/{value}" if value else f"/{{{{{key}}}}}"
                raw = re.sub(rf"/:{re.escape(key)}(?=[/?#]|$)", put.replace("\\", r"\\"), raw)
        disabled = [text(each.get("key")) for each in objects(url.get("query")) if each.get("disabled")]
        before, sign, query = raw.partition("?")
        kept = [part for part in query.split("&") if part.partition("=")[0] not in disabled]
        return before + (sign + "&".join(kept) if kept != [""] else "")

    def _put_together(self, url: Mapping[str, Any]) -> str:
        def joined(value: Any, sign: str) -> str:
            if isinstance(value, list):
                return sign.join(text(part.get("value") if isinstance(part, dict) else part) for part in value)
            return text(value)

        host = joined(url.get("host"), ".")
        if not host:
            return ""
        scheme = f"{text(url.get('protocol'))}://" if text(url.get("protocol")) else ""
        port = f":{text(url.get('port'))}" if text(url.get("port")) else ""
        query = "&".join(f"{text(q.get('key'))}={text(q.get('value'))}" for q in objects(url.get("query")))
        return f"{scheme}{host}{port}/{joined(url.get('path'), '/').lstrip('/')}" + (f"?{query}" if query else "")

    def _authorize(self, auth: Any, headers: list[tuple[str, str]], fill: Any) -> None:
        if not isinstance(auth, dict) or any(name.lower() == "authorization" for name, _ in headers):
            return
        kind = text(auth.get("type"))
        held = auth.get(kind)
        if isinstance(held, list):
            held = {text(each.get("key")): each.get("value") for each in objects(held)}
        if not isinstance(held, dict):
            held = {}
        if kind == "bearer":
            headers.append(("Authorization", f"Bearer {fill(held.get('token')) or blank('TOKEN')}"))
        elif kind == "basic":
            pair = f"{fill(held.get('username'))}:{fill(held.get('password'))}"
            encoded = blank("BASIC_AUTH") if blank("")[0] in pair else base64.b64encode(pair.encode()).decode()
            headers.append(("Authorization", f"Basic {encoded}"))
        elif kind == "apikey" and text(held.get("in")) != "query":
            headers.append((fill(held.get("key")) or "X-Api-Key", fill(held.get("value")) or blank("API_KEY")))
        elif kind not in ("", "noauth"):
            self._notes.add("authorization that is not taken over", kind)

    def _body(self, body: Any, fill: Any, named: str) -> tuple[str | None, tuple[tuple[str, str], ...] | None, str]:
        """Text, form, content type."""
        if not isinstance(body, dict) or body.get("disabled"):
            return None, None, ""
        mode = text(body.get("mode"))
        if mode == "urlencoded":
            held = body.get("urlencoded")
            if isinstance(held, str):
                return held, pairs_of(fill(held)), ""
            pairs = tuple(
                (fill(each.get("key")), fill(each.get("value"))) for each in objects(held) if not each.get("disabled")
            )
            return "", pairs, ""
        if mode == "raw":
            content = fill(body.get("raw"))
            options = body.get("options")
            raw = options.get("raw") if isinstance(options, dict) else None
            language = text(raw.get("language")) if isinstance(raw, dict) else ""
            kind = "application/json" if language == "json" or (not language and content.lstrip()[:1] in "{[") else ""
            return content or None, None, kind if content else ""
        if mode == "graphql" and isinstance(body.get("graphql"), dict):
            held = body["graphql"]
            try:
                variables = json.loads(text(held.get("variables")) or "{}")
            except (ValueError, RecursionError):
                variables = {}
            content = json.dumps({"query": fill(held.get("query")), "variables": variables}, ensure_ascii=False)
            return content, None, "application/json"
        if mode in ("formdata", "file"):
            self._notes.add("multipart uploads" if mode == "formdata" else "bodies from files", named)
        return None, None, ""

    def _script(self, holder: Mapping[str, Any], where: str) -> Script:
        """What the test script of a request keeps and expects; all else in scripts is noted."""
        made = Script()
        for event in objects(holder.get("event")):
            script = event.get("script")
            lines = script.get("exec") if isinstance(script, dict) else None
            lines = lines.splitlines() if isinstance(lines, str) else lines if isinstance(lines, list) else []
            read = read_script(list(map(text, lines)))
            is_test = event.get("listen") == "test"
            if is_test and "request" in holder:
                made = Script((*made.captures, *read.captures), read.status or made.status)
            elif read.captures or read.status:
                read = Script(more=True)
            if read.more:
                self._notes.add("test scripts" if is_test else "pre-request scripts", where)
        return made

    def _filled(self, value: str, variables: Mapping[str, str]) -> str:
        """A text with known variables filled in, those of others within them, too; the rest are blanks."""
        for _ in range(5):
            value, changed = _VARIABLE.subn(lambda m: variables.get(m[1], m[0]), value)
            if len(value) > LARGEST_FILLED:
                raise UnreadableError(f"{self._name}: variables that hold variables make a text too large")
            if not changed or not any(match[1] in variables for match in _VARIABLE.finditer(value)):
                break

        def name(match: re.Match[str]) -> str:
            if match[1].startswith("$") and match[1] not in GUEST:
                self._notes.add("values that Postman makes up", match[1])
            return blank(GUEST.get(match[1], match[1]))

        return _VARIABLE.sub(name, value)
