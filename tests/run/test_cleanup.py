"""``harness cleanup``: after a run that was killed exactly the guests that it made are gone, and nobody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from harness.compiler import compile_scenario
from harness.engine.worker import Worker
from harness.run.cleanup_log import FILE
from harness.run.done_files import SET_OUT
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.scenario import load
from tests.conftest import CLEAN_ENVIRONMENT

Harness = Callable[..., "subprocess.CompletedProcess[str]"]
KEYS = ("sandbox", "sandbox")
SCENARIO = """\
scenario: shop
target: {{url: '{url}', client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
guests: {{seed: 5, returning: 10%}}
catalog: [{{item_id: A, type: T, name: A, price: 10.00}}]
journeys:
  buy:
    think: 20ms
    steps:
      - browse
      - leave: 20%
      - identify
      - add: A
      - confirm
      - checkout
load: {{users: 4, duration: 60s}}
"""


@pytest.fixture
def cdp() -> Iterator[SandboxProcess]:
    with SandboxProcess(SandboxConfig()) as process:
        yield process


def customers(url: str) -> dict[str, str]:
    """Ref and email of every customer."""
    found: dict[str, str] = {}
    while True:
        query = f"guestType=customer&expand=items&limit=100&offset={len(found)}"
        items = requests.get(f"{url}/v2/guests?{query}", auth=KEYS, timeout=10).json()["items"]
        if not items:
            return found
        found |= {item["ref"]: item.get("email", "") for item in items}


def create(url: str, **fields: Any) -> None:
    body = {"guestType": "customer", **fields}
    assert requests.post(f"{url}/v2/guests", json=body, auth=KEYS, timeout=10).status_code == 201


def until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + 60
    while not true():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < patience
        time.sleep(0.02)


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        cwd=folder,
        env=CLEAN_ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def killed_run(folder: Path, url: str, *more: str) -> Path:
    """The directory of a run that was killed after it had written two seconds."""
    (folder / "shop.yaml").write_text(SCENARIO.format(url=url), "utf-8")
    process = start(folder, "run", "shop.yaml", "--out", "out", "--quiet", *more)
    csv = folder / "out" / "load.csv"
    until(lambda: csv.is_file() and csv.read_text("utf-8").count("\n") >= 3, process)
    kill(process)
    return folder / "out"


def own(folder: Path, number: int) -> tuple[str, str]:
    """Email and id of a guest of the run."""
    worker = Worker(compile_scenario(load(folder / "shop.yaml")), "", 5, "R1")
    return worker.guest_field(number, "email"), worker.guest_field(number, "id")


@pytest.mark.parametrize("more", [(), ("--processes", "2")], ids=["one process", "two"])
def test_after_a_killed_run_exactly_its_guests_are_gone(
    cdp: SandboxProcess, harness: Harness, tmp_path: Path, more: tuple[str, ...]
) -> None:
    (tmp_path / "shop.yaml").write_text(SCENARIO.format(url=cdp.url), "utf-8")
    for number in range(30):
        create(cdp.url, email=f"real.{number}@example.com", firstName="Real")
    # A guest of whom the run will also tell, but who was there before it.
    earlier = own(tmp_path, 3 if not more else 1024 + 0)
    create(cdp.url, email=earlier[0], identifiers=[{"provider": "harness", "id": earlier[1]}])
    before = customers(cdp.url)

    run = killed_run(tmp_path, cdp.url, *more)
    there = customers(cdp.url)
    assert len(there) > len(before) + 20
    assert not (run / "guests.jsonl").exists()
    assert (run / SET_OUT).is_file()

    if more:
        assert harness("cleanup", run, "--yes").returncode == 0
        assert customers(cdp.url) == before
        return
    shown = harness("cleanup", run)
    assert shown.returncode == 0, shown.stderr
    assert f"{len(there) - len(before)} guests of this run" in shown.stdout
    assert "was there before the run: " + earlier[0] in shown.stdout
    assert customers(cdp.url) == there, "without --yes nothing is deleted"
    assert not (run / FILE).exists()

    cut_off = start(tmp_path, "cleanup", str(run), "--yes", "--rate", "100/s")
    until(lambda: (run / FILE).is_file() and (run / FILE).read_text("utf-8").count("deleted") >= 5, cut_off)
    kill(cut_off)
    halfway = customers(cdp.url)
    assert set(before) < set(halfway) < set(there)

    done = harness("cleanup", run, "--yes")
    assert done.returncode == 0, done.stderr
    assert customers(cdp.url) == before
    assert "were deleted by a cleanup before" in done.stdout
    again = harness("cleanup", run, "--yes")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, f"0 guests of this run deleted at {cdp.url}.")
    assert customers(cdp.url) == before


def test_after_a_run_that_ended(cdp: SandboxProcess, harness: Harness, tmp_path: Path) -> None:
    text = SCENARIO.format(url=cdp.url).replace("users: 4, duration: 60s", "users: 4, iterations: 5")
    (tmp_path / "shop.yaml").write_text(text, "utf-8")
    create(cdp.url, email="real@example.com")
    before = customers(cdp.url)
    assert harness("run", "shop.yaml", "--out", "out", "--quiet").returncode == 0
    assert not (tmp_path / "out" / SET_OUT).exists()
    listed = (tmp_path / "out/guests.jsonl").read_text("utf-8").splitlines()
    assert len(customers(cdp.url)) == len(before) + len(listed)

    # One has become more than the run made of it, one another person, one has come again later under the same name.
    mine = [json.loads(line)["email"] for line in listed]
    refs = {email: ref for ref, email in customers(cdp.url).items()}
    for email, change in (
        (mine[0], {"identifiers": [{"provider": "crm", "id": "7"}, {"provider": "harness", "id": "x"}]}),
        (mine[1], {"firstName": "Somebody", "lastName": "Else"}),
    ):
        url = f"{cdp.url}/v2.1/guests/{refs[email]}"
        assert requests.patch(url, json=change, auth=KEYS, timeout=10).status_code == 200
    done = harness("cleanup", "out", "--yes", "--grace", "0s")
    assert done.returncode == 0, done.stderr
    assert set(customers(cdp.url)) == {*before, refs[mine[0]], refs[mine[1]]}
    for why in ("has an identifier that the run did not send", "another firstName than the run sent"):
        assert why in done.stdout


def test_what_cannot_be_cleaned_is_refused(cdp: SandboxProcess, harness: Harness, tmp_path: Path) -> None:
    done = harness("cleanup", "nowhere", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere does not exist" in done.stderr
    text = SCENARIO.format(url=cdp.url).replace("users: 4, duration: 60s", "users: 1, iterations: 1")
    (tmp_path / "shop.yaml").write_text(text, "utf-8")
    assert harness("run", "shop.yaml", "--out", "out", "--quiet").returncode == 0
    there = customers(cdp.url)
    for arguments, code, said in (
        (("--set", "target.environment=production"), 3, "--allow-production"),
        (("--set", "target.api_token=wrong-one"), 3, "refuses client key and API token"),
        (("--target", "http://127.0.0.1:9"), 3, "cannot be reached"),
        (("--rate", "fast"), 2, "a rate such as 20/s"),
    ):
        done = harness("cleanup", "out", "--yes", *arguments)
        assert (done.returncode, done.stdout) == (code, ""), done.stdout
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert harness("run", "shop.yaml", "--target", "sandbox", "--out", "own", "--quiet").returncode == 0
    done = harness("cleanup", "own")
    assert done.returncode in (2, 3)
    assert customers(cdp.url) == there
