"""The target that a command is given by name, and its keys: a URL, a region, or the target of a scenario."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from harness.cdp.endpoints import REGIONS
from harness.engine.leave import is_loopback
from harness.scenario.hosts import host_of
from harness.scenario.loader import load
from harness.scenario.model import CDP, SANDBOX, Target
from harness.scenario.values import Secret

KEY, TOKEN = "CDP_CLIENT_KEY", "CDP_API_TOKEN"


class NoTargetError(ValueError):
    """Nobody said where to, or not with which keys; the text says what is missing."""


def target_of(told: str | None, before: str = "", environ: Mapping[str, str] = os.environ) -> Target:
    """The target that is meant by ``told``, or by what an earlier command was told. Raises NoTargetError, ScenarioError."""
    text = (told or before).strip()
    if not text:
        raise NoTargetError("where to? --target URL, a region such as eu, or a scenario whose target is meant")
    if text.endswith((".yaml", ".yml")):
        return _of_scenario(text)
    if text == SANDBOX:
        raise NoTargetError("an embedded sandbox would end with this command: start harness sandbox, and name its URL")
    url = url_of(text)
    usual = SANDBOX if is_loopback(host_of(url)) else ""
    key, token = environ.get(KEY) or usual, environ.get(TOKEN) or usual
    if missing := [name for name, value in ((KEY, key), (TOKEN, token)) if not value]:
        raise NoTargetError(f"{url} wants to know who asks: set {' and '.join(missing)} in the environment")
    if not all(each.isascii() and each.isprintable() and ":" not in each for each in (key, token)):
        raise NoTargetError(f"{KEY} and {TOKEN} are plain ASCII without ':'")
    return Target(CDP, url, "test", Secret(key), Secret(token))


def url_of(text: str) -> str:
    """The base URL that a URL or a region stands for. Raises NoTargetError."""
    url = REGIONS.get(text, text).rstrip("/")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it may be none
    except ValueError:
        parts = urlsplit("")
    printable = url.isprintable() and " " not in url
    if not (printable and parts.scheme in ("http", "https") and parts.hostname) or "@" in parts.netloc or parts.query:
        raise NoTargetError(
            f"{text[:100]!r} is neither a base URL such as https://host nor one of {', '.join(REGIONS)}"
        )
    return url


def _of_scenario(text: str) -> Target:
    target = load(Path(text)).target
    if target.system != CDP:
        raise NoTargetError(f"{text} has a target that is no CDP")
    if target.is_sandbox:
        raise NoTargetError(
            f"{text} brings its own sandbox, which ends with its run: name one that is there by its URL"
        )
    return target
