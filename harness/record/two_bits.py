"""A growing list of numbers from 0 to 3, four to a byte."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt


class TwoBits:
    """Like a list of small numbers, in a sixty-fourth of the memory."""

    def __init__(self, packed: bytes = b"", count: int = 0) -> None:
        """``packed`` are the bytes that ``to_bytes`` gave. Raises ValueError when they do not hold ``count`` numbers."""
        if len(packed) != (count + 3) // 4:
            raise ValueError(f"{len(packed)} bytes do not hold {count} numbers")
        self._bytes = bytearray(packed)
        self._count = count

    def __len__(self) -> int:
        return self._count

    def append(self, value: int) -> None:
        """Add a number at the end."""
        place = self._count
        if not place & 3:
            self._bytes.append(value)
        else:
            self._bytes[place >> 2] |= value << ((place & 3) << 1)
        self._count = place + 1

    def grow(self, count: int) -> None:
        """Add noughts at the end until there are so many numbers."""
        self._count = max(count, self._count)
        self._bytes.extend(bytes((self._count + 3) // 4 - len(self._bytes)))

    def put(self, places: npt.NDArray[np.int64], values: npt.NDArray[np.uint8]) -> None:
        """Set many at once. ``places`` are all different. Raises IndexError."""
        if not len(places):
            return
        if places.min() < 0 or places.max() >= self._count:
            raise IndexError(f"places {places.min()} to {places.max()} of {self._count}")
        view = np.frombuffer(self._bytes, np.uint8)
        shift = ((places & 3) << 1).astype(np.uint8)
        np.bitwise_and.at(view, places >> 2, ~(np.uint8(3) << shift))
        np.bitwise_or.at(view, places >> 2, values << shift)

    def __getitem__(self, place: int) -> int:
        if not 0 <= place < self._count:
            raise IndexError(place)
        return self._bytes[place >> 2] >> ((place & 3) << 1) & 3

    def __setitem__(self, place: int, value: int) -> None:
        if not 0 <= place < self._count:
            raise IndexError(place)
        shift = (place & 3) << 1
        self._bytes[place >> 2] = self._bytes[place >> 2] & ~(3 << shift) | value << shift

    def __iter__(self) -> Iterator[int]:
        left = self._count
        for byte in self._bytes:
            for shift in range(0, 2 * min(left, 4), 2):
                yield byte >> shift & 3
            left -= 4

    def to_bytes(self) -> bytes:
        """The numbers, packed."""
        return bytes(self._bytes)
