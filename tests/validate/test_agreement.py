"""Random journeys against a sandbox without faults: expectation and outcome agree, whatever is sent in whatever order."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from harness.sandbox.process import SandboxProcess
from harness.scenario.diagnostics import ScenarioError
from tests.validate.conftest import SHOP, Outcome

STEPS = [
    "browse",
    "identify",
    "add: EXACT_90",
    "add: {item: any, quantity: 1..3}",
    "confirm",
    "confirm: {items: EXACT_90}",
    "checkout",
    "checkout: {status: PAYMENT_PENDING}",
    "checkout: {status: CANCELLED}",
    "order_checkout",
    "clear_cart",
    "force_close",
    "payment: {pay_type: Card}",
    "search: {product: shoes}",
    "event: {type: WISHLIST, ext: {a: 1}}",
    "{browse: elsewhere, set: {channel: MOBILE_WEB}}",
    "{identify: , set: {firstname: Bob, email: 'bob.${guest.id}@example.com'}}",
    "{identify: , set: {email: 'eve.${guest.id}@example.com', identifiers: []}}",
]
HEAD = SHOP[: SHOP.index("journeys:")]
USUAL = ["browse", "identify", "add: EXACT_90", "confirm", "checkout"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(
    st.one_of(
        st.lists(st.sampled_from(STEPS), min_size=1, max_size=12),
        # Whole purchases with something thrown in, for mere chance seldom buys.
        st.lists(st.tuples(st.integers(0, 10), st.sampled_from(STEPS)), max_size=5).map(
            lambda extra: _thrown_in([*USUAL, *USUAL], extra)
        ),
    )
)
def test_expectation_and_sandbox_agree(
    validate: Callable[..., Outcome], sandbox: SandboxProcess, steps: list[str]
) -> None:
    journey = "".join(f"      - {step}\n" for step in steps)
    text = f"{HEAD}journeys:\n  random:\n    steps:\n{journey}load: {{users: 1, iterations: 1}}\n"
    try:
        outcome = validate(sandbox.url, text, wait_s=0.0)
    except ScenarioError:
        assume(False)
    for result in outcome.results:
        # An order for which something was missing is none, and the missing thing is named; nothing else is amiss.
        assert [step.failure for step in result.steps if step.failure] == []
        assert {(finding.kind, finding.cause.kind) for finding in result.findings} <= {
            ("order_missing", "out_of_order")
        }


def _thrown_in(steps: list[str], extra: list[tuple[int, str]]) -> list[str]:
    for place, step in extra:
        steps.insert(place, step)
    return steps
