"""The sandbox as one ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.cdp.endpoints import BROWSER_CREATE, CALL_FLOWS, EVENT_CREATE
from harness.sandbox import inspection, orders, personalize, stream
from harness.sandbox.config import SandboxConfig
from harness.sandbox.replies import error
from harness.sandbox.store import Store


def create_app(config: SandboxConfig, store: Store | None = None) -> ASGIApp:
    """An application with a state of its own. A test may bring the ``store``, to look into it."""
    kept = Store(config) if store is None else store
    hot = {
        EVENT_CREATE: stream.event_create(kept, config),
        stream.EVENTS: stream.events(kept, config),
        CALL_FLOWS: personalize.call_flows(kept, config),
        BROWSER_CREATE: stream.browser_create(kept, config),
    }
    rest = Starlette(
        routes=[*orders.routes(kept, config), *inspection.routes(kept)],
        exception_handlers={HTTPException: _http_error},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        handler = hot.get(scope["path"], rest) if scope["type"] == "http" else rest
        await handler(scope, receive, send)

    return app


async def _http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return error(exc.status_code, exc.detail, dict(exc.headers or {}))
