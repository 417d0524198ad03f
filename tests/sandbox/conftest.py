"""A sandbox in a process of its own, shared by the tests of one worker; each test resets it."""

from collections.abc import Iterator

import pytest

from harness.sandbox.process import SandboxProcess

from .client import Client


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def client(sandbox_process: SandboxProcess) -> Iterator[Client]:
    client = Client(sandbox_process.url)
    client.request("POST", "/_sandbox/reset")
    yield client
    client.close()
