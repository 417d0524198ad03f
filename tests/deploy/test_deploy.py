"""Files for containers: each passes its own linter, asks for nothing that the command line does not know, holds no secret."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from harness.cli.main import cli
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
WORKERS = "7"


def tool(name: str) -> str:
    """A linter's command. Where there is no build of it for this machine a test is skipped, but in CI it fails."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        reason = f"needs {name}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def lint(*command: object) -> str:
    environment = {"PATH": os.environ["PATH"], "WORKERS": WORKERS}
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def composed() -> dict[str, Any]:
    """The compose file as Docker Compose understands it, with all profiles."""
    file = DEPLOY / "compose.yaml"
    found: dict[str, Any] = yaml.safe_load(lint(tool("docker-compose"), "-f", file, "--profile", "*", "config"))
    return found


def pods() -> list[dict[str, Any]]:
    made = [each for file in MANIFESTS for each in yaml.safe_load_all(file.read_text("utf-8"))]
    return [each["spec"]["template"]["spec"] for each in made if each["kind"] == "Job"]


def test_the_dockerfile_passes_hadolint() -> None:
    lint(tool("hadolint"), "--failure-threshold", "style", DEPLOY / "Dockerfile")


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python\nRUN pip install locust\n")
    with pytest.raises(AssertionError, match="DL3006"):
        lint(tool("hadolint"), "--failure-threshold", "style", bad)


def test_yaml_is_tidy() -> None:
    lint(sys.executable, "-m", "yamllint", "--strict", "-c", DEPLOY / ".yamllint", DEPLOY)


def test_manifests_are_valid_kubernetes() -> None:
    lint(tool("kubernetes-validate"), "--strict", "--quiet", *MANIFESTS)


def test_kubernetes_validate_would_find_something(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text((DEPLOY / "kubernetes" / "workers.yaml").read_text("utf-8").replace("runAsNonRoot", "runAsNonroot"))
    with pytest.raises(AssertionError, match="runAsNonroot"):
        lint(tool("kubernetes-validate"), "--strict", bad)


def test_compose_scales_workers_and_the_master_waits_for_them() -> None:
    services = composed()["services"]
    assert services["worker"]["scale"] == int(WORKERS)
    assert f"--expect-workers={WORKERS}" in services["master"]["command"]
    assert set(services) == {"master", "worker", "sandbox"}


def test_the_commands_are_those_of_the_command_line() -> None:
    lines = [service["command"] for service in composed()["services"].values()]
    lines += [container["args"] for pod in pods() for container in pod["containers"]]
    told = (DEPLOY / "README.md").read_text("utf-8")
    lines += [shlex.split(line)[1:] for line in re.findall(r"^harness .*$", told, re.M)]
    assert len(lines) > 5
    for words in lines:
        command = cli.get_command(click.Context(cli), words[0])
        assert command is not None
        command.make_context(words[0], [*words[1:]]).close()
    with pytest.raises(click.NoSuchOption):
        command.make_context("run", ["--workers=4"])


def test_the_page_names_what_is_there() -> None:
    """Neither Docker nor a cluster is here: files, profiles, services and names are those of the files it speaks of."""
    text = (DEPLOY / "README.md").read_text("utf-8")
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S))
    for name in re.findall(r"(?<![\w/])(?:deploy|scenarios)/[\w./]*", script):
        assert (ROOT / name).exists(), name
    services = composed()["services"]
    assert set(re.findall(r"--profile (\w+)", script)) == set(services["sandbox"]["profiles"])
    assert set(re.findall(r"--exit-code-from (\w+)| cp (\w+):", script)) == {("master", ""), ("", "master")}
    manifests = [each for file in MANIFESTS for each in yaml.safe_load_all(file.read_text("utf-8"))]
    jobs = {each["metadata"]["name"] for each in manifests if each["kind"] == "Job"}
    assert set(re.findall(r"job/([\w-]+)", script)) <= jobs
    assert set(re.findall(r"^kubectl delete job (.*)$", script, re.M)[0].split()) == jobs
    made = [shlex.split(line) for line in re.findall(r"^kubectl create (.*)$", script, re.M)]
    names = {words[words.index("generic") + 1 if "generic" in words else 1] for words in made}
    keys = {word.split("=")[1] for words in made for word in words if word.startswith("--from-literal")}
    asked, wanted = set(), set()
    for pod in pods():
        for each in pod["containers"][0]["env"]:
            for source in each.get("valueFrom", {}).values():
                asked.add(source["name"])
                wanted.add(source["key"])
        asked |= {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    assert (names, keys) == (asked, wanted)


def test_docker_compose_knows_the_options_that_the_page_gives_it() -> None:
    """With --help it reads the line, and does nothing."""
    text = (DEPLOY / "README.md").read_text("utf-8")
    lines = re.findall(r"^(?:\w+=\S+ )*docker compose (.*)$", text, re.M)
    assert len(lines) == 4
    for line in lines:
        lint(tool("docker-compose"), *shlex.split(line), "--help")
    with pytest.raises(AssertionError, match="unknown flag"):
        lint(tool("docker-compose"), "up", "--no-such-option", "--help")


@pytest.mark.parametrize("number", range(2), ids=["master", "worker"])
def test_pods_have_no_rights_and_take_secrets_by_reference(number: int) -> None:
    pod = pods()[number]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, "else HARNESS_MASTER_PORT would be an address"
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]) == {"requests", "limits"}
    secret = {each["name"]: each for each in container["env"] if each["name"].startswith("CDP_")}
    assert set(secret) == {"CDP_CLIENT_KEY", "CDP_API_TOKEN"}
    for each in secret.values():
        assert set(each) == {"name", "valueFrom"}
        assert set(each["valueFrom"]) == {"secretKeyRef"}


def test_as_many_workers_are_started_as_the_master_expects() -> None:
    master, _ = pods()
    workers = next(yaml.safe_load_all((DEPLOY / "kubernetes" / "workers.yaml").read_text("utf-8")))["spec"]
    (expected,) = re.findall(r"--expect-workers=(\d+)", " ".join(master["containers"][0]["args"]))
    assert int(expected) == workers["completions"] == workers["parallelism"]


def test_the_image_is_of_one_version_everywhere() -> None:
    from harness import __version__

    named = {service["image"] for service in composed()["services"].values()}
    named |= {container["image"] for pod in pods() for container in pod["containers"]}
    assert named == {f"harness:{__version__}"}
