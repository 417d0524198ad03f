"""UUIDs for everything that has a ref."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from random import Random

_random = Random()
_ITEM, _CONTACT = "5", "3"
_MOST_ITEMS = 0xFFF


def new_ref() -> str:
    """A random UUID (version 4), in a third of the time of ``uuid.uuid4()``: every reply needs one."""
    return as_ref(_random.getrandbits(128))


def as_ref(bits: int) -> str:
    """128 bits as a UUID of version 4."""
    digits = f"{bits:032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"
    )


class Refs:
    """Refs for what the store keeps: random ones or, with a ``seed``, those that follow from it.

    Then the n-th ref that an operation takes is always the same, whatever other operations there were.
    """

    def __init__(self, seed: bytes = b"") -> None:
        self.new: Callable[[], str] = self._next if seed else new_ref
        self._seed = seed
        self._operation = self._taken = 0

    def begin(self, operation: int) -> None:
        """An operation begins, with a number of its own."""
        self._operation, self._taken = operation, 0

    def _next(self) -> str:
        self._taken += 1
        name = b"%d.%d" % (self._operation, self._taken)
        return as_ref(int.from_bytes(blake2b(name, digest_size=16, key=self._seed).digest(), "big"))


def item_ref(order_ref: str, index: int) -> str:
    """The ref of an order's item. It is made of the order's, so that nothing has to be kept to find it again."""
    tail = int(order_ref[-3:], 16) ^ (index + 1)
    return f"{order_ref[:14]}{_ITEM}{order_ref[15:-3]}{tail:03x}"


def order_of_item(ref: str, most: int) -> Iterator[tuple[str, int]]:
    """The order refs, each with an item's index below ``most``, that an item's ref may stand for."""
    try:
        tail = int(ref[-3:], 16)
    except ValueError:
        return
    if ref[14:15] == _ITEM:
        head = f"{ref[:14]}4{ref[15:-3]}"
        for index in range(min(most, _MOST_ITEMS)):
            yield f"{head}{tail ^ (index + 1):03x}", index


def contact_ref(order_ref: str) -> str:
    """The ref of an order's contact, made of the order's."""
    return f"{order_ref[:14]}{_CONTACT}{order_ref[15:]}"


def order_of_contact(ref: str) -> str:
    """The order ref that a contact's ref stands for; "" if it is none."""
    return f"{ref[:14]}4{ref[15:]}" if ref[14:15] == _CONTACT else ""
