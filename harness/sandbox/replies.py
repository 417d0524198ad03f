"""Replies in the CDP's JSON."""

from base64 import b64decode
from binascii import Error as Base64Error
from hmac import compare_digest
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from harness.sandbox.config import SandboxConfig

MORE_INFO = "https://doc.sitecore.com/cdp"
_JSON = "application/json"


class Json(Response):
    """A JSON reply, written by orjson."""

    media_type = _JSON

    def render(self, content: Any) -> bytes:
        """The body."""
        return orjson.dumps(content)


def error_body(status: int, message: str) -> bytes:
    """``{"status", "code", "error_msg", "moreInfo"}``. Values of ``code`` are undocumented: the status."""
    return orjson.dumps({"status": status, "code": status, "error_msg": message, "moreInfo": MORE_INFO})


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error reply."""
    return Response(error_body(status, message), status, headers, media_type=_JSON)


def private(response: Response) -> Response:
    """The reply, not to be kept by anybody, nor taken for anything else."""
    response.headers["cache-control"] = "no-store"
    response.headers["x-content-type-options"] = "nosniff"
    return response


def json_headers(length: int) -> list[tuple[bytes, bytes]]:
    """The headers of a JSON body of so many bytes, for plain ASGI."""
    return [(b"content-type", _JSON.encode()), (b"content-length", str(length).encode())]


async def send_json(send: Send, status: int, body: bytes) -> None:
    """A whole reply, for plain ASGI."""
    await send({"type": "http.response.start", "status": status, "headers": json_headers(len(body))})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, message: str) -> None:
    """An error reply, for plain ASGI."""
    await send_json(send, status, error_body(status, message))


def is_authorized(request: Request, config: SandboxConfig) -> bool:
    """HTTP Basic, client key : API token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        sent = b64decode(given.strip(), validate=True)
    except (Base64Error, ValueError):
        return False
    return compare_digest(sent, f"{config.client_key}:{config.api_token}".encode())
