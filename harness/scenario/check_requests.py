"""What a ``request`` step gets wrong: its path, its headers, its body, secrets in it."""

from __future__ import annotations

from harness.scenario import actions
from harness.scenario.check_shop import place
from harness.scenario.diagnostics import Findings
from harness.scenario.expressions import Interpolated
from harness.scenario.secret_names import is_secret_header, is_secret_name
from harness.scenario.source import key_at
from harness.scenario.values import Words

_OWN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "user-agent", "x-harness-run"}


def check_request(step: actions.Step, action: actions.HttpRequest, to: Findings) -> None:
    """Note what is wrong with one request."""
    _path(step, action.path, to)
    given = [name for name in ("json", "form", "body", "base64") if key_at(step.node, "request", name)]
    if len(given) > 1:
        span = key_at(step.node, "request", given[1])
        to.error("E326", span, f"{' and '.join(given)} in one request", "keep one of them")
    if action.method in ("GET", "HEAD") and given:
        span = key_at(step.node, "request", given[0])
        to.warning("W413", span, f"a {action.method} with a body, which servers ignore", "add 'method: POST'")
    for name, value in action.headers:
        _header(step, name, value, to)
    for key in ("query", "form"):
        for name, value in getattr(action, key) or ():
            if is_secret_name(name) and _written_out(value, to):
                span = place(step, "request", key, name)
                to.warning("W401", span, f"a secret written into the file, as '{name[:40]}'", _FROM_OUTSIDE)


_FROM_OUTSIDE = "take it from the environment: ${NAME}"


def _path(step: actions.Step, path: Words, to: Findings) -> None:
    first = path.parts[0] if isinstance(path, Interpolated) else path
    span = place(step, "request", "path")
    if not isinstance(first, str) or not first.startswith("/"):
        absolute = isinstance(first, str) and first.lower().startswith(("http:", "https:"))
        why = "a whole URL" if absolute else "a path that does not begin with /"
        label = "the host stands in target.url; here write only what follows, such as /api/items"
        relative = f"write /{first[:60]}" if isinstance(first, str) and first else "write /api/items"
        to.error("E324", span, why, label if absolute else relative)
    elif any(c.isspace() or not c.isprintable() for part in _texts(path) for c in part):
        to.error("E324", span, "a path with white space in it", "write %20")
    elif any("#" in part for part in _texts(path)):
        to.error("E324", span, "a path with '#' in it, which is never sent", "take it out, or write %23")


def _header(step: actions.Step, name: str, value: Words, to: Findings) -> None:
    if name.lower() in _OWN_HEADERS:
        span = key_at(step.node, "request", "headers", name) or step.span
        to.error("E325", span, f"the header {name} is written by the harness", "take it out")
    span = place(step, "request", "headers", name)
    if any(not c.isprintable() or ord(c) > 255 for part in _texts(value) for c in part):
        label = "Latin letters without line breaks"
        to.error("E325", span, f"the header {name} holds a character that no header can", label)
    if is_secret_header(name) and _written_out(value, to):
        to.warning("W401", span, f"a secret written into the header {name}", _FROM_OUTSIDE)


def _texts(words: Words) -> list[str]:
    return [words] if isinstance(words, str) else [part for part in words.parts if isinstance(part, str)]


def _written_out(value: Words, to: Findings) -> bool:
    """Whether a text comes neither from the environment nor from the run."""
    return isinstance(value, str) and not any(secret in value for secret in to.secrets)
