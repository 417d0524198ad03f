"""``harness plan``: what it prints, for people and for programs."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from harness.compiler import compile_scenario
from harness.compiler.estimate import estimate
from harness.report.planned_chart import chart
from harness.report.planned_text import render
from harness.scenario import load
from tests.conftest import ROOT

SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_plain_text_of_120_columns(harness, path):
    done = harness("plan", path, "--guests", 500)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 120
    assert "\x1b" not in done.stdout
    assert lines[0].startswith(f"{path.stem}: ")
    for heading in ("Expected", "Steps", "Journeys", "Taken for granted", "journey "):
        assert any(line.startswith(heading) for line in lines), heading
    assert not any(line != line.rstrip() for line in lines)


def test_figures_for_people_and_programs_are_the_same(harness):
    arguments = ["plan", ROOT / "scenarios/mixed.yaml", "--seed", 3, "--guests", 2000, "--per-worker", "20/s"]
    text = harness(*arguments).stdout
    document = json.loads(harness(*arguments, "--format", "json").stdout)
    totals = document["totals"]
    assert f"Requests  {totals['requests']['mean']:,.0f} ± " in text
    assert f"Orders    {totals['orders']['mean']:.0f} ± " in text
    assert f"peak {totals['peak_rate']:.1f}/s" in text
    assert document["workers"] == {"needed": 5, "per_worker": 20.0}
    assert re.search(r"Workers +5 ", text)
    assert document["currency"] == "GBP"
    assert document["simulated_guests"] == 2000
    assert len(document["series"]) == 20
    assert all(len(step["rates"]) == 20 for step in document["steps"])
    for place, point in enumerate(document["series"]):
        assert point["requests"] == pytest.approx(sum(step["rates"][place] for step in document["steps"]), abs=1e-4)
    sums = sum(step["total"]["mean"] for step in document["steps"])
    assert totals["requests"]["mean"] == pytest.approx(sums)
    checkouts = [s["total"]["mean"] for s in document["steps"] if s["step"] in ("checkout", "order_checkout")]
    assert totals["orders"]["mean"] == pytest.approx(sum(checkouts))


def test_options_as_in_a_run(harness):
    path = ROOT / "scenarios/mixed.yaml"

    def planned(*options: object, **environment: str) -> dict:
        done = harness("plan", path, "--format", "json", "--guests", 200, *options, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert planned("--load", "smoke")["model"] == "closed"
    assert planned("--users", 7, "--duration", "9s")["duration_s"] == 9
    assert planned("--rate", "50/s", "--duration", "8s")["totals"]["guests"]["mean"] == pytest.approx(400, rel=0.01)
    assert planned("--set", "journeys.looker.weight=0")["journeys"][0]["guests"]["mean"] == 0
    assert planned("--latency", "0.2s")["latency_ms"] == 200
    told = planned(HARNESS_LOAD="smoke", HARNESS_LATENCY="1s", HARNESS_SET="defaults.currency=EUR")
    assert (told["model"], told["latency_ms"], told["currency"]) == ("closed", 1000, "EUR")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--latency", "5"], "'5' where a duration such as 50ms"),
        (["--per-worker", "many"], "'many' where a rate such as 5000/s"),
        (["--per-worker", "0/s"], "'0/s' where a rate"),
        (["--guests", "0"], "0 is not in the range"),
        (["--load", "smok"], "did you mean 'smoke'?"),
        (["--set", "nonsense"], "is not KEY=VALUE"),
        (["--users", "many"], "'many' where"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_wrong_options(harness, options, said):
    done = harness("plan", ROOT / "scenarios/mixed.yaml", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_no_time_no_rates(harness):
    path = ROOT / "scenarios/purchase.yaml"
    options = ["--set", "journeys.purchase.think=0s", "--latency", "0s"]
    done = harness("plan", path, *options)
    assert "One guest\n  7.00 requests\n  1.00 orders" in done.stdout
    assert "depends on the target alone" in done.stdout
    assert json.loads(harness("plan", path, *options, "--format", "json").stdout)["totals"] is None


@pytest.mark.parametrize("width", [70, 80, 100])
def test_it_fits_a_terminal(width):
    plan = compile_scenario(load(ROOT / "scenarios/mixed.yaml"))
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    render(plan, estimate(plan, guests=100), 5000, console)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue()).splitlines()
    assert max(map(len, lines)) <= width


def test_ascii_where_there_is_no_utf8(harness):
    done = harness("plan", ROOT / "scenarios/mixed.yaml", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "####" in done.stdout
    assert "Requests  1," in done.stdout
    assert "?" not in done.stdout


def test_charts():
    assert list(chart([0, 1, 2, 4], 8, height=2)) == ["  4 ┤   █", "    ┤ ▄██", "  0 └────", "     0 s 8 s"]
    assert list(chart([0, 1, 2, 4], 8, height=2, plain=True))[:3] == ["  4 |   #", "    | .##", "  0 +----"]
    assert next(chart([0.001, 100], 60, height=1)) == "100 ┤▁█"
    assert next(chart([], 0, height=1)) == "  0 ┤"
