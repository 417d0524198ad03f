"""Whose the key is: a key that one region refuses may be another's."""

from __future__ import annotations

from dataclasses import replace

from harness.cdp import endpoints
from harness.engine.target_errors import TargetError
from harness.engine.target_reader import TargetReader
from harness.scenario.model import Target


def region_of(url: str) -> str:
    """The region that a base URL belongs to; empty when it is none of the CDP's."""
    return next((name for name, base in endpoints.REGIONS.items() if base == url.rstrip("/")), "")


def taken_by(target: Target, headers: dict[str, str]) -> str | None:
    """The other region that takes the target's key, empty: none of them does. None: they cannot all be asked.

    The one that takes it makes a browser id. A target that is none of the CDP's regions has no others.
    """
    here = region_of(target.url)
    if not here:
        return None
    known = True
    for name, url in endpoints.REGIONS.items():
        if name == here:
            continue
        try:
            status = TargetReader(url, replace(target, url=url), headers).look(True).status
        except TargetError:
            known = False
            continue
        if 200 <= status <= 299:
            return name
        known = known and status == 401
    return "" if known else None
