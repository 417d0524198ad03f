"""cURL lines, as developers' tools copy them and people write them down."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import dropwhile
from urllib.parse import quote

from harness.importer.calls import Call, Capture, Notes, Recording, Taken, UnreadableError, pairs_of, split_url, user_of
from harness.importer.shell import Command, commands

MOST_LINES = 20_000
_VALUED = {
    "-H": "header", "--header": "header", "-X": "method", "--request": "method", "-d": "data", "--data": "data",
    "--data-ascii": "data", "--data-raw": "raw", "--data-binary": "binary", "--data-urlencode": "urlencode",
    "--json": "json", "-u": "user", "--user": "user", "-A": "agent", "--user-agent": "agent", "-e": "referer",
    "--referer": "referer", "-b": "cookie", "--cookie": "cookie", "--url": "url", "-F": "multipart",
    "--form": "multipart", "--form-string": "multipart", "--url-query": "query", "--oauth2-bearer": "bearer",
    "-T": "upload", "--upload-file": "upload",
}  # fmt: skip
_IGNORED_VALUED = {
    "-o", "--output", "-m", "--max-time", "--connect-timeout", "-w", "--write-out", "--retry", "--retry-delay",
    "--retry-max-time", "--cacert", "--capath", "--cert", "-E", "--key", "--cert-type", "--key-type", "--pass",
    "--ciphers", "--tls-max", "--resolve", "--connect-to", "--proxy", "-x", "--proxy-user", "-U", "--noproxy",
    "--interface", "--max-redirs", "-c", "--cookie-jar", "-D", "--dump-header", "--limit-rate", "-y", "-Y",
    "--range", "-r", "-K", "--config", "--trace", "--trace-ascii", "--stderr", "--unix-socket", "--doh-url",
    "--dns-servers", "--create-file-mode", "--max-filesize", "-z", "--time-cond", "-C", "--continue-at",
    "--happy-eyeballs-timeout-ms", "--keepalive-time", "--local-port", "-Q", "--quote", "--proto", "--proto-default",
    "--expect100-timeout", "--rate", "--aws-sigv4", "--delegation", "--request-target",
}  # fmt: skip
_TOLD = {"-L": "redirects", "--location": "redirects", "-k": "unverified", "--insecure": "unverified"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.S)
_IN_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class _Options:
    method: str = ""
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    get: bool = False
    head: bool = False
    json: bool = False
    form: bool = False
    user: str = ""
    skipped: str = ""


def looks_like(text: str) -> bool:
    """Whether a text is made of cURL lines."""
    return re.search(r"(^|[\s;&|(`$])curl(\.exe)?\s", text[:200_000]) is not None


def read(text: str, name: str) -> Taken:
    """The requests of all cURL commands in a script. Raises UnreadableError."""
    notes = Notes()
    calls: list[Call] = []
    found = commands(text, name)
    if len(found) > MOST_LINES:
        raise UnreadableError(f"{name} has more than {MOST_LINES:,} commands")
    for number, command in enumerate(found):
        words = list(dropwhile(_ASSIGNMENT.fullmatch, command.words)) or [""]
        if words[0] not in ("curl", "curl.exe"):
            if number and words[0] not in ("sed", "jq", "grep", "head", "cut", "tr", "echo", "export", ":", ""):
                notes.add("commands other than curl", words[0][:40])
            continue
        calls.extend(_calls(command, words[1:], name, notes))
    if not calls:
        raise UnreadableError(f"{name} holds no cURL command with a URL")
    return Taken("cURL lines", "", (Recording("imported", tuple(calls)),), notes)


def _calls(command: Command, words: list[str], name: str, notes: Notes) -> Iterator[Call]:
    options = _options(words, f"{name}:{command.line}", notes)
    if options.skipped:
        notes.add(options.skipped, f"line {command.line}")
        return
    data = "&".join(options.data)
    for url in options.urls:
        host, path, query = split_url(url)
        more = [*options.query, *(options.data if options.get or options.head else ())]
        query += tuple(pair for part in more for pair in pairs_of(part))
        has_body = bool(options.data) and not (options.get or options.head)
        method = options.method or ("HEAD" if options.head else "GET" if not has_body else "POST")
        headers = list(options.headers)
        if user := options.user or user_of(url):
            headers.append(("Authorization", "Basic " + base64.b64encode(user.encode()).decode()))
        kind = next((value for key, value in headers if key.lower() == "content-type"), "")
        form = None
        if (
            has_body
            and not options.json
            and (_IN_FORM in kind or (not kind and not data.lstrip().startswith(("{", "["))))
        ):
            form = pairs_of(data)
        elif has_body and not kind:
            headers.append(("Content-Type", "application/json"))
        captures = (Capture(command.into, ("ref",)),) if command.into else ()
        yield Call(host, path, method, query, tuple(headers), data if has_body else None, form, captures=captures)


def _options(words: list[str], place: str, notes: Notes) -> _Options:
    made = _Options()
    rest = iter(_apart(words))
    for word in rest:
        key, sign, given = word.partition("=") if word.startswith("--") else (word, "", "")
        if not word.startswith("-") or word == "-":
            made.urls.append(word)
        elif key in _VALUED:
            value = given if sign else next(rest, None)
            if value is None:
                raise UnreadableError(f"{place}: {key} has no value")
            _take(made, _VALUED[key], value)
        elif key in _IGNORED_VALUED:
            next(rest, None)
        elif key in ("-G", "--get"):
            made.get = True
        elif key in ("-I", "--head"):
            made.head = True
        elif key in _TOLD:
            notes.add(_TOLD[key], place)
    return made


_ALONE = "gsSvifkLGIjJlNOnpRqaB#Z0123456"


def _apart(words: list[str]) -> Iterator[str]:
    """Short options that stand together, and values that follow theirs without a space, taken apart."""
    for word in words:
        if not word.startswith("-") or word.startswith("--") or len(word) < 3:
            yield word
            continue
        place = 1
        while place < len(word):
            option = f"-{word[place]}"
            place += 1
            yield option
            if word[place - 1] not in _ALONE:
                if place < len(word):
                    yield word[place:]
                break


_AS_HEADER = {"agent": "User-Agent", "referer": "Referer", "cookie": "Cookie", "bearer": "Authorization"}


def _take(made: _Options, what: str, value: str) -> None:
    if what == "method":
        made.method = value.upper()
    elif what == "url":
        made.urls.append(value)
    elif what == "header":
        name, colon, text = value.partition(":")
        if colon and text.strip():
            made.headers.append((name.strip(), text.strip()))
    elif what in _AS_HEADER:
        made.headers.append((_AS_HEADER[what], f"Bearer {value}" if what == "bearer" else value))
    elif what == "user":
        made.user = value
    elif what == "query":
        made.query.append(_encoded(value))
    elif what == "multipart":
        made.skipped = "multipart uploads"
    elif what == "upload" or (what in ("data", "binary", "urlencode") and value.startswith("@")):
        made.skipped = "bodies from files"
    else:
        _take_data(made, what, value)


def _take_data(made: _Options, what: str, value: str) -> None:
    if what == "urlencode":
        value = _encoded(value)
    elif what == "json":
        made.json = True
        for name in ("Content-Type", "Accept"):
            if not any(key.lower() == name.lower() for key, _ in made.headers):
                made.headers.append((name, "application/json"))
    made.data.append(value)


def _encoded(value: str) -> str:
    """``name=content`` as --data-urlencode sends it: only the content is encoded; blanks stay."""
    name, sign, content = value.partition("=")
    if not sign:
        return _quoted(name)
    return f"{name}={_quoted(content)}" if name else _quoted(content)


def _quoted(text: str) -> str:
    return (
        quote(text, safe="\ue000\ue001")
        if text.isascii()
        else "".join(c if c in "\ue000\ue001" else quote(c, safe="") for c in text)
    )
