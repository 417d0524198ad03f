"""The sandbox as one ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.cdp.endpoints import BROWSER_CREATE, CALL_FLOWS, EVENT_CREATE, EVENTS
from harness.sandbox import (
    batch_rest,
    extension_rest,
    guest_context,
    guest_rest,
    injection,
    inspection,
    order_reads,
    order_writes,
    personalize,
    stream,
)
from harness.sandbox.body import header
from harness.sandbox.config import SandboxConfig, SandboxError
from harness.sandbox.faults import FaultError
from harness.sandbox.journal import Journal, NotKeptError
from harness.sandbox.replies import error, refuse
from harness.sandbox.rest import rest_error
from harness.sandbox.store import Store

REST = ""
"""In the table of handlers: what leads on to all that has no place of its own there."""


FULL = "The sandbox takes all the memory that it may: POST /_sandbox/reset makes it forget everything."
_ALWAYS = frozenset(f"{inspection.PREFIX}/{name}" for name in ("stats", "reset", "faults"))


def open_store(config: SandboxConfig) -> Store:
    """The state, from the data file if there is one. Raises SandboxError when that cannot be used."""
    if config.data is None:
        return Store(config)
    journal = Journal(config.data, config.limits.data_bytes)
    try:
        return Store(config, journal=journal)
    except BaseException:
        journal.close()
        raise


def create_app(config: SandboxConfig, store: Store | None = None) -> ASGIApp:
    """An application with a state of its own. A test may bring the ``store``, to look into it.

    Raises SandboxError when experiences, faults or the data file cannot be used.
    """
    kept = open_store(config) if store is None else store
    hot: dict[str, ASGIApp] = {
        EVENT_CREATE: stream.event_create(kept, config),
        EVENTS: stream.events(kept, config),
        CALL_FLOWS: personalize.call_flows(kept, config),
        BROWSER_CREATE: stream.browser_create(kept, config),
    }
    # Requests find their handlers in this table; faults stand in it before the handlers, while there are any.
    table = {path: _answering(app) if kept.keeps else app for path, app in hot.items()}
    faults = injection.Injection(kept, table)
    table[REST] = Starlette(
        routes=[
            *order_reads.routes(kept, config),
            *batch_rest.routes(kept, config),
            *order_writes.routes(kept, config),
            *guest_rest.routes(kept, config),
            *extension_rest.routes(kept, config),
            *guest_context.routes(kept, config),
            *injection.routes(faults),
            *inspection.routes(kept, faults),
        ],
        exception_handlers={HTTPException: _http_error, NotKeptError: _not_kept},
    )
    try:
        faults.begin(config.faults)
    except FaultError as wrong:
        raise SandboxError(f"The faults cannot be used: {wrong}") from None

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if kept.is_full and scope["path"] not in _ALWAYS:
            await refuse(send, 503, FULL)
            return
        if scope["method"] != "GET" and scope["path"].startswith(inspection.PREFIX) and _is_foreign(scope):
            await refuse(send, 403, "Another site's page may not change anything here.")
            return
        await (table.get(scope["path"]) or table[REST])(scope, receive, send)

    return app


def _is_foreign(scope: Scope) -> bool:
    """Whether a browser says that the request comes from a page that is not the sandbox's own."""
    origin = header(scope, b"origin")
    return bool(origin) and origin.partition(b"://")[2] != header(scope, b"host")


def _answering(app: ASGIApp) -> ASGIApp:
    """Answers 503 in the place of an app that says before its reply that something cannot be kept."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except NotKeptError as failure:
            await refuse(send, 503, str(failure))

    return answering


async def _http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    if request.url.path.startswith("/v2"):
        return rest_error(exc.status_code, exc.detail)
    return error(exc.status_code, exc.detail, dict(exc.headers or {}))


async def _not_kept(request: Request, exc: Exception) -> Response:
    return error(503, str(exc))
