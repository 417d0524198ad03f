"""A sandbox in a process of its own, shared by the tests of one worker; each test resets it."""

from collections.abc import Iterator

import pytest

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.sandbox.store import Store

from .client import Client
from .rules import Clock


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def client(sandbox_process: SandboxProcess) -> Iterator[Client]:
    with Client.anew(sandbox_process.url) as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(SandboxConfig(), clock)
