"""``make bench``: every benchmark, as a table and as JSON in runs/bench.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks import throughput


def main() -> int:
    """Run all; 0 when they could be run."""
    if missing := throughput.missing_tools():
        print(missing, file=sys.stderr)
        return 2
    results = throughput.run()
    out = Path("runs/bench.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    print(f"\nwritten to {out}")
    return 0


sys.exit(main())
