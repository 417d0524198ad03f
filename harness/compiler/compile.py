"""``compile_scenario``: a pure function from what the author means to what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.cdp import endpoints, events
from harness.compiler import cdp_requests, guest_requests, http_requests
from harness.compiler.plan import (
    SLOT,
    SLOTS,
    Capture,
    Checks,
    Choose,
    JourneyPlan,
    Leave,
    Line,
    Op,
    Pause,
    Pick,
    Plan,
    Repeat,
    Request,
    Send,
    When,
)
from harness.compiler.template import Slots
from harness.scenario import actions, model
from harness.scenario.values import Path, Secret
from harness.scenario.walks import BROWSER_ID, all_steps, needs_browser

SUCCESS = frozenset(range(200, 300))


def compile_scenario(scenario: model.Scenario) -> Plan:
    """The plan of a checked scenario."""
    compiler = _Compiler(scenario)
    journeys = tuple(compiler.journey(number, journey) for number, journey in enumerate(scenario.journeys))
    return Plan(
        scenario=scenario.name,
        system=scenario.target.system,
        currency=scenario.defaults.currency,
        stream=scenario.target.stream,
        guests=scenario.guests,
        journeys=journeys,
        load=scenario.load,
        tls=scenario.target.tls,
        proxy=scenario.target.proxy,
        max_rate=scenario.target.most_a_second,
        production=scenario.target.is_production,
        slots=len(SLOTS) + len(compiler.slots.computed),
        computed=tuple(compiler.slots.computed),
    )


class _Compiler:
    """Numbers steps and places of computed values through the whole plan."""

    def __init__(self, scenario: model.Scenario) -> None:
        self._scenario = scenario
        self._lines: dict[str, Line] = {
            item.item_id: cdp_requests.line(item, cdp_requests.writing_of(scenario.target.stream))
            for item in scenario.catalog
        }
        self._index = 0
        self._finds_others = False
        self.slots = Slots()

    def journey(self, number: int, journey: actions.Journey) -> JourneyPlan:
        ops: list[Op] = []
        self._finds_others = any(
            isinstance(step.action, actions.GuestCall) and step.action.operation == "find" and step.action.fields.items
            for step in all_steps(journey.steps)
        )
        if needs_browser(journey):
            capture = Capture("", "json", ("ref",), SLOT["browser_id"], endpoints.BROWSER_ID)
            ops.append(self._numbered(BROWSER_ID, cdp_requests.browser_id(), captures=(capture,)))
        ops += self._ops(journey.steps)
        return JourneyPlan(
            number, journey.name, journey.weight, journey.think, tuple(ops), journey.redirects, journey.cookies
        )

    def _numbered(self, name: str, request: Request, **rest: object) -> Send:
        self._index += 1
        checks = rest.pop("checks", Checks(SUCCESS))
        return Send(self._index - 1, name, request, checks, **rest)  # type: ignore[arg-type]

    def _ops(self, steps: tuple[actions.Step, ...]) -> tuple[Op, ...]:
        return tuple(self._op(step) for step in steps)

    def _op(self, step: actions.Step) -> Op:
        match step.action:
            case actions.Think(pause):
                return Pause(pause.low, pause.high)
            case actions.Leave(share):
                return Leave(share)
            case actions.Repeat(times, steps):
                return Repeat(int(times.low), int(times.high), self._ops(steps))
            case actions.Choose(ways):
                total = 0.0
                summed = []
                for share, steps in ways:
                    total += share
                    summed.append((1.0 if total > 1 - 1e-9 else total, self._ops(steps)))
                return Choose(tuple(summed))
            case actions.When(condition, steps, otherwise):
                return When(condition, self._ops(steps), self._ops(otherwise))
        return self._send(step)

    def _send(self, step: actions.Step) -> Send:
        action = step.action
        pick = None
        order: str | None = None
        purchase = False
        own: tuple[Capture, ...] = ()
        call = action if isinstance(action, actions.GuestCall) else None
        if call is not None:
            own = guest_requests.captures(call)
        if isinstance(action, actions.Add | actions.OrderCheckout):
            among = tuple(self._lines.values()) if action.item == actions.ANY else (self._lines[action.item],)
            pick = Pick(among, int(action.quantity.low), int(action.quantity.high))
        if isinstance(action, actions.Checkout | actions.OrderCheckout):
            order = getattr(action, "reference_id", None) or ""
            purchase = action.status == events.PURCHASED
        return self._numbered(
            step.name,
            self._request(step),
            checks=_checks(step.expect, self._scenario.secrets),
            captures=(*own, *(_capture(each) for each in step.captures)),
            pick=pick,
            order=order,
            purchase=purchase,
            currency=self._currency(step) if purchase else "",
            identifies=isinstance(action, actions.Identify) or (call is not None and call.operation == "create"),
            deletes=call is not None and call.operation == "delete",
            own_guest=call is not None and call.ref in (None, guest_requests.OWN_REF) and not self._finds_others,
            empties=isinstance(
                action, actions.Checkout | actions.OrderCheckout | actions.ClearCart | actions.ForceClose
            ),
            confirms=cdp_requests.confirmed(action, step.attributes),
        )

    def _currency(self, step: actions.Step) -> str:
        """What an order is in; empty where a step computes it."""
        usual = self._scenario.defaults.currency
        if isinstance(step.action, actions.OrderCheckout):
            return usual  # the order says so itself
        given = dict(step.attributes.items).get("currency", usual)
        return given if isinstance(given, str) else ""

    def _request(self, step: actions.Step) -> Request:
        action = step.action
        if isinstance(action, actions.HttpRequest):
            made = http_requests.request(action, self.slots)
            return replace(made, type=step.spoken.type) if step.spoken and step.spoken.type else made
        if isinstance(action, actions.GuestCall):
            return guest_requests.request(action, self._scenario, self.slots)
        if isinstance(action, actions.Personalize):
            return cdp_requests.personalize(action, self._scenario, self.slots)
        return cdp_requests.event(action, step.attributes, self._scenario, self.slots)


def _checks(expect: actions.Expect, secrets: Sequence[Secret]) -> Checks:
    status = SUCCESS
    if expect.status:
        status = frozenset(
            code
            for given in expect.status
            for code in (range(given * 100, given * 100 + 100) if given < 10 else (given,))
        )
    wanted = [value for _, value in (*expect.headers, *expect.json)] + [expect.body]
    texts = [value for value in wanted if isinstance(value, str)]
    return Checks(
        status,
        None if expect.within is None else int(expect.within * 1_000_000),
        tuple((name.lower(), value) for name, value in expect.headers),
        expect.json,
        None if expect.body is None else expect.body.encode(),
        any(secret.reveal() in text for secret in secrets for text in texts),
    )


def _capture(capture: actions.Capture) -> Capture:
    path = capture.path.parts if isinstance(capture.path, Path) else capture.path
    return Capture(capture.name, capture.kind, path)
