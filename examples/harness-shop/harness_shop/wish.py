"""A verb for the CDP's own vocabulary: ``wish: EXACT_90`` sends a custom event with the item in it."""

from __future__ import annotations

from harness.extend import API, Addition, Event, Verb, text


def wish(item: str) -> Event:
    """The event of a wish."""
    return Event("WISHLIST", {"item": item, "for": "${guest.firstname}"})


WISH = Addition(
    api=API,
    system="sitecore-cdp",
    verb=Verb(wish, "The guest wishes for an item (WISHLIST).", {"item": text("Its id", required=True)}, main="item"),
)
