"""Guest REST: guests found, read, made, replaced, updated and deleted.

Source: Sitecore's public reference "Sitecore CDP Guest REST API (v2.1)", pages "Create a guest", "Retrieve a
guest", "Update a guest" and "Delete a guest"; "Retrieve guests (legacy)", "Update a guest (legacy)" and "Response
codes". Both versions are served alike. Sandbox's choices, for these are undocumented:

- Names, types and phone numbers are compared without regard to case; all criteria have to hold; a list comes in
  the order in which the guests came.
- A guest who became part of another is not there (404).
- Deleting a guest deletes orders, sessions and events, as documented; the counts of events that arrived stay.
"""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.cdp.guests_api import SEARCH_PARAMETERS
from harness.sandbox.config import SandboxConfig
from harness.sandbox.guest_fields import emails_of, guest_json, phones_of, read_guest
from harness.sandbox.identity import Identity
from harness.sandbox.model import Guest
from harness.sandbox.replies import Json
from harness.sandbox.rest import RestError, base_of, guest_routes, json_body, of_path, page_of, version_of
from harness.sandbox.store import Store


def routes(store: Store, config: SandboxConfig) -> list[Route]:
    """The endpoints, for Starlette."""
    api = _Guests(store)
    calls = (
        ("", api.search, "GET"),
        ("", api.create, "POST"),
        ("/{ref}", api.one, "GET"),
        ("/{ref}", api.put, "PUT"),
        ("/{ref}", api.put, "POST"),
        ("/{ref}", api.patch, "PATCH"),
        ("/{ref}", api.delete, "DELETE"),
    )
    return guest_routes(config, "", calls)


def guest_href(request: Request, guest: Guest) -> str:
    """Where the guest is, in the version that was asked for."""
    return f"{base_of(request)}/{version_of(request)}/guests/{guest.ref}"


def guest_of_path(store: Store, request: Request) -> Guest:
    """The guest whose ref is in the path. Raises RestError (404)."""
    store.advance()
    return of_path(request, store.guests, "Guest")


class _Guests:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def search(self, request: Request) -> Response:
        """A page of the guests who meet all criteria; everybody without any. ``expand=true`` gives them whole."""
        page = page_of(request, SEARCH_PARAMETERS)
        self._store.advance()
        found = self._found(page.criteria)
        shown = found[page.offset : page.offset + page.limit]
        hrefs = [f"{page.path.rstrip('/')}/{guest.ref}" for guest in shown]
        items = [
            guest_json(guest, href) if page.expand else {"href": href} for guest, href in zip(shown, hrefs, strict=True)
        ]
        return Json(page.of(items, len(found)))

    async def create(self, request: Request) -> Response:
        """201 and the guest. It is not looked whether there is one already (documented)."""
        attributes = read_guest(await json_body(request))
        if "guestType" not in attributes:
            raise RestError(400, "guestType: guestType may not be null.")
        self._store.advance()
        guest = self._store.write("guest.create", attributes=attributes)
        await self._store.kept()
        return Json(guest_json(guest, guest_href(request, guest)), 201)

    async def one(self, request: Request) -> Response:
        """The whole guest."""
        guest = guest_of_path(self._store, request)
        return Json(guest_json(guest, guest_href(request, guest)))

    async def put(self, request: Request) -> Response:
        """200 and the guest, of whom nothing is left that is not sent. In version 2 the method is POST."""
        return await self._update(request, whole=True)

    async def patch(self, request: Request) -> Response:
        """200 and the guest, with the fields that are sent; null takes one away."""
        return await self._update(request, whole=False)

    async def delete(self, request: Request) -> Response:
        """200, empty."""
        guest_of_path(self._store, request)
        self._store.write("guest.delete", ref=request.path_params["ref"])
        await self._store.kept()
        return Response()

    async def _update(self, request: Request, whole: bool) -> Response:
        guest_of_path(self._store, request)
        attributes = read_guest(await json_body(request))
        # While the body was read the guest may have gone.
        guest = guest_of_path(self._store, request)
        self._store.write("guest.update", ref=guest.ref, attributes=attributes, whole=whole)
        await self._store.kept()
        return Json(guest_json(guest, guest_href(request, guest)))

    def _found(self, criteria: Mapping[str, str]) -> list[Guest]:
        wanted: list[Identity] = []
        tests: list[Callable[[Guest], bool]] = []
        asked = {name: criteria[name].strip() for name in SEARCH_PARAMETERS if name in criteria}
        for name in ("email", "email.untouched"):
            if name in asked:
                wanted.append(("", asked[name].casefold()))
        if exact := asked.get("email.untouched"):
            tests.append(lambda guest: exact in emails_of(guest))
        tests += _by_identifier(asked, wanted)
        for name, attribute in (("firstName", "firstname"), ("lastName", "lastname")):
            if name in asked:
                tests.append(_same_text(attribute, asked[name].casefold()))
        if phone := asked.get("phoneNumber"):
            tests.append(lambda guest: phone in phones_of(guest))
        if kind := asked.get("guestType", "").casefold():
            tests.append(lambda guest: guest.guest_type == kind)
        people = self._store.people
        return people.find(wanted, (lambda guest: all(test(guest) for test in tests)) if tests else None)


def _same_text(attribute: str, wanted: str) -> Callable[[Guest], bool]:
    return lambda guest: guest.text(attribute).strip().casefold() == wanted


def _by_identifier(asked: dict[str, str], wanted: list[Identity]) -> list[Callable[[Guest], bool]]:
    """An identity to look for when provider and id are asked for; else a test for the one that is."""
    provider, id_ = asked.get("identifiers.provider"), asked.get("identifiers.id")
    if provider and id_:
        wanted.append((provider, id_))
        return []
    if provider:
        return [lambda guest: any(each[0] == provider for each in guest.identities)]
    if id_:
        return [lambda guest: any(each[0] and each[1] == id_ for each in guest.identities)]
    return []
