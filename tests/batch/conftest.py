"""A sandbox for the batch tests of one worker, and the client that looks into it."""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.sandbox.config import Limits, SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.sandbox.client import Client

RAW_LIMIT = 6 << 20


@pytest.fixture(scope="session")
def batch_sandbox() -> Iterator[SandboxProcess]:
    """One that unpacks 6 MiB at most, so that a bomb need not be large."""
    with SandboxProcess(SandboxConfig(limits=Limits(batch_raw_bytes=RAW_LIMIT))) as process:
        yield process


@pytest.fixture
def client(batch_sandbox: SandboxProcess) -> Iterator[Client]:
    with Client.anew(batch_sandbox.url) as client:
        yield client


class Wire:
    """The Batch API by hand, as its pages show it with curl."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def announce(self, ref: str, data: bytes, **changes: Any) -> tuple[int, Any]:
        body = {"checksum": hashlib.md5(data).hexdigest(), "size": len(data), **changes}
        return self.client.rest("PUT", f"/v2/batches/{ref}", {k: v for k, v in body.items() if v is not None})

    def put(self, place: str, data: bytes, **headers: str | None) -> tuple[int, bytes]:
        """The file to its place; a header of None is left out."""
        sent = {
            "x-amz-server-side-encryption": "AES256",
            "Content-Md5": b64encode(hashlib.md5(data).digest()).decode(),
            **headers,
        }
        connection = self.client._connection
        parts = urlsplit(place)
        given = {name: value for name, value in sent.items() if value is not None}
        connection.request("PUT", f"{parts.path}?{parts.query}", data, given)
        reply = connection.getresponse()
        return reply.status, reply.read()

    def upload(self, ref: str, data: bytes) -> Any:
        """The whole way, to the last status."""
        status, announced = self.announce(ref, data)
        assert status == 200, announced
        assert self.put(announced["location"]["href"], data) == (200, b"")
        return self.ended(ref)

    def ended(self, ref: str) -> Any:
        """The status, when it is the last one. Each question is a turn of the sandbox's loop: it comes."""
        for _ in range(20_000):
            status = self.client.read(f"/v2/batches/{ref}")["status"]
            if status["code"] in ("success", "corrupted", "error"):
                return status
        raise AssertionError(f"it never came to an end: {status}")

    def log(self, status: Any) -> list[dict[str, Any]]:
        """The error log that a status names."""
        code, packed = self.client.request("GET", status["log"].removeprefix(self.client.url))
        assert code == 200
        return [json.loads(line) for line in gzip.decompress(packed).splitlines()]


@pytest.fixture
def wire(client: Client) -> Wire:
    return Wire(client)
