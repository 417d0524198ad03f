"""What the sandbox is compared with: a Starlette route that parses the message, answers, and does nothing else."""

from __future__ import annotations

import sys

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from harness.cdp.endpoints import EVENT_CREATE, EVENTS


async def by_url(request: Request) -> JSONResponse:
    """The message in the query."""
    orjson.loads(request.query_params["message"])
    return JSONResponse({"status": "OK"}, 201)


async def by_body(request: Request) -> JSONResponse:
    """The message in the body."""
    orjson.loads(await request.body())
    return JSONResponse({"status": "OK"}, 201)


if __name__ == "__main__":
    app = Starlette(
        routes=[Route(EVENT_CREATE, by_url, methods=["GET"]), Route(EVENTS, by_body, methods=["POST"])],
    )
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, http="httptools", loop="uvloop")
