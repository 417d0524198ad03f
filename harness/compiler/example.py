"""An example of a step: its request as one guest would send it, with blanks where only the sender knows."""

from __future__ import annotations

from dataclasses import dataclass

from harness.compiler.plan import Capture

CLIENT_KEY, BROWSER_ID, BASIC_AUTH = "CDP_CLIENT_KEY", "BROWSER_ID", "BASIC_AUTH"
"""Names of the blanks for the client key, the browser's id, and client key and API token as HTTP Basic has them; a
captured value's is its own name, upper case."""


@dataclass(frozen=True, slots=True)
class Example:
    """A request that can be written down. Texts may hold blanks (``scenario.blanks``).

    ``type`` is the event type, or the method. ``target`` is path and query, ``headers`` are lines beside the usual
    ones. ``binary``: the body is no text, and so not here. ``captures``: the blanks that its reply fills, with where in
    the reply the value stands.
    """

    journey: str
    step: str
    type: str
    method: str
    target: str
    headers: tuple[str, ...] = ()
    body: str | None = None
    binary: bool = False
    captures: tuple[tuple[str, Capture], ...] = ()
