"""docs/from-k6.md: the scenario makes its order, and so does the script beside it, with stand-ins for k6's own modules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.sandbox.process import SandboxProcess
from harness.scenario.loader import loads
from tests.conftest import CLEAN_ENVIRONMENT

from .pages import blocks, text_of

Harness = Callable[..., "subprocess.CompletedProcess[str]"]
CODE = dict(blocks(text_of("docs/from-k6.md")))
K6 = {
    "package.json": '{"name": "k6", "type": "module", "exports": {".": "./k6.js", "./http": "./http.js"}}',
    "k6.js": "export const check = (reply, checks) => { for (const c of Object.values(checks)) if (!c(reply)) throw reply; };"
    "export const sleep = () => {};",
    "http.js": "export default { get: (url) => { console.log(url); return { status: 201, json: () => process.env.BROWSER }; } };",
}
DRIVER = (
    "Object.assign(globalThis, { __ENV: process.env, __VU: 1, __ITER: 0 }); (await import('./script.mjs')).default();"
)


def fetched(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=10) as reply:
        found: dict[str, object] = json.load(reply)
        return found


def orders(sandbox: SandboxProcess) -> int:
    return int(str(fetched(f"{sandbox.url}/_sandbox/stats")["orders"]))


def test_the_scenario_makes_its_order(
    harness: Harness, sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_CLIENT_KEY", "sandbox")
    monkeypatch.setenv("CDP_API_TOKEN", "sandbox")
    assert loads(CODE["yaml"]).load.max_in_flight == 500
    (tmp_path / "purchase.yaml").write_text(CODE["yaml"], "utf-8")
    keys = {"CDP_CLIENT_KEY": "sandbox", "CDP_API_TOKEN": "sandbox"}
    before = orders(sandbox)
    held = harness("validate", "purchase.yaml", "--target", sandbox.url, **keys)
    assert held.returncode == 0, held.stdout + held.stderr
    assert orders(sandbox) == before + 1


def test_the_script_makes_its_order(sandbox: SandboxProcess, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("needs node: tests/tools.sh installs it")
        pytest.skip("needs node")
    modules = tmp_path / "node_modules" / "k6"
    modules.mkdir(parents=True)
    for name, text in K6.items():
        (modules / name).write_text(text, "utf-8")
    (tmp_path / "script.mjs").write_text(CODE["javascript"], "utf-8")
    (tmp_path / "driver.mjs").write_text(DRIVER, "utf-8")
    browser = str(fetched(f"{sandbox.url}/v1.2/browser/create.json?client_key=sandbox&message=%7B%7D")["ref"])
    done = subprocess.run(
        [node, "driver.mjs"], cwd=tmp_path, env={**CLEAN_ENVIRONMENT, "CDP_CLIENT_KEY": "sandbox", "BROWSER": browser},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    created, *sent = done.stdout.splitlines()
    assert "/v1.2/browser/create.json" in created
    before = orders(sandbox)
    for url in sent:
        fetched(url.replace("https://api-engage-eu.sitecorecloud.io", sandbox.url))
    assert orders(sandbox) == before + 1
