"""An embedded sandbox takes any point of sale that the scenario names; run, validate and doctor say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.run.embedded import unchecked
from harness.scenario.loader import loads

SHOP = """\
scenario: shop
target: {{url: {url}, client_key: k, api_token: t, point_of_sale: {pos}}}
guests: {{locales: en_GB, seed: 1}}
journeys: {{look: {{steps: [{{browse: home, set: {{pos: {other}}}}}]}}}}
load: {{users: 1, iterations: 1}}
"""
OWN = "pastoral-witty-grill"


def told(pos: str, other: str = OWN, url: str = "sandbox") -> str:
    return unchecked(loads(SHOP.format(pos=pos, other=other, url=url)))


@pytest.mark.parametrize(
    "name", ["pastoral-wity-grill", "pastoral-witty-girll", "pastoral-witty-grills", "pastoral-wittx-grill"]
)
def test_a_near_miss_is_asked_about(name: str) -> None:
    assert told(name) == (
        f"Point of sale '{name}': not checked; the embedded sandbox takes any that the scenario names. "
        f"A target of your own tells. Did you mean '{OWN}'?"
    )


def test_a_name_of_an_account_is_only_said_to_be_unchecked() -> None:
    assert told("shop/uk").endswith("A target of your own tells.")
    both = told("shop/uk", "shop/de")
    assert both.startswith("Points of sale 'shop/uk', 'shop/de': not checked;")


def test_nothing_is_said_of_the_sandboxs_own_name_or_of_another_target() -> None:
    assert told(OWN) == told("shop/uk", url="http://127.0.0.1:9") == ""


def test_the_commands_say_so(harness, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP.format(pos="pastoral-wity-grill", other=OWN, url="sandbox"))
    said = "Point of sale 'pastoral-wity-grill': not checked"
    run = harness("run", "shop.yaml", "--quiet", "--out", "out")
    assert run.returncode == 0 and said in run.stdout
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["verdict"] == "pass" and summary["remarks"][0].startswith(said)
    assert "pastoral-wity-grill': not checked" in (tmp_path / "out/summary.md").read_text()
    assert "&#39;pastoral-wity-grill&#39;: not checked" in (tmp_path / "out/report.html").read_text()
    validated = harness("validate", "shop.yaml")
    assert validated.returncode == 0 and said in validated.stdout
    fit = harness("doctor", "shop.yaml", "--format", "json")
    look = next(each for each in json.loads(fit.stdout)["checks"] if each["name"] == "point of sale")
    assert (look["state"], look["advice"]) == ("unknown", f"did you mean '{OWN}'?")
