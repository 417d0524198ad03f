"""The sandbox's API as an OpenAPI 3.1 description, made from the CDP's tables: ``GET /_sandbox/openapi.json``.

It says what the sandbox takes and replies, which is what Sitecore documents as far as that is documented, and the
sandbox's choice beyond. docs/sandbox.md tells the two apart.
"""

from collections.abc import Iterable
from functools import cache

from harness.cdp.batch import BATCHES, INSPECT
from harness.cdp.endpoints import (
    BROWSER_CREATE,
    BROWSER_SHOW,
    CALL_FLOWS,
    EVENT_CREATE,
    EVENTS,
    GUEST_CONTEXTS,
    GUESTS,
    GUESTS_21,
    ORDER_CONTACTS,
    ORDER_ITEMS,
    ORDERS,
    STREAM_VERSION,
)
from harness.cdp.guests_api import EXTENSION_NAMES, SEARCH_PARAMETERS
from harness.sandbox.openapi_schemas import ANY, STRING, WHOLE, Json, schemas

OWN = "/_sandbox"
_REF: Json = {"name": "ref", "in": "path", "required": True, "schema": STRING}
_KEY: Json = {"name": "client_key", "in": "query", "required": True, "schema": STRING, "example": "sandbox"}


def _see(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(*names: str, required: bool = False) -> list[Json]:
    return [{"name": name, "in": "query", "required": required, "schema": STRING} for name in names]


_PAGE = [{"name": name, "in": "query", "schema": WHOLE} for name in ("offset", "limit")]
_LIST = [*_PAGE, *_query("expand", "sort")]


@cache
def openapi() -> Json:
    """The document. Not to be changed: it is made once."""
    paths: dict[str, Json] = {}
    for path, method, summary, about in _calls():
        paths.setdefault(path, {})[method] = {"operationId": _name(method, path), "summary": summary, **about}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sandbox of Sitecore CDP",
            "version": STREAM_VERSION,
            "description": "What the sandbox takes and replies. docs/sandbox.md says where that is its own choice.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
        },
    }


def _name(method: str, path: str) -> str:
    return "-".join([method, *(part.strip("{}") for part in path.split("/") if part)])


def _about(
    reply: str | Json | None,
    status: int = 200,
    refused: Iterable[int] = (),
    parameters: Iterable[Json] = (),
    body: Json | None = None,
    errors: str = "StreamError",
) -> Json:
    """One call: what it takes, its reply (a schema's name, or None: empty), and the statuses with which it refuses."""
    good: Json = {"description": "done"}
    if reply is not None:
        good["content"] = {"application/json": {"schema": _see(reply) if isinstance(reply, str) else reply}}
    replies = {str(status): good}
    for each in refused:
        content = {"application/json": {"schema": _see(errors)}}
        replies[str(each)] = {"description": _REFUSALS[each], "content": content}
    made: Json = {"parameters": list(parameters), "responses": replies}
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made


_REFUSALS = {
    400: "it is not as it ought to be",
    401: "wrong credentials",
    404: "there is no such thing",
    409: "there is one already",
    413: "it is too long",
    415: "it is no JSON",
    503: "the sandbox is full",
}


def _rest(
    reply: str | None,
    status: int = 200,
    refused: Iterable[int] = (),
    parameters: Iterable[Json] = (),
    body: str | None = None,
) -> Json:
    """A call of the REST APIs: HTTP Basic, and errors of their form."""
    more = (400, 413, 415) if body else ()
    known = sorted({401, *refused, *more})
    made = _about(reply, status, known, parameters, _see(body) if body else None, "RestError")
    return {**made, "security": [{"basic": []}]}


def _calls() -> Iterable[tuple[str, str, str, Json]]:
    event = [_KEY, *_query("message", required=True)]
    yield BROWSER_CREATE, "get", "A browser id", _about("Reply", 200, (401,), [_KEY, *_query("message")])
    yield EVENT_CREATE, "get", "An event", _about("Reply", 201, (400, 401, 404), event)
    yield EVENTS, "post", "An event as JSON", _about("Reply", 201, (400, 401, 404, 413), body=_see("Event"))
    browser = {"name": "browser_id", "in": "path", "required": True, "schema": STRING}
    shown = [browser, _KEY, *_query("api_token", required=True)]
    yield BROWSER_SHOW, "get", "Who is behind a browser id", _about("Browser", 200, (401, 404), shown)
    yield CALL_FLOWS, "post", "Run an experience", _about(ANY, 200, (400, 401, 404, 413), body=_see("CallFlow"))
    for guests in (GUESTS, GUESTS_21):
        yield from _guest_calls(guests)
    context = [_REF, *_query("expand")]
    yield (
        GUEST_CONTEXTS + "/{ref}",
        "get",
        "A guest with sessions and orders",
        _rest("Context", refused=(404,), parameters=context),
    )
    yield from _order_calls()
    yield from _batch_calls()
    yield from _own_calls()


def _guest_calls(guests: str) -> Iterable[tuple[str, str, str, Json]]:
    one, extensions = guests + "/{ref}", guests + "/{ref}/extensions"
    named = [_REF, {"name": "name", "in": "path", "required": True, "schema": {"enum": list(EXTENSION_NAMES)}}]
    criteria = [*_LIST, *_query(*SEARCH_PARAMETERS)]
    yield guests, "get", "Guests", _rest("List", refused=(400,), parameters=criteria)
    yield guests, "post", "Create a guest", _rest("Guest", 201, body="NewGuest")
    yield one, "get", "A guest", _rest("Guest", refused=(404,), parameters=[_REF])
    for method, summary in (("put", "Replace a guest"), ("post", "Replace a guest"), ("patch", "Change a guest")):
        yield one, method, summary, _rest("Guest", refused=(404,), parameters=[_REF], body="GuestFields")
    yield one, "delete", "Delete a guest", _rest(None, refused=(404,), parameters=[_REF])
    yield extensions, "get", "Data extensions", _rest("List", refused=(400, 404), parameters=[_REF, *_LIST])
    yield extensions, "post", "Create a data extension", _rest("Extension", 201, (404,), [_REF], "NewExtension")
    yield extensions + "/{name}", "get", "A data extension", _rest("Extension", refused=(404,), parameters=named)
    for method in ("put", "patch"):
        yield extensions + "/{name}", method, "Change it", _rest("Extension", 200, (404,), named, "Pairs")
    yield extensions + "/{name}", "delete", "Delete it", _rest(None, refused=(404,), parameters=named)
    # "name" stands in the path for the extension, and in the query for its pairs.
    gone = [*named, *_query("name")]
    yield extensions + "/{name}/fields", "delete", "Delete pairs", _rest("Extension", 200, (400, 404), gone)


def _order_calls() -> Iterable[tuple[str, str, str, Json]]:
    one = ORDERS + "/{ref}"
    found = [*_LIST, *_query("referenceId", "guestRef")]
    yield ORDERS, "get", "Orders of a number, or of a guest", _rest("List", refused=(400,), parameters=found)
    yield ORDERS, "post", "Create an order", _rest("Order", 201, body="OrderFields")
    yield one, "get", "An order", _rest("Order", refused=(404,), parameters=[_REF])
    yield one, "put", "Replace an order", _rest("Order", refused=(404,), parameters=[_REF], body="OrderFields")
    yield one, "delete", "Delete an order", _rest(None, refused=(404,), parameters=[_REF])
    yield one + "/orderItems", "get", "Its items", _rest("List", refused=(400, 404), parameters=[_REF, *_LIST])
    yield one + "/orderItems", "post", "Add an item", _rest("Item", 201, (404,), [_REF], "NewItem")
    yield one + "/contacts", "get", "Its contact", _rest("List", refused=(400, 404), parameters=[_REF, *_LIST])
    yield one + "/contacts", "post", "Whose order it is", _rest("Contact", 201, (404,), [_REF], "GuestFields")
    yield ORDER_ITEMS + "/{ref}", "get", "An item", _rest("Item", refused=(404,), parameters=[_REF])
    yield ORDER_CONTACTS + "/{ref}", "get", "A contact", _rest("Contact", refused=(404,), parameters=[_REF])


def _batch_calls() -> Iterable[tuple[str, str, str, Json]]:
    """The places for files and logs are left out: their addresses come in a batch's JSON, signed."""
    yield BATCHES, "get", "Batches", _rest("List", refused=(400,), parameters=_LIST)
    announced = _rest("Batch", 200, (409,), [_REF], "NewBatch")
    del announced["responses"]["415"]
    yield BATCHES + "/{ref}", "put", "Announce a file", announced
    yield BATCHES + "/{ref}", "get", "What became of it", _rest("Batch", refused=(404,), parameters=[_REF])
    yield INSPECT + "/{ref}", "get", "The same, in more detail", _rest("Batch", refused=(404,), parameters=[_REF])


def _own_calls() -> Iterable[tuple[str, str, str, Json]]:
    yield OWN + "/stats", "get", "Counts", _about("Stats")
    yield OWN + "/about", "get", "Whom to talk to, and how", _about("About")
    yield (
        OWN + "/guests",
        "get",
        "Guests as the page shows them",
        _about("Rows", 200, (400,), [*_PAGE, *_query("query")]),
    )
    yield OWN + "/guests/{ref}", "get", "A guest with sessions and orders", _about(ANY, 200, (404,), [_REF])
    yield OWN + "/orders", "get", "Orders, the latest first", _about("Rows", 200, (400,), _PAGE)
    yield OWN + "/faults", "get", "What goes wrong", _about("Faults")
    yield OWN + "/faults", "put", "What is to go wrong", _about("Faults", 200, (400, 413), body=ANY)
    yield OWN + "/faults", "delete", "Nothing goes wrong any more", _about(None, 204)
    yield OWN + "/reset", "post", "Forget everything", _about(None, 204)
    yield OWN + "/openapi.json", "get", "This", _about(ANY)
