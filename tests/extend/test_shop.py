"""The example package, installed and used: its system against a shop of its own, its verb, its form of report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.extend.conftest import EXAMPLE
from tests.extend.shop import KEY, open_shop

SCENARIO = EXAMPLE / "scenarios" / "shop.yaml"
WISHES = """\
scenario: wishes
target: {{url: "{url}", client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
guests: {{seed: 1}}
journeys: {{visit: {{steps: [browse, identify, wish: EXACT_90]}}}}
load: {{users: 2, iterations: 3}}
thresholds: [error_rate < 1%]
"""


def test_a_plain_shop_is_checked_planned_validated_and_loaded(harness, shop_site, tmp_path):
    extended = {"PYTHONPATH": shop_site, "SHOP_KEY": KEY}
    assert harness("check", SCENARIO, **extended).stdout.endswith("shop.yaml: ok\n")
    planned = harness("plan", SCENARIO, "--guests", 200, **extended)
    assert re.search(r"^  visit +add +LINE ", planned.stdout, re.M), planned.stdout + planned.stderr
    with open_shop() as shop:
        walked = harness("validate", SCENARIO, "--target", shop.url, **extended)
        assert walked.returncode == 0, walked.stdout + walked.stderr
        assert shop.done["pay card"] == shop.done["pay invoice"] == 1
        done = harness(
            "run", SCENARIO, "--target", shop.url, "--out", "r", "--quiet",
            "--set", "load.users=2", "--set", "load.iterations=3", "--set", "journeys.visit.think=0s", **extended,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert not shop.refused
    assert shop.done["POST baskets"] == 2 + 6
    assert all("@" in owner for owner in shop.owners)
    assert len(shop.owners) == len(shop.baskets) == 8
    assert {line["quantity"] for lines in shop.baskets.values() for line in lines} == {2}
    summary = json.loads((tmp_path / "r" / "summary.json").read_text("utf-8"))
    assert summary["requests"]["ok"] == summary["requests"]["sent"] == 6 * 5
    assert {each["type"] for each in summary["steps"]} == {"BASKET", "SEARCH", "LOOK", "LINE", "ORDER"}

    takings = tmp_path / "r" / "takings.txt"
    told = takings.read_text("utf-8")
    assert told.startswith("plain-shop: pass\nvisit/basket BASKET 6 of 6\n")
    takings.unlink()
    assert harness("report", "r", "--format", "shop-text", **extended).stdout.endswith("takings.txt\n")
    assert takings.read_text("utf-8") == told

    kept = (tmp_path / "r" / "scenario.yaml").read_text("utf-8")
    assert "- look: '17'" in kept
    assert KEY not in kept
    assert harness("check", "r/scenario.yaml", **extended).returncode == 0


def test_a_verb_is_added_to_the_cdp(harness, shop_site, sandbox, tmp_path):
    (tmp_path / "w.yaml").write_text(WISHES.format(url=sandbox.url), "utf-8")
    before = wished(sandbox.url)
    done = harness("run", "w.yaml", "--out", "r", "--quiet", PYTHONPATH=shop_site)
    assert done.returncode == 0, done.stdout + done.stderr
    assert wished(sandbox.url) - before == 6
    summary = json.loads((tmp_path / "r" / "summary.json").read_text("utf-8"))
    assert [each["type"] for each in summary["steps"] if each["step"] == "wish"] == ["WISHLIST"]
    shown = harness("snippet", "w.yaml", "wish", PYTHONPATH=shop_site).stdout
    assert "EXACT_90" in shown


def wished(url: str) -> int:
    with urllib.request.urlopen(f"{url}/_sandbox/stats", timeout=10) as reply:
        return int(json.load(reply)["events"].get("WISHLIST", 0))


def test_mistakes_in_what_stands_behind_a_verb_are_told_in_their_place(harness, shop_site, tmp_path):
    text = SCENARIO.read_text("utf-8")
    cases = (
        ("quantity: 2", "quantity: 200", ":12:40: error: '200' where a whole number from 1 to 99 belongs"),
        ("quantity: 2", "amount: 2", ":12:30: error: unknown key 'amount' in 'add' [E209]"),
        ("sort: price", "sort: prise", "did you mean 'price'?"),
        ('- add: {product: "17", quantity: 2}', "- add", "'add' needs a value"),
        ("- basket\n", "- browse\n", "this step is for system sitecore-cdp, and the target's is plain-shop [E322]"),
        ('- look: "17"', '- look: "${basket.x}"', "unknown name 'basket.x'"),
        ("- basket\n", "- baskit\n", "did you mean 'basket'?"),
        ("plain-shop, url", "plain-shup, url", "did you mean 'plain-shop'?"),
    )
    names = [f"s{number}.yaml" for number in range(len(cases))]
    for name, (right, wrong, _) in zip(names, cases, strict=True):
        assert right in text
        (tmp_path / name).write_text(text.replace(right, wrong), "utf-8")
    done = harness("check", *names, PYTHONPATH=shop_site)
    assert done.returncode == 2
    for name, (_, _, told) in zip(names, cases, strict=True):
        said = "\n".join(re.findall(rf"^{name}:.*\n.*\n.*", done.stderr, re.M))
        assert told in said, said
    assert "go into 'set:'" not in "\n".join(line for line in done.stderr.splitlines() if "amount" in line)


def test_the_schema_knows_what_is_installed(harness, shop_site):
    plain, more = (json.loads(harness("schema", **env).stdout) for env in ({}, {"PYTHONPATH": shop_site}))
    step = more["$defs"]["step"]["anyOf"][1]["properties"]
    assert {"basket", "look", "pay", "wish"} == set(step) - set(plain["$defs"]["step"]["anyOf"][1]["properties"])
    assert len(step["add"]["anyOf"]) == 2
    assert "plain-shop" in more["properties"]["target"]["properties"]["system"]["anyOf"][0]["enum"]


def test_extensions_are_listed(harness, shop_site):
    done = harness("extensions", PYTHONPATH=shop_site)
    assert done.returncode == 0
    assert done.stdout == (
        "system plain-shop (harness-shop 1.0.0): verbs basket, look, search, add, pay\n"
        "verb wish (harness-shop 1.0.0): for sitecore-cdp: The guest wishes for an item (WISHLIST).\n"
        "reporter shop-text (harness-shop 1.0.0): writes takings.txt\n"
    )


@pytest.mark.parametrize("arguments", ["--help", "check scenarios/purchase.yaml", "schema --help"])
def test_what_is_not_used_is_not_imported(arguments, shop_site):
    code = (
        f"import sys; sys.argv = ['harness', *{arguments.split()!r}]\n"
        "from harness.cli.main import main\n"
        "try: main()\n"
        "finally: print('harness_shop' in sys.modules, 'importlib.metadata' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**CLEAN_ENVIRONMENT, "PYTHONPATH": shop_site},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("False ")
    if "check" not in arguments:
        assert done.stderr == "False False\n"


def test_the_example_says_what_it_needs():
    assert 'dependencies = ["harness>=' in (Path(EXAMPLE) / "pyproject.toml").read_text("utf-8")
