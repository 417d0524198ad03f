"""``harness guests push``: a file of guests becomes guests, once each, also when it is cut off; what is wrong is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from harness.cdp.guest_records import NAMES, guest_of
from harness.run.push_log import SUFFIX, PushLog, PushLogError
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT

KEYS = ("sandbox", "sandbox")


def found(url: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = requests.get(
        f"{url}/v2/guests", params={"expand": "items", "limit": 100, **query}, auth=KEYS, timeout=10
    ).json()["items"]
    return items


def test_rows_become_guests_and_errors_a_table(sandbox: SandboxProcess, harness, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "email,firstName,lastname,street,phone,identifiers.provider,identifiers.id,country\n"
        'ann@push.example,Ann,"O\'Neil, ""A""",1 High St;Flat 2,0123,crm,7,IE\n'
        "bob@push.example,Bob,Böse,,,,,\n"
        ",,,,,,,\n"
        "eve@push.example,Eve,X,,,crm,,\n"
        "zoe@push.example,Zoë,茶,,,,,DE,more\n",
        "utf-8",
    )
    dry = harness("guests", "push", "people.csv", "--dry-run")
    assert dry.returncode == 1, dry.stderr
    assert dry.stdout.startswith("2 guests would be created. Nothing was sent.\n")
    assert list(tmp_path.iterdir()) == [tmp_path / "people.csv"]

    done = harness("guests", "push", "people.csv", "--target", sandbox.url)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"2 guests created at {sandbox.url}."
    assert "2 lines came to nothing:" in lines
    assert any(line.split()[:2] == ["1", "5"] and "go together" in line for line in lines)
    assert any(line.split()[:2] == ["1", "6"] and "9 cells, and there are 8 columns" in line for line in lines)
    (ann,) = found(sandbox.url, email="ann@push.example")
    assert (ann["guestType"], ann["lastName"], ann["country"]) == ("customer", 'O\'Neil, "A"', "IE")
    assert (ann["street"], ann["phoneNumbers"]) == (["1 High St", "Flat 2"], ["0123"])
    assert ann["identifiers"] == [{"provider": "crm", "id": "7"}]

    again = harness("guests", "push", "people.csv", "--target", sandbox.url)
    assert again.stdout.splitlines()[:2] == [f"0 guests created at {sandbox.url}.", "2 more were created before."]
    assert len(found(sandbox.url, email="ann@push.example")) == 1
    changed = (tmp_path / "people.csv").read_text("utf-8").replace("Ann", "Anna")
    (tmp_path / "people.csv").write_text(changed, "utf-8")
    refused = harness("guests", "push", "people.csv", "--target", sandbox.url)
    assert refused.returncode == 2
    assert "line 2 is not what was pushed from it before" in refused.stderr


def test_what_the_target_refuses_and_what_is_there(sandbox: SandboxProcess, harness, tmp_path: Path) -> None:
    lines = [
        {"email": "kim@push.example", "dateOfBirth": "yesterday"},
        {"email": "lee@push.example", "id": "7-1", "dob": "1980-02-03T00:00"},
        {"emial": "mia@push.example"},
    ]
    (tmp_path / "g.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "{", "utf-8")
    done = harness("guests", "push", "g.jsonl", "--target", sandbox.url)
    assert done.returncode == 1
    assert "1 guest created" in done.stdout
    assert "the target answers 400" in done.stdout
    assert "unknown field emial" in done.stdout
    assert "no JSON" in done.stdout
    (tmp_path / "same.jsonl").write_text(json.dumps(lines[1]) + "\n", "utf-8")
    there = harness("guests", "push", "same.jsonl", "--target", sandbox.url, "--skip-existing")
    assert (there.returncode, there.stdout.splitlines()[:2]) == (
        0,
        [f"0 guests created at {sandbox.url}.", "1 were there already."],
    )
    assert len(found(sandbox.url, email="lee@push.example")) == 1


def test_one_that_is_killed_goes_on_and_makes_nobody_twice(harness, tmp_path: Path) -> None:
    count = 120
    lines = [json.dumps({"email": f"k{n}@push.example", "firstName": "K"}) for n in range(count)]
    (tmp_path / "g.jsonl").write_text("\n".join(lines), "utf-8")
    with SandboxProcess(
        SandboxConfig(faults={"resets": {"rate": 0.05, "stored": True, "only": ["/v2.1/guests"]}})
    ) as cdp:
        command = [sys.executable, "-m", "harness", "guests", "push", "g.jsonl", "--target", cdp.url, "--rate", "100/s"]
        process = subprocess.Popen(command, cwd=tmp_path, env=CLEAN_ENVIRONMENT, stdout=subprocess.DEVNULL)
        log = tmp_path / "g.jsonl.pushed.jsonl"
        until = time.monotonic() + 60
        while not (log.is_file() and log.read_text("utf-8").count("ref") > 20):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        done = harness("guests", "push", "g.jsonl", "--target", cdp.url)
        assert done.returncode == 0, done.stdout + done.stderr
        emails = [guest["email"] for offset in (0, 100) for guest in found(cdp.url, firstName="K", offset=offset)]
    assert sorted(emails) == sorted(json.loads(line)["email"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("g.jsonl",), 2, "Name a target"),
        (("g.jsonl", "--target", "https://cdp.example"), 3, "--allow-host cdp.example"),
        (("none.jsonl", "--target", "http://127.0.0.1:9"), 2, "none.jsonl"),
        (("g.jsonl", "--target", "http://127.0.0.1:9"), 3, "cannot be reached"),
    ],
)
def test_what_cannot_be_done_is_refused(harness, tmp_path: Path, arguments, code, said) -> None:
    (tmp_path / "g.jsonl").write_text('{"email": "a@push.example"}\n', "utf-8")
    done = harness("guests", "push", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["g.jsonl"]


def test_what_nests_too_deeply_is_told_like_any_other_nonsense(harness, tmp_path: Path) -> None:
    (tmp_path / "g.jsonl").write_text('{"email": ' + "[" * 100_000 + '\n{"email": "a@push.example"}\n', "utf-8")
    done = harness("guests", "push", "g.jsonl", "--dry-run")
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 guest would be created" in done.stdout
    assert "no JSON" in done.stdout


def test_a_log_that_somebody_else_wrote(tmp_path: Path) -> None:
    file, target = tmp_path / "g.jsonl", "http://127.0.0.1:9"
    log = tmp_path / f"{file.name}{SUFFIX}"
    begun = {"target": target, "begun": "2026-01-02T03:04:05+00:00"}
    log.write_text("\n".join([json.dumps(begun), "[" * 60_000, "7", '{"line": 3, "ref": "R", "mark": "m"}', '{"li']))
    read = PushLog(file, target)
    assert (read.resumed, read.done, read.begun.year) == (True, {3: "m"}, 2026)
    for head in ({"target": target}, {"target": target, "begun": "long ago"}):
        log.write_text(json.dumps(head) + "\n")
        with pytest.raises(PushLogError, match="does not tell when its push began"):
            PushLog(file, target)
    log.write_text("nonsense\n")
    assert not PushLog(file, target).resumed
    assert (tmp_path / "g.jsonl.pushed.before.jsonl").read_text() == "nonsense\n"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["provider", "id", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*NAMES, "guestType", "id", "identifiers.id", "nonsense"]), VALUES, max_size=6))
def test_any_record_is_read_or_told(record: dict[str, Any]) -> None:
    fields, wrong = guest_of(record)
    assert all(isinstance(each, str) and each for each in wrong)
    if not wrong:
        json.dumps(fields)
        assert set(fields) <= {*NAMES.values(), "guestType"}
        assert all(fields.values())
