"""What Locust's own options ask for, and what they show, where that needs our help."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from harness.compiler.plan import Plan
from harness.engine.closed import HarnessUser, JourneyUser
from harness.engine.descriptors import raise_limit, shortage
from harness.engine.listener import ToldToLocust
from harness.engine.others import others_of
from harness.engine.stages import shape, users_at_first
from harness.scenario.model import OPEN


def mind_options(
    environment: Any, plan: Plan, ours: Sequence[type[HarnessUser]], refuse: Callable[[str], NoReturn]
) -> None:
    """Refuse what cannot be, and let ``--tags`` and ``--exclude-tags`` pick journeys by their names."""
    options = environment.parsed_options
    if getattr(options, "otel", None):
        refuse("--otel is not supported: requests of compiled journeys are not traced")
    raise_limit()
    if plan.load.model != OPEN and not options.worker:
        processes = 1 if not options.master else options.processes or options.expect_workers
        if short := shortage(math.ceil((options.num_users or 1) / processes)):
            refuse(short)
    wanted, unwanted = set(getattr(options, "tags", None) or ()), set(getattr(options, "exclude_tags", None) or ())
    if not (wanted or unwanted):
        return
    if plan.load.model == OPEN:
        refuse("--tags and --exclude-tags pick users, and an open load has none: set weights to 0 instead")
    # Locust would keep classes whose only task is filtered out, and let their users fail.
    dropped = [
        each
        for each in ours
        if issubclass(each, JourneyUser)
        and ((wanted and each.journey.name not in wanted) or each.journey.name in unwanted)
    ]
    environment.user_classes[:] = [each for each in environment.user_classes if each not in dropped]
    if not environment.user_classes:
        refuse("no journey has one of the tags; a journey's tag is its name")


def mind_classes(environment: Any, ours: Sequence[type[HarnessUser]], refuse: Callable[[str], NoReturn]) -> None:
    """Refuse classes on the command line of which none is a journey."""
    chosen: Sequence[str] = environment.parsed_options.user_classes or ()
    if chosen and not any(each in environment.user_classes for each in ours):
        journeys = ", ".join(each.__name__ for each in ours)
        refuse(f"no journey was chosen: the classes named are {', '.join(chosen)}; journeys' are {journeys}")


def mind_several(environment: Any, plan: Plan, refuse: Callable[[str], NoReturn]) -> None:
    """Refuse what cannot be with several processes; and let users of a worker that is lost go to the others."""
    feed = plan.guests.feed
    if feed is not None and not feed.wrap and feed.order != "random":
        refuse(
            "guests from a file, each once, cannot be dealt out to several processes: write wrap: true or order: random"
        )
    environment.parsed_options.enable_rebalancing = True


def say_host(environment: Any, base_url: str) -> None:
    """Show Locust our target. Our users go there whatever Locust's host is; others keep a host of their own."""
    others: list[Any] = others_of(environment)
    if not others:
        environment.host = base_url
    for each in others:
        each.host = each.host or environment.host or base_url


def take_run_time(options: Any) -> float | None:
    """Take ``--run-time`` (s) out of Locust's hands where it would count from its own start: the making of guests, too.

    In a load that is begun in the web UI, or that ends with its ``--autoquit``, the time stays Locust's.
    """
    alone = options.headless or (options.autostart and options.autoquit == -1)
    if not (options.run_time and alone) or options.worker:
        return None
    told = float(options.run_time)
    options.run_time = None
    return told


def told_of(environment: Any, plan: Plan, follows_stages: bool) -> ToldToLocust:
    """What of Locust's options makes the load another one than the scenario's."""
    options = environment.parsed_options
    steady = plan.load.model != OPEN and not follows_stages and shape(plan) is not None
    users, usual = options.num_users, users_at_first(plan)
    others = bool(others_of(environment))
    more: list[str] = []
    if options.spawn_rate and options.spawn_rate < (users or 0):  # else they are all there within a second
        more += ["-r", f"{options.spawn_rate:g}"]
    for flag, names in (("--tags", options.tags), ("--exclude-tags", options.exclude_tags)):
        more += [flag, *names] if names else []
    return ToldToLocust(
        users=users if users and (steady or users != usual) else None,
        duration_s=float(options.run_time) if options.run_time else plan.load.duration if steady else None,
        processes=options.processes or None,
        expect_workers=options.expect_workers if options.master and not options.processes else None,
        locustfile=str(options.locustfile) if others else "",
        headless=bool(options.headless),
        host=(options.host or "") if others else "",
        classes=tuple(options.user_classes or ()),
        more=tuple(more),
    )
