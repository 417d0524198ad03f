"""The data file: what was acknowledged is there after a restart, however the process ended."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from harness.sandbox.app import open_store
from harness.sandbox.config import Limits, SandboxConfig, SandboxError
from harness.sandbox.faults_read import read_faults
from harness.sandbox.journal import APPLICATION_ID, FORMAT, Journal, NotKeptError
from harness.sandbox.process import SandboxProcess
from harness.sandbox.store import Store
from harness.sandbox.twister import Twister

from .client import ADD, CHECKOUT, CONFIRM, IDENTITY, ORDER, POS, PURCHASE, VIEW, Client, event
from .rules import Clock, entries, send

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "with space.db"


def opened(file: Path, clock: Clock, **settings: Any) -> Store:
    config = SandboxConfig(**settings)
    return Store(config, clock, Journal(file, config.limits.data_bytes))


def everything(store: Store) -> Any:
    """All that can be asked for, and the order in which it comes."""
    store.advance()
    guests = [
        (
            guest.ref,
            guest.guest_type,
            guest.attributes,
            guest.identities,
            guest.browsers,
            list(guest.orders),
            {name: (each.ref, each.values) for name, each in guest.extensions.items()},
            [(s.ref, s.key, s.is_open, s.abandoned, len(s.cart), [e.raw for e in s.timeline]) for s in guest.sessions],
        )
        for guest in store.guests.values()
    ]
    orders = [(o.ref, o.number, o.price, o.currency, o.status, o.lines) for o in store.orders.values()]
    return store.stats(), guests, orders, list(store.browsers), store.waiting_count


def test_everything_is_there_again(file: Path, clock: Clock) -> None:
    store = opened(file, clock)
    laptop, phone = store.create_browser(), store.create_browser()
    send(store, laptop, *PURCHASE, {**VIEW, "pos": "nowhere"})
    clock.now += 2000
    send(store, phone, VIEW, ADD, {**IDENTITY, "city": "Leeds"})
    send(store, phone, {"type": "ORDER_CHECKOUT", "order": ORDER}, {**CHECKOUT, "status": "REFUNDED"})
    store.advance()
    store.guest_of(store.create_browser())
    guest = store.write("guest.create", attributes={"guestType": "customer", "email": "jane@example.org"})
    store.write("guest.update", ref=guest.ref, attributes={"city": "Cork"}, whole=False)
    store.write("extension.put", ref=guest.ref, name="ext", values={"vip": True})
    gone = store.write("guest.create", attributes={"guestType": "visitor"})
    store.write("guest.delete", ref=gone.ref)
    fields = {"referenceId": "x", "orderedAt": "2024-01-01T00:00:00Z", "currencyCode": "GBP", "price": 49.9}
    order = store.write("order.create", fields=fields)
    store.write("order.contact", ref=order.ref, attributes={"email": "new@example.org"})
    raw = b'{ "price": 49.90 }'
    store.record({**event(phone, VIEW)}, json.dumps(event(phone, VIEW)).encode()[:-1] + b', "x": ' + raw + b"}", "1.4")
    before = everything(store)
    store.close()

    for _ in range(2):
        again = opened(file, clock)
        assert everything(again) == before
        assert any(raw in entry.raw and entry.library == "1.4" for entry in entries(again))
        again.close()
    clock.now += 2000
    later = opened(file, clock)
    assert later.stats()["sessions"]["open"] == 0
    assert later.create_browser() not in before[3]
    later.close()


def test_faults_are_not_drawn_again(file: Path, clock: Clock) -> None:
    store = opened(file, clock)
    document = {
        "drop": 0.2,
        "wrong_price": {"factor": 1.1, "rate": 0.5},
        "duplicate_orders": 0.3,
        "ignore_currency": {"currency": "EUR", "rate": 0.3},
        "merge_identities": 0.2,
        "confirm_before_add": True,
        "visible_after": {"delay": "5s", "only": ["ADD"]},
    }
    store.use_twister(Twister.of(read_faults(document, 1), 0.0, Counter()))
    for number in range(60):
        mail = {**IDENTITY, "email": f"{number}@example.org"}
        send(store, store.create_browser(), VIEW, mail, CONFIRM, ADD, {**CHECKOUT, "reference_id": f"o{number}"})
        clock.now += 1
    before = everything(store)
    assert before[4] > 0
    store.close()
    again = opened(file, clock)
    assert everything(again) == before
    clock.now += 10
    assert again.stats()["events"]["VIEW"] > before[0]["events"]["VIEW"] - 1
    assert again.waiting_count == 0
    again.close()


def test_events_are_judged_by_the_session_timeout_of_their_time(file: Path, clock: Clock) -> None:
    store = opened(file, clock, session_timeout_s=1000.0)
    for each in PURCHASE:
        send(store, next(iter(store.browsers), None) or store.create_browser(), each)
        clock.now += 100
    store.close()
    shorter = opened(file, clock, session_timeout_s=50.0)
    assert shorter.stats()["orders"] == 1
    assert shorter.stats()["sessions"] == {"open": 0, "closed": 1}
    shorter.close()
    again = opened(file, clock, session_timeout_s=1000.0)
    assert (again.stats()["orders"], again.stats()["sessions"]["closed"]) == (1, 1)
    again.close()


def test_a_reset_empties_the_file(file: Path, clock: Clock) -> None:
    store = opened(file, clock)
    browser = store.create_browser()
    for number in range(2000):
        send(store, browser, {**VIEW, "page": f"{number} " * 50})
    store.close()
    large = file.stat().st_size
    store = opened(file, clock)
    store.reset()
    assert file.stat().st_size < large / 10
    fresh = store.create_browser()
    assert fresh != browser
    send(store, fresh, VIEW)
    before = everything(store)
    store.close()
    again = opened(file, clock)
    assert everything(again) == before
    assert list(again.browsers) == [fresh]
    again.close()


def test_a_full_file_takes_no_more_until_it_is_reset(file: Path, clock: Clock) -> None:
    store = opened(file, clock, limits=Limits(data_bytes=200_000))
    browser = store.create_browser()
    with pytest.raises(NotKeptError, match="has its 200,000 bytes: reset the sandbox, or begin a new file"):
        for _ in range(1000):
            send(store, browser, {**VIEW, "page": "x" * 1000})
            store._journal.commit()  # type: ignore[union-attr]
    with pytest.raises(NotKeptError):
        send(store, browser, VIEW)
    store.reset()
    send(store, store.create_browser(), VIEW)
    assert store.stats()["events"] == {"VIEW": 1}
    store.close()


# -- whose the file is ----------------------------------------------------------------------------


def refused(file: Path) -> str:
    with pytest.raises(SandboxError) as error:
        open_store(SandboxConfig(data=file))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_files_that_are_not_ours_are_left_alone(file: Path) -> None:
    for content in (b"notes\n", b"x" * 5000):
        file.write_bytes(content)
        assert refused(file) == f"{file} is not a sandbox's data file: choose another, or one that is not there yet."
        assert file.read_bytes() == content
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    before = file.read_bytes()
    assert "is not a sandbox's data file" in refused(file)
    assert file.read_bytes() == before
    assert "cannot be opened: Is a directory." in refused(file.parent)
    assert "cannot be opened" in refused(file.parent / "nowhere" / "x.db")


def test_a_file_of_another_version(file: Path, clock: Clock) -> None:
    opened(file, clock).close()
    with sqlite3.connect(file) as database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.close()
    assert refused(file).endswith(f"is of version {FORMAT + 1}, this sandbox reads version {FORMAT}.")


def test_an_empty_file_is_taken(file: Path) -> None:
    file.touch()
    open_store(SandboxConfig(data=file)).close()
    database = sqlite3.connect(file)
    assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    database.close()


@pytest.mark.parametrize("damage", [b"\x01" * 10, b"\x09" + b"\0" * 40, None])
def test_a_damaged_file(file: Path, clock: Clock, damage: bytes | None) -> None:
    store = opened(file, clock)
    send(store, store.create_browser(), VIEW)
    store.close()
    if damage is None:
        content = bytearray(file.read_bytes())
        content[4096:8192] = b"\xff" * 4096
        file.write_bytes(content)
        assert str(file) in refused(file)
    else:
        with sqlite3.connect(file) as database:
            database.execute("INSERT INTO batches VALUES (1000, ?)", (damage,))
        database.close()
        assert "is damaged after 3 records" in refused(file)


def test_two_sandboxes_cannot_have_one_file(file: Path) -> None:
    with SandboxProcess(SandboxConfig(data=file)) as process:
        with pytest.raises(SandboxError, match="is in use, by another sandbox perhaps"):
            SandboxProcess(SandboxConfig(data=file))
        client = Client(process.url)
        client.send(client.browser(), *PURCHASE)
        client.close()
    with SandboxProcess(SandboxConfig(data=file)) as process:
        client = Client(process.url)
        assert client.stats()["orders"] == 1
        client.close()


def test_the_command_line_says_it_in_a_sentence(file: Path) -> None:
    file.write_bytes(b"notes")
    done = subprocess.run(
        [sys.executable, "-m", "harness", "sandbox", "--port=0", f"--data={file}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {file} is not a sandbox's data file: choose another, or one that is not there yet.\n"


# -- the end comes at any time ----------------------------------------------------------------------


class Shopper(threading.Thread):
    """Buys again and again over a connection of its own, and notes what was acknowledged."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(daemon=True)
        self._address = (urlsplit(url).hostname, urlsplit(url).port)
        self._name = name
        self.browsers: list[str] = []
        self.events = 0
        self.orders: list[str] = []

    def run(self) -> None:
        try:
            with socket.create_connection(self._address, timeout=10) as connection:
                self._shop(connection)
        except OSError:
            pass

    def _shop(self, connection: socket.socket) -> None:
        while True:
            created = self._ask(connection, "/v1.2/browser/create.json?client_key=sandbox&message=%7B%7D", 200)
            self.browsers.append(created["ref"])
            number = f"{self._name}_{len(self.browsers)}"
            mail = {**IDENTITY, "email": f"{number}@example.org"}
            for each in (VIEW, mail, ADD, CONFIRM, {**CHECKOUT, "reference_id": number}):
                message = quote(json.dumps(event(created["ref"], each)), safe="")
                self._ask(connection, f"/v1.2/event/create.json?client_key=sandbox&message={message}", 201)
                self.events += 1
            self.orders.append(number)

    def _ask(self, connection: socket.socket, path: str, status: int) -> Any:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        reply = b""
        while b"}" not in reply:
            got = connection.recv(65536)
            if not got:
                raise ConnectionError
            reply += got
        assert reply.startswith(b"HTTP/1.1 %d " % status), reply
        return json.loads(reply.partition(b"\r\n\r\n")[2])


def test_killed_in_mid_load_nothing_acknowledged_is_lost(file: Path) -> None:
    config = SandboxConfig(data=file)
    acknowledged, orders, browsers = 0, set(), set()
    for life in range(3):
        process = SandboxProcess(config)
        shoppers = [Shopper(process.url, f"S{life}_{n}") for n in range(6)]
        for each in shoppers:
            each.start()
        while sum(each.events for each in shoppers) < 600:
            assert any(each.is_alive() for each in shoppers)
        os.kill(process.pid, signal.SIGKILL)
        for each in shoppers:
            each.join(timeout=20)
            acknowledged += each.events
            orders.update(each.orders)
            browsers.update(each.browsers)
        process.stop()

    with SandboxProcess(config) as process:
        client = Client(process.url)
        stats = client.stats()
        # Each of the shoppers may have been waiting for one more reply when the end came.
        assert acknowledged <= sum(stats["events"].values()) <= acknowledged + 18
        assert len(orders) <= stats["orders"] <= len(orders) + 18
        for number in orders:
            assert [each["price"] for each in client.orders(number)] == [149.7]
        for browser in browsers:
            client.send(browser, {**VIEW, "pos": POS})
        client.close()


def test_a_full_file_is_answered_503(file: Path) -> None:
    config = SandboxConfig(data=file, limits=Limits(data_bytes=100_000))
    with SandboxProcess(config) as process:
        client = Client(process.url)
        browser = client.browser()
        large = quote(json.dumps(event(browser, {**VIEW, "page": "x" * 5000})))
        statuses = [client.message(large)[0] for _ in range(40)]
        assert (statuses[0], statuses[-1]) == (201, 503)
        assert statuses == sorted(statuses)
        assert "reset the sandbox" in client.message(large)[1]["error_msg"]
        assert client.rest("POST", "/v2/guests", {"guestType": "visitor"})[0] == 503
        assert client.request("POST", "/_sandbox/reset")[0] == 204
        client.send(client.browser(), VIEW)
        client.close()
