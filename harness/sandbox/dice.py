"""What decides whether a fault comes: the same seed, the same faults again."""

from collections import Counter
from collections.abc import Iterable
from random import Random


class Dice:
    """Each fault draws from a stream of its own, so that one does not change when another comes. ``counts`` those that came."""

    def __init__(self, seed: int, names: Iterable[str], counts: Counter[str]) -> None:
        self.streams = {name: Random(f"{seed}/{name}") for name in names}
        self._counts = counts

    def comes(self, name: str, rate: float) -> bool:
        """Whether a fault comes this time. ``rate``: its share."""
        if not rate or self.streams[name].random() >= rate:
            return False
        self._counts[name] += 1
        return True
