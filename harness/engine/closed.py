"""Locust users of a closed load: one class a journey. A task is one guest's whole way."""

from __future__ import annotations

import random
import re
import sys
import types
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from locust import User, constant
from locust.exception import StopTest, StopUser
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING

from harness.compiler.plan import JourneyPlan, Plan
from harness.engine.transport import Transport
from harness.engine.walk import Reporter, Walker
from harness.engine.worker import Worker
from harness.guests.identity import RanOutError

LEAST_SPREAD_S = 0.1
"""Over so long users begin whose journey has no think time."""
MADE_AT_ONCE = 20
"""Users made before the others get their turn, for so long:"""
BREATH_S = 0.002
HELD_LOOK_S = 0.05
"""How often a user that may not send looks whether it may."""


class HarnessUser(User):
    """What all users of a load share, set when the load starts.

    ``connect`` makes a journey's transport to the scenario's target, whatever Locust's host is.
    """

    abstract = True
    wait_time = constant(0)
    _made: ClassVar[int] = 0
    worker: ClassVar[Worker]
    connect: ClassVar[Callable[[JourneyPlan], Transport]]
    reporter: ClassVar[Reporter]
    ran_out: ClassVar[Callable[[str], None]]
    closing: ClassVar[bool] = False
    """The load is over: nobody sends another request, those under way may end."""
    held: ClassVar[bool] = False
    """Nobody may send for now."""
    _halted: ClassVar[bool] = False
    """Either."""

    @staticmethod
    def halt(*, closing: bool, held: bool = False) -> None:
        """Set both."""
        HarnessUser.closing, HarnessUser.held, HarnessUser._halted = closing, held, closing or held

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        HarnessUser._made += 1
        if HarnessUser._made % MADE_AT_ONCE == 0:
            # Locust makes all users of a second in one go; those that are there already have replies to take.
            gevent.sleep(BREATH_S)

    def stop(self, force: bool = False) -> bool:
        """Locust ends the user: at once while it thinks, else after the request under way.

        Locust's own way lets a user whose pause just ended send once more, and then kills it in mid-request.
        """
        if not force and self._state == LOCUST_STATE_STOPPING:
            return False  # it is at it
        if not force and self._state == LOCUST_STATE_WAITING:
            self._state = LOCUST_STATE_STOPPING
            self._group.killone(self._greenlet)
            return True
        return bool(super().stop(force))

    def pause(self, seconds: float) -> None:
        """Think. Meanwhile Locust may end the user."""
        self.check_stop()
        self._state = LOCUST_STATE_WAITING
        gevent.sleep(seconds)
        self.check_stop()
        self._state = LOCUST_STATE_RUNNING

    def check_stop(self) -> None:
        """Raise if Locust has asked the user to stop; wait while nobody may send."""
        if HarnessUser._halted:
            self._state = LOCUST_STATE_WAITING
            while HarnessUser.held and not HarnessUser.closing:
                gevent.sleep(HELD_LOOK_S)
            if HarnessUser.closing:
                raise StopUser()
            self._state = LOCUST_STATE_RUNNING
        if self._state == LOCUST_STATE_STOPPING:
            raise StopUser()


class JourneyUser(HarnessUser):
    """Sends guests down one journey, one after the other."""

    abstract = True
    journey: ClassVar[JourneyPlan]
    iterations: ClassVar[int | None] = None
    spread_s: ClassVar[float] = 0.0

    def on_start(self) -> None:
        """Open the user's own connection (it connects with the first request), and wait for its turn to begin.

        Users that begin together send together, and wait for each other in this process: spread over a pause
        between steps, the load is as even in its first second as later.
        """
        kind = type(self)
        self._transport = kind.connect(self.journey)
        self._walker = Walker(kind.worker, self._transport, kind.reporter, self)
        self._walked = 0
        self.pause(random.uniform(0, kind.spread_s))

    def on_stop(self) -> None:
        """Close it."""
        self._transport.close()

    def walk(self) -> None:
        """One guest."""
        if self.iterations is not None and self._walked >= self.iterations:
            raise StopUser()
        self._walked += 1
        try:
            self._walker.walk(self.journey)
        except RanOutError as error:
            type(self).ran_out(str(error))
            raise StopTest(str(error)) from None


def users(plan: Plan) -> list[type[JourneyUser]]:
    """The plan's journeys as Locust user classes, with their weights."""
    taken: set[str] = set()
    made = []
    for journey in plan.journeys:
        name = re.sub(r"\W", "_", journey.name)
        while name in taken:
            name += "_"
        taken.add(name)
        made.append(_user_class(name, journey, plan))
    return made


def _module(place: str) -> str:
    """The name of a module that stands for what a class was made of.

    Of two classes with one name Locust tells the modules' files; this file would help nobody.
    """
    module = sys.modules.setdefault(f"{__name__}: {place}", types.ModuleType(place))
    module.__file__ = f"{place} (give one of the two another name)"
    return f"{__name__}: {place}"


def _user_class(name: str, journey: JourneyPlan, plan: Plan) -> type[JourneyUser]:
    def walk(user: JourneyUser) -> None:
        user.walk()

    # Locust's --tags and --exclude-tags pick journeys by their names.
    walk.locust_tag_set = {journey.name}  # type: ignore[attr-defined]
    members: dict[str, Any] = {
        "journey": journey,
        "iterations": plan.load.iterations,
        "weight": journey.weight,
        "spread_s": (journey.think.low + journey.think.high) / 2 or LEAST_SPREAD_S,
        "tasks": [walk],
        "__module__": _module(f"journey {journey.name!r} of scenario {plan.scenario}"),
        "__doc__": f"Guests on the journey {journey.name}.",
    }
    return type(name, (JourneyUser,), members)
