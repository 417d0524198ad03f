"""How large requests are on the wire, with typical lengths for what is filled in."""

from __future__ import annotations

from collections.abc import Mapping

from harness.compiler.plan import GUEST_SLOTS, ITEM_SLOTS, SLOT, SLOTS, Send

TYPICAL_COMPUTED = 12
"""Bytes of a value that an expression gives."""
# Percent-encoded, as they stand in a query. Guests' texts as for names in Latin script; others are longer.
TYPICAL: Mapping[str, int] = {
    "client_key": 32, "client_key.json": 32, "browser_id": 36, "order": 10, "line": 11, "now": 24, "quantity": 1,
    "cart.confirm": 50, "cart.order": 220, "cart.total": 6, "guest.ref": 36, "authorization": 92,
    "guest.email": 40, "guest.id": 10, "guest.title": 2,
    "guest.firstname": 8, "guest.lastname": 9, "guest.gender": 5, "guest.dob": 16, "guest.street": 26,
    "guest.city": 12, "guest.country": 2, "guest.postal_code": 8, "guest.phone": 16,
}  # fmt: skip
OVERHEAD = len(
    " HTTP/1.1\r\nHost: api-engage-eu.sitecorecloud.io\r\nUser-Agent: harness/0.1.0\r\nX-Harness-Run: R000000\r\n"
    "Accept-Encoding: identity\r\nConnection: keep-alive\r\n\r\n "
)
"""Bytes of a request beside method, target, its own headers and body."""

assert {*TYPICAL, *ITEM_SLOTS} == {*SLOTS}
assert set(GUEST_SLOTS) < set(TYPICAL)


def typical_size(send: Send) -> int:
    """Bytes that one request of a step has on its way to the target, about."""
    lengths = {SLOT[name]: length for name, length in TYPICAL.items()}
    lines = send.pick.lines if send.pick is not None else ()
    for place, name in enumerate(ITEM_SLOTS):
        lengths[SLOT[name]] = round(sum(len(line.values[place]) for line in lines) / len(lines)) if lines else 0
    request = send.request
    total = len(request.method) + OVERHEAD
    for part in (request.target, request.headers, request.body):
        if part is not None:
            total += part.size + sum(lengths.get(gap, TYPICAL_COMPUTED) for gap in part.gaps)
    return total + (len("Content-Length: 100\r\n") if request.body is not None else 0)
