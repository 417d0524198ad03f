"""Personalize: full-stack experiences, each of them a reply that the sandbox was given.

Source: Sitecore's developer page on full-stack experiences (``callFlows``).
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.sandbox import identity
from harness.sandbox.body import posted
from harness.sandbox.config import GUEST_KNOWN, SandboxConfig, SandboxError
from harness.sandbox.fields import word
from harness.sandbox.model import CUSTOMER, Guest
from harness.sandbox.replies import refuse, send_json
from harness.sandbox.store import Store
from harness.sandbox.stream import WRONG_KEY


def call_flows(store: Store, config: SandboxConfig) -> ASGIApp:
    """``POST /v2/callFlows``: 200 and the experience's JSON.

    401 with a wrong clientKey; 400 when the body is not a JSON object, has no friendlyId, no channel, or
    names nobody; 413 above 64 KiB. Undocumented, sandbox's choice: 404 for an unknown friendly id; a guest
    who is named but not known is a visitor; the call is no event, and makes neither guest nor session.
    Raises SandboxError when an experience cannot be written as JSON.
    """
    replies = {name: _variants(name, reply) for name, reply in config.experiences.items()}

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        sent = await posted(scope, receive, send)
        if sent is None:
            return
        call, _ = sent
        if call.get("clientKey") != config.client_key:
            await refuse(send, 401, WRONG_KEY)
        elif missing := _what_is_missing(call):
            await refuse(send, 400, missing)
        elif (variants := replies.get(word(call["friendlyId"]))) is None:
            await refuse(send, 404, "There is no experience of that friendlyId.")
        else:
            store.advance()
            await send_json(send, 200, variants[any(g.guest_type == CUSTOMER for g in _named(store, call))])

    return handler


def _what_is_missing(call: dict[str, Any]) -> str:
    for name in ("friendlyId", "channel"):
        if not word(call.get(name)):
            return f"{name} is missing, or is not text."
    if word(call.get("browserId")) or identity.identities(_as_event(call)):
        return ""
    return "Nobody is named: one of browserId, email and identifiers with id and provider is required."


def _named(store: Store, call: dict[str, Any]) -> list[Guest]:
    """The guests that the call names, as far as they are known. Looks only: makes nobody."""
    found = [store.identities.get(each) for each in identity.identities(_as_event(call))]
    behind = store.browsers.get(word(call.get("browserId")))
    return [guest.survivor() for guest in (behind, *found) if guest is not None]


def _as_event(call: dict[str, Any]) -> dict[str, Any]:
    """The identity as an IDENTITY event has it, where identifiers are a list; a list is taken, too."""
    identifiers = call.get("identifiers")
    return {
        "email": call.get("email"),
        "identifiers": [identifiers] if isinstance(identifiers, dict) else identifiers,
    }


def _variants(name: str, reply: Any) -> tuple[bytes, bytes]:
    """The reply's JSON for a visitor and for a customer."""
    try:
        return orjson.dumps(_filled(reply, False)), orjson.dumps(_filled(reply, True))
    except (TypeError, RecursionError) as error:
        raise SandboxError(f"The experience {name!r} cannot be written as JSON: {error}.") from error


def _filled(value: Any, is_known: bool) -> Any:
    if value == GUEST_KNOWN:
        return is_known
    if isinstance(value, Mapping):
        return {key: _filled(each, is_known) for key, each in value.items()}
    return [_filled(each, is_known) for each in value] if isinstance(value, list | tuple) else value
