"""The sandbox's API under requests that its own description makes up: no 500, no hang, replies as described."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from harness.sandbox.app import create_app
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import ROOT

from .client import BASIC, PURCHASE, Client

pytestmark = pytest.mark.timeout(60)

TIMEOUT_S = 10
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FUZZ = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Fuzzed:
    """A sandbox with somebody and something in it, and its description."""

    def __init__(self, process: SandboxProcess) -> None:
        self.client = Client(process.url)
        self.schema = schemathesis.openapi.from_url(f"{process.url}/_sandbox/openapi.json")
        self._turn = itertools.count()
        self._known: dict[str, str] = {}

    def known(self) -> dict[str, str]:
        """Refs that lead somewhere, by what they are of; made again when the fuzz has deleted them."""
        if not self._known or self.client.rest("GET", f"/v2/guests/{self._known['guest']}")[0] == 404:
            self._known = {}
        if not self._known or self.client.rest("GET", f"/v2.1/orders/{self._known['order']}")[0] == 404:
            number = f"FUZZ_{next(self._turn)}"
            browser = self.client.browser()
            events = [{**each, "reference_id": number} if each["type"] == "CHECKOUT" else each for each in PURCHASE]
            self.client.send(browser, *events)
            (order,) = self.client.read(f"/v2.1/orders?referenceId={number}&expand=items")["items"]
            guest = order["guest"]["href"].rpartition("/")[2]
            self.client.rest("POST", f"/v2/guests/{guest}/extensions", {"name": "ext", "a": 1})
            (item,) = order["orderItems"]["items"]
            (contact,) = self.client.read(f"/v2.1/orders/{order['ref']}/contacts")["items"]
            contact_ref = contact["href"].rpartition("/")[2]
            self._known = {
                "guest": guest, "order": order["ref"], "item": item["ref"], "contact": contact_ref, "browser": browser,
            }  # fmt: skip
        return self._known

    def aimed(self, case: Any) -> Any:
        """Every other request is aimed at what is there, with keys that are taken: else all would end with 401 and 404."""
        if next(self._turn) % 2:
            known = self.known()
            path = case.path
            kind = next((each for part, each in _KINDS if part in path), "guest")
            parameters = case.path_parameters or {}
            for name, ref in (("ref", known[kind]), ("browser_id", known["browser"])):
                if name in parameters:
                    parameters[name] = ref
            for place in (case.query, case.body):
                if isinstance(place, dict):
                    for name, value in (("client_key", "sandbox"), ("clientKey", "sandbox"), ("api_token", "sandbox"),
                                        ("browser_id", known["browser"]), ("friendlyId", "harness_offer")):  # fmt: skip
                        if name in place:
                            place[name] = value
        return case


_KINDS = (("orderItems/{", "item"), ("orderContacts/{", "contact"), ("/orders/", "order"))


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fuzzed]:
    with SandboxProcess() as process:
        made = Fuzzed(process)
        yield made
        made.client.close()


def operations() -> list[tuple[str, str]]:
    from harness.sandbox.openapi import openapi

    return [(method.upper(), path) for path, methods in openapi()["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda part: part)
def test_every_call(fuzzed: Fuzzed, method: str, path: str) -> None:
    operation = fuzzed.schema[path][method]
    statuses = set()

    @FUZZ
    @schemathesis_given(operation)
    def fuzz(case: Any) -> None:
        aimed = fuzzed.aimed(case)
        reply = aimed.call(headers={"Authorization": BASIC}, timeout=TIMEOUT_S)
        statuses.add(reply.status_code)
        aimed.validate_response(reply, checks=CHECKS)

    fuzz()
    if path == "/_sandbox/faults":
        assert fuzzed.client.request("DELETE", path)[0] == 204
    assert statuses


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(operation.as_strategy())


def test_the_description_is_one(fuzzed: Fuzzed) -> None:
    document = fuzzed.client.get("/_sandbox/openapi.json")
    fuzzed.schema.validate()
    assert document["openapi"].startswith("3.1")
    served = {(method, path) for method, path in operations()}
    assert served == set(routes())


def routes() -> Iterator[tuple[str, str]]:
    """What the sandbox serves, but for the page."""
    table = _tables(create_app(SandboxConfig()))
    places = ("/batch-files/", "/batch-logs/")
    pages = (
        "/_sandbox",
        "/_sandbox/",
        "/",
        "/_sandbox/app.js",
        "/_sandbox/mend.js",
        "/_sandbox/parts.js",
        "/_sandbox/style.css",
    )
    for route in table[""].routes:
        for method in route.methods - {"HEAD"}:
            if route.path not in pages and not route.path.startswith(places):
                yield method, route.path
    for path in table:
        if path:
            yield ("POST" if path in ("/v1.2/events", "/v2/callFlows") else "GET"), path


def _tables(app: Any) -> dict[str, Any]:
    """The table of handlers within the application."""
    return next(cell.cell_contents for cell in app.__closure__ if isinstance(cell.cell_contents, dict))


def test_the_calls_are_those_of_the_documentation() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    for method, path in operations():
        place = path.replace("{browser_id}", "{browser id}")
        if place.startswith("/_sandbox/about"):
            continue
        head = place.replace("/v2.1/guests", "/v2/guests").partition("/{name}")[0]
        assert head in page, (method, path)
