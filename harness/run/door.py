"""The door for Locust: a locustfile that calls ``journeys`` becomes the run of a scenario."""

from __future__ import annotations

import os
from collections.abc import Sequence

from harness.compiler import compile_scenario
from harness.compiler.plan import Plan
from harness.engine.locust_bridge import Bridge
from harness.engine.locust_events import attach
from harness.engine.locust_worker import LocustWorker
from harness.engine.others import Waiting
from harness.engine.stages import shape
from harness.report import console
from harness.run import before_load, exit_codes
from harness.run import options as run_options
from harness.run.baseline import Baseline, BaselineError
from harness.run.member import Member
from harness.run.options import RunOptions
from harness.run.read_scenario import scenario_of
from harness.run.session import Session
from harness.scenario.diagnostics import render
from harness.scenario.model import Scenario


def journeys(arguments: Sequence[str]) -> dict[str, type]:
    """The Locust users of the scenario that a command line names, by class name.

    Ends the process with 2, and every mistake on standard error, when the scenario is wrong.
    """
    before_load.end_on_signals()
    options = run_options.from_command_line(arguments)
    if options.scenario is None:
        if _is_worker(arguments):
            attach(None, LocustWorker(Member(options, None)), run_options.add_arguments)
            return {"Waiting": Waiting}
        if {"--help", "-h", "--version", "-V"} & set(arguments):
            return {}
        console.refuse("error: no scenario. Name one: locust -f locustfiles/journeys.py --scenario FILE")
        raise SystemExit(exit_codes.WRONG)
    loaded, settings = scenario_of(options)
    if loaded.warnings and not options.quiet:
        console.refuse(render(loaded.warnings, dict(loaded.sources)))
    scenario = loaded.scenario
    plan = compile_scenario(scenario)
    told = {"-u", "--users", "-t", "--run-time", "-r", "--spawn-rate"}
    told_load = any(argument.partition("=")[0] in told for argument in arguments)
    session = Session(options, settings, scenario, plan, _baseline(options, scenario, plan, load_known=not told_load))
    bridge = Bridge(plan, session, session.headers)
    attach(bridge, LocustWorker(Member(options, plan)), run_options.add_arguments)
    made: dict[str, type] = {each.__name__: each for each in bridge.user_classes}
    stages = shape(plan)
    if stages is not None and not told_load:
        bridge.follows_stages = True
        made["Stages"] = stages
    return made


def _is_worker(arguments: Sequence[str]) -> bool:
    """Whether Locust is to be a worker, as its options or its environment say."""
    return "--worker" in arguments or bool(os.environ.get("LOCUST_MODE_WORKER"))


def _baseline(options: RunOptions, scenario: Scenario, plan: Plan, *, load_known: bool) -> Baseline | None:
    """The run to compare with. Ends the process with 2 when that cannot be."""
    if options.baseline is None:
        return None
    try:
        baseline = Baseline(options.baseline, options.tolerance)
        baseline.check(scenario, plan, load_known=load_known)
    except BaselineError as error:
        console.refuse(f"error: {error}\nNo load was sent.")
        raise SystemExit(exit_codes.WRONG) from None
    return baseline
