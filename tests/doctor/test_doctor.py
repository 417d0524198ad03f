"""``harness doctor`` against a real sandbox, with one thing broken at a time."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import pytest
from click.testing import CliRunner, Result

from harness.cdp import endpoints
from harness.cli.doctor import command
from harness.engine.machine import Machine
from harness.run import doctor_machine
from tests.conftest import CLEAN_ENVIRONMENT
from tests.doctor.conftest import basic


def doctor(*arguments: object, **environment: str | None) -> Result:
    known = {name: None for name in os.environ if name.startswith(("HARNESS_", "CDP_"))}
    return CliRunner().invoke(command, [*map(str, arguments)], env={**known, **environment})


def looks(*arguments: object, **environment: str | None) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code, and what was found by name."""
    done = doctor(*arguments, "--format", "json", **environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    document = json.loads(done.stdout)
    assert document["fit"] == (done.exit_code == 0)
    return done.exit_code, {each["name"]: each for each in document["checks"]}


def states(found: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: look["state"] for name, look in found.items()}


def test_all_is_well(door, scenario):
    with door(clock_off_s=0) as (url, asked):
        done = doctor(scenario(url))
        code, found = looks(scenario(url))
    assert (done.exit_code, code) == (0, 0), done.output
    assert set(states(found).values()) == {"ok"}, found
    assert done.output.count("✓") == len(found) == 12
    assert "Fit for the run." in done.stdout
    # Twice: one browser id, one event, and the questions for it.
    assert sum("/event/create" in path for path in asked) == sum("/browser/create" in path for path in asked) == 2


@pytest.mark.parametrize(
    ("places", "name", "code", "told"),
    [
        ({"key": "not-the-key"}, "client key", 3, "refused (401)"),
        ({"token": "not-the-token"}, "API token", 3, "refused (401)"),
        ({"pos": "no-such-shop"}, "point of sale", 1, "nowhere to be found"),
        ({"users": 100_000}, "file limit", 1, "100,000 connections"),
        ({"users": 100_000}, "ports", 1, "100,000 connections"),
        ({"users": 100_000}, "cores", 1, "needs"),
    ],
)
def test_one_thing_is_broken(door, scenario, places, name, code, told):
    with door(clock_off_s=0) as (url, _):
        got, found = looks(scenario(url, **places), "--wait", "300ms")
    assert got == code, found
    assert found[name]["state"] == "wrong"
    assert told in found[name]["told"]
    assert found[name]["advice"]


@pytest.mark.parametrize(("off", "told"), [(-3600, "ahead of"), (3600, "behind"), (86400 * 400, "behind")])
def test_a_clock_that_is_wrong(door, scenario, off, told):
    with door(clock_off_s=off) as (url, _):
        code, found = looks(scenario(url))
    assert (code, found["clock"]["state"], told in found["clock"]["told"]) == (1, "wrong", True), found["clock"]


@pytest.mark.parametrize(
    ("name", "ca", "code", "state", "told"),
    [
        ("good", True, 0, "ok", "the certificate is trusted, until 20"),
        ("soon", True, 0, "unknown", "days"),
        ("good", False, 3, "wrong", "not trusted"),
        ("expired", True, 3, "wrong", "expired"),
        ("elsewhere", True, 3, "wrong", "not trusted"),
    ],
)
def test_certificates(door, scenario, papers: Path, name, ca, code, state, told):
    tls = f"  tls: {{ca: {papers / 'ca.pem'}}}" if ca else ""
    with door(papers / f"{name}.pem", clock_off_s=0) as (url, asked):
        got, found = looks(scenario(url, tls=tls))
    assert (got, found["TLS"]["state"]) == (code, state), found
    assert told in found["TLS"]["told"]
    assert bool(asked) == (code == 0)


def test_any_certificate_is_believed_when_told_so(door, scenario, papers: Path):
    with door(papers / "expired.pem") as (url, _):
        code, found = looks(scenario(url, tls="  tls: {verify: false}"))
    assert (code, found["TLS"]["state"], "not verified" in found["TLS"]["told"]) == (0, "unknown", True)
    assert found["clock"]["state"] == "unknown"


def test_nobody_is_there(scenario, unused_port):
    code, found = looks(scenario(f"http://127.0.0.1:{unused_port}"))
    assert (code, found["reachable"]["state"]) == (3, "wrong")
    assert "connection refused" in found["reachable"]["told"]
    assert "client key" not in found
    assert found["disk"]["state"] == "ok"


def test_a_target_that_is_no_cdp(door, scenario):
    with door(refuse=500) as (url, _):
        code, found = looks(scenario(url))
    assert (code, found["client key"]["state"]) == (3, "wrong")
    assert "500" in found["client key"]["told"]


def test_no_token_and_no_event_that_nobody_could_find(door, scenario):
    with door(clock_off_s=0) as (url, asked):
        path = scenario(url)
        path.write_text(path.read_text().replace("  api_token: sandbox\n", ""))
        code, found = looks(path)
    assert (code, found["API token"]["state"], found["point of sale"]["state"]) == (0, "unknown", "unknown")
    assert not any("/event/create" in each for each in asked)


def test_no_event_to_production_without_leave(door, scenario):
    with door(clock_off_s=0) as (url, asked):
        path = scenario(url, environment="production")
        code, found = looks(path)
        assert (code, found["point of sale"]["state"]) == (0, "unknown")
        assert "--allow-production" in found["point of sale"]["told"]
        assert not any("/event/create" in each for each in asked)
        code, found = looks(path, "--allow-production")
        assert (code, found["point of sale"]["state"]) == (0, "ok")
        assert sum("/event/create" in each for each in asked) == 1


def test_the_wrong_region_is_told_from_the_wrong_key(door, scenario, monkeypatch):
    with door(refuse=401) as (here, asked), door() as (there, _), door(refuse=401) as (third, _):
        for regions, told, advice in (
            ({"eu": here, "us": there, "ap": third}, "region eu refuses it, region us takes it", "region: us"),
            ({"eu": here, "ap": third}, "refused in every region", "API access"),
            ({"eu": here, "jpe": "http://127.0.0.1:9"}, "wrong, or of another region", "region is the account's"),
            ({"us": there}, "wrong, or of another region", "region is the account's"),
        ):
            monkeypatch.setattr(endpoints, "REGIONS", MappingProxyType(regions))
            code, found = looks(scenario(here))
            assert (code, told in found["client key"]["told"]) == (3, True), found["client key"]
            assert advice in found["client key"]["advice"]
    assert not any("/event/create" in each for each in asked)


def test_leave_is_asked_for(scenario):
    code, found = looks(scenario("http://shop.test:9"))
    assert (found["leave"]["state"], "--allow-host shop.test" in found["leave"]["advice"]) == ("wrong", True)
    assert code == 3  # for it cannot be reached either
    for arguments, environment in (
        (["--allow-host", "shop.test"], {}),
        ([], {"HARNESS_ALLOW_HOSTS": "other.test, shop.test"}),
    ):
        assert looks(scenario("http://shop.test:9"), *arguments, **environment)[1]["leave"]["state"] == "ok"


def test_secrets_are_in_nothing_that_is_shown(door, scenario):
    with door(refuse=401) as (url, _):
        path = scenario(url, key="${MY_KEY}", token="${MY_TOKEN}")
        keys = {"MY_KEY": "kay&secret", "MY_TOKEN": "tok/secret"}
        for form in ("text", "json"):
            done = doctor(path, "--format", form, **keys)
            assert done.exit_code == 3
            for secret in (*keys.values(), "kay%26secret", "tok%2Fsecret", basic(*keys.values())):
                assert secret not in done.output


def test_without_a_scenario_the_machine_alone(monkeypatch):
    code, found = looks()
    assert code == 0
    assert list(found) == ["versions", "file limit", "ports", "cores", "memory", "disk"]


def test_a_target_without_a_scenario(door):
    with door(clock_off_s=0) as (url, _):
        code, found = looks("--target", url)
        assert (code, "client key" in found) == (0, False)
        keys = {"CDP_CLIENT_KEY": "sandbox", "CDP_API_TOKEN": "sandbox"}
        code, found = looks("--target", url, "--point-of-sale", "pastoral-witty-grill", **keys)
        assert (code, found["point of sale"]["state"]) == (0, "ok")
    code, found = looks("--target", "sandbox")
    assert (code, found["point of sale"]["state"]) == (0, "ok")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.yaml"], "does not exist"),
        (["--users", "5"], "belong to a SCENARIO"),
        (["--target", "ftp://x"], "neither a base URL"),
        (["--wait", "soon"], "where a duration"),
        (["--per-worker", "0/s"], "where a rate"),
        (["--processes", "0"], "0 is not in the range"),
    ],
)
def test_wrong_command_lines(arguments, told):
    done = doctor(*arguments)
    assert (done.exit_code, told in done.stderr) == (2, True), done.output
    assert "Traceback" not in done.output


MACHINES = [
    ("file limit", Machine(64, 4096, 28_000, 8, 1 << 34), "ulimit -n 105"),
    ("file limit", Machine(64, 64, 28_000, 8, 1 << 34), "a higher hard limit"),
    ("ports", Machine(9999, 9999, 4, 8, 1 << 34), "ip_local_port_range"),
    ("memory", Machine(9999, 9999, 28_000, 8, 1 << 20), "fewer users"),
]


@pytest.mark.parametrize(("name", "machine", "advice"), MACHINES)
def test_a_machine_that_is_too_small(scenario, monkeypatch, name, machine, advice):
    monkeypatch.setattr(doctor_machine, "machine", lambda: machine)
    code, found = looks(scenario("sandbox"))
    assert code == 1
    assert {each for each, look in found.items() if look["state"] == "wrong"} == {name}
    assert advice in found[name]["advice"]


def test_a_folder_that_cannot_be_written(scenario, monkeypatch):
    code, found = looks(scenario("sandbox"), "--out", "/proc/runs/deep/down")
    assert (code, found["disk"]["state"]) == (1, "wrong")


def test_the_real_command_with_a_low_file_limit(scenario, tmp_path):
    """The limit is the process's own: only a real one has it."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", "doctor", str(scenario("sandbox", users=90))],
        cwd=tmp_path,
        env={**CLEAN_ENVIRONMENT, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "x file limit     128 a process; 90 connections at once need 190" in done.stdout
    assert "> a higher hard limit" in done.stdout
    assert "Not fit: 1 thing to mend." in done.stdout
    assert done.stderr == ""
    assert not list(tmp_path.glob("runs*"))
