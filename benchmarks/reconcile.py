"""A million orders reconciled: how long it takes, and how much memory.

    python -m benchmarks reconcile

In a process of its own on core 0 a ledger of RECONCILE_ORDERS orders (a million) is made, and all of them are read back from
a stand-in for the Order REST API in the same process. RECONCILE_BY_HTTP of them (100,000) are read back over HTTP, too, from
nginx on the other core, which answers every question with the order that was asked for: that is what limits the rate.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.nginx import URL, nginx

ORDERS = int(os.environ.get("RECONCILE_ORDERS", "1000000"))
BY_HTTP = int(os.environ.get("RECONCILE_BY_HTTP", "100000"))
HERE = Path(__file__).parent
PRICE = 499_000


def measure(orders: int, by_http: bool) -> dict[str, float]:
    """In the child: seconds and MB."""
    import locust  # noqa: F401, PLC0415 - it patches the standard library, as in a run

    from harness.engine.target_reader import TargetReader  # noqa: PLC0415
    from harness.engine.worker import order_number  # noqa: PLC0415
    from harness.record.book import Book  # noqa: PLC0415
    from harness.record.ledger import Outcome  # noqa: PLC0415
    from harness.run.verification import Terms, Verification  # noqa: PLC0415
    from harness.scenario import load  # noqa: PLC0415
    from harness.scenario.values import Sample  # noqa: PLC0415
    from harness.verify.questions import Names, questions  # noqa: PLC0415

    scenario = load(str(HERE / "scenario.yaml"))
    start_mb = _peak_mb()
    book = Book(0, 1)
    for number in range(orders):
        book.ledger.close(book.ledger.open(PRICE, number, 5), Outcome.ACKNOWLEDGED)
    steps = [("buy", "checkout", "GBP")] * 6
    names = Names(
        lambda b, place: order_number("BENCH", b, place),
        lambda n: f"guest.{n}@example.com",
        lambda v: Decimal(v) / 10_000,
        steps,
    )
    reader: Any = TargetReader(URL, scenario.target, {}) if by_http else _StandIn()
    begun = time.perf_counter()
    reading = Verification(reader, Terms(0.0, None), lambda what, done, of: None)
    found = reading.run(questions([book], names, Sample(), 1), ()).orders
    took = time.perf_counter() - begun
    assert found is not None and found.held and found.found == orders, found
    return {"orders": orders, "seconds": took, "ledger_bytes_an_order": book.ledger.size / orders,
            "more_mb": _peak_mb() - start_mb}  # fmt: skip


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _StandIn:
    """Answers at once: the order that is asked for is there."""

    def orders_with(self, number: str, *, items: bool = True) -> tuple[Any, ...]:
        from harness.verify.found import FoundOrder  # noqa: PLC0415

        return (FoundOrder(number, Decimal(PRICE) / 10_000, "GBP"),)


def run() -> list[dict[str, float]]:
    """Measure in children; prints the lines."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, nginx(Path(folder)):
        for orders, way in ((BY_HTTP, "http"), (ORDERS, "in process")):
            done = subprocess.run(
                ["taskset", "-c", "0", sys.executable, "-m", "benchmarks.reconcile", "child", str(orders), way],
                cwd=HERE.parent, capture_output=True, text=True, timeout=60 + orders / 300, check=False,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(done.stderr)
            found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
            rows.append(found)
            print(
                f"{orders:,} orders read back ({way}) and found in {found['seconds']:.0f} s ({orders / found['seconds']:,.0f}/s), "
                f"{found['more_mb']:.0f} MB more than before, the ledger at {found['ledger_bytes_an_order']:.2f} bytes an order"
            )
    return rows


if __name__ == "__main__" and sys.argv[1:2] == ["child"]:
    print(json.dumps(measure(int(sys.argv[2]), sys.argv[3] == "http")))
