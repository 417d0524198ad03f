"""The sandbox as a process: how it starts and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.sandbox.config import SandboxConfig, SandboxError
from harness.sandbox.process import SandboxProcess
from harness.sandbox.server import serve
from tests.watching import wait_for

from .client import Client

pytestmark = pytest.mark.timeout(30)

PARENT = """
import time
from harness.sandbox.process import SandboxProcess
sandbox = SandboxProcess()
print(sandbox.pid, flush=True)
{then}
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        # An orphan that nobody reaps is gone, too.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self").is_dir()


def stop(process: SandboxProcess) -> float:
    started = time.monotonic()
    process.stop()
    return time.monotonic() - started


def test_configuration_reaches_the_process() -> None:
    config = SandboxConfig("kéy &", "s3cret", ("London/uk", "-b"), 0.0)
    with SandboxProcess(config) as process:
        client = Client(process.url)
        about = client.get("/_sandbox/about")
        assert (about["clientKey"], about["pointsOfSale"]) == ("kéy &", ["London/uk", "-b"])
        command = Path(f"/proc/{process.pid}/cmdline")
        if command.exists():
            assert "s3cret" not in command.read_text()
        client.close()


def test_stop_is_quick_with_open_connections_and_may_be_repeated() -> None:
    process = SandboxProcess()
    client = Client(process.url)
    client.browser()
    with socket.create_connection(client.address), socket.create_connection(client.address) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHo")
        assert stop(process) < 2.5
    process.stop()
    assert not is_running(process.pid)
    client.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "harness.sandbox", "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    url = child.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    client = Client(url)
    client.browser()
    child.send_signal(number)
    out, err = child.communicate(timeout=5)
    assert (child.returncode, out, err) == (0, "", "")
    client.close()


@pytest.mark.parametrize("then", ["", "import os; os.fork()"])
def test_it_ends_when_the_parent_is_killed(then: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(then=then)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    time.sleep(0.1)
    assert is_running(pid)
    os.kill(parent.pid, signal.SIGKILL)
    try:
        wait_for(lambda: not is_running(pid), seconds=10)
    finally:
        os.killpg(parent.pid, signal.SIGKILL) if then else None
        parent.wait()
        parent.stdout.close()


def test_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"^Port {port} on 127.0.0.1 is in use: "):
            serve(SandboxConfig(), "127.0.0.1", port, lambda url: None)
        with pytest.raises(SandboxError, match=f"^Port {port} on 127.0.0.1 is in use: "):
            SandboxProcess(port=port)


@pytest.mark.parametrize("port", [-1, 70000])
def test_no_such_port(port: int) -> None:
    with pytest.raises(SandboxError):
        serve(SandboxConfig(), "127.0.0.1", port, lambda url: None)


def test_ipv6_is_bracketed() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with SandboxProcess(host="::1") as process:
        assert process.url.startswith("http://[::1]:")


def test_works_in_a_process_patched_by_gevent() -> None:
    script = (
        "from gevent import monkey; monkey.patch_all()\n"
        "from harness.sandbox.process import SandboxProcess\n"
        "with SandboxProcess() as sandbox: print(sandbox.url)"
    )
    got = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert got.stdout.startswith("http://127.0.0.1:")
