"""Student's t distribution: the quantile that an interval needs, from the incomplete beta function.

The continued fraction and its evaluation are Lentz's (Abramowitz and Stegun, "Handbook of Mathematical Functions",
26.5.8 and 26.7.1).
"""

from __future__ import annotations

import math
from functools import lru_cache

_ROUNDS = 300
_TINY = 1e-300


@lru_cache(1024)
def two_sided(share: float, df: float) -> float:
    """The t that a variable with ``df`` degrees of freedom exceeds, to either side, with the probability ``share``."""
    if not 0 < share < 1 or df <= 0:
        raise ValueError(f"no quantile for {share} and {df} degrees of freedom")
    low, high = 0.0, 1.0
    while beyond(high, df) > share:
        low, high = high, high * 2
    for _ in range(80):
        middle = (low + high) / 2
        if beyond(middle, df) > share:
            low = middle
        else:
            high = middle
    return high


def beyond(t: float, df: float) -> float:
    """The probability that a variable with ``df`` degrees of freedom lies further from 0 than ``t``."""
    return _incomplete_beta(df / 2, 0.5, df / (df + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised."""
    if x <= 0 or x >= 1:
        return 1.0 if x >= 1 else 0.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ROUNDS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return value


def _away(value: float) -> float:
    """Not nought, to divide by."""
    return value if abs(value) > _TINY else _TINY
