"""What ``harness doctor`` does: looks at a target and at this machine, and says what stands in the way of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.compiler import compile_scenario
from harness.compiler.estimate import estimate
from harness.compiler.profile import Profile
from harness.engine.connect import take_interrupts_quietly
from harness.engine.marks import new_run_id, request_headers
from harness.engine.target_errors import TargetError
from harness.report import console
from harness.report.fitness import Fitness, Look, as_json, render
from harness.run import exit_codes
from harness.run.doctor_machine import Needs, looks
from harness.run.doctor_target import REACH, TargetDoctor
from harness.run.embedded import Embedded
from harness.run.named_target import KEY, TOKEN
from harness.run.secrets import masker_of
from harness.sandbox.config import SandboxConfig, SandboxError
from harness.scenario.diagnostics import ScenarioError
from harness.scenario.diagnostics import render as told
from harness.scenario.loader import examine
from harness.scenario.masking import Masker
from harness.scenario.model import CDP, HTTP, SANDBOX, Defaults, Scenario, Target
from harness.scenario.overrides import Override
from harness.scenario.settings import settings_beside
from harness.scenario.source import read
from harness.scenario.values import Secret

GUESTS = 2_000
"""Simulated on each journey, to know what a load needs."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. Without ``scenario`` a ``target`` has its keys from the environment."""

    scenario: str | None = None
    target: str | None = None
    point_of_sale: str | None = None
    changes: Sequence[Override] = ()
    load: str | None = None
    processes: int | None = None
    per_worker: float = 5000.0
    latency_s: float = 0.05
    wait_s: float | None = None
    out: str = "runs"
    form: str = "text"
    allow_hosts: tuple[str, ...] = ()
    allow_production: bool = False


def run(request: Request, environ: Mapping[str, str]) -> int:
    """Look, print, and give the exit code."""
    take_interrupts_quietly()
    scenario: Scenario | None = None
    allowed = set(request.allow_hosts)
    try:
        if request.scenario is not None:
            loaded = examine(read(Path(request.scenario)), request.changes, request.load)
            allowed |= set(settings_beside(Path(request.scenario)).allow_hosts)
            scenario = loaded.scenario
            if loaded.warnings and request.form == "text":
                console.refuse(told(loaded.warnings, dict(loaded.sources)))
    except ScenarioError as error:
        console.refuse(f"{error}\nNothing was sent.")
        return exit_codes.WRONG
    target = scenario.target if scenario is not None else _target_of(request, environ)
    masker = masker_of(scenario) if scenario is not None else _masker(target)
    embedded = Embedded(filter(None, (target.point_of_sale if target else "",)))
    try:
        fitness = Fitness(
            "" if scenario is None else scenario.name,
            "" if target is None else target.url,
            () if target is None else tuple(_target_looks(target, scenario, embedded, request, allowed)),
            tuple(looks(None if scenario is None else _needs(scenario, request), request.processes, Path(request.out))),
        )
    except KeyboardInterrupt:
        console.refuse("Interrupted.")
        return exit_codes.INTERRUPTED
    finally:
        embedded.stop()
    fitness = replace(
        fitness,
        looks=tuple(_masked(each, masker) for each in fitness.looks),
        machine=tuple(_masked(each, masker) for each in fitness.machine),
    )
    if request.form == "json":
        console.stdout().print(as_json(fitness), markup=False, highlight=False, soft_wrap=True)
    else:
        render(fitness, console.stdout())
    return exit_code(fitness)


def exit_code(fitness: Fitness) -> int:
    """0: fit; 3: the target is not there or refuses us; 1: something else is not as it ought to be."""
    if any(look.refused for look in fitness.wrong):
        return exit_codes.NO_TARGET
    return exit_codes.NOT_HELD if fitness.wrong else exit_codes.HELD


def _target_looks(
    target: Target, scenario: Scenario | None, embedded: Embedded, request: Request, allowed: set[str]
) -> list[Look]:
    defaults = Defaults() if scenario is None else scenario.defaults
    headers = request_headers(new_run_id("D"))
    try:
        doctor = TargetDoctor(
            target,
            embedded.url if target.is_sandbox else target.url,
            headers,
            defaults,
            wait_s=request.wait_s,
            allow_production=request.allow_production,
            allowed=allowed,
        )
    except (SandboxError, TargetError) as error:
        return [Look(REACH, "wrong", str(error), refused=True)]
    return list(doctor.looks())


def _target_of(request: Request, environ: Mapping[str, str]) -> Target | None:
    """The target that is named without a scenario. With a client key in the environment it is a CDP."""
    if request.target is None:
        return None
    point_of_sale = request.point_of_sale or ""
    if request.target == SANDBOX:
        key = Secret(SANDBOX)
        return Target(CDP, SANDBOX, "test", key, key, point_of_sale or SandboxConfig().points_of_sale[0])
    key, token = (Secret(environ[name]) if environ.get(name) else None for name in (KEY, TOKEN))  # type: ignore[assignment]
    return Target(CDP if key else HTTP, request.target.rstrip("/"), "test", key, token, point_of_sale)


def _masker(target: Target | None) -> Masker:
    keys = [] if target is None else [key.reveal() for key in (target.client_key, target.api_token) if key is not None]
    return Masker([each for each in keys if each != SANDBOX])


def _masked(look: Look, masker: Masker) -> Look:
    return replace(look, told=masker.mask(look.told), advice=masker.mask(look.advice))


def _needs(scenario: Scenario, request: Request) -> Needs:
    plan = compile_scenario(scenario)
    seed = 1 if plan.guests.seed is None else plan.guests.seed
    made = estimate(plan, request.latency_s, GUESTS, seed)
    totals = made.totals
    users = round(totals.peak_guests) if totals else math.ceil(Profile(plan.load.stages).peak)
    return Needs(
        users=max(users, 1),
        rate=totals.peak_rate if totals else None,
        workers=made.workers(request.per_worker),
        seconds=made.duration_s,
        steps=len(made.steps),
        guests=totals.guests.mean if totals else 0.0,
        per_worker=request.per_worker,
    )
