"""What every test here leaves: nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.running import GOING_ON


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    yield
    while GOING_ON:
        process = GOING_ON.pop()
        if process.poll() is None:
            process.kill()
            process.wait()
