"""The Batch API: a place for a file, the file, its status, its error log.

Source: Sitecore's developer pages "Allocate batch upload location", "Upload batch file", "Retrieve batch file upload
status", "Retrieve details of batch uploads". Sandbox's choices, for these are undocumented: announcing answers 200; the
place is the sandbox's own, and answers as the storage service does that Sitecore uses (403 for a place that has expired or
was tampered with, 400 for a Content-Md5 that is not the body's, for credentials sent along, and for more than is allowed);
a second file at the same place is answered 409; more files at once than it takes, 503.
"""

import hashlib
import hmac
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.batch import BATCHES, INSPECT, LARGEST_FILE, UPLOAD_HEADERS, UPLOADING
from harness.cdp.batch_rules import is_uuid
from harness.sandbox.batch_import import Importer, Upload, new_file
from harness.sandbox.batches import Batch
from harness.sandbox.body import TOO_LONG, read_body, read_object
from harness.sandbox.config import SandboxConfig
from harness.sandbox.replies import Json
from harness.sandbox.rest import RestError, base_of, guarded, iso, page_of
from harness.sandbox.store import Store

PLACES = "/batch-files"
LOGS = "/batch-logs"
MOST_AT_ONCE = 8
"""Files that come, and that wait to be worked on, together."""
ROOM = 1.05
"""50MB may be counted in two ways: the sandbox takes what is right in either."""
_ENCRYPTION = "x-amz-server-side-encryption"


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoints, for Starlette."""
    api = _Batches(store, config)
    calls = (
        (BATCHES, api.list, "GET"),
        (INSPECT + "/{ref}", api.inspect, "GET"),
        (BATCHES + "/{ref}", api.announce, "PUT"),
        (BATCHES + "/{ref}", api.status, "GET"),
    )
    return [
        *(Route(path, guarded(config, handler), methods=[method]) for path, handler, method in calls),
        Route(PLACES + "/{ref}.json.gz", api.upload, methods=["PUT"]),
        Route(LOGS + "/{ref}.json.gz", api.log, methods=["GET"]),
    ]


class _Storage(Exception):  # noqa: N818 - a reply, not a mistake of ours
    """What the storage service would answer in the place of 200."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.reply = Response(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>',
            status,
            media_type="application/xml",
        )


class _Batches:
    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._importer = Importer(store)
        self._coming = 0
        # The same after a restart: what was promised then holds.
        self._key = hashlib.sha256(f"places/{config.client_key}:{config.api_token}".encode()).digest()

    async def announce(self, request: Request) -> Response:
        """200 and the place for the file; 400 and 409 as documented. The content type does not matter (curl's is wrong)."""
        ref = request.path_params["ref"]
        if not is_uuid(ref):
            raise RestError(400, "The ref of a batch must be a UUID.")
        body = await read_body(request.scope, request.receive)
        if body is None:
            raise RestError(413, TOO_LONG)
        announced = read_object(body, "The body")
        if isinstance(announced, str):
            raise RestError(400, announced)
        checksum, size = announced.get("checksum"), announced.get("size")
        if not isinstance(checksum, str) or not _is_md5(checksum):
            raise RestError(400, "checksum: must be the MD5 of the file, 32 hexadecimal digits.")
        if isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= LARGEST_FILE * ROOM:
            raise RestError(400, f"size: must be the bytes of the file, from 1 to {LARGEST_FILE:,}.")
        self._store.advance()
        if self._store.batches.get(ref.lower()) is not None:
            raise RestError(409, f"Batch with ref {ref} exists: make a new UUID.")
        batch = self._store.write("batch.open", ref=ref.lower(), checksum=checksum.lower(), size=size)
        await self._store.kept()
        return Json(self._shown(batch, request, inspect=False))

    async def status(self, request: Request) -> Response:
        """The batch with its status."""
        return Json(self._shown(self._batch(request), request, inspect=False))

    async def inspect(self, request: Request) -> Response:
        """The same; a file that came and was not touched yet is told."""
        return Json(self._shown(self._batch(request), request, inspect=True))

    async def list(self, request: Request) -> Response:
        """A page of the batches, the latest first, each whole."""
        page = page_of(request)
        self._store.advance()
        batches = self._store.batches.newest()
        shown = batches[page.offset : page.offset + page.limit]
        return Json(page.of([self._shown(each, request, inspect=False) for each in shown], len(batches)))

    async def upload(self, request: Request) -> Response:
        """200, empty."""
        try:
            return await self._upload(request)
        except _Storage as refused:
            await _drained(request)
            return refused.reply

    async def _upload(self, request: Request) -> Response:
        self._store.advance()
        batch = self._at_place(request, PLACES)
        if "authorization" in request.headers:
            raise _Storage(400, "InvalidArgument", "Only one auth mechanism allowed: the place is signed already.")
        if request.headers.get(_ENCRYPTION) != UPLOAD_HEADERS[_ENCRYPTION]:
            raise _Storage(403, "SignatureDoesNotMatch", f"The header {_ENCRYPTION} must be AES256.")
        content_md5 = request.headers.get("content-md5", "")
        if not content_md5:
            raise _Storage(400, "InvalidDigest", "The header Content-Md5 is missing: the MD5 of the file in base64.")
        if not request.headers.get("content-length", "").isdigit():
            raise _Storage(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if int(request.headers["content-length"][:20]) > LARGEST_FILE * ROOM:
            raise _Storage(400, "EntityTooLarge", f"The file is larger than {LARGEST_FILE:,} bytes.")
        if batch.status != UPLOADING:
            raise _Storage(409, "OperationAborted", "The file of this batch is there already.")
        if self._coming + len(self._importer) >= MOST_AT_ONCE:
            raise _Storage(503, "SlowDown", f"The sandbox takes {MOST_AT_ONCE} files at once.")
        self._coming += 1
        try:
            upload = await _received(request)
        finally:
            self._coming -= 1
        try:
            if b64encode(bytes.fromhex(upload.checksum)).decode() != content_md5.strip():
                raise _Storage(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
            # While the file came, another may have been quicker, or a reset.
            if self._store.batches.get(batch.ref) is not batch or batch.status != UPLOADING:
                raise _Storage(409, "OperationAborted", "The batch is not waiting for a file any more.")
            self._importer.take(batch, upload)
        except BaseException:
            upload.close()
            raise
        await self._store.kept()
        return Response()

    async def log(self, request: Request) -> Response:
        """The error log, gzip."""
        self._store.advance()
        try:
            batch = self._at_place(request, LOGS)
        except _Storage as refused:
            return refused.reply
        if not batch.has_log:
            return _Storage(404, "NoSuchKey", "There is no such log.").reply
        return Response(batch.log.as_gzip(), media_type="application/gzip")

    def _batch(self, request: Request) -> Batch:
        self._store.advance()
        ref = request.path_params["ref"]
        batch = self._store.batches.get(ref.lower())
        if batch is None:
            raise RestError(404, f"Batch with ref {ref[:100]} was not found.")
        return batch

    def _at_place(self, request: Request, path: str) -> Batch:
        """The batch that a signed place is for. Raises _Storage."""
        ref, asked = request.path_params["ref"], request.query_params
        expires = asked.get("Expires", "")
        signature = self._signature(f"{path}/{ref}/{expires}")
        if not hmac.compare_digest(signature, asked.get("Signature", "")):
            raise _Storage(403, "SignatureDoesNotMatch", "The signature of this address is not right.")
        if int(expires) < self._store.clock():
            raise _Storage(403, "AccessDenied", "Request has expired")
        batch = self._store.batches.get(ref)
        if batch is None:
            raise _Storage(404, "NoSuchKey", "There is no such batch.")
        return batch

    def _place(self, request: Request, path: str, ref: str, expires: float) -> str:
        at = int(expires)
        query = urlencode({"Expires": at, "Signature": self._signature(f"{path}/{ref}/{at}")})
        return f"{base_of(request)}{path}/{ref}.json.gz?{query}"

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _shown(self, batch: Batch, request: Request, inspect: bool) -> dict[str, Any]:
        status: dict[str, str] = {"code": batch.status if inspect else batch.shown_status}
        if batch.has_log:
            lasting = self._store.clock() + self._store.limits.batch_expires_s
            status["log"] = self._place(request, LOGS, batch.ref, lasting)
        location = {
            "href": self._place(request, PLACES, batch.ref, batch.expires),
            "expiry": iso(int(batch.expires)),
        }
        return {
            "href": f"{base_of(request)}{BATCHES}/{batch.ref}",
            "ref": batch.ref,
            "checksum": batch.checksum,
            "size": batch.size,
            **({"location": location} if batch.status == UPLOADING else {}),
            "status": status,
            "createdAt": iso(batch.created),
            "modifiedAt": iso(batch.modified),
        }


async def _received(request: Request) -> Upload:
    """The body, on disk. Raises _Storage when less comes than was announced."""
    file, md5, size = new_file(), hashlib.md5(usedforsecurity=False), 0
    try:
        async for piece in request.stream():
            md5.update(piece)
            file.write(piece)
            size += len(piece)
    except ClientDisconnect:
        file.close()
        raise _Storage(400, "IncompleteBody", "The body ended early.") from None
    except BaseException:
        file.close()
        raise
    file.flush()
    return Upload(file, md5.hexdigest(), size)


async def _drained(request: Request) -> None:
    """Takes the rest of a refused body off the wire: a client that still writes would not see the reply."""
    taken = 0
    try:
        async for piece in request.stream():
            taken += len(piece)
            if taken > LARGEST_FILE * ROOM:
                return
    except (ClientDisconnect, RuntimeError):
        return


def _is_md5(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdefABCDEF" for c in text)
