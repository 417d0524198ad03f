"""Where faults are switched on and off, while the sandbox runs: ``/_sandbox/faults``."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from harness.sandbox.body import TOO_LONG, read_body, read_object
from harness.sandbox.faults import BatchFaults, FaultError, Faults
from harness.sandbox.faults_read import read_faults
from harness.sandbox.replies import Json, error, private
from harness.sandbox.store import Store
from harness.sandbox.twister import Twister
from harness.sandbox.wire_faults import WireFaults

PATH = "/_sandbox/faults"
_SEEDS = 1 << 31


class Injection:
    """The faults of a sandbox. ``table``, by which requests find their handlers, leads through those on the wire."""

    def __init__(self, store: Store, table: dict[str, ASGIApp]) -> None:
        self.counts: Counter[str] = Counter()
        self._store = store
        self._table = table
        self._direct: dict[str, ASGIApp] = {}
        self._faults = Faults(0, {})

    def begin(self, document: object) -> None:
        """The table is complete; these are the first faults. Raises FaultError."""
        self._direct = dict(self._table)
        self.set(document)

    def set(self, document: object) -> None:
        """Puts the faults of a document in the place of all others. Raises FaultError, and changes nothing then."""
        self._use(read_faults(document, secrets.randbelow(_SEEDS)))

    def restart(self) -> None:
        """The same faults from their beginning: what happens again goes wrong again in the same way."""
        self._use(self._faults)

    def as_json(self) -> dict[str, Any]:
        """``{"faults", "seed", "injected", "waiting"}``: the document, how often which, and events not yet visible."""
        document: Mapping[str, Any] = {name: each for name, each in self._faults.document.items() if name != "seed"}
        return {
            "faults": document,
            "seed": self._faults.seed,
            "injected": dict(self.counts),
            "waiting": self._store.waiting_count,
        }

    def _use(self, faults: Faults) -> None:
        self._faults = faults
        self.counts.clear()
        self._store.use_twister(Twister.of(faults, self._store.config.visible_after_s, self.counts))
        self._store.batch_faults = replace(faults.batches or BatchFaults(0), seed=faults.seed)
        wire = WireFaults(faults, self.counts) if faults.on_the_wire else None
        for path, app in self._direct.items():
            self._table[path] = app if wire is None else wire.before(app)


def routes(injection: Injection) -> list[Route]:
    """The endpoints, for Starlette."""

    async def show(request: Request) -> Response:
        """What goes wrong now, and how often it did."""
        return private(Json(injection.as_json()))

    async def put(request: Request) -> Response:
        """200 and what goes wrong from now on; 400 with one sentence for a document that is no faults."""
        body = await read_body(request.scope, request.receive)
        if body is None:
            return error(413, TOO_LONG)
        document = read_object(body, "The body")
        if isinstance(document, str):
            return error(400, document)
        try:
            injection.set(document)
        except FaultError as wrong:
            return error(400, str(wrong))
        return private(Json(injection.as_json()))

    async def delete(request: Request) -> Response:
        """204: nothing goes wrong any more. Events that wait become visible when they would have."""
        injection.set({})
        return Response(status_code=204)

    return [
        Route(PATH, show, methods=["GET"]),
        Route(PATH, put, methods=["PUT"]),
        Route(PATH, delete, methods=["DELETE"]),
    ]
