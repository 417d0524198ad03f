"""Which of a file's hosts a scenario is for."""

from __future__ import annotations

from collections import Counter

from harness.importer.calls import Call, UnreadableError
from harness.importer.stream import STREAM_PATHS, is_cdp
from harness.scenario.blanks import names, pieces


def host_of(calls: list[Call], wanted: str) -> str:
    """The host to keep: the one that is wanted, the CDP's, or the one with the most requests."""
    if wanted:
        bare = wanted.partition("://")[2] or wanted
        found = [
            call.host
            for call in calls
            if bare.lower().rstrip("/") in (_authority(call.host), _authority(call.host).partition(":")[0])
        ]
        if not found:
            hosts = ", ".join(list(dict.fromkeys(shown_host(call.host) for call in calls))[:10])
            raise UnreadableError(f"no request goes to {wanted[:100]}: there are {hosts}")
        return found[0]
    counted = Counter(_authority(call.host) for call in calls if is_cdp(call)) or Counter(
        _authority(call.host) for call in calls
    )
    best = counted.most_common(1)[0][0]
    return next(call.host for call in calls if _authority(call.host) == best)


def _authority(host: str) -> str:
    return host.partition("://")[2] or host


def is_same(one: str, other: str) -> bool:
    """Whether two hosts are one, whatever their schemes."""
    return _authority(one) == _authority(other)


def shown_host(host: str) -> str:
    """A host for people: blanks as Postman writes its variables."""
    return "".join(f"{{{{{piece}}}}}" if is_blank else piece for is_blank, piece in pieces(host))


def base_path(calls: list[Call]) -> str:
    """What stands before the CDP's own paths, where it is served under a path of somebody's host."""
    for call in calls:
        for ending in STREAM_PATHS:
            if call.path.endswith(ending):
                base = call.path.removesuffix(ending)
                return base if all(each.path.startswith(f"{base}/") for each in calls) and not names(base) else ""
    return ""
