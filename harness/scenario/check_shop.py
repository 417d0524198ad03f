"""What steps do to a guest's session and cart, and what they need of it to work."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.scenario import actions, model
from harness.scenario.diagnostics import Findings, Span, nearest, suggest
from harness.scenario.source import at

YES, NO = frozenset({True}), frozenset({False})
Known = frozenset[bool]
MOST_SUGGESTED = 100


@dataclass(frozen=True)
class State:
    """What is known at a step: each fact is true, false, or either, by the ways that lead here.

    ``items`` may be in the cart (``any``: each of the catalog). ``captured`` has a value on every way,
    ``maybe_captured`` on some. ``unidentified_add``: something was put into the cart of a visitor.
    """

    identified: Known = NO
    cart: Known = NO
    confirmed: Known = NO
    viewed: Known = NO
    unidentified_add: Known = NO
    items: frozenset[str] = frozenset()
    captured: frozenset[str] = frozenset()
    maybe_captured: frozenset[str] = frozenset()
    ended: bool = False


def join(one: State, other: State) -> State:
    """What is known where two ways meet; one that has ended leads nowhere."""
    if one.ended or other.ended:
        return other if one.ended else one
    return State(
        one.identified | other.identified,
        one.cart | other.cart,
        one.confirmed | other.confirmed,
        one.viewed | other.viewed,
        one.unidentified_add | other.unidentified_add,
        one.items | other.items,
        one.captured & other.captured,
        one.maybe_captured | other.maybe_captured,
    )


def place(step: actions.Step, *path: str | int) -> Span | None:
    """Where in a step something stands; the step's verb, where it does not say."""
    return at(step.node, *path) or step.span


def _set_items(step: actions.Step) -> list[tuple[Span | None, str]]:
    """The products that ``set`` gives an event instead of the step's own, by item_id, each with its place."""
    named = actions.set_item_ids(step.attributes)
    return [(at(step.node, "set", *place), item) for place, item in named if isinstance(item, str)]


_NO_ORDER = "an order comes to be only after browse, identify, add, confirm, checkout, in this order"


class Shop:
    """Notes what is wrong with steps, each seen with the state before it."""

    def __init__(self, scenario: model.Scenario, to: Findings) -> None:
        self._production = scenario.target.is_production
        self._catalog = dict.fromkeys(item.item_id for item in scenario.catalog)
        self._to = to

    def after(self, step: actions.Step, state: State, once: bool) -> State:
        """The state after a step. ``once``: it happens at most once in the whole run."""
        match step.action:
            case actions.Browse():
                return replace(state, viewed=YES)
            case actions.Identify():
                return replace(state, identified=YES)
            case actions.Add(item=item):
                return self._add(step, item, state)
            case actions.Confirm(items=items):
                return self._confirm(step, items, state)
            case actions.Checkout(status=status, reference_id=number):
                return self._checkout(step, status, number, state, once)
            case actions.OrderCheckout(item=item):
                return self._order_checkout(step, item, state)
            case actions.ClearCart():
                return replace(state, cart=NO, confirmed=NO, items=frozenset())
            case actions.ForceClose():
                return self._force_close(step, state)
            case actions.GuestCall(operation, _, ref):
                return self._guest(step, operation, ref is None, state)
        return state

    def _item(self, span: Span | None, item: str) -> bool:
        """Whether there is such an item."""
        if not self._catalog:
            label = "add below 'scenario:' a catalog: [{item_id: A1, type: SHOES, name: A shoe, price: 49.90}]"
            self._to.error("E302", span, "there is no catalog to take items from", label)
            return False
        if item != actions.ANY and item not in self._catalog:
            label = suggest(item, list(self._catalog)[:MOST_SUGGESTED])
            self._to.error("E303", span, f"'{item[:60]}' is not in the catalog", label)
            return False
        return True

    def _add(self, step: actions.Step, item: str, state: State) -> State:
        self._item(place(step, "add", "item"), item)
        visitor = state.unidentified_add | YES if False in state.identified else state.unidentified_add
        added = {item, *(name for _, name in _set_items(step))}
        return replace(state, cart=YES, items=state.items | added, unidentified_add=visitor)

    def _confirm(self, step: actions.Step, items: tuple[str, ...], state: State) -> State:
        if True not in state.cart:
            self._to.error("E304", step.span, "confirm before anything was added", "put 'add: any' before it")
        elif False in state.cart:
            label = "put 'add' on each of them, or 'confirm' beside it"
            self._to.warning("W402", step.span, "confirm, but not every way here adds something", label)
        for number, item in enumerate(items):
            span = at(step.node, "confirm", number) or place(step, "confirm", "items", number)
            if self._item(span, item) and item != actions.ANY:
                self._is_added(span, item, state)
        for span, item in _set_items(step):
            if item not in items:
                self._is_added(span or step.span, item, state)
        return replace(state, confirmed=YES)

    def _is_added(self, span: Span | None, item: str, state: State) -> None:
        """Note an item that is confirmed and cannot be in the cart."""
        if True not in state.cart or item in state.items:
            return
        if actions.ANY in state.items and item in self._catalog:
            if len(self._catalog) > 1:
                said = f"confirm of '{item[:60]}', but 'add: any' may have taken another item"
                self._to.warning("W402", span, said, f"write 'add: {item[:60]}', or just '- confirm'")
            return
        near = nearest(item, sorted(state.items - {actions.ANY})[:MOST_SUGGESTED])
        ways = [f"put 'add: {item[:60]}' before it"] if item in self._catalog else []
        ways += [f"did you mean '{near}'?"] if near else []
        label = ", or ".join(ways) or "confirm what is in the cart, or put it into the catalog and 'add' it before"
        self._to.error("E310", span, f"confirm of '{item[:60]}', which is never added", label)

    def _checkout(self, step: actions.Step, status: str, number: str | None, state: State, once: bool) -> State:
        if True not in state.confirmed:
            label = "put a 'confirm' step before it: without it no order comes to be"
            self._to.error("E305", step.span, "checkout before confirm", label)
        elif False in state.confirmed:
            self._to.warning("W403", step.span, "checkout, but not every way here confirms", _NO_ORDER)
        elif status == "PURCHASED":
            if True in state.unidentified_add:
                self._to.warning("W405", step.span, "checkout of items that were added before 'identify'", _NO_ORDER)
            elif False in state.viewed:
                self._to.warning("W406", step.span, "checkout, but not every way here begins with 'browse'", _NO_ORDER)
        if number is not None and not once:
            label = "leave reference_id out: every order then gets a number of its own"
            span = place(step, "checkout", "reference_id")
            self._to.error("E307", span, f"the order number {number} would be used again and again", label)
        return replace(state, cart=NO, confirmed=NO, items=frozenset(), unidentified_add=NO)

    def _order_checkout(self, step: actions.Step, item: str, state: State) -> State:
        self._item(place(step, "order_checkout", "item"), item)
        if True not in state.identified:
            said = "order_checkout of a guest who was never identified"
            self._to.error("E311", step.span, said, "put 'identify' before it")
        elif False in state.identified:
            said = "order_checkout, but not every way here identifies the guest"
            self._to.warning("W405", step.span, said, "put 'identify' on each of them")
        return replace(state, cart=NO, confirmed=NO, items=frozenset())

    def _force_close(self, step: actions.Step, state: State) -> State:
        if self._production:
            label = "take the step out, or set target.environment to test or staging"
            self._to.error("E312", step.span, "force_close in production", label)
        if True not in state.identified:
            self._to.error("E313", step.span, "force_close of a guest without an identity", "put 'identify' before it")
        elif True not in state.cart:
            said = "force_close with an empty cart abandons nothing"
            self._to.warning("W404", step.span, said, "put 'add' before it")
        return State(identified=state.identified, captured=state.captured, maybe_captured=state.maybe_captured)

    def _guest(self, step: actions.Step, operation: actions.GuestOperation, own: bool, state: State) -> State:
        if operation == "create" and True in state.identified:
            said = "a guest is created beside the one who was identified before: the API does not look for duplicates"
            self._to.warning("W417", step.span, said, "put it before 'identify', or take it out")
        if operation in ("create", "find"):
            return replace(state, captured=state.captured | GUEST_REF, maybe_captured=state.maybe_captured | GUEST_REF)
        if own:
            label = "put 'guest: create' or 'guest: find' before it, or name the guest's ref"
            if not state.maybe_captured >= GUEST_REF:
                self._to.error("E329", step.span, f"no guest to {_DONE.get(operation, operation)} here", label)
            elif not state.captured >= GUEST_REF:
                said = f"not every way here has a guest to {_DONE.get(operation, operation)}"
                self._to.warning("W418", step.span, said, label)
        if operation == "delete":
            return State(captured=state.captured - GUEST_REF, maybe_captured=state.maybe_captured - GUEST_REF)
        return state


GUEST_REF = frozenset({"guest.ref"})
"""Among what is captured: the ref of the guest whom the journey created or found."""
_DONE = {"extension": "extend"}
