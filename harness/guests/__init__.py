"""Synthetic guests: Faker's people, made before the load starts, each of them unique in a run."""

from harness.guests.identity import Identities
from harness.guests.pool import Pool, make_pool

__all__ = ["Identities", "Pool", "make_pool"]
