"""What the REST calls have in common: credentials, errors, pages of a list, and bodies that are JSON.

Source: Sitecore's public references "Sitecore CDP Guest REST API (v2.1)" and "Sitecore CDP Order REST API
(v2.1)". Undocumented, sandbox's choice: a limit above 100 is taken as 100; a body without content type is
taken as JSON; a body that is too long is answered 413, as everywhere in the sandbox.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.endpoints import GUESTS, GUESTS_21
from harness.cdp.guests_api import DEFAULT_PAGE, LARGEST_PAGE
from harness.sandbox.body import TOO_LONG, read_body, read_object
from harness.sandbox.config import SandboxConfig
from harness.sandbox.replies import Json, is_authorized

MORE_INFO_URL = "https://support.sitecore.com"
UNAUTHORIZED = "Authentication credentials are required to access the resource. All requests must be authenticated."
NOT_FOUND = "The specified resource does not exist."

Handler = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")


class RestError(Exception):
    """A request that is refused: a status, and what is wrong in a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def rest_error(status: int, message: str) -> Response:
    """``{"status", "code", "message", "developerMessage", "moreInfoUrl"}``.

    As documented, a 401 has its status in words, and no message for developers.
    """
    body: dict[str, Any] = {"status": status, "code": status, "message": message, "moreInfoUrl": MORE_INFO_URL}
    if status == 401:
        return Json({**body, "status": "UNAUTHORIZED"}, 401, {"www-authenticate": 'Basic realm="sandbox"'})
    told = NOT_FOUND if status == 404 else message
    return Json({**body, "message": told, "developerMessage": message}, status)


def of_path(request: Request, things: Mapping[str, T], what: str) -> T:
    """The thing whose ref is in the path. Raises RestError (404)."""
    ref = request.path_params["ref"]
    thing = things.get(ref)
    if thing is None:
        raise RestError(404, f"{what} with ref {ref[:100]} was not found.")
    return thing


def guarded(config: SandboxConfig, handler: Handler) -> Handler:
    """The handler behind HTTP Basic; a RestError becomes the reply that it stands for."""

    @wraps(handler)
    async def guard(request: Request) -> Response:
        if not is_authorized(request, config):
            return rest_error(401, UNAUTHORIZED)
        try:
            return await handler(request)
        except RestError as error:
            return rest_error(error.status, error.message)

    return guard


def guest_routes(config: SandboxConfig, below: str, calls: Iterable[tuple[str, Handler, str]]) -> list[Route]:
    """Calls (path, handler, method) below a path of the guests, in both versions of the Guest REST API."""
    return [
        Route(path + below + rest, guarded(config, handler), methods=[method])
        for path in (GUESTS, GUESTS_21)
        for rest, handler, method in calls
    ]


def base_of(request: Request) -> str:
    """What the hrefs of a reply begin with."""
    return str(request.base_url).rstrip("/")


def version_of(request: Request) -> str:
    """The version that was asked for, v2 or v2.1: the hrefs lead to the same one."""
    return "v2.1" if request.scope["path"].startswith("/v2.1/") else "v2"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for, and how: each item in full, or only where it is."""

    path: str
    criteria: Mapping[str, str]
    query: str
    """The criteria as a list's hrefs have them, with "&" behind."""
    offset: int
    limit: int
    expand: bool

    def of(self, items: Iterable[Any], total: int) -> dict[str, Any]:
        """The list's JSON around the ``items`` of this page; ``next`` is there when there is one."""
        last = max(total - 1, 0) // self.limit * self.limit
        following = {"next": {"href": self._href(self.offset + self.limit)}}
        return {
            "href": self._href(self.offset),
            "offset": self.offset,
            "limit": self.limit,
            "first": {"href": self._href(0)},
            "last": {"href": self._href(last)},
            **(following if self.offset + self.limit < total else {}),
            "items": list(items),
        }

    def _href(self, offset: int) -> str:
        return f"{self.path}?{self.query}offset={offset}&limit={self.limit}"


def page_of(request: Request, criteria: Iterable[str] = ()) -> Page:
    """What a request asks for of a list. Raises RestError (400) for an offset or limit that is no number."""
    asked = request.query_params
    try:
        offset = max(int(asked.get("offset", "0")), 0)
        limit = min(max(int(asked.get("limit", DEFAULT_PAGE)), 1), LARGEST_PAGE)
    except ValueError:
        raise RestError(400, "offset and limit are whole numbers.") from None
    expand = asked.get("expand", "")
    given = {name: value for name in (*criteria, "expand", "sort") if (value := asked.get(name))}
    return Page(
        path=base_of(request) + request.scope["path"],
        criteria=given,
        query=urlencode(given) + "&" if given else "",
        offset=min(offset, 1 << 40),
        limit=limit,
        expand=expand in ("true", "items"),
    )


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises RestError: 415, 413 or 400."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise RestError(415, f"The media type {media_type[:100]} is not supported, only application/json.")
    body = await read_body(request.scope, request.receive)
    if body is None:
        raise RestError(413, TOO_LONG)
    value = read_object(body, "The body")
    if isinstance(value, str):
        raise RestError(400, value)
    return value


def iso(at: float) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
