"""HAR files, as browsers' developer tools and proxies save them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from harness.importer.calls import (
    Call,
    Notes,
    Recording,
    Taken,
    UnreadableError,
    host_name,
    objects,
    pairs_of,
    split_url,
    text,
    user_of,
)

MOST_ENTRIES = 50_000
SHORTEST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 120.0
_STATIC_TYPES = ("image/", "font/", "audio/", "video/", "text/css", "application/font", "application/x-font")
_SCRIPTS = ("javascript", "ecmascript", "wasm")
_STATIC_ENDINGS = (
    ".js", ".mjs", ".css", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2",
    ".ttf", ".otf", ".eot", ".mp4", ".webm", ".mp3", ".wasm",
)  # fmt: skip


def read(document: Mapping[str, Any], name: str) -> Taken:
    """The requests of a recording, in the order in which they began. Raises UnreadableError."""
    log = document.get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise UnreadableError(f"{name} is no HAR file: it has no log.entries")
    if len(entries) > MOST_ENTRIES:
        raise UnreadableError(f"{name} has more than {MOST_ENTRIES:,} requests")
    notes = Notes()
    good = [each for each in objects(entries) if isinstance(each.get("request"), dict)]
    if len(good) < len(entries):
        notes.add("entries without a request", str(len(entries) - len(good)))
    good.sort(key=lambda each: _began(each) or 0.0)
    calls = tuple(_calls(good, notes))
    sets_cookies = any(_header(each.get("response"), "set-cookie") for each in good)
    return Taken("HAR", _title(log), (Recording("recorded", calls, sets_cookies),), notes)


def _title(log: Any) -> str:
    pages = log.get("pages")
    first = pages[0] if isinstance(pages, list) and pages and isinstance(pages[0], dict) else {}
    title = text(first.get("title"))
    return host_name(title) if "://" in title else title


def _calls(entries: list[dict[str, Any]], notes: Notes) -> Iterator[Call]:
    quiet_since: float | None = None
    for entry in entries:
        request = entry["request"]
        url = text(request.get("url"))
        if not url.lower().startswith(("http://", "https://")):
            notes.add("no HTTP", url[:60])
            continue
        if _is_static(entry, url):
            notes.add("static", url)
            continue
        response = entry.get("response")
        status = response.get("status") if isinstance(response, dict) else None
        if status in (0, None):
            notes.add("unanswered", url)
            continue
        began = _began(entry)
        pause = 0.0
        if began is not None:
            if quiet_since is not None and began - quiet_since >= SHORTEST_PAUSE_S:
                pause = min(began - quiet_since, LONGEST_PAUSE_S)
            took = entry.get("time")
            took_s = took / 1000 if isinstance(took, int | float) and 0 < took < 3.6e6 else 0.0
            quiet_since = max(quiet_since or 0.0, began + took_s)
        body, form = _body(request, notes, url)
        host, path, query = split_url(url)
        yield Call(
            host,
            path,
            text(request.get("method")).upper() or "GET",
            query,
            _headers(request, url),
            body,
            form,
            status=status if isinstance(status, int) and not isinstance(status, bool) else 0,
            pause_s=round(pause, 1),
        )


def _headers(request: Mapping[str, Any], url: str) -> tuple[tuple[str, str], ...]:
    made = [
        (text(each.get("name")), text(each.get("value")))
        for each in objects(request.get("headers"))
        if not text(each.get("name")).startswith(":")
    ]
    if user_of(url) and not any(name.lower() == "authorization" for name, _ in made):
        made.append(("Authorization", "Basic " + user_of(url)))
    return tuple(made)


def _header(message: Any, name: str) -> str:
    headers = message.get("headers") if isinstance(message, dict) else None
    return next((text(each.get("value")) for each in objects(headers) if text(each.get("name")).lower() == name), "")


def _body(request: Mapping[str, Any], notes: Notes, url: str) -> tuple[str | None, tuple[tuple[str, str], ...] | None]:
    posted = request.get("postData")
    if not isinstance(posted, dict):
        return None, None
    kind = text(posted.get("mimeType")).lower()
    content = posted.get("text")
    if kind.startswith("multipart/"):
        notes.add("multipart uploads", url)
        return None, None
    if "urlencoded" in kind:
        if isinstance(content, str) and content:
            return content, pairs_of(content)
        return "", tuple((text(each.get("name")), text(each.get("value"))) for each in objects(posted.get("params")))
    return (content or None) if isinstance(content, str) else None, None


def _is_static(entry: Mapping[str, Any], url: str) -> bool:
    if text(entry["request"].get("method")).upper() not in ("GET", "HEAD"):
        return False
    if split_url(url)[1].lower().endswith(_STATIC_ENDINGS):
        return True
    response = entry.get("response")
    content = response.get("content") if isinstance(response, dict) else None
    kind = text(content.get("mimeType")).lower() if isinstance(content, dict) else ""
    return kind.startswith(_STATIC_TYPES) or any(word in kind for word in _SCRIPTS)


def _began(entry: Mapping[str, Any]) -> float | None:
    """Seconds since the epoch."""
    try:
        return datetime.fromisoformat(text(entry.get("startedDateTime"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
