"""histograms.json: the blocks of a run as a file, and back. What was not written by us is refused, and cannot fill the memory."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.record.blocks import BITS, BUCKETS, MOST_BLOCKS, Blocks, JourneyBlocks, Sparse, StepBlocks
from harness.record.figures import StepKey
from harness.record.histogram import HIGHEST_US, Values

FORMAT = 1
"""The version of histograms.json."""
MOST_STEPS = 10_000
_MOST_BYTES = MOST_BLOCKS * (4 + 6 * BUCKETS)
"""Of one step's histograms, unpacked: what is longer was not written by us."""
_MOST_BYTES_IN_ALL = 256 * 1024 * 1024
_NOTHING: Values = np.zeros(0, np.int64)


class BlocksError(ValueError):
    """The text is not what ``to_json`` writes."""


def to_json(blocks: Blocks) -> str:
    """The document histograms.json.

    ``latency`` is base64 of zlib of little-endian numbers: how many buckets each block fills (u4), which (u2, block
    after block), and how much each holds (u4).
    """
    document = {
        "format": FORMAT,
        "block_s": blocks.block_s,
        "blocks": blocks.count,
        "bits": BITS,
        "steps": [
            {
                **key._asdict(),
                "sent": step.sent,
                "ok": step.ok,
                "failed": step.failed,
                "latency": _packed(step.latency),
            }
            for key, step in blocks.steps.items()
        ],
        "journeys": [
            {"name": name, "completed": journey.completed, "failed": journey.failed}
            for name, journey in blocks.journeys.items()
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _packed(latency: Sequence[Sparse]) -> str:
    lengths = np.array([len(buckets) for buckets, _ in latency], "<u4")
    buckets = np.concatenate([buckets for buckets, _ in latency] or [_NOTHING]).astype("<u2")
    counts = np.minimum(np.concatenate([counts for _, counts in latency] or [_NOTHING]), 2**32 - 1).astype("<u4")
    return base64.b64encode(zlib.compress(lengths.tobytes() + buckets.tobytes() + counts.tobytes(), 6)).decode()


def from_json(text: str) -> Blocks:
    """The blocks of a document. Raises BlocksError when it is not one, or is of a version not known here."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or document["bits"] != BITS:
            raise BlocksError(f"format {document['format']!r} is not known to this version")
        count, block_s = _natural(document["blocks"], MOST_BLOCKS), _natural(document["block_s"], HIGHEST_US)
        if len(document["steps"]) > MOST_STEPS or block_s < 1:
            raise BlocksError("it holds more than a run can")
        steps, held = {}, 0
        for each in document["steps"]:
            step = _read_step(each, count)
            held += sum(buckets.nbytes for buckets, _ in step.latency)
            if held > _MOST_BYTES_IN_ALL:
                raise BlocksError("it holds more than a run can")
            steps[StepKey(str(each["journey"]), str(each["step"]))] = step
        return Blocks(
            block_s,
            count,
            steps,
            {
                str(each["name"]): JourneyBlocks(_counts(each["completed"], count), _counts(each["failed"], count))
                for each in document["journeys"]
            },
        )
    except BlocksError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error) as error:
        raise BlocksError(f"{type(error).__name__}: {error}") from None


def _natural(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BlocksError(f"{value!r} is no number from 0 to {most}")
    return value


def _counts(values: Any, count: int) -> tuple[int, ...]:
    """A count a block. Below zero is possible: a request of the block before is counted as answered in this one."""
    if len(values) != count or not all(isinstance(v, int) and abs(v) < 2**53 for v in values):
        raise BlocksError("a count a block was expected")
    return tuple(values)


def _read_step(each: Any, count: int) -> StepBlocks:
    sent, ok, failed = (_counts(each[name], count) for name in ("sent", "ok", "failed"))
    return StepBlocks(sent, ok, failed, _unpacked(each["latency"], count))


def _unpacked(text: str, count: int) -> tuple[Sparse, ...]:
    unzip = zlib.decompressobj()
    raw = unzip.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
    if unzip.unconsumed_tail or not unzip.eof:
        raise BlocksError("a histogram is longer than it can be, or cut off")
    lengths = np.frombuffer(raw, "<u4", count).astype(np.int64)
    filled = int(lengths.sum())
    if len(raw) != 4 * count + 6 * filled:
        raise BlocksError("a histogram is cut off")
    buckets = np.frombuffer(raw, "<u2", filled, 4 * count).astype(np.int64)
    counts = np.frombuffer(raw, "<u4", filled, 4 * count + 2 * filled).astype(np.int64)
    if filled and int(buckets.max()) >= BUCKETS:
        raise BlocksError("a histogram holds more than an hour")
    ends = np.cumsum(lengths)[:-1]
    return tuple(zip(np.split(buckets, ends), np.split(counts, ends), strict=True))
