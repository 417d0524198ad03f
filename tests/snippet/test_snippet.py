"""``harness snippet``: the code runs as pasted, in every language, and sends what the run would send."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from harness.sandbox.process import SandboxProcess
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

from .listening import Heard, Listener, decoded, listening
from .postman import run_collection, schema_errors

SCENARIO = """\
scenario: shop
target: {url: URL, client_key: '${CDP_CLIENT_KEY}', api_token: '${CDP_API_TOKEN}', point_of_sale: 'Grüße 👟'}
defaults: {channel: WEB, language: EN, currency: GBP, page: "it's \\"home\\" \\\\ $HOME `x` %20"}
guests: {locales: {ja_JP: 100%}, seed: 3}
catalog:
  - {item_id: 'ä&b=%', type: 靴, name: "Schuh \\"3+1\\" \\\\ \\u00e9", price: 49.90}
journeys:
  buy:
    steps:
      - browse: {uri: 'https://shop.example/?a=1&b=#c', referrer: "two\\u2028lines"}
      - identify
      - add: {item: any, quantity: 2}
      - confirm
      - checkout: {status: PURCHASED}
      - event: {type: SEEN, ext: {flag: true, none: null, half: 0.5, big: 1234567890123, key: '${API_SECRET}'}}
      - personalize: {friendly_id: home_offer, params: {city: '${guest.city}', '__proto__': [1, {a: b}]}}
        capture: {token: $.token}
      - request:
          path: /api/${guest.id}
          method: POST
          query: {q: 'a b&c', key: '${API_SECRET}'}
          headers: {Authorization: 'Bearer ${token}', X-Name: "it's"}
          json: [1, {deep: [2, '${token}']}]
      - request: {path: /login, method: POST, form: {who: 'ü &=', password: '${API_SECRET}'}}
      - request: {path: /note, method: PUT, body: "a 'text'\\nof \\"two\\" lines, \\\\n"}
      - request: {path: /gone, method: DELETE}
load: {users: 1, duration: 1s}
"""
SECRETS = {"CDP_CLIENT_KEY": "key-4711", "CDP_API_TOKEN": "token-0815", "API_SECRET": "s3cr3t/value+1"}
STEPS = [
    "browser id", "browse", "identify", "add", "confirm", "checkout", "event", "personalize", "request", "request 2",
    "request 3", "request 4",
]  # fmt: skip
VARIABLES = {**SECRETS, "BROWSER_ID": "7ed103bd-08c2-47f4-8f69-91141ca3200d", "TOKEN": "t0k"}
COMPARED = {"authorization", "x-name", "content-type"}


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


@pytest.fixture(scope="module")
def scenario(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.yaml"
    path.write_text(SCENARIO.replace("URL", listener.url), "utf-8")
    return path


def snippet(*arguments: object) -> str:
    """The command's output; in this process, because there are many."""
    done = CliRunner().invoke(cli, ["snippet", *map(str, arguments)], env={**dict.fromkeys(os.environ), **SECRETS})
    assert done.exit_code == 0, done.output
    return done.stdout


def run(arguments: list[str], given: str | None = None, **environment: str) -> str:
    environment = {**CLEAN_ENVIRONMENT, **VARIABLES, **environment}
    done = subprocess.run(
        arguments, input=given, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"needs {name}: tests/tools.sh installs it")
        pytest.skip(f"needs {name}")
    return found


def in_csharp(code: str, folder: Path) -> None:
    (folder / "code.cs").write_text(code, "utf-8")
    program = folder / "code.exe"
    run([tool("mcs"), "-r:System.Net.Http", f"-out:{program}", str(folder / "code.cs")])
    run([tool("mono"), str(program)])


RUNNERS: dict[str, Callable[[str, Path], object]] = {
    # A shell puts its variables into a URL as they are.
    "curl": lambda code, _: run(["sh"], code, API_SECRET=quote(SECRETS["API_SECRET"], safe="")),
    "python": lambda code, _: run([sys.executable, "-I", "-"], code),
    "javascript": lambda code, _: run([tool("node"), "-"], code),
    "csharp": in_csharp,
}


def compared(heard: Heard) -> tuple[object, ...]:
    """What has to be the same in every language: JSON is compared as what it says."""
    headers = {name: value.replace(" ", "") for name, value in heard.headers.items() if name in COMPARED}
    query = tuple((name, _timeless(value)) for name, value in heard.query)
    return heard.method, heard.path, query, heard.body, headers


def _timeless(value: object) -> object:
    """Without the time of day at which an item was added."""
    if isinstance(value, dict) and "product" in value and isinstance(value["product"], dict):
        return {**value, "product": {**value["product"], "orderedAt": "now"}}
    return value


@pytest.fixture(scope="module")
def walked(scenario: Path, listener: Listener) -> dict[str, tuple[object, ...]]:
    """What the engine itself sends for each step: the measure of all snippets."""
    from harness.compiler import compile_scenario
    from harness.engine.connect import connect
    from harness.engine.lookup import Held
    from harness.engine.walk import Walker
    from harness.engine.worker import Worker
    from harness.scenario.hosts import host_of
    from harness.scenario.loader import examine
    from harness.scenario.source import read

    class Alone:
        def pause(self, seconds: float) -> None: ...
        def check_stop(self) -> None: ...
        def request_done(self, *_: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        plan = compile_scenario(examine(read(scenario)).scenario)
    worker = Worker(plan, SECRETS["CDP_CLIENT_KEY"], 3, "EXAMPLE")
    held = Held(((host_of(listener.url), ("127.0.0.1",)),))
    transport = connect(listener.url, {}, plan, plan.journeys[0], held)
    before = len(listener.heard)
    Walker(worker, transport, Alone(), Alone()).walk(plan.journeys[0])
    transport.close()
    heard = [compared(each) for each in listener.heard[before:]]
    told = json.dumps(heard, ensure_ascii=False, default=plain)
    told = told.replace("11111111-2222-4333-8444-555555555555", VARIABLES["BROWSER_ID"])
    assert len(heard) == len(STEPS), told
    return dict(zip(STEPS, json.loads(told), strict=True))


def plain(value: Decimal) -> str:
    return str(value.normalize())


def as_json(heard: tuple[object, ...]) -> object:
    return json.loads(json.dumps(heard, ensure_ascii=False, default=plain))


@pytest.mark.parametrize("language", RUNNERS)
@pytest.mark.parametrize("step", STEPS)
def test_it_runs_as_pasted_and_sends_what_the_run_sends(
    language: str, step: str, scenario: Path, listener: Listener, tmp_path: Path, walked: dict[str, object]
) -> None:
    code = snippet(scenario, step, "--lang", language)
    for secret in SECRETS.values():
        assert secret not in code
    before = len(listener.heard)
    RUNNERS[language](code, tmp_path)
    (heard,) = listener.heard[before:]
    assert as_json(compared(heard)) == walked[step], code


def test_a_collection_is_one_by_its_schema_and_sends_the_same(
    scenario: Path, listener: Listener, walked: dict[str, object]
) -> None:
    text = snippet(scenario, "--lang", "postman")
    assert not any(secret in text for secret in SECRETS.values())
    document = json.loads(text)
    assert schema_errors(document) == []
    before = len(listener.heard)
    run_collection(
        document, {"client_key": SECRETS["CDP_CLIENT_KEY"], "api_secret": quote(SECRETS["API_SECRET"], safe="")}
    )
    told = json.dumps([compared(each) for each in listener.heard[before:]], ensure_ascii=False, default=plain)
    told = told.replace("11111111-2222-4333-8444-555555555555", VARIABLES["BROWSER_ID"])
    assert dict(zip(STEPS, json.loads(told), strict=True)) == walked


def test_a_step_in_postman_is_a_collection_too(scenario: Path) -> None:
    document = json.loads(snippet(scenario, "buy/checkout", "--lang", "postman"))
    assert schema_errors(document) == []
    assert [item["name"] for item in document["item"][0]["item"]] == ["checkout"]


def orders(sandbox: SandboxProcess) -> int:
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/stats") as reply:
        return int(json.load(reply)["orders"])


def test_all_steps_as_curl_make_an_order_in_a_sandbox(sandbox: SandboxProcess, tmp_path: Path) -> None:
    script = snippet(ROOT / "scenarios" / "purchase.yaml", "--target", sandbox.url, "--set", "guests.seed=771")
    before = orders(sandbox)
    for _ in range(2):  # the order number is always the same, as the script says
        run(["sh"], script, CDP_CLIENT_KEY="sandbox")
    assert orders(sandbox) == before + 1
    (number,) = re.findall(r"always the same \((\S+)\)", script)
    (asking,) = [line.removeprefix("# ") for line in script.splitlines() if line.startswith("# curl")]
    found = json.loads(run(["sh"], asking, CDP_CLIENT_KEY="sandbox", CDP_API_TOKEN="sandbox"))
    assert [each["referenceId"] for each in found["items"]] == [number]


@pytest.mark.parametrize(
    ("key", "said"),
    [("", "CDP_CLIENT_KEY: set it first (Settings > API access)"), ("wrong", "BROWSER_ID: no browser id came back")],
)
def test_the_script_ends_where_a_variable_is_missing(key: str, said: str, sandbox: SandboxProcess) -> None:
    script = snippet(ROOT / "scenarios" / "purchase.yaml", "--target", sandbox.url)
    environment = {**CLEAN_ENVIRONMENT, "CDP_CLIENT_KEY": key}
    done = subprocess.run(
        ["sh"], input=script, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekout"], "did you mean 'checkout'?"),
        (["zzz"], "there is no step 'zzz': there are browser id, browse"),
        (["--lang", "python"], "python is written a step at a time: name one of browser id"),
    ],
)
def test_what_cannot_be_written_is_refused(arguments: list[str], said: str, scenario: Path) -> None:
    environment = {**dict.fromkeys(os.environ), **SECRETS}
    done = CliRunner().invoke(cli, ["snippet", str(scenario), *arguments], env=environment)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_steps_of_one_name_in_two_journeys_are_told_apart() -> None:
    mixed = ROOT / "scenarios" / "mixed.yaml"
    done = CliRunner().invoke(cli, ["snippet", str(mixed), "identify"])
    assert done.exit_code == 2
    named = re.search(r"several journeys have a step 'identify': (\S+),", done.stderr)
    assert named
    assert "IDENTITY" in snippet(mixed, named[1])


def test_a_written_out_secret_is_covered(tmp_path: Path) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(
        "scenario: api\ntarget: {system: http, url: 'http://127.0.0.1:9'}\n"
        "journeys: {v: {steps: [{request: {path: /a, query: {token: hidden-1}, headers: {Authorization: Bearer hidden-2}}}]}}\n"
        "load: {users: 1, duration: 1s}\n"
    )
    for language in ("curl", "python", "postman"):
        code = snippet(path, "request", "--lang", language)
        assert "hidden" not in code
        assert "AUTHORIZATION" in code.upper()


def test_decoded_compares_numbers() -> None:
    assert decoded('{"a":49.90}') == decoded('{"a":49.9}')
