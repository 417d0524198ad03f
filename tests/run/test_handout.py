"""What a master hands out: the whole plan, and no secret in it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from harness.compiler import compile_scenario
from harness.compiler.plan_pack import PlanPackError, pack_plan, unpack_plan
from harness.run.handout import HandoutError, digest, hand_out, take_in
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.loader import load, loads
from tests.conftest import ROOT

SECRET = 'canary "7" / ä&b'
SCENARIO = """\
scenario: secretive
target: {url: "http://127.0.0.1", client_key: "${CLIENT_KEY}", point_of_sale: shop}
journeys:
  a:
    steps:
      - request: {path: "/at/${PLAIN_TOKEN}", method: POST, headers: {X-Token: "v ${PLAIN_TOKEN}"}, query: {t: "${API_TOKEN}"},
                  json: {deep: ["${API_TOKEN}"]}}
      - request: {path: /form, method: POST, form: {t: "${API_TOKEN}", u: "${guest.email}"}}
      - when: guest.email == env.API_TOKEN
        steps: [request: /when]
load: {users: 1, duration: 1s}
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", SECRET)
    monkeypatch.setenv("PLAIN_TOKEN", "canary-8")
    monkeypatch.setenv("CLIENT_KEY", "canary-9")
    for name in ("CDP_CLIENT_KEY", "CDP_API_TOKEN"):
        monkeypatch.setenv(name, "sandbox")


def scenarios() -> list[Path]:
    return [*sorted((ROOT / "scenarios").glob("*.yaml")), *sorted((ROOT / "tests/corpus/good").glob("*.yaml"))]


def test_a_plan_comes_out_as_it_went_in() -> None:
    compiled = 0
    for path in scenarios():
        try:
            plan = compile_scenario(load(path))
        except ScenarioError:
            continue  # it wants variables of its own, or is a part of another
        assert unpack_plan(pack_plan(plan)) == plan, path
        compiled += 1
    assert compiled > 50


def test_no_secret_is_handed_out_and_the_plan_is_whole_again() -> None:
    scenario = loads(SCENARIO)
    plan = compile_scenario(scenario)
    told = hand_out(scenario, plan)
    found, key, _, secrets = take_in(told, None)
    assert found == plan
    assert key == "canary-9"
    assert set(secrets) == {"canary-8", "canary-9", SECRET}
    texts = (b"canary", quote(SECRET).encode(), SECRET.encode())
    opened = str({**told, "plan": _opened(told["plan"])}).encode()
    assert _opened(pack_plan(plan)).count(b"canary") >= 5, "they are in the plan"
    assert not any(text in opened for text in texts)


def _opened(packed: bytes) -> bytes:
    import zlib

    return zlib.decompress(packed)


@pytest.mark.parametrize("name", ["API_TOKEN", "PLAIN_TOKEN"])
def test_a_worker_without_a_secret_takes_no_part(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = loads(SCENARIO)
    told = hand_out(scenario, compile_scenario(scenario))
    monkeypatch.delenv(name)
    with pytest.raises(HandoutError, match=f"^{name} is not set in its environment$"):
        take_in(told, None)


def test_another_version_and_another_plan_are_refused() -> None:
    scenario = loads(SCENARIO)
    plan = compile_scenario(scenario)
    told = hand_out(scenario, plan)
    assert take_in(told, plan)[0] == plan
    with pytest.raises(HandoutError, match="its scenario or options are not those of the master"):
        take_in(told, compile_scenario(loads(SCENARIO.replace("/form", "/from"))))
    with pytest.raises(HandoutError, match=r"it has faker [\d.]+, the master 1\.0"):
        take_in({**told, "versions": {**told["versions"], "faker": "1.0"}}, None)


def test_what_is_no_plan_is_refused() -> None:
    whole = pack_plan(compile_scenario(loads(SCENARIO)))
    for packed in (b"", b"no plan", whole[:-9], whole[:40]):
        with pytest.raises(PlanPackError):
            unpack_plan(packed)


def test_the_digest_is_the_plan_s() -> None:
    plan = compile_scenario(loads(SCENARIO))
    assert digest(plan) == digest(compile_scenario(loads(SCENARIO)))
    assert digest(plan) != digest(compile_scenario(loads(SCENARIO.replace("/form", "/from"))))
