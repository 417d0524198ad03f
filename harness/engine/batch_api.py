"""The Batch API of a target: a place for a file, the file itself, what became of it, and its error log.

Credentials go to the target alone. Where it sends a file to, or keeps a log, may be another host's, a storage service's:
that has to be https then, and gets neither credentials nor marks of ours. Places are secrets: whoever knows one may
write there. They are kept in no file, and shown without their query.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import urllib3

from harness.cdp import batch
from harness.engine.refusal import RefusedError, said
from harness.engine.target_cause import cause_of
from harness.engine.target_client import BUSY, back_offs, http_pool, told_to_wait
from harness.engine.target_errors import TargetError, UnreachableError
from harness.scenario.model import Target, Tls

UPLOAD_TIMEOUT = urllib3.Timeout(connect=10.0, read=120.0)
"""Reading begins when all is sent; sending waits as long for each piece."""
AT_ONCE = 64 * 1024
LARGEST_REPLY = 1 << 20
MASKED = "?***"


class RefUsedError(TargetError):
    """The batch's ref was used before (409)."""


class PlaceError(TargetError):
    """The place does not take the file: it has expired, or was never for this file (403)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file goes. ``shown`` is that without what makes it a secret."""

    url: str
    expiry: str = ""

    @property
    def shown(self) -> str:
        """For people."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{MASKED if parts.query else ''}"

    @property
    def host(self) -> str:
        """Scheme and host."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def __repr__(self) -> str:
        return f"Place({self.shown})"


@dataclass(frozen=True, slots=True)
class Status:
    """What a target says of a batch: one of the statuses of ``cdp.batch``; ``log`` is where its errors are, if anywhere."""

    code: str
    checksum: str = ""
    size: int | None = None
    log: Place | None = None


class BatchApi:
    """One target's."""

    def __init__(self, target: Target, headers: dict[str, str]) -> None:
        """Raises TargetError when there are no credentials, or TLS files cannot be used."""
        if target.api_token is None or target.client_key is None:
            raise TargetError("the Batch API needs a client key and an API token: set CDP_CLIENT_KEY and CDP_API_TOKEN")
        self._base = target.url
        keys = f"{target.client_key.reveal()}:{target.api_token.reveal()}"
        self._headers = {**headers, "Accept": "application/json", **urllib3.make_headers(basic_auth=keys)}
        self._http = http_pool(target, headers)
        # For another host: our certificate, and trust in the target's own authority, are not for it.
        self._foreign = http_pool(replace(target, tls=Tls()), {})

    def allocate(self, ref: str, checksum: str, size: int) -> Place:
        """Asks for a place. Raises RefUsedError, RefusedError, TargetError."""
        reply = self._call("PUT", f"{batch.BATCHES}/{ref}", json.dumps({"checksum": checksum, "size": size}).encode())
        if reply.status == 409:
            raise RefUsedError(f"{self._base} says that the batch ref {ref} was used before (409)")
        if reply.status == 400:
            raise RefusedError(400, f"{self._base} refuses checksum, size or ref (400): {_reason(reply)}")
        self._good(reply, "a place for a file")
        location = _object(_object(self._document(reply.data)).get("location"))
        url = location.get("href")
        if not isinstance(url, str) or not url:
            raise TargetError(f"{self._base} names no place for the file")
        return self._trusted(Place(url, str(location.get("expiry", ""))))

    def status(self, ref: str) -> Status | None:
        """What became of a batch; None when the target does not know it. Raises TargetError."""
        reply = self._call("GET", f"{batch.INSPECT}/{ref}")
        if reply.status == 404:
            return None
        self._good(reply, "the status of a batch")
        document = _object(self._document(reply.data))
        told = _object(document.get("status"))
        size, log = document.get("size"), told.get("log")
        return Status(
            str(told.get("code", "")).lower(),
            str(document.get("checksum", "")).lower(),
            size if isinstance(size, int) else None,
            self._trusted(Place(log)) if isinstance(log, str) and log else None,
        )

    def send(self, place: Place, path: Path, content_md5: str, size: int, tell: Callable[[int], None]) -> None:
        """Sends a file to its place; ``tell`` gets the bytes sent so far. Raises PlaceError, RefusedError, TargetError, OSError."""
        headers = {**batch.UPLOAD_HEADERS, "Content-Md5": content_md5, "Content-Length": str(size)}
        with path.open("rb") as file:
            reply = self._to(place, "PUT", headers, _pieces(file, tell))
        if reply.status == 403:
            raise PlaceError(f"{place.host} does not take the file (403): its place has expired, or is not for it")
        if reply.status in (400, 411, 413):
            raise RefusedError(reply.status, f"{place.host} refuses the file ({reply.status}): {_reason(reply)}")
        if not 200 <= reply.status <= 299:
            raise UnreachableError(f"{place.host} answers the file with {reply.status}")

    def log(self, place: Place, into: BinaryIO, most: int) -> bool:
        """Fetches an error log as it is; False when it is larger than ``most`` bytes, and was cut. Raises TargetError, OSError."""
        reply = self._to(place, "GET", {}, stream=True)
        if reply.status == 401 and self._is_own(place):
            # Nobody has documented whether the target wants to know who asks.
            reply.release_conn()
            reply = self._to(place, "GET", self._headers, stream=True)
        try:
            if reply.status in (401, 403, 404, 410):
                raise PlaceError(f"{place.host} does not give the log ({reply.status}): its address may have expired")
            if reply.status != 200:
                raise UnreachableError(f"{place.host} answers the question for a log with {reply.status}")
            got = 0
            for piece in reply.stream(AT_ONCE, decode_content=False):
                into.write(piece[: most - got])
                got += len(piece)
                if got > most:
                    return False
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"{place.host} broke off in the log: {cause_of(error)}") from None
        finally:
            reply.release_conn()
        return True

    def _trusted(self, place: Place) -> Place:
        """Raises TargetError for a place that nobody's file may be sent to."""
        own = self._is_own(place)
        there = urlsplit(place.url)
        if own and there.username is None:
            return place
        if urlsplit(self._base).scheme != "https":
            raise TargetError(f"{self._base} sends us elsewhere, to {place.host}: a target without TLS must not")
        if there.scheme != "https" or not there.hostname or there.username is not None:
            raise TargetError(f"{self._base} sends us to {place.host}, which is no plain https address")
        return place

    def _is_own(self, place: Place) -> bool:
        """Whether a place is at the target itself. Raises TargetError for one that is no URL."""
        try:
            target = urlsplit(self._base)
            there = urlsplit(place.url)
            return (there.scheme, there.hostname, there.port) == (target.scheme, target.hostname, target.port)
        except ValueError:
            raise TargetError(f"{self._base} names a place that is no URL") from None

    def _to(
        self,
        place: Place,
        method: str,
        headers: Mapping[str, str],
        body: Iterator[bytes] | None = None,
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        own = self._is_own(place)
        marks = ("User-Agent", "X-Harness-Run") if own else ("User-Agent",)
        http = self._http if own else self._foreign
        try:
            return http.request(
                method,
                place.url,
                body=body,
                headers={**{name: self._headers[name] for name in marks}, **headers},
                redirect=False,
                timeout=UPLOAD_TIMEOUT,
                preload_content=not stream,
            )
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"{place.host} cannot be reached: {cause_of(error)}") from None

    def _call(self, method: str, path: str, body: bytes | None = None) -> urllib3.BaseHTTPResponse:
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        waits = iter(back_offs())
        while True:
            try:
                reply = self._http.request(method, self._base + path, body=body, headers=headers, redirect=False)
            except urllib3.exceptions.HTTPError as error:
                raise UnreachableError(f"{self._base} cannot be reached: {cause_of(error)}") from None
            wait_s = next(waits, None) if reply.status in BUSY else None
            if wait_s is None:
                return reply
            time.sleep(told_to_wait(reply, wait_s))

    def _good(self, reply: urllib3.BaseHTTPResponse, asked: str) -> None:
        if reply.status == 401:
            raise TargetError(f"{self._base} refuses client key and API token (401) when {asked} is asked for")
        if reply.status in BUSY:
            raise UnreachableError(f"{self._base} is busy ({reply.status}) when {asked} is asked for")
        if not 200 <= reply.status <= 299:
            raise TargetError(f"{self._base} answers the question for {asked} with {reply.status}")

    def _document(self, data: bytes) -> Any:
        try:
            return json.loads(data[:LARGEST_REPLY])
        except (ValueError, RecursionError):
            raise TargetError(f"{self._base} replies with something that is no JSON") from None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _reason(reply: urllib3.BaseHTTPResponse) -> str:
    return said(reply.data[:LARGEST_REPLY]) or "without a reason"


def _pieces(file: BinaryIO, tell: Callable[[int], None]) -> Iterator[bytes]:
    sent = 0
    while piece := file.read(AT_ONCE):
        yield piece
        sent += len(piece)
        tell(sent)
