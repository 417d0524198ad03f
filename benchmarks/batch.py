"""Five million guests into batch files on one core: records a second, most memory used, and every part read again.

    python -m benchmarks batch

Builds with the command itself, pinned to one core, then reads all parts back: none larger than 50 MB, each checksum right,
each line whole, every guest there once. BATCH_RECORDS is the number; BATCH_FOLDER is where the parts go for the while.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

RECORDS = int(os.environ.get("BATCH_RECORDS", "5000000"))
LIMIT = 50_000_000
MOST_MB = 150
SEED = "1"
_GZIP = 31
_ID = b'"id":"1-'


def run() -> dict[str, float]:
    """Measure; prints. Raises RuntimeError where something does not hold."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=os.environ.get("BATCH_FOLDER")) as name:
        folder = Path(name) / "batch"
        seconds, cpu_s, peak_mb = build(folder)
        begun = time.perf_counter()
        parts = json.loads((folder / "batch.json").read_text("utf-8"))["parts"]
        seen = bytearray(RECORDS)
        records = sum(read_again(folder / part["file"], part, seen) for part in parts)
        reading = time.perf_counter() - begun
        size = sum(part["size"] for part in parts)
        largest = max(part["size"] for part in parts)
    print(f"{records:,} records in {len(parts)} parts, {size / 1e6:,.0f} MB ({size / records:.1f} bytes a record)")
    print(
        f"built in {seconds:.1f} s, {cpu_s:.1f} s of CPU: {records / cpu_s:,.0f} records/s of a core, {peak_mb:.0f} MB at most"
    )
    print(f"largest part {largest:,} bytes of {LIMIT:,}; read again in {reading:.1f} s")
    if not (records == RECORDS == sum(seen) and largest <= LIMIT and peak_mb < MOST_MB):
        raise RuntimeError("a guest is missing, a part is too large, or too much memory was used")
    print("every guest is there once, no line is broken, every checksum is right")
    return {"records": records, "records_per_cpu_s": records / cpu_s, "peak_mb": peak_mb, "largest_part": largest}


def build(folder: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and the most resident memory (10⁶ bytes) of the command, its start included."""
    command = ["taskset", "-c", "0", sys.executable, "-m", "harness", "guests", str(RECORDS), "--batch"]
    begun = time.perf_counter()
    process = subprocess.Popen([*command, "--seed", SEED, "--out", str(folder), "-q"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"harness guests ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def read_again(path: Path, part: dict[str, object], seen: bytearray) -> int:
    """How many records are in a part; ``seen`` counts each guest."""
    md5, gzip, rest, records = hashlib.md5(), zlib.decompressobj(_GZIP), b"", 0
    with path.open("rb") as file:
        while packed := file.read(1 << 20):
            md5.update(packed)
            *lines, rest = (rest + gzip.decompress(packed)).split(b"\n")
            for line in lines:
                assert line.startswith(b'{"ref":"') and line.endswith(b'"}]}}'), line
                number = int(line[line.rindex(_ID) + len(_ID) : -5], 36)
                assert not seen[number], line
                seen[number] = 1
            records += len(lines)
    assert gzip.eof and not rest
    assert (md5.hexdigest(), path.stat().st_size, records) == (part["checksum"], part["size"], part["records"])
    return records
