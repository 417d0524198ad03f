"""What a request costs, stage by stage: µs of this core's time, and its share of the whole.

    python -m benchmarks stages

Each piece is timed alone, in a process of its own on core 0, on the purchase journey of the other benchmarks;
the whole is 50 users of the compiled journey against nginx on the other core, without Locust around them. What the
pieces do not explain is shown as the rest. CPU time throughout: a busy machine changes it little.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.nginx import URL, missing_tools, nginx

HERE = Path(__file__).parent
USERS = 50
ROUNDS = 5
SECONDS = 1.0
CALLS = 20_000


def _best(work: Callable[[int], object], calls: int = CALLS) -> float:
    """CPU µs a call, of the best of several rounds; ``work`` gets the number of calls."""
    found = []
    for _ in range(ROUNDS):
        begun = time.process_time_ns()
        work(calls)
        found.append((time.process_time_ns() - begun) / calls / 1000)
    return min(found)


class _Host:
    """Lets a guest walk without pauses until it is over."""

    over = False

    def pause(self, seconds: float) -> None:
        pass

    def check_stop(self) -> None:
        if self.over:
            raise StopIteration


class _Reporter:
    """Hears nothing."""

    def request_done(self, *_: object) -> None:
        pass


def measure() -> dict[str, float]:
    """In the child: µs by stage."""
    import gevent  # noqa: PLC0415 - in the child alone: Locust patches the standard library

    from harness.compiler import compile_scenario  # noqa: PLC0415
    from harness.engine.judge import judge  # noqa: PLC0415
    from harness.engine.wire import WireTransport  # noqa: PLC0415
    from harness.engine.worker import Worker  # noqa: PLC0415
    from harness.scenario import load  # noqa: PLC0415

    plan = compile_scenario(load(str(HERE / "scenario.yaml")))
    journey = plan.journeys[0]
    sends = journey.sends
    worker = Worker(plan, "sandbox", 1, "BENCH")
    headers = {"User-Agent": "harness/bench", "X-Harness-Run": "BENCH", "Accept-Encoding": "identity"}
    visit = worker.visit()
    send, filler = sends[1], worker.fillers[sends[1].index]
    transport = WireTransport(URL, headers)
    first = transport.send("GET", filler.target(visit.values), filler.headers(visit.values))
    assert first.status == 201, first
    stages: dict[str, float] = {}

    def guests(calls: int) -> None:
        for _ in range(calls):
            worker.visit()

    def fill(calls: int) -> None:
        for _ in range(calls):
            worker.tell_time(visit)
            filler.target(visit.values)
            filler.headers(visit.values)

    def check(calls: int) -> None:
        for _ in range(calls):
            judge(send, first, visit)

    def record(calls: int) -> None:
        for _ in range(calls):
            _record(worker, send.index, first)

    stages["guest"] = _best(guests) / len(sends)
    stages["fill"] = _best(fill)
    stages |= _wire(lambda: WireTransport(URL, headers), filler.target(visit.values), filler.headers(visit.values))
    stages["check"] = _best(check)
    stages["record"] = _best(record)
    both = [_crowd(gevent, worker, journey, len(sends), lambda: WireTransport(URL, headers)) for _ in range(ROUNDS)]
    alone = [
        _transports(gevent, lambda: WireTransport(URL, headers), filler.target(visit.values)) for _ in range(ROUNDS)
    ]
    stages["wait and rest of the transport"] = min(alone) - stages["send"] - stages["receive"] - stages["parse"]
    pieces = sum(stages.values())
    stages["walk, and what is left"] = min(both) - pieces
    return stages


def _record(worker: Any, step: int, reply: Any) -> None:
    """As the walker does it."""
    worker.recorder.sent(step)
    worker.lateness.add(3)
    worker.recorder.answered(step, reply, 3)


def _wire(connect: Callable[[], Any], target: bytes, headers: bytes) -> dict[str, float]:
    """Send, receive and parse on the transports' own open connections, those of all users in turn, as under load."""
    from harness.engine.http_reply import ReplyReader  # noqa: PLC0415

    transports = [connect() for _ in range(USERS)]
    for transport in transports:
        assert transport.send("GET", target, headers).status == 201
    site = transports[0]._site
    request = b"".join((site.start("GET"), target, site.middle, headers, b"\r\n"))
    socks = [transport._connection.sock for transport in transports]
    polls = [select.poll() for _ in socks]
    for poll, sock in zip(polls, socks, strict=True):
        poll.register(sock.fileno(), select.POLLIN)
    best = {"send": 1e9, "receive": 1e9, "parse": 1e9}
    data = b""
    for _ in range(CALLS // 100):
        begun = time.process_time_ns()
        for sock in socks:
            sock.send(request)
        sent = time.process_time_ns()
        for poll in polls:
            poll.poll(1000)
        there = time.process_time_ns()
        for sock in socks:
            data = sock.recv(65536)
        best["receive"] = min(best["receive"], (time.process_time_ns() - there) / USERS / 1000)
        best["send"] = min(best["send"], (sent - begun) / USERS / 1000)
    for transport in transports:
        transport.close()
    reader = ReplyReader()
    assert reader.feed(data)
    best["parse"] = _best(lambda calls: [reader.feed(data) for _ in range(calls)])
    return best


def _crowd(gevent: Any, worker: Any, journey: Any, requests: int, connect: Callable[[], Any]) -> float:
    """CPU µs a request of 50 users on the compiled journey."""
    from harness.engine.walk import Walker  # noqa: PLC0415

    host = _Host()
    host.over = False
    journeys = [0] * USERS

    def user(number: int) -> None:
        transport = connect()
        walker = Walker(worker, transport, _Reporter(), host)
        try:
            while True:
                walker.walk(journey)
                journeys[number] += 1
        except StopIteration:
            transport.close()

    users = [gevent.spawn(user, number) for number in range(USERS)]
    gevent.sleep(0.3)
    before, begun = sum(journeys), time.process_time()
    gevent.sleep(SECONDS)
    spent, done = time.process_time() - begun, sum(journeys) - before
    host.over = True
    gevent.joinall(users, raise_error=True)
    worker.recorder.take()
    return spent / (done * requests) * 1e6


def _transports(gevent: Any, connect: Callable[[], Any], target: bytes) -> float:
    """CPU µs a request of 50 bare transports."""
    counts = [0] * USERS
    over = False

    def user(number: int) -> None:
        transport = connect()
        while not over:
            assert transport.send("GET", target).status == 201
            counts[number] += 1
        transport.close()

    users = [gevent.spawn(user, number) for number in range(USERS)]
    gevent.sleep(0.3)
    before, begun = sum(counts), time.process_time()
    gevent.sleep(SECONDS)
    spent, done = time.process_time() - begun, sum(counts) - before
    over = True
    gevent.joinall(users, raise_error=True)
    return spent / done * 1e6


def run() -> dict[str, float]:
    """Measure in a child; prints the table."""
    with tempfile.TemporaryDirectory() as folder, nginx(Path(folder)):
        done = subprocess.run(
            ["taskset", "-c", "0", sys.executable, "-m", "benchmarks.stages", "child"],
            cwd=HERE.parent, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    stages: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    whole = sum(stages.values())
    print(f"\n{'a request of the purchase journey':<34}{'µs':>8}{'share':>8}")
    for name, taken in stages.items():
        print(f"  {name:<32}{taken:>8.2f}{taken / whole:>8.0%}")
    print(f"  {'all':<32}{whole:>8.2f}{1e6 / whole:>12,.0f} requests a CPU second")
    return stages


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        print(json.dumps(measure()))
    elif problem := missing_tools():
        sys.exit(problem)
    else:
        run()
