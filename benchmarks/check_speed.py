"""How long it takes to read and check files of 500, 5,000 and 50,000 steps, and how that grows.

python -m benchmarks check_speed
"""

from __future__ import annotations

import statistics
import time

from harness.scenario.loader import loads

SIZES = (500, 5_000, 50_000)
A_JOURNEY = 50
HEAD = """\
scenario: big
target: {url: sandbox, point_of_sale: grill}
catalog:
  - {item_id: A1, type: SHOES, name: A shoe, price: 49.90}
load: {users: 1, duration: 1s}
journeys:
"""
STEPS = """\
      - browse: page
        expect: {status: 200, within: 500ms}
      - search: {product: shoes, size: 41}
      - add: {item: any, quantity: 1..3}
      - confirm
      - checkout: {status: PURCHASED}
""".splitlines(keepends=True)
STEPS_OF = ["".join(STEPS[:2]), *STEPS[2:]]


def scenario(steps: int) -> str:
    """A scenario of so many steps, in journeys of A_JOURNEY."""
    text = HEAD
    for journey in range(steps // A_JOURNEY):
        text += f"  journey-{journey}:\n    steps:\n      - browse\n      - identify\n"
        text += "".join(STEPS_OF[number % len(STEPS_OF)] for number in range(A_JOURNEY - 2))
    return text


def seconds(text: str, times: int) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        loads(text)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def run() -> dict[int, float]:
    """Seconds by steps; prints."""
    loads(scenario(A_JOURNEY))  # what is made once: tables, expressions
    measured = [(size, seconds(scenario(size), 5 if size < 10_000 else 3)) for size in SIZES]
    before: tuple[int, float] | None = None
    for size, taken in measured:
        growth = ""
        if before is not None:
            growth = f"{size / before[0]:>4.0f} times the steps, {taken / before[1]:.1f} times as long"
        print(f"{size:>7,} steps: {taken * 1000:>8.1f} ms, {taken / size * 1e6:>5.1f} µs a step  {growth}")
        before = (size, taken)
    return dict(measured)
