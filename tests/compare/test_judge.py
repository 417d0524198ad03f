"""Two sides, judged: which method, what it says, what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from harness.compare.comparable import obstacles
from harness.compare.judge import compare
from harness.compare.metrics import Metric, Tolerances
from harness.compare.outcome import Comparison, Difference, NotComparableError, Settings, verdict
from harness.compare.runs import FunnelFacts, Run, StepFacts
from harness.record.figures import StepKey
from tests.compare.made import side

CHECKOUT = StepKey("purchase", "checkout")


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """Ten runs of one system, of 20 s."""
    return side(10, 1, seconds=20, rate=120)


@pytest.fixture(scope="module")
def slow() -> list[Run]:
    """Five with a checkout half as slow again."""
    return side(5, 2, seconds=20, rate=120, slower=1.5)


def of(comparison: Comparison, kind: str, step: str = "checkout") -> Difference:
    return next(each for each in comparison.differences if (each.metric.kind, each.metric.step) == (kind, step))


def test_few_runs_are_judged_by_seconds_and_many_as_wholes(runs: list[Run]) -> None:
    one = compare(runs[:1], runs[1:2], Settings())
    assert (one.method, one.compared_s, one.stretches, one.ways) == ("seconds", 20, 15, 0)
    many = compare(runs[:5], runs[5:], Settings())
    assert (many.method, many.stretches, many.ways) == ("runs", 0, math.comb(10, 5))


@pytest.mark.parametrize("a_side", [1, 2, 5])
def test_a_slower_step_is_found_and_the_others_are_left_alone(runs: list[Run], slow: list[Run], a_side: int) -> None:
    comparison = compare(runs[:a_side], slow[:a_side], Settings())
    found = of(comparison, "p50")
    assert found.regression
    assert found.low < 0.5 < found.high
    assert found.change == pytest.approx(0.5, abs=0.1)
    assert {each.metric.step for each in comparison.regressions} == {"checkout"}


@pytest.mark.parametrize("a_side", [1, 2, 5])
def test_the_same_system_is_not_called_different(runs: list[Run], a_side: int) -> None:
    comparison = compare(runs[:a_side], runs[5 : 5 + a_side], Settings())
    assert not comparison.of("worse")
    assert not comparison.of("better")


def test_what_is_shown_of_one_run_is_what_its_summary_says(runs: list[Run], slow: list[Run]) -> None:
    comparison = compare(runs[:1], slow[:1], Settings())
    base, new = runs[0].steps[CHECKOUT], slow[0].steps[CHECKOUT]
    assert (of(comparison, "p95").base, of(comparison, "p95").new) == (base.latency["p95"], new.latency["p95"])
    assert of(comparison, "p95").change == pytest.approx(new.latency["p95"] / base.latency["p95"] - 1)
    assert (of(comparison, "throughput").base, of(comparison, "error_rate").new) == (base.rate, new.error_rate)
    whole = of(comparison, "throughput", "")
    assert (whole.base, whole.new) == (runs[0].rate, slow[0].rate)


def test_several_runs_show_their_mean(runs: list[Run], slow: list[Run]) -> None:
    comparison = compare(runs[:5], slow, Settings())
    values = [run.steps[CHECKOUT].latency["p95"] for run in slow]
    assert of(comparison, "p95").new == pytest.approx(math.exp(sum(map(math.log, values)) / 5))


def test_better_is_not_worse(runs: list[Run], slow: list[Run]) -> None:
    comparison = compare(slow[:2], runs[:2], Settings())
    assert of(comparison, "p50").verdict == "better"
    assert not comparison.regressions


def test_a_tolerance_forgives_what_is_sure(runs: list[Run], slow: list[Run]) -> None:
    settings = Settings(tolerances=Tolerances(of={Metric("p50"): 0.8, Metric("p95"): 0.8, Metric("p99"): 0.8}))
    comparison = compare(runs[:2], slow[:2], settings)
    assert of(comparison, "p50").verdict == "worse"
    assert not comparison.regressions


def test_sides_change_places(runs: list[Run], slow: list[Run]) -> None:
    turned = {"worse": "better", "better": "worse"}
    there, back = compare(runs[:2], slow[:2], Settings()), compare(slow[:2], runs[:2], Settings())
    for one, two in zip(there.differences, back.differences, strict=True):
        assert two.verdict == turned.get(one.verdict, one.verdict)
        assert (two.base, two.new) == (one.new, one.base)


def test_runs_a_little_longer_have_longer_blocks_and_are_compared_all_the_same() -> None:
    base, new = side(1, 5, seconds=63), side(1, 6, seconds=65)
    assert [run.blocks.block_s for run in (*base, *new) if run.blocks is not None] == [1, 2]
    comparison = compare(base, new, Settings())
    assert (comparison.compared_s, comparison.stretches) == (62, 15)
    assert of(comparison, "p95").new == new[0].steps[CHECKOUT].latency["p95"]


def test_of_a_much_longer_run_only_the_common_time_is_shown() -> None:
    base, new = side(1, 5, seconds=20), side(1, 6, seconds=40)
    comparison = compare(base, new, Settings(force=True))
    assert new[0].blocks is not None
    came = sum(new[0].blocks.steps[CHECKOUT].ok[:20]) + sum(new[0].blocks.steps[CHECKOUT].failed[:20])
    assert comparison.compared_s == 20
    assert of(comparison, "throughput").new == pytest.approx(came / 20)


def test_more_noise_between_runs_makes_wider_intervals(runs: list[Run]) -> None:
    def width(noise: float) -> float:
        each = of(compare(runs[:1], runs[1:2], Settings(run_noise=noise)), "p50")
        assert each.high is not None
        assert each.low is not None
        return each.high - each.low

    assert width(0.0) < width(0.01) < width(0.05)


@pytest.mark.parametrize(
    ("low", "high", "kind", "said"),
    [
        (0.01, 0.2, "p95", "worse"),
        (-0.2, -0.01, "p95", "better"),
        (0.01, 0.2, "throughput", "better"),
        (-0.2, -0.01, "completed", "worse"),
        (-0.04, 0.03, "p95", "same"),
        (-0.04, 0.06, "p95", "unsure"),
        (0.0, 0.0, "error_rate", "same"),
    ],
)
def test_verdicts(low: float, high: float, kind: str, said: str) -> None:
    assert verdict(Metric(kind), low, high, 0.05) == said


def test_too_few_replies_are_not_judged(runs: list[Run]) -> None:
    few = side(2, 3, seconds=20, rate=30)
    each = of(compare(few[:1], few[1:], Settings()), "p99")
    assert (each.verdict, each.low) == ("unjudged", None)
    assert each.note.endswith("of 2,000 replies")


def test_a_step_that_nobody_reaches_any_more_is_worse(runs: list[Run]) -> None:
    new = runs[1]
    assert new.blocks is not None
    empty = tuple((buckets[:0], held[:0]) for buckets, held in new.blocks.steps[CHECKOUT].latency)
    nought = (0,) * new.blocks.count
    steps = {**new.blocks.steps, CHECKOUT: replace(new.blocks.steps[CHECKOUT], ok=nought, failed=nought, latency=empty)}
    facts = {**new.steps, CHECKOUT: replace(new.steps[CHECKOUT], sent=3, failed=0, rate=0.0, latency={})}
    gone = replace(new, blocks=replace(new.blocks, steps=steps), steps=facts)
    comparison = compare(runs[:1], [gone], Settings())
    assert of(comparison, "throughput").regression
    assert of(comparison, "p95").verdict == "unjudged"


def test_a_funnel_of_several_runs_is_added_up(runs: list[Run]) -> None:
    row = FunnelFacts("purchase", "checkout", entered=10, went_on=8, left_by_design=1, lost_to_errors=1)
    told = [replace(run, funnel=(row,)) for run in runs[:4]]
    comparison = compare(told[:2], told[2:], Settings())
    assert comparison.funnel[0].base == replace(row, entered=20, went_on=16, left_by_design=2, lost_to_errors=2)
    assert compare(told[:1], runs[5:6], Settings()).funnel == ()


def test_seconds_in_which_the_generator_was_saturated_are_left_out(runs: list[Run]) -> None:
    busy = replace(runs[1], saturated_seconds=(3, 4), saturated_s=2)
    comparison = compare(runs[:1], [busy], Settings())
    assert (comparison.compared_s, comparison.saturated_s) == (18, 2)


def test_ramps_that_differ_are_left_out_of_both(runs: list[Run]) -> None:
    late = runs[1]
    assert late.blocks is not None
    steps = {
        key: replace(step, ok=tuple(0 if place < 4 else n for place, n in enumerate(step.ok)))
        for key, step in late.blocks.steps.items()
    }
    comparison = compare(runs[:1], [replace(late, blocks=replace(late.blocks, steps=steps))], Settings())
    assert (comparison.warm_up_s, comparison.compared_s) == (4, 16)
    asked = compare(runs[:1], runs[1:2], Settings(warm_up_s=6.5))
    assert (asked.warm_up_s, asked.compared_s) == (7, 13)
    wholes = compare(runs[:5], runs[5:], Settings(warm_up_s=5))
    assert (wholes.method, wholes.warm_up_s, wholes.compared_s) == ("runs", 5, 15)


def test_runs_without_histograms_are_compared_as_wholes_or_not_at_all(runs: list[Run]) -> None:
    old = [replace(run, blocks=None, no_blocks="they are old") for run in runs]
    comparison = compare(old[:5], runs[5:], Settings())
    assert (comparison.method, comparison.compared_s, comparison.distributions) == ("runs", 0, ())
    for settings, base in ((Settings(force=True), old[:1]), (Settings(warm_up_s=2), old[:5])):
        with pytest.raises(NotComparableError, match="they are old") as refused:
            compare(base, runs[5:], settings)
        assert not refused.value.forcible


def test_runs_too_short_to_have_seconds_are_not_compared() -> None:
    short = side(2, 4, seconds=6)
    with pytest.raises(NotComparableError, match="Only 6 s"):
        compare(short[:1], short[1:], Settings(force=True))


def changed(run: Run, **changes: object) -> Run:
    return replace(run, **changes)  # type: ignore[arg-type]


OTHER = StepKey("purchase", "pay")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scenario": "other"}, "another scenario: 'other', not 'simulated'"),
        ({"model": "open"}, "another kind of load: open, not closed"),
        ({"level": 20.0}, "another load: 20 users, not 10. Run it again with --users 10"),
        ({"planned_s": 30.0, "duration_s": 30.0}, "another duration: 30 s, not 20 s"),
        ({"planned_s": None, "duration_s": 30.0}, "another duration: 30 s, not 20 s"),
        ({"duration_s": 12.0}, "it ended after 12 of 20 s"),
        ({"verdict": "interrupted"}, "interrupted, so it does not hold all it should"),
        ({"verdict": "incomplete"}, "incomplete, so it does not hold all it should"),
        ({"saturated_s": 3}, "the generator was saturated for 3 of 20 s"),
        ({"sent": 0}, "no request was sent"),
        ({"steps": {OTHER: StepFacts("", 1, 0, 1.0, 0.0, {})}}, "with 'purchase/pay'"),
    ],
)
def test_what_is_not_alike_is_refused_unless_forced(runs: list[Run], change: dict[str, object], said: str) -> None:
    other = changed(runs[1], **change)
    with pytest.raises(NotComparableError) as refused:
        compare(runs[:1], [other], Settings())
    assert refused.value.forcible
    assert said in str(refused.value)
    forced = compare(runs[:1], [other], Settings(force=True))
    assert any(said.partition(". ")[0] in warning for warning in forced.warnings)


@pytest.mark.parametrize(
    "change", [{"level": 10.1}, {"planned_s": 20.5}, {"duration_s": 30.0}, {"seed": 5}, {"target": "else"}]
)
def test_small_differences_and_other_targets_are_no_obstacle(runs: list[Run], change: dict[str, object]) -> None:
    assert obstacles(runs[:1], [changed(runs[1], **change)]) == []


def test_another_version_of_the_scenario_is_seen(runs: list[Run]) -> None:
    base = changed(runs[0], sections={"journeys": "journeys:\n  buy:\n    think: '1s'"})
    new = changed(runs[1], sections={"journeys": "journeys:\n  buy:\n    think: '2s'"})
    (found,) = obstacles([base], [new])
    assert "journeys say 'think: '2s'', not 'think: '1s''" in found.reason
    assert obstacles([base], [changed(new, version="another")]) == []
    (longer,) = obstacles([base], [changed(runs[1], sections={"journeys": "journeys:\n  buy:"})])
    assert "longer" in longer.reason


def test_a_run_is_not_compared_with_itself(runs: list[Run]) -> None:
    assert "named twice" in str(obstacles(runs[:1], runs[:1])[0])
    copied = changed(runs[0], name="a copy")
    assert f"a copy: the same run as {runs[0].name}" in str(obstacles(runs[:1], [copied])[0])


def test_a_generator_that_was_much_busier_is_remarked(runs: list[Run]) -> None:
    busy = changed(runs[1], loop_lag_p99=12.34)
    (said,) = compare(runs[:1], [busy], Settings()).warnings
    assert f"12.3 ms (p99) in {busy.name}, and by 1.0 ms in {runs[0].name}" in said
    assert compare(runs[:1], [changed(runs[1], loop_lag_p99=4.0)], Settings()).warnings == ()
    assert compare([changed(runs[0], loop_lag_p99=9.0)], [busy], Settings()).warnings == ()


def test_other_versions_of_harness_are_remarked(runs: list[Run]) -> None:
    comparison = compare(runs[:1], [changed(runs[1], version="9.9.9")], Settings())
    assert comparison.warnings == ("Made by different versions of harness: 9.9.9, simulated.",)
