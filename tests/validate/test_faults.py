"""Faults that no status code shows, one at a time: each is found, and rightly named; and without one, no alarm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.sandbox.process import SandboxProcess
from tests.validate.conftest import Outcome, sandbox_with

Validate = Callable[..., Outcome]


def kinds(outcome: Outcome) -> dict[str, set[str]]:
    """The kinds of findings by path, of the paths that did not hold."""
    return {result.name: {finding.kind for finding in result.findings} for result in outcome.results if not result.held}


BUYERS = {"buy[repeat:1+leave:no]", "buy[repeat:2+leave:no]", "quick"}
IDENTIFIED = {*BUYERS, "buy[repeat:1+leave:yes]", "buy[repeat:2+leave:yes]", "abandon"}
ALL = {*IDENTIFIED, "look"}


@pytest.mark.parametrize(
    ("faults", "failed", "kind", "cause"),
    [
        ({"duplicate_orders": 1}, BUYERS, "order_twice", "written_twice"),
        ({"wrong_price": {"rate": 1, "factor": "1.1"}}, BUYERS, "order_price", "wrong_price"),
        ({"ignore_currency": {"rate": 1, "currency": "USD"}}, BUYERS, "order_currency", "currency_ignored"),
        ({"merge_identities": 1}, IDENTIFIED, "guest_merged", "identity_merged"),
        ({"drop": {"rate": 1, "only": ["CHECKOUT"]}}, BUYERS - {"quick"}, "order_missing", "events_dropped"),
        ({"drop": {"rate": 1, "only": ["SEARCH"]}}, {"look"}, "events_missing", "events_dropped"),
        ({"drop": {"rate": 1, "only": ["IDENTITY"]}}, IDENTIFIED, "guest_missing", "events_dropped"),
        ({"drop": 1}, ALL, "events_missing", "wrong_point_of_sale"),
    ],
)
def test_a_fault_is_found_and_named(
    validate: Validate, faults: dict[str, Any], failed: set[str], kind: str, cause: str
) -> None:
    with sandbox_with(faults) as url:
        outcome = validate(url, wait_s=1.0)
    found = kinds(outcome)
    assert set(found) == failed
    assert all(kind in each for each in found.values()), found
    assert cause in outcome.causes
    others = outcome.causes - {cause}
    # A dropped CHECKOUT or IDENTITY takes with it what hangs on it; nothing else has a second name.
    assert not others or "drop" in faults, others


def test_a_wrong_point_of_sale_is_named_on_every_path(validate: Validate, sandbox: SandboxProcess) -> None:
    outcome = validate(sandbox.url, wait_s=0.5, target__point_of_sale="pastoral-witty-gril")
    assert set(kinds(outcome)) == ALL
    assert outcome.causes == {"wrong_point_of_sale"}
    (text,) = {finding.cause.text for result in outcome.results for finding in result.findings}
    assert "'pastoral-witty-gril'" in text
    assert all(step.failure is None for result in outcome.results for step in result.steps)


def test_some_events_dropped_are_found_on_the_paths_that_they_hit(validate: Validate) -> None:
    with sandbox_with({"drop": 0.2, "seed": 3}) as url:
        outcome = validate(url, wait_s=1.0)
    assert 0 < len(kinds(outcome)) <= len(ALL)
    assert "events_dropped" in outcome.causes


def test_confirm_before_add_is_probed(validate: Validate, sandbox: SandboxProcess) -> None:
    with sandbox_with({"confirm_before_add": True}) as url:
        outcome = validate(url, probe=True)
    assert outcome.held
    assert outcome.rules is not None
    assert [finding.kind for finding in outcome.rules.findings] == ["confirm_before_add"]
    kept = validate(sandbox.url, probe=True)
    assert kept.rules is not None
    assert kept.rules.held is True


def test_late_is_not_wrong_within_the_wait_and_is_said_to_be_late_beyond_it(validate: Validate) -> None:
    with sandbox_with({"visible_after": "5s"}) as url:
        late = validate(url, wait_s=0.5)
        assert not late.held
        assert {finding.may_come for result in late.results for finding in result.findings} == {True}
        assert all(
            "a longer wait would tell" in finding.cause.text for result in late.results for finding in result.findings
        )
        patient = validate(url, wait_s=60.0)
    assert patient.held, kinds(patient)
    assert max(patient.waited_s) >= 4.5


def test_all_paths_wait_together(validate: Validate, sandbox: SandboxProcess) -> None:
    outcome = validate(sandbox.url, wait_s=1.0, target__point_of_sale="nowhere")
    assert len(outcome.waited_s) == len(ALL)
    assert min(outcome.waited_s) >= 1.0
    # One after the other would take as long as all waits together.
    assert outcome.took_s < sum(outcome.waited_s) / 2


def test_after_a_wait_in_vain_the_next_is_shorter(validate: Validate, sandbox: SandboxProcess) -> None:
    outcome = validate(sandbox.url, wait_s=1.5, one_by_one=True, target__point_of_sale="nowhere")
    assert outcome.waited_s[0] >= 1.5
    assert min(outcome.waited_s[1:]) < 1.5


def test_without_a_fault_there_is_no_alarm(validate: Validate, sandbox: SandboxProcess) -> None:
    for _ in range(20):
        outcome = validate(sandbox.url, probe=True)
        assert outcome.held, kinds(outcome)
        assert {result.name for result in outcome.results} == ALL
        assert all(result.verified for result in outcome.results)
        assert outcome.rules is not None
        assert outcome.rules.held


@pytest.mark.parametrize(
    ("faults", "kind", "cause"),
    [
        ({"errors": {"rate": 1, "status": 503, "only": ["CHECKOUT"]}}, "http_status", "the target itself failed"),
        ({"errors": {"rate": 1, "status": 429, "only": ["CHECKOUT"]}}, "http_status", "limits the rate"),
        ({"resets": {"rate": 1, "only": ["CHECKOUT"]}}, "connection", "the target is down"),
    ],
)
def test_a_step_that_fails_ends_its_path_alone(
    validate: Validate, faults: dict[str, Any], kind: str, cause: str
) -> None:
    with sandbox_with(faults) as url:
        outcome = validate(url)
    failed = [result for result in outcome.results if not result.held]
    assert {result.name for result in failed} == BUYERS - {"quick"}
    for result in failed:
        last = result.steps[-1]
        assert last.failure is not None
        assert (last.name, last.failure.kind) == ("checkout", kind)
        assert cause in last.cause
        assert result.checks == ()
        assert any(exchange.step == "checkout" for exchange in result.exchanges)


def test_a_reading_api_that_fails_is_no_success(validate: Validate) -> None:
    with sandbox_with({"errors": {"rate": 1, "status": 500, "only": ["/v2/guests"]}}) as url:
        outcome = validate(url, wait_s=0.5)
    assert set(kinds(outcome)) == ALL
    assert outcome.causes == {"unreadable"}
