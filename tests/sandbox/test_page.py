"""The page, in a real browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from harness.cdp.events import ABANDONED_REVENUE
from harness.cdp.events import CHECKOUT as CHECKOUT_TYPE
from harness.cdp.events import CONFIRM as CONFIRM_TYPE

from .client import FORCE_CLOSE, IDENTITY, PAYMENT, PURCHASE, VIEW, Client

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: "Browser") -> Iterator["Page"]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(10_000)
    yield page
    page.close()


def test_a_purchase_shows_on_the_timeline(page: "Page", client: Client) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

    page.goto(client.url + "/_sandbox/")
    page.get_by_role("heading", name="Nothing has arrived yet").wait_for()

    markup = "<img src=x onerror=alert(1)>"
    client.send(client.browser(), PURCHASE[0], {**IDENTITY, "lastname": markup}, *PURCHASE[2:])
    client.send(client.browser(), VIEW)
    page.get_by_role("link", name="ada@example.org").click()

    timeline = page.locator(".timeline")
    timeline.get_by_text(CONFIRM_TYPE.title).wait_for()
    purchase = timeline.get_by_role("listitem").filter(has_text=CHECKOUT_TYPE.title)
    assert "ORDER_1" in purchase.inner_text()
    assert "GBP 149.70" in page.locator("#figures").inner_text()
    assert page.get_by_role("heading", name=f"Ada {markup}").count() == 1
    assert page.locator("img").count() == 0

    # What the reader opened stays open when the next event arrives.
    timeline.get_by_text("Attributes").first.click()
    client.send(client.guest("ada@")["browserIds"][0], {"type": "WISHLIST"})
    timeline.get_by_text("WISHLIST", exact=True).wait_for()
    assert timeline.locator("details[open]").count() == 1

    page.keyboard.press("/")
    page.keyboard.type("nobody")
    page.get_by_text("No guest matches “nobody”.").wait_for()
    page.get_by_role("searchbox").fill("LOVE")
    page.get_by_text("No guest matches “LOVE”.").wait_for()
    page.get_by_role("searchbox").fill("ada@")
    page.get_by_role("link", name="ada@example.org").wait_for()
    assert problems == []


def test_nothing_is_cut_off_on_a_phone(page: "Page", client: Client) -> None:
    client.send(client.browser(), VIEW, {**IDENTITY, "firstname": "W" * 200, "email": "e" * 90 + "@example.org"})
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(client.url + "/_sandbox/")
    page.locator("#guests a").click()
    page.locator(".timeline").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="← All guests").click()
    page.locator("#guests a").wait_for()


def test_what_was_abandoned_paid_and_refunded(page: "Page", client: Client) -> None:
    browser = client.browser()
    client.send(browser, *PURCHASE[:-1], PAYMENT, PURCHASE[-1], {**PURCHASE[-1], "status": "REFUNDED"})
    client.send(browser, FORCE_CLOSE, *PURCHASE[:3], FORCE_CLOSE)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(client.url + "/_sandbox/")
    page.get_by_role("link", name="ada@example.org").click()
    abandoned = page.locator(".timeline").get_by_role("listitem").filter(has_text=ABANDONED_REVENUE)
    assert "GBP 149.70" in abandoned.inner_text()
    tile = page.locator("#figures > div").filter(has_text="Abandoned")
    assert "GBP 149.70\n1 session" in tile.inner_text()
    order = page.get_by_role("row").filter(has_text="ORDER_1").inner_text()
    assert "refunded" in order
    assert "Card · Visa" in order
    for name in ("a-very-long-name/" * 6, "shop/uk", "shop/uk", "shop/de", "shop/fr"):
        client.send(browser, {**PURCHASE[0], "pos": name})
    rejected = page.locator("#figures > div").filter(has_text="Rejected")
    rejected.filter(has_text="1 more").wait_for()
    assert "unknown point of sale: shop/uk 2 · " in rejected.inner_text()
    for width in (1280, 900, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_orders_of_everybody_with_what_is_odd_about_them(page: "Page", client: Client) -> None:
    client.faults(duplicate_orders=1)
    client.send(client.browser(), VIEW, {**IDENTITY, "firstname": "W" * 200}, *PURCHASE[2:])
    order = {"referenceId": "pos-7", "orderedAt": "2024-01-01T00:00:00Z", "currencyCode": "EUR", "price": 1220.5}
    client.rest("POST", "/v2.1/orders", {**order, "status": "PAYMENT_PENDING"})
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(client.url + "/_sandbox/")
    rows = page.locator("#detail").get_by_role("row")
    rows.filter(has_text="POS-7").wait_for()
    assert [row.inner_text().split()[:3] for row in rows.all()[1:]] == [
        ["POS-7", "payment", "pending"],
        ["ORDER_1", "purchased", "twice"],
        ["ORDER_1", "purchased", "twice"],
    ]
    assert "EUR 1,220.50" in rows.nth(1).inner_text()
    rows.nth(2).get_by_role("link").click()
    page.locator(".timeline").get_by_text(CHECKOUT_TYPE.title).wait_for()

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="← All guests").click()
    page.locator("#figures").get_by_role("link", name="3").click()
    page.get_by_role("heading", name="3 orders").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_faults_are_shown_and_switched_off(page: "Page", client: Client) -> None:
    client.faults(drop={"rate": 1, "only": ["SEARCH"]}, visible_after="30s", wrong_price=1.1)
    client.send(client.browser(), VIEW, {"type": "SEARCH"})
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(client.url + "/_sandbox/")
    bar = page.locator("#faults")
    bar.get_by_text("So far: drop 1.").wait_for()
    assert [tag.inner_text() for tag in bar.get_by_role("listitem").all()] == [
        "drop rate 1, only SEARCH",
        "visible after 30s",
        "wrong price 1.1",
    ]
    assert "1 not yet visible" in page.locator("#figures").inner_text()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar.get_by_role("button", name="Switch off").click()
    bar.wait_for(state="hidden")
    assert client.get("/_sandbox/faults")["faults"] == {}
