"""``personalize`` against a sandbox with experiences of its own: what is captured of the reply decides the way."""

from __future__ import annotations

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess

SCENARIO = """\
scenario: offers
target: {url: sandbox, client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}
journeys:
  path:
    steps:
      - browse
      - identify
      - personalize: {friendly_id: home_offer, params: {city: '${guest.city}', name: 'Zoë "${guest.lastname}"'}}
        capture: {offer: '$.offers[0].id', known: $.known, discount: '$.offers[0].discount'}
      - when: known and discount >= 10
        steps:
          - event: {type: OFFER_SEEN, ext: {offer: '${offer}'}}
        else:
          - event: NO_OFFER
load: {users: 1, iterations: 1}
"""
EXPERIENCES = {"home_offer": {"offers": [{"id": "OFFER_10", "discount": 12.5}], "known": "${guest.known}"}}


def test_the_reply_is_captured_and_decides(validate):
    with SandboxProcess(SandboxConfig(experiences=EXPERIENCES)) as cdp:
        outcome = validate(cdp.url, SCENARIO)
    assert outcome.held, [finding for result in outcome.results for finding in result.findings]
    fits, other = outcome.results
    assert [step.type for step in fits.steps][-2:] == ["PERSONALIZE", "OFFER_SEEN"]
    assert not fits.notes
    assert [step.type for step in other.steps][-1] == "NO_OFFER"
    assert any("walked although" in note for note in other.notes), "for this guest the condition holds"


def test_an_experience_that_is_not_there_fails_the_step(validate):
    with SandboxProcess(SandboxConfig(experiences={"other": {}})) as cdp:
        outcome = validate(cdp.url, SCENARIO)
    assert not outcome.held
    assert {result.steps[-1].status for result in outcome.results} == {404}
