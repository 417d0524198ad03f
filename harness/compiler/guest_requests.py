"""``guest`` steps: calls of the Guest REST API, with the account's credentials, by ref where they are about one guest."""

from __future__ import annotations

from typing import Any

from harness.cdp import endpoints, guests_api
from harness.compiler.plan import SLOT, Capture, Request
from harness.compiler.template import (
    IN_BODY,
    Gap,
    Message,
    Piece,
    Slots,
    ascii_bytes,
    gap,
    in_parameter,
    in_path,
    template,
)
from harness.scenario import actions, model
from harness.scenario.expressions import Interpolated, Name

TYPES = {
    operation: f"GUEST_{operation.upper()}" for operation in ("create", "find", "read", "update", "delete", "extension")
}
"""What a call is called in reports, beside the types of events."""
OWN_REF = Interpolated((Name(("guest", "ref")),))
"""A ref that says in full what is meant without one."""
_REF = "[0-9A-Za-z-]{1,100}"
_CREATED = Capture("", "json", ("ref",), SLOT["guest.ref"], _REF)
_FOUND = Capture("", "regex", f'/guests/({_REF})"', SLOT["guest.ref"], _REF)
_METHODS = {"create": "POST", "update": "PATCH", "delete": "DELETE", "extension": "POST"}


def request(action: actions.GuestCall, scenario: model.Scenario, slots: Slots) -> Request:
    """The request of a step."""
    made = Message(slots)
    target = _target(action, made)
    headers: list[Piece] = ["Authorization: Basic ", gap("authorization"), "\r\n"]
    body = None
    if action.operation in ("create", "update", "extension"):
        headers.append("Content-Type: application/json\r\n")
        sent: Any = action.fields
        if action.operation == "create":
            sent = {**own_guest(scenario), **dict(action.fields.items)}
        body = template((made.json(sent, IN_BODY), str.encode))
    return Request(
        _METHODS.get(action.operation, "GET"),
        target,
        TYPES[action.operation],
        template((headers, ascii_bytes)),
        body,
        tuple(made.computed),
    )


def captures(action: actions.GuestCall) -> tuple[Capture, ...]:
    """What is kept of the reply without being asked for: the ref of a guest who was created or found."""
    return {"create": (_CREATED,), "find": (_FOUND,)}.get(action.operation, ())


def own_guest(scenario: model.Scenario) -> dict[str, Any]:
    """The journey's own guest, as the Guest REST API takes one; the same person as IDENTITY tells of."""
    # Where events are bodies, too, the guest's values lie ready.
    posts = scenario.target.stream == endpoints.POST

    def own(name: str) -> Gap | Interpolated:
        return gap(f"guest.{name}") if posts else Interpolated((Name(("guest", name)),))

    fields = {field.name: own(field.attribute) for field in guests_api.FIELDS.values() if field.attribute in _PLAIN}
    return {
        "guestType": "customer",
        **fields,
        "street": [own("street")],
        "phoneNumbers": [own("phone")],
        "identifiers": [{"provider": guests_api.OWN_PROVIDER, "id": own("id")}],
        "language": scenario.defaults.language,
    }


_PLAIN = ("title", "firstname", "lastname", "gender", "dob", "email", "city", "country", "postal_code")


def _target(action: actions.GuestCall, made: Message) -> Any:
    if action.operation == "create":
        return template(([endpoints.GUESTS_21], ascii_bytes))
    if action.operation == "find":
        wanted = action.fields.items or (("email", Interpolated((Name(("guest", "email")),))),)
        parts: list[Any] = [([f"{endpoints.GUESTS}?"], ascii_bytes)]
        for number, (name, value) in enumerate(wanted):
            parts.append(([f"{'&' if number else ''}{name}="], ascii_bytes))
            parts.append((made.words(value, "query"), in_parameter))  # type: ignore[arg-type]
        return template(*parts)
    ref: list[Piece] = [gap("guest.ref")] if action.ref is None else made.words(action.ref, "path")
    rest = "/extensions" if action.operation == "extension" else ""
    return template(([f"{endpoints.GUESTS_21}/"], ascii_bytes), (ref, in_path), ([rest], ascii_bytes))
