"""What a master hands out to its workers: the plan, and the names of the secrets in it, never the secrets.

Where a secret stands in the plan, in whichever encoding, a mark is sent in its place; the worker fills it in from its own
environment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

from harness import __version__
from harness.compiler.plan import Encoding, Plan
from harness.compiler.plan_pack import PlanPackError, pack_plan, unpack_plan
from harness.compiler.template import ENCODERS
from harness.scenario.environment import VariableError, variable
from harness.scenario.model import Scenario
from harness.scenario.values import Secret

_MARK = re.compile(rb"\x00(\d+) ([a-z_]+)\x00")
_NAME = re.compile(r"\$\{(\w+)\}")


class HandoutError(Exception):
    """This process cannot take part; the text says why."""


def versions() -> dict[str, str]:
    """What must be the same in all processes of a load: who the guests are depends on Faker's, too."""
    return {"harness": __version__, "faker": version("faker")}


def digest(plan: Plan) -> str:
    """The same for the same plan, whichever process compiled it."""
    return hashlib.sha256(pack_plan(plan)).hexdigest()


def hand_out(scenario: Scenario, plan: Plan) -> dict[str, Any]:
    """Plain values for ``take_in``."""
    known = [secret for secret in scenario.secrets if _NAME.fullmatch(secret.written)]
    # A worker needs no secret that its plan does not send.
    named = [secret for secret in known if _stands_in(plan, secret)]
    target = scenario.target
    return {
        "versions": versions(),
        "digest": digest(plan),
        "plan": pack_plan(plan, _hider(named)),
        "secrets": [_name(secret) for secret in named],
        "key": _handed(target.client_key),
        # Only whose plan sends it needs it.
        "token": _handed(target.api_token if plan.takes_token else None),
        "environment": target.environment,
    }


class TakenIn(NamedTuple):
    """What a worker has of its master. ``secrets``: what must not be shown."""

    plan: Plan
    key: str
    token: str
    secrets: tuple[str, ...]


def take_in(told: Mapping[str, Any], own: Plan | None) -> TakenIn:
    """The plan, client key, API token, and all secrets, filled in from the environment. Raises HandoutError.

    ``own``: the plan that this process has of its own scenario, where it was given one.
    """
    here = versions()
    for what, there in told["versions"].items():
        if here.get(what) != there:
            raise HandoutError(f"it has {what} {here.get(what, 'not at all')}, the master {there}")
    if own is not None and digest(own) != told["digest"]:
        raise HandoutError("its scenario or options are not those of the master; a worker needs neither")
    secrets = [_from_environment(name) for name in told["secrets"]]
    keys = [(_from_environment(name) if named else name, named) for name, named in (told["key"], told["token"])]
    try:
        plan = unpack_plan(told["plan"], _filler(secrets))
    except PlanPackError as error:
        raise HandoutError(str(error)) from None
    return TakenIn(plan, keys[0][0], keys[1][0], (*secrets, *(key for key, named in keys if named)))


def _stands_in(plan: Plan, secret: Secret) -> bool:
    hide, seen = _hider([secret]), False

    def look(text: bytes) -> bytes:
        nonlocal seen
        seen = seen or hide(text) != text
        return text

    pack_plan(plan, look)
    return seen


def _handed(secret: Secret | None) -> tuple[str, bool]:
    """The variable that a secret comes from, and True; else what stands in the file ("" for none), and False."""
    name = "" if secret is None else _name(secret)
    return (name, True) if name else ("" if secret is None else secret.reveal(), False)


def _name(secret: Secret) -> str:
    """The variable that a secret comes from; empty where it stands in the file."""
    match = _NAME.fullmatch(secret.written)
    return match[1] if match else ""


def _from_environment(name: str) -> str:
    try:
        found = variable(name)
    except VariableError as error:
        raise HandoutError(str(error)) from None
    if found is None:
        raise HandoutError(f"{name} is not set in its environment")
    return found.text


def _hider(secrets: list[Secret]) -> Callable[[bytes], bytes]:
    """Puts marks in the place of secrets."""
    marks: dict[bytes, bytes] = {}
    for number, secret in enumerate(secrets):
        for encoding, encode in ENCODERS.items():
            marks.setdefault(encode(secret.reveal()), b"\x00%d %s\x00" % (number, encoding.encode()))
    if not marks:
        return bytes
    any_of = re.compile(b"|".join(map(re.escape, sorted(marks, key=len, reverse=True))))
    return lambda text: any_of.sub(lambda found: marks[found[0]], text)


def _filler(secrets: list[str]) -> Callable[[bytes], bytes]:
    """Puts secrets in the place of marks."""

    def filled(found: re.Match[bytes]) -> bytes:
        encoding: Encoding = found[2].decode()  # type: ignore[assignment]
        return ENCODERS[encoding](secrets[int(found[1])])

    return lambda text: _MARK.sub(filled, text)
