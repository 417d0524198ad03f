"""Guest REST: the data extensions of a guest.

Source: Sitecore's public reference "Sitecore CDP Guest REST API (v2.1)", pages "Create a data extension",
"Retrieve a guest's collection of data extensions" and "Delete key-value pairs from a data extension": six at
most, by their names; a hundred pairs at most, flat, with alphanumeric keys that no other extension of the guest
has. Sandbox's choices, for these are undocumented: what breaks one of these rules is answered 400, and so is
creating one that is there. The paths of version 2 (``/extext/{ref}``) are not served.
"""

import math
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.guests_api import EXTENSION_NAMES, LARGEST_EXTENSION
from harness.sandbox.config import SandboxConfig
from harness.sandbox.guest_rest import guest_href, guest_of_path
from harness.sandbox.model import Guest
from harness.sandbox.replies import Json
from harness.sandbox.rest import RestError, guest_routes, iso, json_body, page_of
from harness.sandbox.store import Store

_KEY = re.compile(r"[A-Za-z0-9]{1,100}")
_NOT_PAIRS = frozenset({"name", "key", "href", "ref", "createdAt", "modifiedAt", "guest"})


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoints, for Starlette."""
    api = _Extensions(store)
    calls = (
        ("", api.listed, "GET"),
        ("", api.create, "POST"),
        ("/{name}", api.one, "GET"),
        ("/{name}", api.put, "PUT"),
        ("/{name}", api.patch, "PATCH"),
        ("/{name}", api.delete, "DELETE"),
        ("/{name}/fields", api.delete_pairs, "DELETE"),
    )
    return guest_routes(config, "/{ref}/extensions", calls)


class _Extensions:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def listed(self, request: Request) -> Response:
        """A page of the guest's extensions."""
        guest = guest_of_path(self._store, request)
        page = page_of(request)
        names = list(guest.extensions)
        items = [
            _json(request, guest, name) if page.expand else {"href": _href(request, guest, name)}
            for name in names[page.offset : page.offset + page.limit]
        ]
        return Json(page.of(items, len(names)))

    async def create(self, request: Request) -> Response:
        """201 and the extension."""
        guest_of_path(self._store, request)
        body = await json_body(request)
        guest = guest_of_path(self._store, request)
        name = body.get("name")
        if name not in EXTENSION_NAMES:
            raise RestError(400, f"name: must be one of {', '.join(EXTENSION_NAMES)}.")
        if name in guest.extensions:
            raise RestError(400, f"name: the guest has a data extension {name} already.")
        return await self._put(request, guest, name, _pairs(body), 201)

    async def one(self, request: Request) -> Response:
        """The extension."""
        guest, name = self._there(request)
        return Json(_json(request, guest, name))

    async def put(self, request: Request) -> Response:
        """200 and the extension, which has what is sent and nothing else."""
        return await self._update(request, whole=True)

    async def patch(self, request: Request) -> Response:
        """200 and the extension, with the pairs that are sent."""
        return await self._update(request, whole=False)

    async def delete(self, request: Request) -> Response:
        """200, empty."""
        guest, name = self._there(request)
        self._store.write("extension.delete", ref=guest.ref, name=name)
        await self._store.kept()
        return Response()

    async def delete_pairs(self, request: Request) -> Response:
        """200 and the extension without the pairs in ``?name=a|b``; without any when none is named (documented)."""
        guest, name = self._there(request)
        gone = request.query_params.get("name", "").split("|")
        values = guest.extensions[name].values
        kept = {key: value for key, value in values.items() if key not in gone} if any(gone) else {}
        return await self._put(request, guest, name, kept, 200)

    async def _update(self, request: Request, whole: bool) -> Response:
        self._there(request)
        sent = _pairs(await json_body(request))
        # While the body was read the extension may have gone.
        guest, name = self._there(request)
        values = sent if whole else {**guest.extensions[name].values, **sent}
        return await self._put(request, guest, name, values, 200)

    async def _put(self, request: Request, guest: Guest, name: str, values: dict[str, Any], status: int) -> Response:
        if len(values) > LARGEST_EXTENSION:
            raise RestError(
                400, f"A data extension has {LARGEST_EXTENSION} key-value pairs at most, not {len(values)}."
            )
        for other, extension in guest.extensions.items():
            if other != name and (both := next((key for key in values if key in extension.values), None)):
                raise RestError(400, f"{both}: the data extension {other} has this key already.")
        self._store.write("extension.put", ref=guest.ref, name=name, values=values)
        await self._store.kept()
        return Json(_json(request, guest, name), status)

    def _there(self, request: Request) -> tuple[Guest, str]:
        guest = guest_of_path(self._store, request)
        name = request.path_params["name"]
        if name not in guest.extensions:
            raise RestError(404, f"Data extension {name[:100]} of guest {guest.ref} was not found.")
        return guest, name


def _pairs(body: dict[str, Any]) -> dict[str, Any]:
    """The pairs in a body. Raises RestError (400)."""
    pairs = {key: value for key, value in body.items() if key not in _NOT_PAIRS}
    for key, value in pairs.items():
        if not _KEY.fullmatch(key):
            raise RestError(400, f"{key[:100]}: a key is alphanumeric, A-Z, a-z and 0-9.")
        if not isinstance(value, str | bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            raise RestError(400, f"{key}: a value is text, a number or a boolean, and nothing nested.")
    return pairs


def _href(request: Request, guest: Guest, name: str) -> str:
    return f"{guest_href(request, guest)}/extensions/{name}"


def _json(request: Request, guest: Guest, name: str) -> dict[str, Any]:
    extension = guest.extensions[name]
    return {
        "href": _href(request, guest, name),
        "ref": extension.ref,
        "name": name,
        "key": "default",
        "createdAt": iso(extension.created),
        "modifiedAt": iso(extension.modified),
        **extension.values,
        "guest": {"href": guest_href(request, guest)},
    }
