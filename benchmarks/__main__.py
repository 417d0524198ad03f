"""``python -m benchmarks NAME…``: tables, and JSON in runs/bench.json. The names are in KNOWN; ``all`` are all of them.

Without a name: throughput and stages, which is what ``make bench`` runs.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from benchmarks.nginx import missing_tools

KNOWN = {
    "throughput": "benchmarks.throughput",
    "stages": "benchmarks.stages",
    "transport": "benchmarks.transport_bench",
    "arrivals": "benchmarks.arrivals",
    "memory": "benchmarks.memory",
    "reconcile": "benchmarks.reconcile",
    "truth": "benchmarks.truth",
    "faults": "benchmarks.faults",
    "merge": "benchmarks.merge",
    "processes": "benchmarks.processes",
    "soak": "benchmarks.soak",
    "noise": "benchmarks.noise",
    "report_speed": "benchmarks.report_speed",
    "sandbox": "benchmarks.sandbox",
    "startup": "benchmarks.startup",
    "batch": "benchmarks.batch",
    "check_speed": "benchmarks.check_speed",
}
USUAL = ["throughput", "stages"]


def main(wanted: list[str]) -> int:
    """Run them; 0 when they could be run. Each adds to the JSON, or replaces what it added before."""
    names = list(KNOWN) if wanted == ["all"] else wanted or USUAL
    if unknown := [name for name in names if name not in KNOWN]:
        print(f"there is no benchmark {unknown[0]!r}; there are {', '.join(KNOWN)} and all", file=sys.stderr)
        return 2
    if set(names) - {"noise", "report_speed", "faults", "merge", "startup", "batch", "check_speed"} and (
        missing := missing_tools()
    ):
        print(missing, file=sys.stderr)
        return 2
    out = Path("runs/bench.json")
    out.parent.mkdir(exist_ok=True)
    for name in names:
        found = importlib.import_module(KNOWN[name]).run()
        known = json.loads(out.read_text("utf-8")) if out.exists() else {}
        known[name] = found
        out.write_text(json.dumps(known, indent=2) + "\n", "utf-8")
    print(f"\nwritten to {out}")
    return 0


sys.exit(main(sys.argv[1:]))
