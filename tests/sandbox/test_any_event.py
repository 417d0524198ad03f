"""Whatever JSON an event holds, it is taken, can be read back by every call, and comes to the same again."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cdp.events import CHECKOUT_STATUSES, EVENT_TYPES, IDENTITY_ATTRIBUTES
from harness.sandbox.app import create_app
from harness.sandbox.config import SandboxConfig
from harness.sandbox.journal import Journal
from harness.sandbox.store import Outcome, Store

from .client import BASIC, event
from .rules import Clock
from .test_data import everything

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "a", "49.9", "1e29", "1e400", "NaN", "2024-01-01", "0001-01-01T00:00:00Z", "9999-12-31"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
PRODUCT_KEYS = ("item_id", "productId", "price", "quantity", "currency", "currencyCode", "name", "referenceId")
KEYS = st.sampled_from(
    [*PRODUCT_KEYS, "status", "orderedAt", "orderItems", "paymentType", "id", "provider", "expiry_date"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=8)
TYPES = st.sampled_from([*EVENT_TYPES, "WISHLIST", "wishlist", "ADD", "IDENTITY"])
ATTRIBUTES = st.fixed_dictionaries(
    {"type": TYPES},
    optional={
        **dict.fromkeys((*IDENTITY_ATTRIBUTES, "channel", "language", "currency", "page", "ext"), VALUES),
        "email": st.sampled_from(["ada@example.org", "", 7, None]),
        "product": OBJECTS | st.lists(OBJECTS, max_size=3) | VALUES,
        "order": OBJECTS | VALUES,
        "status": st.sampled_from(CHECKOUT_STATUSES) | VALUES,
        "reference_id": st.sampled_from(["o1", "o2"]) | VALUES,
        "pay_type": VALUES,
    },
)


def readable(config: SandboxConfig, store: Store) -> None:
    """Every call that reads shows it."""
    app = create_app(config, store)
    paths = ["/_sandbox/stats", "/_sandbox/guests", "/_sandbox/orders", "/v2/guests?expand=true"]
    for guest in store.guests:
        paths += [
            f"/_sandbox/guests/{guest}",
            f"/v2/guestContexts/{guest}",
            f"/v2.1/orders?guestRef={guest}&expand=true",
        ]
    paths += [
        f"/v2.1/orders/{order}/{part}?expand=true" for order in store.orders for part in ("orderItems", "contacts")
    ]

    async def ask(path: str) -> None:
        raw, _, query = path.partition("?")
        replies: list[Any] = []
        headers = [(b"host", b"x"), (b"authorization", BASIC.encode())]
        scope = {"type": "http", "method": "GET", "path": raw, "raw_path": raw.encode(), "query_string": query.encode()}
        scope |= {"root_path": "", "scheme": "http", "server": ("x", 80), "headers": headers, "http_version": "1.1"}

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            replies.append(message)

        await app(scope, receive, send)
        assert replies[0]["status"] == 200, (path, replies)
        assert isinstance(json.loads(replies[1]["body"]), dict)

    async def ask_all() -> None:
        for path in paths:
            await ask(path)

    asyncio.run(ask_all())


@settings(max_examples=40, deadline=None)
@given(st.lists(ATTRIBUTES, min_size=1, max_size=12))
def test_any_event_is_taken(sent: list[dict[str, Any]]) -> None:
    clock, config = Clock(), SandboxConfig()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.db")
        store = Store(config, clock, Journal(file, 1 << 30))
        browsers = [store.create_browser(), store.create_browser()]
        for number, attributes in enumerate(sent):
            raw = json.dumps(event(browsers[number % 2], attributes)).encode()
            # As the sandbox reads it.
            assert store.record(orjson.loads(raw), raw) is Outcome.ACCEPTED
        readable(config, store)
        before = everything(store)
        store.close()
        again = Store(config, clock, Journal(file, 1 << 30))
        assert everything(again) == before
        again.close()
