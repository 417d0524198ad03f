"""OpenAPI 3 (and Swagger 2) descriptions: each operation once, with its examples, or with values made by its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from harness.importer.calls import Call, Notes, Recording, Taken, UnreadableError, split_url, text
from harness.scenario.blanks import blank

MOST_OPERATIONS = 5_000
DEEPEST_EXAMPLE = 8
MOST_PROPERTIES = 100
MOST_VALUES = 2_000
"""Values that are made up for one body: schemas can multiply."""
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_FORMATS = {
    "email": blank("guest.email"), "uuid": "00000000-0000-4000-8000-000000000000", "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z", "uri": "https://shop.example/", "url": "https://shop.example/",
    "ipv4": "192.0.2.1", "hostname": "shop.example", "password": blank("PASSWORD"), "byte": "AAAA",
}  # fmt: skip


def read(document: Mapping[str, Any], name: str) -> Taken:
    """Each operation as a request, a recording for each first tag. Raises UnreadableError."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        raise UnreadableError(f"{name} is no OpenAPI description: it has no paths")
    notes = Notes()
    reader = _Reader(document, name, notes)
    by_tag: dict[str, list[Call]] = {}
    for tag, call in reader.calls(paths):
        by_tag.setdefault(tag, []).append(call)
    if not by_tag:
        raise UnreadableError(f"{name} describes no operation")
    info = document.get("info")
    title = text(info.get("title")) if isinstance(info, dict) else ""
    return Taken("OpenAPI", title, tuple(Recording(tag, tuple(calls)) for tag, calls in by_tag.items()), notes)


class _Reader:
    def __init__(self, document: Mapping[str, Any], name: str, notes: Notes) -> None:
        self._document = document
        self._name = name
        self._notes = notes
        self._base = self._server(document)
        self._left = 0

    def _server(self, holder: Mapping[str, Any]) -> str:
        servers = holder.get("servers")
        first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else None
        if first is None:
            if not text(self._document.get("host")):
                return blank("BASE_URL")
            schemes = self._document.get("schemes")
            scheme = text(schemes[0]) if isinstance(schemes, list) and schemes else "https"
            return f"{scheme}://{text(self._document.get('host'))}{text(self._document.get('basePath'))}"
        variables = first.get("variables")
        url = text(first.get("url"))
        for key, held in variables.items() if isinstance(variables, dict) else ():
            url = url.replace(f"{{{key}}}", text(held.get("default")) if isinstance(held, dict) else "")
        return url if "://" in url else blank("BASE_URL") + ("/" + url.strip("/") if url.strip("/") else "")

    def calls(self, paths: Mapping[str, Any]) -> Iterator[tuple[str, Call]]:
        count = 0
        for path, item in paths.items():
            held = self._resolved(item)
            if not isinstance(held, dict):
                continue
            for method in _METHODS:
                operation = held.get(method)
                if not isinstance(operation, dict):
                    continue
                count += 1
                if count > MOST_OPERATIONS:
                    raise UnreadableError(f"{self._name} has more than {MOST_OPERATIONS:,} operations")
                if operation.get("deprecated"):
                    self._notes.add("deprecated operations", f"{method.upper()} {path}")
                    continue
                tags = operation.get("tags")
                tag = text(tags[0]) if isinstance(tags, list) and tags else ""
                made = self._call(text(path), method.upper(), held, operation)
                if made is not None:
                    yield tag or "operations", made

    def _call(self, path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any]) -> Call | None:
        query: list[tuple[str, str]] = []
        headers: list[tuple[str, str]] = []
        form: list[tuple[str, str]] = []
        body: str | None = None
        for each in self._parameters(item, operation):
            key, place = text(each.get("name")), text(each.get("in"))
            if place == "body":
                body = self._json(each.get("schema"))
            elif place == "path":
                path = path.replace(f"{{{key}}}", self._in_path(self._value(each)))
            elif each.get("required") or self._given(each) is not None:
                value = self._text(self._value(each))
                if place == "cookie":
                    self._notes.add("cookies of the description", key)
                {"query": query, "header": headers, "formData": form}.get(place, []).append((key, value))
        path = re.sub(r"\{([^{}]*)\}", lambda match: blank(match[1] or "id"), path)
        described = self._resolved(operation.get("requestBody"))
        if isinstance(described, dict) and isinstance(described.get("content"), dict):
            taken = self._content(described["content"], f"{method} {path}")
            if taken is None and described.get("required"):
                return None
            if taken is not None:
                kind, body, pairs = taken
                form.extend(pairs)
                headers.append(("Content-Type", kind)) if not pairs else None
        elif body is not None:
            headers.append(("Content-Type", "application/json"))
        self._secure(operation, headers, query)
        base = (
            self._server(operation)
            if "servers" in operation
            else self._server(item)
            if "servers" in item
            else self._base
        )
        host, before, more = split_url(base)
        where = before.rstrip("/") + "/" + path.lstrip("/")
        named = text(operation.get("operationId")) or text(operation.get("summary"))
        return Call(
            host, where, method, (*more, *query), tuple(headers), body if not form else "", tuple(form) or None, named
        )

    def _parameters(self, item: Mapping[str, Any], operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """An operation's own come after its path's, and replace them."""
        made: dict[tuple[str, str], Mapping[str, Any]] = {}
        for holder in (item, operation):
            listed = holder.get("parameters")
            for each in listed if isinstance(listed, list) else ():
                held = self._resolved(each)
                if isinstance(held, dict):
                    made[text(held.get("name")), text(held.get("in"))] = held
        return list(made.values())

    def _content(
        self, content: Mapping[str, Any], where: str
    ) -> tuple[str, str | None, tuple[tuple[str, str], ...]] | None:
        for kind, media in content.items():
            if not isinstance(media, dict):
                continue
            if "json" in kind:
                return kind, self._json(media.get("schema"), media), ()
            if "urlencoded" in kind:
                value = self._example(media.get("schema"), media)
                pairs = tuple((key, self._text(each)) for key, each in value.items()) if isinstance(value, dict) else ()
                if pairs:
                    return kind, "", pairs
            if kind.startswith("text/"):
                return kind, self._text(self._example(media.get("schema"), media)) or "text", ()
        self._notes.add("bodies of other kinds", f"{where}: {', '.join(map(str, content))[:80]}")
        return None

    def _secure(
        self, operation: Mapping[str, Any], headers: list[tuple[str, str]], query: list[tuple[str, str]]
    ) -> None:
        wanted = operation.get("security", self._document.get("security"))
        first = (
            next((each for each in wanted if isinstance(each, dict) and each), None)
            if isinstance(wanted, list)
            else None
        )
        components = self._document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        schemes = schemes if isinstance(schemes, dict) else self._document.get("securityDefinitions")
        for key in first or ():
            scheme = self._resolved(schemes.get(key)) if isinstance(schemes, dict) else None
            if not isinstance(scheme, dict):
                continue
            kind, how = text(scheme.get("type")), text(scheme.get("scheme")).lower()
            if kind == "basic" or how == "basic":
                headers.append(("Authorization", f"Basic {blank('BASIC_AUTH')}"))
            elif kind in ("oauth2", "openIdConnect") or how == "bearer":
                headers.append(("Authorization", f"Bearer {blank('TOKEN')}"))
            elif kind == "apiKey":
                place = {"header": headers, "query": query}.get(text(scheme.get("in")))
                if place is not None:
                    place.append((text(scheme.get("name")), blank("API_KEY")))

    # Values

    def _resolved(self, value: Any) -> Any:
        for _ in range(20):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return value
            ref = value["$ref"]
            if not ref.startswith("#/"):
                self._notes.add("references to other files", ref[:80])
                return None
            value = self._document
            for part in ref[2:].split("/"):
                key = part.replace("~1", "/").replace("~0", "~")
                value = value.get(key) if isinstance(value, dict) else None
        return None

    def _given(self, holder: Mapping[str, Any]) -> Any:
        """An example that the author gives; None: there is none."""
        if holder.get("example") is not None:
            return holder["example"]
        examples = holder.get("examples")
        if isinstance(examples, list) and examples:
            return examples[0]
        first = self._resolved(next(iter(examples.values()), None)) if isinstance(examples, dict) else None
        return first.get("value") if isinstance(first, dict) else None

    def _value(self, parameter: Mapping[str, Any]) -> Any:
        given = self._given(parameter)
        return given if given is not None else self._example(parameter.get("schema") or parameter)

    def _json(self, schema: Any, media: Mapping[str, Any] | None = None) -> str:
        value = self._example(schema, media)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def _example(self, schema: Any, media: Mapping[str, Any] | None = None) -> Any:
        given = self._given(media) if media else None
        self._left = MOST_VALUES
        return given if given is not None else self._made(schema, 0)

    def _made(self, schema: Any, depth: int) -> Any:
        """A value that fits a schema."""
        self._left -= 1
        schema = self._resolved(schema)
        if not isinstance(schema, dict) or depth > DEEPEST_EXAMPLE or self._left < 0:
            return None
        given = self._given(schema)
        if given is None:
            given = next((schema[key] for key in ("const", "default") if schema.get(key) is not None), None)
        listed = schema.get("enum")
        if given is None and isinstance(listed, list) and listed:
            given = listed[0]
        if given is not None:
            return given
        for key in ("oneOf", "anyOf"):
            ways = schema.get(key)
            if isinstance(ways, list) and ways:
                return self._made(ways[0], depth + 1)
        kind = schema.get("type")
        kind = next((each for each in kind if each != "null"), None) if isinstance(kind, list) else kind
        if kind == "object" or "properties" in schema or "allOf" in schema:
            return self._object(schema, depth)
        if kind == "array":
            return [self._made(schema.get("items"), depth + 1)]
        if kind in ("integer", "number"):
            least = schema.get("minimum", 1)
            return least if isinstance(least, int | float) else 1
        if kind == "boolean":
            return True
        return self._words(schema)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            inner = self._made(part, depth + 1)
            made.update(inner if isinstance(inner, dict) else {})
        properties = schema.get("properties")
        required = schema.get("required")
        for number, (key, each) in enumerate(properties.items() if isinstance(properties, dict) else ()):
            held = self._resolved(each)
            if number >= MOST_PROPERTIES:
                break
            if isinstance(held, dict) and held.get("readOnly"):
                continue
            if isinstance(required, list) and required and key not in required and depth:
                continue  # what is deep down is kept short
            made[key] = self._made(held, depth + 1)
        return made

    def _words(self, schema: Mapping[str, Any]) -> str:
        made = _FORMATS.get(text(schema.get("format")), "text")
        least, most = schema.get("minLength"), schema.get("maxLength")
        if blank("")[0] not in made:
            if isinstance(least, int) and len(made) < least <= 1000:
                made = made.ljust(least, "x")
            if isinstance(most, int) and 0 < most < len(made):
                made = made[:most]
        return made

    def _text(self, value: Any) -> str:
        if isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text(value)

    def _in_path(self, value: Any) -> str:
        written = self._text(value) or "1"
        return written if blank("")[0] in written else quote(written, safe="")
