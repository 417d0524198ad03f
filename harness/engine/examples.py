"""Examples of all steps of a plan: each as a guest would send it who takes every step once, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.compiler.example import BASIC_AUTH, BROWSER_ID, CLIENT_KEY, Example
from harness.compiler.plan import SLOT, Capture, JourneyPlan, Plan, Send
from harness.engine.visit import Visit
from harness.engine.worker import Worker
from harness.scenario.blanks import blank

RUN_ID = "EXAMPLE"
"""Marks the order numbers of examples."""
_MARK = re.compile("q0BLANK0((?:[0-9a-f]{2})+)0q")


def examples(plan: Plan, seed: int) -> tuple[Example, ...]:
    """An example of each step; the same for the same plan and seed, but for the time of day in it.

    Raises RanOutError where guests come from a file and there are fewer than journeys.
    """
    worker = Worker(plan, _mark(CLIENT_KEY), seed, RUN_ID)
    return tuple(example for journey in plan.journeys for example in _of_journey(worker, journey))


def variable(name: str) -> str:
    """The name of the blank for a captured value."""
    return re.sub(r"\W", "_", name.upper(), flags=re.ASCII)


def _of_journey(worker: Worker, journey: JourneyPlan) -> Iterator[Example]:
    visit = worker.visit()
    visit.values[SLOT["browser_id"]] = _mark(BROWSER_ID).encode("ascii")
    visit.values[SLOT["authorization"]] = _mark(BASIC_AUTH).encode("ascii")
    # Steps may use what is captured behind them in the file, from the second round of a repeat on.
    for send in journey.sends:
        visit.captured.update((c.name, _mark(variable(c.name))) for c in send.captures if c.name)
    for send in journey.sends:
        yield _example(worker, journey, send, visit)


def _example(worker: Worker, journey: JourneyPlan, send: Send, visit: Visit) -> Example:
    _, target, headers, body = worker.fill(send, visit)
    binary = body is not None and not _is_text(body)
    made = Example(
        journey.name,
        send.name,
        send.request.type,
        send.request.method,
        _text(target),
        tuple(_text(line) for line in headers.split(b"\r\n") if line),
        None if body is None or binary else _text(body),
        binary,
        tuple((_filled_by(capture), capture) for capture in send.captures),
    )
    if send.empties:
        visit.empty_cart()
    return made


def _filled_by(capture: Capture) -> str:
    return variable(capture.name) if capture.name else BROWSER_ID


def _mark(name: str) -> str:
    """A blank as letters and digits, which are the same in every encoding."""
    return f"q0BLANK0{name.encode().hex()}0q"


def _is_text(raw: bytes) -> bool:
    try:
        return "\0" not in raw.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # a header
    return _MARK.sub(lambda match: blank(bytes.fromhex(match[1]).decode()), text)
