"""The pool: people made before the load starts, because Faker needs as long for one as for many requests."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass

from harness.guests.profile import Profile, ProfileMaker

POOL_SIZE = 1000
"""People in a pool. Beyond that many guests names repeat; addresses of email and ids never do."""


@dataclass(frozen=True, slots=True)
class Pool:
    """People in the order in which they come."""

    profiles: tuple[Profile, ...]


@functools.lru_cache(maxsize=4)
def make_pool(locales: tuple[tuple[str, float], ...], seed: int, size: int = POOL_SIZE) -> Pool:
    """So many people, of each locale its share (to the nearest person), mixed; the same for the same seed."""
    profiles: list[Profile] = []
    share_so_far = 0.0
    for locale, share in locales:
        share_so_far += share
        maker = ProfileMaker(locale, seed)
        profiles.extend(maker.make() for _ in range(round(share_so_far * size) - len(profiles)))
    random.Random(seed).shuffle(profiles)
    return Pool(tuple(profiles))
