"""Results as a calm table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.contestants import Contestant
from benchmarks.measure import Sample

Results = dict[int, dict[str, list[Sample]]]
"""Samples of all rounds, by users and contestant."""


def median(samples: Sequence[Sample], figure: str) -> float:
    return statistics.median(getattr(sample, figure) for sample in samples)


def ratio(results: dict[str, list[Sample]], name: str, base: str) -> float | None:
    """How many times the requests per second of ``base``: the median of the rounds' own ratios."""
    pairs = zip(results.get(name, []), results.get(base, []), strict=False)
    ratios = [one.requests_per_s / other.requests_per_s for one, other in pairs]
    return statistics.median(ratios) if ratios else None


def cpu_ratio(results: dict[str, list[Sample]], name: str, base: str) -> float | None:
    """How many times the requests of a CPU second of ``base``: other processes on the core change it less."""
    pairs = zip(results.get(name, []), results.get(base, []), strict=False)
    ratios = [other.cpu_s / one.cpu_s for one, other in pairs]
    return statistics.median(ratios) if ratios else None


def spread(samples: Sequence[Sample]) -> float:
    """(highest - lowest) / median of the requests per second."""
    rates = [sample.requests_per_s for sample in samples]
    return (max(rates) - min(rates)) / statistics.median(rates)


def memory_a_user(results: Results, name: str, users: int) -> float | None:
    """Bytes by which the peak grew from the fewest users to so many, for each of them."""
    fewest = min(results)
    if users == fewest or name not in results[fewest] or name not in results[users]:
        return None
    grown = median(results[users][name], "peak_mb") - median(results[fewest][name], "peak_mb")
    return grown * 1e6 / (users - fewest)


def _connected(contestant: Contestant, samples: Sequence[Sample], users: int) -> str:
    """Said where not all users got a connection."""
    connected = int(median(samples, "connections"))
    return f"  {connected:,} connected" if contestant.connects and connected < users else ""


def lines(results: Results, entrants: Sequence[Contestant]) -> list[str]:
    """A block for each number of users."""
    made = []
    for users, found in results.items():
        rounds = len(next(iter(found.values())))
        made += ["", f"{users:,} users, median of {rounds} rounds"]
        heads = f"{'requests/s':>11}{'spread':>8}{'ratio':>8}{'CPU':>6}{'CPU s/10⁶':>11}{'ratio':>8}"
        made.append(f"  {'':<26}{heads}{'peak MB':>9}{'kB a user':>11}")
        for each in entrants:
            if not (samples := found.get(each.name)):
                continue
            times, by_cpu = (of(found, each.name, each.base) for of in (ratio, cpu_ratio))
            a_user = memory_a_user(results, each.name, users)
            made.append(
                f"  {each.name:<26}{median(samples, 'requests_per_s'):>11,.0f}{spread(samples):>8.0%}"
                f"{f'{times:.2f}×' if times else '':>8}{median(samples, 'cpu'):>6.0%}{median(samples, 'cpu_s'):>11.1f}"
                f"{f'{by_cpu:.2f}×' if by_cpu else '':>8}{median(samples, 'peak_mb'):>9.0f}"
                f"{f'{a_user / 1000:.1f}' if a_user is not None else '':>11}{_connected(each, samples, users)}"
            )
    note = (
        "ratios: to Locust's FastHttpUser, over TLS to the same over TLS; the medians of the rounds' own; by the clock"
    )
    return [*made, "", f"  {note} and by CPU time"]


def as_json(results: Results, entrants: Sequence[Contestant]) -> list[dict[str, object]]:
    """A row for each contestant and number of users."""
    return [
        {
            "users": users,
            "contestant": each.name,
            "requests_per_s": median(samples, "requests_per_s"),
            "spread": spread(samples),
            "ratio": ratio(found, each.name, each.base),
            "ratio_by_cpu": cpu_ratio(found, each.name, each.base),
            "ratio_to": each.base,
            "cpu": median(samples, "cpu"),
            "cpu_s_per_million_requests": median(samples, "cpu_s"),
            "peak_mb": median(samples, "peak_mb"),
            "bytes_a_user": memory_a_user(results, each.name, users),
            "rounds": [sample.as_dict() for sample in samples],
        }
        for users, found in results.items()
        for each in entrants
        if (samples := found.get(each.name))
    ]
