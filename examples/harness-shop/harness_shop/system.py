"""The vocabulary of a plain shop API: open a basket, look, put things into it, pay."""

from __future__ import annotations

from harness.extend import API, Request, System, Verb, choice, text, whole

KEY = {"X-Shop-Key": "${SHOP_KEY:-trial}"}
"""Every request carries it. The scenario language fills it in from the environment."""


def basket() -> Request:
    """A new basket; its number is kept as ``basket`` for the steps after it."""
    return Request("/baskets", "POST", headers=KEY, json={"owner": "${guest.email}"}, type="BASKET")


def look(product: str) -> Request:
    """One page of a product."""
    return Request(f"/products/{product}", headers=KEY, type="LOOK")


def search(words: str, sort: str = "relevance") -> Request:
    """The shop's search, which is not that of the CDP, though the verb is the same."""
    return Request("/search", query={"q": words, "sort": sort}, headers=KEY, type="SEARCH")


def add(product: str, quantity: int = 1) -> Request:
    """A product goes into the basket."""
    line = {"product": product, "quantity": quantity}
    return Request("/baskets/${basket}/lines", "POST", headers=KEY, json=line, type="LINE")


def pay(method: str = "card") -> Request:
    """The basket becomes an order."""
    return Request("/baskets/${basket}/order", "POST", headers=KEY, json={"method": method}, type="ORDER")


SHOP = System(
    api=API,
    doc="A plain shop API.",
    verbs={
        "basket": Verb(basket, "A new basket for the guest.", captures={"basket": "$.id"}),
        "look": Verb(
            look, "The guest looks at a product.", {"product": text("Its number", required=True)}, main="product"
        ),
        "search": Verb(
            search,
            "The guest looks for something in the shop.",
            {"words": text("What for", required=True), "sort": choice("In which order", "relevance", "price")},
            main="words",
        ),
        "add": Verb(
            add,
            "A product goes into the basket.",
            {"product": text("Its number", required=True), "quantity": whole("How many", least=1, most=99)},
            main="product",
        ),
        "pay": Verb(pay, "The guest pays.", {"method": choice("How", "card", "invoice")}, main="method"),
    },
)
