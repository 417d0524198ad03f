"""What it costs a master to add up what its workers tell: processor and bytes a second, at 2, 16, 64 and 256 workers.

    python -m benchmarks merge

In this process, with the messages of a load: each of MERGE_WORKERS (2,16,64,256) simulated workers fills a recorder and a book
as the purchase journey does at MERGE_RATE (20,000) requests a second, and packs them; the message is serialized by Locust's own
classes, taken apart again, and handed to the master's ``Crew``, which confirms it. Then the master takes its second, merges it
into the total, and makes what is written and shown of it. What Locust itself does for a worker (heartbeats, its statistics) is
not in it.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

RATE = int(os.environ.get("MERGE_RATE", "20000"))
WORKERS = tuple(int(each) for each in os.environ.get("MERGE_WORKERS", "2,16,64,256").split(","))
SECONDS = 3
DIFFERENT = 8
"""So many workers' seconds are made, and told by all in turn: what they hold does not matter to the cost."""
STEPS = ("browser id", "browse", "identify", "add", "confirm", "checkout")


class _Event:
    def add_listener(self, _: Any) -> None:
        pass


class _Runner:
    """What a ``Crew`` needs of Locust's: it takes messages, and throws away what it is told to send."""

    class environment:  # noqa: N801
        class events:  # noqa: N801
            worker_connect = _Event()

    class clients:  # noqa: N801
        all: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.listeners: dict[str, Any] = {}
        self.sent = 0

    def register_message(self, name: str, listener: Any) -> None:
        self.listeners[name] = listener

    def send_message(self, name: str, data: Any, client_id: str) -> None:
        from locust.rpc.protocol import Message  # noqa: PLC0415

        self.sent += len(Message(name, data, client_id).serialize())

    def get_worker_index(self, client_id: str) -> int:
        return int(client_id)


def run() -> dict[str, Any]:
    """The table."""
    import locust  # noqa: F401, PLC0415 - patches first

    found: dict[str, Any] = {}
    print(f"each worker {RATE:,} requests/s, {RATE // len(STEPS):,} orders/s")
    print(f"{'workers':>8} {'requests/s':>12} {'ms/s of a core':>15} {'kB/s a worker':>14} {'MB/s in all':>12}")
    for count in WORKERS:
        found[str(count)] = measured = _measure(count)
        print(
            f"{count:>8} {count * RATE:>12,} {measured['ms']:>15.1f} "
            f"{measured['bytes'] / 1000:>14.1f} {count * measured['bytes'] / 1e6:>12.2f}"
        )
    return found


def _measure(workers: int) -> dict[str, float]:
    from locust.rpc.protocol import Message  # noqa: PLC0415

    from harness.compiler.profile import Profile  # noqa: PLC0415
    from harness.engine.beat import Beat  # noqa: PLC0415
    from harness.engine.crew import Crew  # noqa: PLC0415
    from harness.engine.crew_words import BEAT  # noqa: PLC0415
    from harness.record.series import rows  # noqa: PLC0415
    from harness.scenario import load  # noqa: PLC0415

    runner = _Runner()
    stages = load(Path(__file__).with_name("scenario.yaml")).load.stages
    crew = Crew(runner, Profile(stages))
    crew._told = {"run_id": "R", "stories": 0}
    crew.began = time.perf_counter()
    for number in range(workers):
        crew._begin(str(number))
        crew._members[str(number)].joined = True
    total = Beat()
    spent, sizes = [], []
    for second in range(SECONDS):
        told = [_second(random.Random(second * DIFFERENT + each), second) for each in range(min(DIFFERENT, workers))]
        messages = [
            Message(BEAT, {**told[each % len(told)], "number": second + 1, "run_id": "R"}, str(each)).serialize()
            for each in range(workers)
        ]
        sizes.append(sum(map(len, messages)) / workers)
        began = time.process_time()
        for message in messages:
            msg = Message.unserialize(message)
            runner.listeners[BEAT](msg=msg)
        beat = crew.second()
        total.merge(beat)
        list(rows(second, beat.figures))
        beat.figures.total().latency.percentiles((95.0,))
        spent.append(time.process_time() - began)
    assert sum(step.sent for step in total.figures.steps.values()) == workers * SECONDS * (RATE // len(STEPS)) * len(
        STEPS
    )
    return {"ms": 1000 * statistics.median(spent), "bytes": statistics.mean(sizes)}


def _second(dice: random.Random, second: int) -> dict[str, Any]:
    """What one worker tells of one second: the purchase journey, latencies from 0.2 ms up with a long tail."""
    from harness.engine.beat import Beat  # noqa: PLC0415
    from harness.record.book import Book  # noqa: PLC0415
    from harness.record.figures import StepKey  # noqa: PLC0415
    from harness.record.histogram import Histogram  # noqa: PLC0415
    from harness.record.ledger import Outcome  # noqa: PLC0415
    from harness.record.recorder import Recorder  # noqa: PLC0415
    from harness.record.stories import Stories  # noqa: PLC0415

    each = RATE // len(STEPS)
    recorder = Recorder([StepKey("purchase", step) for step in STEPS], ["purchase"])
    lateness, lag = Histogram(), Histogram()
    for step in range(len(STEPS)):
        for _ in range(each):
            recorder.sent(step)
            latency = int(200 + dice.lognormvariate(6, 1))
            recorder.answered(step, _Reply(latency), int(dice.expovariate(1 / 100)))
            lateness.add(int(dice.expovariate(1 / 100)))
    for _ in range(50):
        lag.add(int(dice.expovariate(1 / 300)))
    book = Book(0, 1024, stories=Stories(0))
    for _ in range(second * each):  # what it told before
        book.ledger.open(0, 0, 0)
    book.watch()
    book.take()
    for guest in range(second * each, (second + 1) * each):
        book.identified(guest * 1024, 1)  # type: ignore[arg-type]
        book.ledger.close(
            book.ledger.open(dice.choice((499_000, 150_000)) * dice.randint(1, 3), guest * 1024, 5), Outcome(1)
        )
    beat = Beat(recorder.take(), lateness, lag, 0.5, 1)
    return {"beat": beat.pack(), "book": book.take(), "told_s": float(second), "planned": None, "last": False}


class _Reply:
    status = 201
    ttfb_us = connect_us = 0
    bytes_out, bytes_in = 500, 200

    def __init__(self, latency_us: int) -> None:
        self.latency_us = latency_us
        self.ttfb_us = latency_us - 20
