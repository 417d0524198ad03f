"""The door for Locust: a locustfile that calls ``journeys`` becomes the run of a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.compiler import compile_scenario
from harness.engine.locust_bridge import Bridge
from harness.engine.users import JourneyUser
from harness.report import console
from harness.run import options as run_options
from harness.run.session import EXIT_WRONG, Session
from harness.scenario import ScenarioError, load
from harness.scenario.settings import settings_beside


def journeys(arguments: Sequence[str]) -> dict[str, type[JourneyUser]]:
    """The Locust users of the scenario that a command line names, by class name.

    Ends the process with 2, and every mistake on standard error, when the scenario is wrong.
    """
    options = run_options.from_command_line(arguments)
    if options.scenario is None:
        if {"--help", "-h", "--version", "-V"} & set(arguments):
            return {}
        console.refuse("error: no scenario. Name one: locust -f locustfiles/journeys.py --scenario FILE")
        raise SystemExit(EXIT_WRONG)
    try:
        scenario = load(options.scenario, options.overrides())
        settings = settings_beside(Path(options.scenario))
    except ScenarioError as error:
        console.refuse(str(error))
        raise SystemExit(EXIT_WRONG) from None
    plan = compile_scenario(scenario)
    session = Session(options, settings, scenario, plan)
    bridge = Bridge(plan, session, session.headers)
    bridge.attach(run_options.add_arguments)
    return {each.__name__: each for each in bridge.user_classes}
