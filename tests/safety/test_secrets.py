"""Secrets are in nothing that a command leaves or tells: files, streams, pages, command lines, messages on the wire."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.seal import Seal
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.scenario.masking import Masker
from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import children_of, wait_for

from .canary import WORD, command_lines, files_with_it, found_in

KEY = f"key/{WORD}+1=2"
TOKEN = f"tok {WORD} &<3>\"4'"
OWN = f"own-{WORD}/_\"x' ü&y"
"""Sent by steps, from a file."""
SCENARIO = """\
scenario: leaky
description: Shows what it can
target: {url: "@URL@", client_key: "${SHOP_KEY}", api_token: "${SHOP_TOKEN}", point_of_sale: no-such-grill}
defaults: {channel: WEB, language: EN, currency: GBP, page: home page}
guests: {seed: 7}
catalog: [{item_id: A1, type: SHOES, name: A shoe, price: 49.90}]
journeys:
  buy:
    steps:
      - browse: {page: home page}
        set: {note: "${OWN_SECRET}"}
      - identify
      - event: {type: WISHLIST, ext: {told: "x${OWN_SECRET}y"}}
      - add: any
      - confirm
      - checkout:
        expect: {status: 299}
  other:
    redirects: true
    steps:
      - request: {path: "/api/${SHOP_KEY}", query: {token: "${OWN_SECRET}"}, headers: {X-Token: "${OWN_SECRET}"}}
  checked:
    steps:
      - request: {path: /_sandbox/stats, method: POST, json: {password: "${OWN_SECRET}"}}
        expect: {status: 4xx, json: {$.nothing: "${OWN_SECRET}"}}
      - request: {path: /_sandbox/stats, method: POST, form: {password: "${OWN_SECRET}"}}
        expect: {status: 4xx, header: {X-None: "${OWN_SECRET}"}}
      - request: {path: /_sandbox/stats, method: POST, body: "${OWN_SECRET}"}
        expect: {status: 4xx, body: "${OWN_SECRET}"}
      - request: {path: /_sandbox/stats, method: POST, headers: {Authorization: "Basic ${OWN_SECRET}"}}
        expect: {status: 299}
load: {users: 6, duration: 3s}
thresholds: [error_rate < 1%]
verify: {wait: 1s}
"""


@pytest.fixture(scope="module")
def target() -> Iterator[SandboxProcess]:
    with SandboxProcess(SandboxConfig(client_key=KEY, api_token=TOKEN)) as process:
        yield process


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, target: SandboxProcess) -> Path:
    folder = tmp_path_factory.mktemp("leaky")
    secrets = tmp_path_factory.mktemp("secrets")
    (secrets / "own").write_text(f"{OWN}\n", "utf-8")
    (secrets / "own").chmod(0o600)
    (folder / "leaky.yaml").write_text(SCENARIO.replace("@URL@", target.url), "utf-8")
    os.environ["SECRETS_FOLDER"] = str(secrets)
    return folder


def environment() -> dict[str, str]:
    own = Path(os.environ["SECRETS_FOLDER"]) / "own"
    return {**CLEAN_ENVIRONMENT, "SHOP_KEY": KEY, "SHOP_TOKEN": TOKEN, "OWN_SECRET_FILE": str(own)}


def start(folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(map(str, arguments)), cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


HARNESS = (sys.executable, "-m", "harness")


def told_by(folder: Path, *arguments: object) -> tuple[int, bytes]:
    running = start(folder, *HARNESS, *arguments)
    out, _ = running.communicate(timeout=90)
    assert b"Traceback" not in out, out.decode()
    return running.returncode, out


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Wiretap:
    """A TCP proxy that keeps every byte that passes."""

    def __init__(self, onward: int) -> None:
        self.heard = bytearray()
        self._onward = onward
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._door.accept()
            except OSError:
                return
            there = wait_for(self._connected)
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _connected(self) -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", self._onward), timeout=5)
        except OSError:
            return None

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        one.settimeout(None)
        try:
            while data := one.recv(65536):
                self.heard += data
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_a_run_of_master_and_worker(place, target):
    """Every file, Locust's own too; both streams; command lines; and what the two tell each other."""
    port = free_port()
    tap = Wiretap(port)
    locust = [
        "locust",
        "-f",
        ROOT / "locustfiles/journeys.py",
        "--scenario",
        "leaky.yaml",
        "--out",
        "run",
        "--headless",
    ]
    master = start(
        place, sys.executable, "-m", *locust, "--csv", "stats", "--html", "locust.html", "--master",
        "--expect-workers", 1, "--master-bind-host", "127.0.0.1", "--master-bind-port", port,
    )  # fmt: skip
    worker = start(
        place, sys.executable, "-m", *locust, "--worker", "--master-host", "127.0.0.1", "--master-port", tap.port
    )
    lines = b""
    while master.poll() is None:
        lines += command_lines(master.pid) + command_lines(worker.pid)
        time.sleep(0.1)
    out, told = master.communicate(timeout=60)[0], worker.communicate(timeout=60)[0]
    tap.close()
    assert master.returncode == 1, out.decode() + told.decode()
    summary = json.loads((place / "run/summary.json").read_text("utf-8"))
    assert summary["requests"]["failed"] > 0
    assert {"check", "http_status"} <= {error["kind"] for error in summary["errors"]}
    assert summary["verification"]["guests"]["asked"] > 0, "stories went over the wire"
    assert (place / "run/failures.jsonl").stat().st_size > 0
    assert (place / "run/stories.jsonl").stat().st_size > 0
    assert b"checkout" in bytes(tap.heard)
    for what, data in (("master", out), ("worker", told), ("command lines", lines), ("wire", bytes(tap.heard))):
        assert found_in(data) is None, what
    assert files_with_it(place) == {}
    for arguments in (
        ("report", "run", "--format", "html,md,junit,json,csv,openmetrics"),
        ("report", "run", "--format", "github"),
        ("verify", "run"),
    ):
        code, out = told_by(place, *arguments)
        assert code in (0, 1), out.decode()
        assert found_in(out) is None, arguments
    assert files_with_it(place) == {}


PAGES = (
    "/", "/stats/requests", "/stats/report", "/stats/requests/csv", "/stats/failures/csv", "/exceptions",
    "/exceptions/csv", "/logs", "/tasks",
)  # fmt: skip


def test_locusts_pages(place):
    port = free_port()
    running = start(place, *HARNESS, "run", "leaky.yaml", "--web", "--out", "web", "--", "--web-port", port)
    url = f"http://127.0.0.1:{port}"

    def failing() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/stats/requests", timeout=5) as reply:
                return bool(json.load(reply)["errors"])
        except OSError:
            return False

    try:
        wait_for(failing)
        for page in PAGES:
            with urllib.request.urlopen(url + page, timeout=5) as reply:
                assert found_in(reply.read()) is None, page
    finally:
        running.terminate()
        out, _ = running.communicate(timeout=30)
    assert found_in(out) is None
    assert files_with_it(place) == {}


VALIDATE = ("validate", "leaky.yaml", "--wait", "500ms")


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (1, (*VALIDATE, "--trace")),
        *((1, (*VALIDATE, "--format", form)) for form in ("json", "junit", "github")),
        (0, ("plan", "leaky.yaml")),
        (0, ("plan", "leaky.yaml", "--format", "json")),
        (0, ("check", "leaky.yaml", "--set", f"target.client_key={WORD}-written-out")),
        (2, ("check", "leaky.yaml", "--format", "json", "--set", f"target.client_key={WORD}:no")),
        (2, ("check", "leaky.yaml", "--set", "defaults.channel=${SHOP_TOKEN}")),
        (2, ("run", "leaky.yaml", "--set", f"target.url=http://ann:{WORD}@127.0.0.1")),
        (3, ("run", "leaky.yaml", "--set", "target.url=http://127.0.0.1:9/${SHOP_KEY}")),
    ],
)
def test_other_commands(place, code, arguments):
    ended, out = told_by(place, *arguments)
    assert ended == code, out.decode()
    assert found_in(out) is None, out.decode()
    assert files_with_it(place) == {}


def test_the_sandbox_that_comes_with_a_run_is_not_told(monkeypatch):
    monkeypatch.setenv("CDP_API_TOKEN", TOKEN)
    with SandboxProcess() as process:
        assert process.pid in children_of(os.getpid())
        told = Path(f"/proc/{process.pid}/environ").read_bytes() + Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert b"HARNESS_SANDBOX" in told
    assert found_in(told) is None


TEXTS = st.text(min_size=6, max_size=30).filter(lambda text: text.strip() == text and text.isprintable())


@given(TEXTS)
def test_a_secret_is_found_in_any_encoding(secret):
    masker = Masker([secret])
    as_json = json.dumps(secret)
    for form in (
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote(secret, safe=":,"),
        quote_plus(secret),
        re.sub("%..", lambda found: found[0].lower(), quote(secret)),
        as_json[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(as_json)[3:-3],
        as_json[1:-1].replace("/", "\\/"),
        quote(as_json[1:-1], safe=""),
        html.escape(secret),
        html.escape(as_json[1:-1]),
        secret.encode().hex(),
    ):
        assert masker.mask(f"<{form}>") in ("<***>", f"<{form[:1]}***>"), form


@given(
    st.text("abcdefghijklmnopqrstuvwxyzäöü/+=", min_size=8, max_size=20), st.binary(max_size=5), st.binary(max_size=5)
)
def test_a_secret_is_found_within_base64(secret, before, after):
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    masked = Masker([secret]).mask(encoded)
    assert "***" in masked
    assert len(masked) <= len(encoded) - len(secret.encode()) + 6


def test_what_is_short_or_no_secret_stays():
    text = "a key of 3 is no secret: abc, and neither is K3Y9"
    assert Masker(["abc", "K3Y8"], []).mask(text) == text
    assert Masker([]).mask(text) == text


@given(st.lists(TEXTS, max_size=3), st.data())
def test_a_seal_gives_back_what_it_was_given(secrets, data):
    sent = "".join(data.draw(st.lists(st.sampled_from([*secrets, "&a=", "{", "%20"]), max_size=6)))
    seal = Seal(secrets)
    for form in (sent.encode(), quote(sent, safe="").encode(), json.dumps(sent).encode()):
        closed = seal.close(form)
        assert seal.open(closed) == form
        assert not any(quote(secret, safe="").encode() in closed for secret in secrets)
