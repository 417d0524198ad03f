"""Refs: those of records follow from a seed, those of batches are new each time."""

from __future__ import annotations

import hashlib
import uuid

_SPACE = uuid.UUID("6f1d3d0e-5b0c-5a53-9d6a-0f6a3a5e7c11").bytes
_VARIANT = "89ab" * 4


class RecordRefs:
    """UUIDs of version 5 (a name's SHA-1), as the CDP's pages ask for; the same for the same seed and number."""

    def __init__(self, seed: int) -> None:
        self._named = hashlib.sha1(_SPACE + b"%d/" % seed, usedforsecurity=False)

    def ref(self, number: int) -> str:
        """The ref of a record."""
        named = self._named.copy()
        named.update(b"%d" % number)
        d = named.hexdigest()
        return f"{d[:8]}-{d[8:12]}-5{d[13:16]}-{_VARIANT[int(d[16], 16)]}{d[17:20]}-{d[20:32]}"


def new_batch_ref() -> str:
    """A UUID that nobody used before: a batch's ref is taken once, so no seed decides on it."""
    return str(uuid.uuid4())
