"""What the Batch API writes, like ``writes``: one function each, by its name, with args of plain JSON."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from harness.cdp import batch as facts
from harness.cdp.batch_rules import Flaw, flaw
from harness.sandbox import batch_guests, batch_orders
from harness.sandbox.batches import Batch

if TYPE_CHECKING:
    from harness.sandbox.store import Store

_NO_RECORD = "(no record)"


def open_batch(store: "Store", now: float, ref: str, checksum: str, size: int) -> Batch:
    """A batch is announced."""
    return store.batches.open(ref, checksum, size, now)


def move_batch(store: "Store", now: float, ref: str, status: str, is_gzip: bool) -> None:
    """A batch has come so far."""
    if (batch := store.batches.get(ref)) is not None:
        store.batches.move(batch, status, is_gzip, now)


def take_record(store: "Store", now: float, ref: str, record: Any, fails: bool) -> None:
    """A record of a batch takes its effect, or a line in the log. ``fails``: a fault wants the latter."""
    batch = store.batches.get(ref)
    if batch is None:
        return
    wrong = flaw(record)
    if wrong is None and fails:
        wrong = Flaw(facts.INTERNAL, "fault", "A fault that the sandbox was told to have.")
    if wrong is None:
        batch.records[f"{record['schema']} {record['mode']}"] += 1
        wrong = _EFFECTS[record["schema"]](store, now, record["mode"], record["value"])
    else:
        batch.records[_NO_RECORD] += 1
    if wrong is not None:
        ref_of = record.get("ref") if isinstance(record, dict) else None
        batch.log.add(ref_of if isinstance(ref_of, str) else None, wrong.code, wrong.message)


def take_complaint(store: "Store", now: float, ref: str, message: str) -> None:
    """Something of a file is no record at all."""
    if (batch := store.batches.get(ref)) is not None:
        batch.records[_NO_RECORD] += 1
        batch.log.add(None, facts.INVALID, message)


def _tracking(store: "Store", now: float, mode: str, value: dict[str, Any]) -> Flaw | None:
    """Undocumented, sandbox's choice: counted, without effect."""
    return None


_EFFECTS: Mapping[str, Callable[["Store", float, str, dict[str, Any]], Flaw | None]] = MappingProxyType(
    {facts.GUEST: batch_guests.apply, facts.ORDER: batch_orders.apply, facts.TRACKING: _tracking}
)

BATCH_WRITES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "batch.open": open_batch,
        "batch.move": move_batch,
        "batch.record": take_record,
        "batch.complaint": take_complaint,
    }
)
"""By the name under which the store keeps them. A name, once used, keeps its meaning: files are read by it."""
