"""``guest`` steps down a path against a real sandbox: created, identified, updated, extended, deleted, as expected."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest

from harness.sandbox.process import SandboxProcess

HEAD = """\
scenario: people
target: {url: sandbox, client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}
catalog: [{item_id: A, type: T, name: A, price: 10.00}]
journeys:
  path:
    steps:
"""
TAIL = "load: {users: 1, iterations: 1}\n"
BUY = "- browse\n- identify\n- add: A\n- confirm\n- checkout\n"
KEYS = "Basic c2FuZGJveDpzYW5kYm94"


def scenario(steps: str) -> str:
    return HEAD + "".join(f"      {line}\n" for line in steps.strip().splitlines()) + TAIL


def guests(url: str, email: str) -> list[dict[str, Any]]:
    request = Request(f"{url}/v2/guests?email={email}&expand=items", headers={"Authorization": KEYS})
    with urlopen(request, timeout=10) as reply:
        found: list[dict[str, Any]] = json.load(reply)["items"]
    return found


@pytest.mark.parametrize("stream", ["get", "post"])
def test_a_guest_who_is_created_first_is_the_one_who_is_identified(sandbox: SandboxProcess, validate, stream):
    steps = (
        "- guest: create\n" + BUY + "- guest: {update: {city: Dublin, country: IE, firstName: 'Zoë \"Z\"'}}\n"
        "- guest: {extension: {name: ext, vipMember: true, points: 7}}\n"
        "- guest: read\n  expect: {json: {$.city: Dublin}}\n  capture: {town: $.city}\n- browse: 'in ${town}'"
    )
    outcome = validate(sandbox.url, scenario(steps), target__stream=stream)
    (result,) = outcome.results
    assert outcome.held, [*result.findings, *result.steps]
    (guest,) = guests(sandbox.url, result.guest)
    assert (guest["city"], guest["firstName"]) == ("Dublin", 'Zoë "Z"')
    assert guest["extensions"] == [{"name": "ext", "key": "default", "vipMember": True, "points": 7}]
    assert guest["guestType"] == "customer"


def test_a_guest_who_is_deleted_is_gone_and_not_missed(sandbox: SandboxProcess, validate):
    outcome = validate(sandbox.url, scenario(BUY + "- guest: find\n- guest: delete\n- browse"))
    (result,) = outcome.results
    assert outcome.held, [*result.findings, *result.steps]
    assert guests(sandbox.url, result.guest) == []
    assert "was deleted, and is gone" in result.checks[0].told
    assert not any(check.subject.startswith("order") for check in result.checks)


def test_a_guest_who_is_still_there_after_being_deleted_is_told(sandbox: SandboxProcess, validate):
    # Created twice, and so is there twice; one of them goes.
    steps = "- guest: create\n- guest: create\n- guest: delete"
    outcome = validate(sandbox.url, scenario(steps), wait_s=0.1)
    (result,) = outcome.results
    assert [finding.kind for finding in result.findings] == ["guest_there"]
    assert len(guests(sandbox.url, result.guest)) == 1


def test_what_the_target_lost_of_a_guest_is_told(sandbox: SandboxProcess, validate):
    steps = (
        "- guest: create\n  capture: {mine: $.ref}\n- guest: {update: {city: Dublin}, ref: '${guest.ref}'}\n"
        "- guest: {update: {city: Cork}, ref: '${mine}'}"
    )
    # The last is about a ref of the author's own: nobody expects it, and so it shows as a change by another hand.
    outcome = validate(sandbox.url, scenario(steps), wait_s=0.1)
    (result,) = outcome.results
    assert [finding.kind for finding in result.findings] == ["guest_attributes"]


def test_finding_nobody_fails_the_step(sandbox: SandboxProcess, validate):
    outcome = validate(sandbox.url, scenario("- guest: find\n- guest: delete"))
    (result,) = outcome.results
    assert [step.name for step in result.steps] == ["guest"]
    assert result.steps[0].failure is not None
    assert not outcome.held
