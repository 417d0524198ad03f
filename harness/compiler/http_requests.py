"""``request`` steps: any HTTP request, each part encoded for its place."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import quote, quote_plus

from harness.compiler.plan import Request
from harness.compiler.template import IN_BODY, As, Message, Piece, Slots, ascii_bytes, in_parameter, in_path, template
from harness.scenario import actions


def request(action: actions.HttpRequest, slots: Slots) -> Request:
    """The request of a step."""
    made = Message(slots)
    path = made.words(action.path, "path")
    target: list[tuple[list[Piece], As]] = [(path, in_path)]
    has_query = any("?" in part for part in path if isinstance(part, str))
    for number, (name, value) in enumerate(action.query):
        sign = "&" if has_query or number else "?"
        target.append(([f"{sign}{quote(name, safe='')}="], ascii_bytes))
        target.append((made.words(value, "query"), in_parameter))
    headers: list[tuple[list[Piece], As]] = []
    names = {name.lower() for name, _ in action.headers}
    for name, value in action.headers:
        headers += [([f"{name}: "], ascii_bytes), (made.words(value, "header"), _latin), (["\r\n"], ascii_bytes)]
    body = None
    kind = ""
    if not isinstance(action.json, actions.Absent):
        body = template((made.json(action.json, IN_BODY), str.encode))
        kind = "application/json"
    elif action.form is not None:
        parts: list[tuple[list[Piece], As]] = []
        for number, (name, value) in enumerate(action.form):
            parts.append(([f"{'&' if number else ''}{quote_plus(name)}="], ascii_bytes))
            parts.append((made.words(value, "form"), lambda text: quote_plus(text).encode("ascii")))
        body = template(*parts)
        kind = "application/x-www-form-urlencoded"
    elif action.body is not None:
        body = template((made.words(action.body, "plain"), str.encode))
        kind = "text/plain; charset=utf-8"
    elif action.base64 is not None:
        body = template(([b64decode(action.base64).decode("latin-1")], _latin))
        kind = "application/octet-stream"
    if kind and "content-type" not in names:
        headers.append(([f"Content-Type: {kind}\r\n"], ascii_bytes))
    return Request(
        action.method,
        template(*target),
        action.method,
        template(*headers),
        body,
        tuple(made.computed),
    )


def _latin(text: str) -> bytes:
    return text.encode("latin-1")
