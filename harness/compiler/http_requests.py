"""``request`` steps: any HTTP request, each part encoded for its place."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import quote, quote_plus

from harness.compiler.plan import Request
from harness.compiler.template import IN_BODY, Message, Piece, Slots, in_path, template
from harness.scenario import model


def request(action: model.HttpRequest, slots: Slots) -> Request:
    """The request of a step."""
    made = Message(slots)
    target: list[tuple[list[Piece], object]] = [(made.words(action.path, "path"), in_path)]
    has_query = "?" in "".join(part for part in made.words(action.path, "path") if isinstance(part, str))
    for number, (name, value) in enumerate(action.query):
        sign = "&" if has_query or number else "?"
        target.append(([f"{sign}{quote(name, safe='')}="], _ascii))
        target.append((made.words(value, "query"), lambda text: quote(text, safe="").encode("ascii")))
    headers: list[tuple[list[Piece], object]] = []
    names = {name.lower() for name, _ in action.headers}
    for name, value in action.headers:
        headers += [([f"{name}: "], _ascii), (made.words(value, "header"), _latin), (["\r\n"], _ascii)]
    body = None
    kind = ""
    if not isinstance(action.json, model.Absent):
        body = template((made.json(action.json, IN_BODY), str.encode))
        kind = "application/json"
    elif action.form is not None:
        parts: list[tuple[list[Piece], object]] = []
        for number, (name, value) in enumerate(action.form):
            parts.append(([f"{'&' if number else ''}{quote_plus(name)}="], _ascii))
            parts.append((made.words(value, "form"), lambda text: quote_plus(text).encode("ascii")))
        body = template(*parts)  # type: ignore[arg-type]
        kind = "application/x-www-form-urlencoded"
    elif action.body is not None:
        body = template((made.words(action.body, "plain"), str.encode))
        kind = "text/plain; charset=utf-8"
    elif action.base64 is not None:
        body = template(([b64decode(action.base64).decode("latin-1")], _latin))
        kind = "application/octet-stream"
    if kind and "content-type" not in names:
        headers.append(([f"Content-Type: {kind}\r\n"], _ascii))
    return Request(
        action.method,
        template(*target),  # type: ignore[arg-type]
        action.method,
        template(*headers),  # type: ignore[arg-type]
        body,
        tuple(made.computed),
    )


def _ascii(text: str) -> bytes:
    return text.encode("ascii")


def _latin(text: str) -> bytes:
    return text.encode("latin-1")
