"""The Batch API of the sandbox on the wire: places, headers, statuses, bounds."""

from __future__ import annotations

import gzip
import json
import os
import re
import uuid
from pathlib import Path

from tests.batch.conftest import RAW_LIMIT, Wire, batch_sandbox, client, wire  # noqa: F401

from .client import PURCHASE, Client

REF = "12af3453-62da-4b31-a646-631b7b5f3009"


def ref() -> str:
    return str(uuid.uuid4())


def guests(count: int, mode: str = "upsert") -> bytes:
    lines = (
        {
            "ref": ref(),
            "schema": "guest",
            "mode": mode,
            "value": {"guestType": "customer", "email": f"g{n}@example.com"},
        }
        for n in range(count)
    )
    return gzip.compress("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode())


def test_the_whole_way(client: Client, wire: Wire) -> None:  # noqa: F811
    data = guests(50)
    status, announced = wire.announce(REF, data)
    assert status == 200
    assert announced["href"] == f"{client.url}/v2/batches/{REF}"
    assert (announced["ref"], announced["size"], announced["status"]) == (REF, len(data), {"code": "uploading"})
    assert set(announced["location"]) == {"href", "expiry"}
    assert wire.put(announced["location"]["href"], data) == (200, b"")
    assert wire.ended(REF) == {"code": "success"}
    assert client.read(f"/v2/batches/inspect/{REF}")["status"] == {"code": "success"}
    assert client.stats()["guests"] == 50
    listed = client.read("/v2/batches")["items"]
    assert [(each["ref"], each["status"]["code"]) for each in listed] == [(REF, "success")]


def test_a_file_that_lies_there_is_told_by_inspect_alone(client: Client, wire: Wire) -> None:  # noqa: F811
    client.faults(batches={"delay": "1h"})
    data = guests(1)
    place = wire.announce(REF, data)[1]["location"]["href"]
    assert wire.put(place, data)[0] == 200
    assert client.read(f"/v2/batches/{REF}")["status"] == {"code": "uploading"}
    assert client.read(f"/v2/batches/inspect/{REF}")["status"] == {"code": "file_uploaded"}
    assert wire.put(place, data)[0] == 409
    client.request("POST", "/_sandbox/reset")


def test_what_is_answered_400_and_409(client: Client, wire: Wire) -> None:  # noqa: F811
    data = guests(1)
    assert wire.announce("my-batch", data)[0] == 400
    for wrong in ({"checksum": None}, {"size": None}, {"checksum": "abc"}, {"size": 0}, {"size": "5"}, {"size": 10**9}):
        assert wire.announce(ref(), data, **wrong)[0] == 400, wrong
    assert client.rest("PUT", f"/v2/batches/{ref()}", b"nonsense")[0] == 400
    assert wire.announce(REF, data)[0] == 200
    assert wire.announce(REF, data)[0] == 409
    assert wire.announce(REF.upper(), data)[0] == 409
    assert client.rest("GET", f"/v2/batches/{ref()}")[0] == 404
    assert client.request("GET", f"/v2/batches/{REF}")[0] == 401


def test_curl_as_the_page_shows_it_is_understood(client: Client, wire: Wire) -> None:  # noqa: F811
    """Its --data-raw says that JSON is a form."""
    kind = {"content-type": "application/x-www-form-urlencoded"}
    body = {"checksum": "b1d600dbf7463924e24647e626cd7c1e", "size": 227}
    assert client.rest("PUT", f"/v2/batches/{REF}", body, **kind)[0] == 200


def test_the_place_is_for_one_file_and_one_hour(client: Client, wire: Wire) -> None:  # noqa: F811
    data = guests(1)
    place = wire.announce(REF, data)[1]["location"]["href"]
    later = re.sub(r"Expires=(\d+)", lambda found: f"Expires={int(found[1]) + 60}", place)
    other = place.replace(REF, ref())
    for wrong in (later, other, place[:-1] + ("0" if place[-1] != "0" else "1"), place.partition("?")[0]):
        assert wire.put(wrong, data)[0] == 403
    assert wire.put(place, data, **{"x-amz-server-side-encryption": None})[0] == 403
    assert wire.put(place, data, **{"Content-Md5": None})[0] == 400
    assert b"<Code>BadDigest</Code>" in wire.put(place, data, **{"Content-Md5": "hmhSUwGGLymfT1gmfmkCSA=="})[1]
    assert b"Only one auth mechanism" in wire.put(place, data, authorization="Basic c2FuZGJveDpzYW5kYm94")[1]
    assert wire.put(place, data) == (200, b"")
    assert wire.ended(REF) == {"code": "success"}


def test_another_file_than_was_announced_is_corrupted(client: Client, wire: Wire) -> None:  # noqa: F811
    place = wire.announce(REF, guests(1))[1]["location"]["href"]
    assert wire.put(place, guests(2))[0] == 200
    assert wire.ended(REF) == {"code": "corrupted"}
    assert client.stats()["guests"] == 0


def test_what_is_no_gzip_is_an_error_without_a_log(client: Client, wire: Wire) -> None:  # noqa: F811
    assert wire.upload(REF, b"PK\x03\x04 a zip file") == {"code": "error"}


def test_a_damaged_file_is_imported_as_far_as_it_goes(client: Client, wire: Wire) -> None:  # noqa: F811
    whole = guests(2000)
    status = wire.upload(REF, whole[: len(whole) // 2])
    assert status["code"] == "error"
    assert "ends in the middle" in wire.log(status)[-1]["message"]
    assert 0 < client.stats()["guests"] < 2000


def test_gzip_files_one_after_the_other_are_one(client: Client, wire: Wire) -> None:  # noqa: F811
    assert wire.upload(REF, guests(3) + guests(7)) == {"code": "success"}
    assert client.stats()["guests"] == 7


def test_a_bomb_does_nothing(client: Client, wire: Wire, batch_sandbox) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    before = memory(batch_sandbox.pid)
    bomb = gzip.compress(bytes(16 << 20), 9) * 128
    assert len(bomb) < 3 << 20
    status = wire.upload(REF, bomb)
    assert [each["message"] for each in wire.log(status)] == [
        f"The file is larger than {RAW_LIMIT:,} bytes when it is unpacked."
    ]
    long_line = gzip.compress(b"[" * (3 << 20) + b"\n" + gzip.decompress(guests(1)))
    status = wire.upload(ref(), long_line)
    assert "longer than 1 MiB" in wire.log(status)[0]["message"]
    assert client.stats()["guests"] == 1
    assert memory(batch_sandbox.pid) - before < 30 << 20


def memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_lines_that_are_no_records_are_in_the_log(client: Client, wire: Wire) -> None:  # noqa: F811
    good = gzip.decompress(guests(1)).decode().strip()
    lines = [good, "nonsense", "", '{"ref":"1","schema":"guest","mode":"upsert","value":{}}', "[]"]
    status = wire.upload(REF, gzip.compress("\n".join(lines).encode()))
    log = wire.log(status)
    assert [(each["ref"], each["code"]) for each in log] == [(None, 400), ("1", 400), (None, 400)]
    assert client.stats()["guests"] == 1


def test_the_log_is_for_who_has_its_address(client: Client, wire: Wire) -> None:  # noqa: F811
    status = wire.upload(REF, gzip.compress(b"nonsense\n"))
    path = status["log"].removeprefix(client.url)
    assert client.request("GET", path)[0] == 200
    assert client.request("GET", path.partition("?")[0])[0] == 403


def test_everybody_else_is_answered_while_a_file_is_worked_on(client: Client, wire: Wire) -> None:  # noqa: F811
    data = guests(20_000)
    place = wire.announce(REF, data)[1]["location"]["href"]
    browser = client.browser()
    wire.put(place, data)
    seen = set()
    while (code := client.read(f"/v2/batches/{REF}")["status"]["code"]) != "success":
        seen.add(code)
        client.send(browser, PURCHASE[0])
    assert "processing" in seen
    assert client.stats()["guests"] == 20_001


def test_faults(client: Client, wire: Wire) -> None:  # noqa: F811
    client.faults(batches={"corrupted": 1})
    assert wire.upload(ref(), guests(1)) == {"code": "corrupted"}
    client.faults(batches={"failed_records": 0.3}, seed=4)
    status = wire.upload(REF, guests(100))
    log = wire.log(status)
    assert {each["code"] for each in log} == {500}
    assert 10 < len(log) < 60
    assert client.stats()["guests"] == 100 - len(log)
    client.faults(errors={"rate": 1, "status": 503, "only": ["/batch-files"]})
    place = wire.announce(ref(), guests(1))[1]["location"]["href"]
    assert wire.put(place, guests(1))[0] == 503
