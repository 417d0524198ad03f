"""What Locust's own options ask for, and what they show, where that needs our help."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from harness.compiler.plan import Plan
from harness.engine.closed import HarnessUser, JourneyUser
from harness.engine.descriptors import raise_limit, shortage
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
    others = [each for each in environment.user_classes if not issubclass(each, HarnessUser)]
    if not others:
        environment.host = base_url
    for each in others:
        each.host = each.host or environment.host or base_url
