"""Whole runs that have to end, be slow, or not begin: leave, production, the circuit breaker, marks of every request."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.report.read_summary import from_json
from tests.conftest import CLEAN_ENVIRONMENT


class Target:
    """Answers everything, as a CDP would; keeps the headers of every request, and fails when it is told to."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.seen: list[tuple[float, str, str, dict[str, str]]] = []
        self.status: Callable[[int], int] = lambda _: 200
        self.locations: dict[str, str] = {}
        self.kind = ""
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                target.seen.append((time.monotonic(), self.command, self.path, dict(self.headers.items())))
                location = target.locations.get(self.path)
                self.send_response(307 if location else target.status(len(target.seen)))
                if location:
                    self.send_header("Location", location)
                ref = "7ed103bd-08c2-47f4-8f69-91141ca3200d"
                body = json.dumps({"ref": ref, "items": [], "customer": {"ref": "g"}, "kind": target.kind}).encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://{address}:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[int, str, dict[str, Any]]]:
    """Runs a scenario; gives exit code, what was told, and the summary (empty where none was written)."""

    def made(text: str, *options: object, command: str = "run", **environment: str) -> tuple[int, str, dict[str, Any]]:
        (tmp_path / "s.yaml").write_text(text, "utf-8")
        out = ["--out", "out", "--quiet"] if command == "run" else []
        done = subprocess.run(
            [sys.executable, "-m", "harness", command, "s.yaml", *out, *map(str, options)],
            cwd=tmp_path, env={**CLEAN_ENVIRONMENT, **environment}, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        written = tmp_path / "out/summary.json"
        summary = json.loads(written.read_text("utf-8")) if written.exists() else {}
        return done.returncode, done.stdout + done.stderr, summary

    return made


WEB = """\
scenario: web
target: {{system: http, url: "{url}"{more}}}
journeys: {{visit: {{think: {think}, steps: [{steps}]}}}}
load: {load}
{rest}
"""


def web(
    url: str, more: str = "", think: str = "20ms", steps: str = "request: /a", load: str = "", rest: str = ""
) -> str:
    steps = ", ".join(f"{{{each}}}" for each in steps.split("; "))
    return WEB.format(url=url, more=more, think=think, steps=steps, load=load or "{users: 2, duration: 30s}", rest=rest)


# The circuit breaker


@pytest.mark.parametrize(
    ("load", "options"),
    [
        ("{users: 4, duration: 1m}", ()),
        ("{rate: 40/s, duration: 1m}", ()),
        ("{users: 4, duration: 1m}", ("--processes", 2)),
        ("{rate: 40/s, duration: 1m}", ("--processes", 2)),
    ],
    ids=["closed", "open", "closed, two processes", "open, two processes"],
)
def test_a_dying_target_is_not_beaten_on(target, run, tmp_path, load, options):
    target.status = lambda number: 200 if number < 60 else 503
    text = web(target.url, load=load, rest="stop_when: [visit.failed > 90% for 1m, error_rate > 50% for 2s]")
    code, out, summary = run(text, *options)
    assert code == 1, out
    assert summary["verdict"] == "fail"
    assert summary["duration_s"] < 40
    stopped = summary["stopped"]
    assert (stopped["condition"], stopped["by"], stopped["seconds"]) == ("error_rate > 50%", "stop_when", 2)
    assert stopped["value"] > 0.5
    said = (
        f"The load was stopped after {stopped['after_s']:.0f} s by stop_when: error_rate > 50% was true for 2 seconds"
    )
    assert summary["reasons"][0].startswith(said)
    assert said in " ".join(out.split())
    assert f"stopped after {stopped['after_s']:.0f} s" in out
    requests = summary["requests"]
    assert requests["sent"] == requests["ok"] + requests["failed"] + requests["unfinished"]
    assert requests["unfinished"] == 0, "requests under way had their time"
    assert requests["sent"] == len(target.seen) - 1, "all but the look before the load"
    for name in ("report.html", "summary.md", "junit.xml"):
        assert "The load was stopped after" in (tmp_path / "out" / name).read_text("utf-8"), name
    assert "by stop_when" in (tmp_path / "out/run.log").read_text("utf-8")
    assert from_json((tmp_path / "out/summary.json").read_text("utf-8")).stopped is not None


def test_what_is_not_that_bad_goes_on(target, run):
    target.status = lambda number: 503 if number % 4 == 0 else 200
    text = web(target.url, load="{users: 2, duration: 4s}", rest="stop_when: error_rate > 50% for 1s")
    code, out, summary = run(text)
    assert code == 1, out
    assert "stopped" not in summary
    assert summary["duration_s"] >= 4


@pytest.mark.parametrize("threshold", ["visit.failed == 0", "visit.failed <= 3"])
def test_stop_on_fail_ends_a_load_that_has_lost(target, run, threshold):
    target.status = lambda number: 200 if number < 30 else 503
    code, out, summary = run(
        web(target.url, load="{users: 4, duration: 1m}", rest=f"thresholds: ['{threshold}']"), "--stop-on-fail"
    )
    assert code == 1, out
    assert summary["stopped"]["by"] == "stop_on_fail"
    assert summary["stopped"]["condition"] == threshold
    assert summary["duration_s"] < 30
    assert f"by --stop-on-fail: {threshold} did not hold" in " ".join(out.split())


# Production


def test_production_is_sent_few_unless_the_scenario_says_more(target, run):
    production = ", environment: production"
    load = "{users: 8, duration: 3s}"
    code, out, _ = run(web(target.url, production, "0s", load=load))
    assert code == 3
    assert "--allow-production" in out
    assert target.seen == []
    code, out, summary = run(web(target.url, production, "0s", load=load), "--allow-production")
    assert code == 0, out
    # Those that wait for their turn when the load is over have their time, as all that are under way.
    assert 10 <= summary["requests"]["sent"] <= 10 * summary["duration_s"] + 8 + 1
    gaps = [late[0] - early[0] for early, late in zip(target.seen[1:], target.seen[2:], strict=False)]
    assert sum(gaps) / len(gaps) > 0.09


def test_max_rate_is_shared_by_processes_and_bounds_redirects_too(target, run):
    target.locations["/hop"] = "/end"
    text = web(target.url, ", max_rate: 20/s", "0s", "request: /hop", "{users: 4, duration: 3s}").replace(
        "visit: {", "visit: {redirects: true, "
    )
    code, out, summary = run(text, "--processes", 2)
    assert code == 0, out
    ended = len(target.seen) - 1
    assert 10 <= ended <= 20 * summary["duration_s"] + 2 * 4 + 2


def test_a_load_that_would_be_too_much_is_refused(target, run):
    load = "{stages: [{ramp: 3/s, over: 1s}, {spike: 8/s, over: 2s}]}"
    text = web(target.url, ", environment: production", "0s", "request: /a; request: /b", load)
    code, out, _ = run(text, "--allow-production")
    assert code == 3, out
    assert "up to 16 requests/s (8 guests/s, 2 requests each), and production is sent 10/s at most" in out
    assert "target.max_rate: 16/s" in out
    assert target.seen == []
    code, out, summary = run(text.replace("production", "production, max_rate: 16/s"), "--allow-production")
    assert code == 0, out
    assert summary["requests"]["failed"] == 0


CDP = """\
scenario: shop
target: {{url: "{url}", environment: production, client_key: sandbox, point_of_sale: grill}}
journeys: {{visit: {{steps: [{steps}]}}}}
load: {{users: 1, iterations: 1}}
"""
CLOSING = (
    "request: {path: /v1.2/events, method: POST, json: {client_key: k, type: FORCE_CLOSE}}",
    'request: {path: /v1.2/events, method: POST, body: "{\\"ty\\\\u0070e\\" : \\"Force\\\\u005fClose\\"}"}',
    'request: {path: "/v1.2/event/create.json?client_key=k&message=%7B%22type%22:%22FORCE%5FCLOSE%22%7D"}',
    "request: {path: /v1.2/events, method: POST, json: {client_key: k, type: '${kind}'}}",
)


@pytest.mark.parametrize("command", ["run", "validate"])
def test_force_close_is_never_sent_to_production(target, run, command):
    """However a request spells it, and also when only a reply says so; other requests are sent."""
    target.kind = "FORCE_CLOSE"
    ways = "".join(
        f"  way{number}: {{steps: [{{request: /kind, capture: {{kind: {{json: $.kind}}}}}}, {{{each}}}, {{request: /on}}]}}\n"
        for number, each in enumerate(CLOSING)
    )
    text = f"""\
scenario: shop
target: {{url: "{target.url}", environment: production, max_rate: 100/s, client_key: sandbox, point_of_sale: grill}}
journeys:
{ways}load: {{users: {len(CLOSING)}, iterations: 1}}
"""
    code, out, _ = run(text, "--allow-production", command=command)
    assert code == 1, out
    assert out.count("FORCE_CLOSE in production") >= len(CLOSING)
    sent = [path.partition("?")[0] for _, _, path, _ in target.seen]
    assert sent.count("/kind") == len(CLOSING)
    assert "/v1.2/events" not in sent
    assert "/v1.2/event/create.json" not in sent


STEPS = (
    "identify, {add: any}, force_close", "{event: {type: FORCE_CLOSE}}", "{event: {type: '${KIND}'}}",
    "{event: {type: force_close}}", "{steps_from: end}", "{browse: home, set: {type: FORCE_CLOSE}}",
)  # fmt: skip


def test_force_close_is_refused_however_it_is_written(harness, target, tmp_path):
    (tmp_path / "more.yaml").write_text("parts: {end: [identify, {add: any}, force_close]}\n", "utf-8")
    for number, steps in enumerate(STEPS):
        text = CDP.format(url=target.url, steps=f"browse, {steps}").replace(
            "journeys:", "include: more.yaml\njourneys:"
        )
        text += "catalog: [{item_id: A1, type: SHOES, name: A shoe, price: 1}]\n"
        (tmp_path / f"closing{number}.yaml").write_text(text, "utf-8")
    files = sorted(path.name for path in tmp_path.glob("closing*.yaml"))
    for command in (("check",), ("validate", "--allow-production")):
        done = harness(*command, *files, KIND="FORCE_CLOSE")
        assert done.returncode == 2
        assert done.stderr.count(": error: ") == len(files), done.stderr
    assert target.seen == []


# Leave


def test_redirects_and_captured_urls_never_lead_to_another_host(target, run, tmp_path):
    elsewhere = Target("127.0.0.2")
    try:
        target.locations["/away"] = f"{elsewhere.url}/x"
        text = f"""\
scenario: web
target: {{system: http, url: "{target.url}"}}
journeys:
  away: {{redirects: true, steps: [{{request: /away}}]}}
  captured:
    steps:
      - request: /a
        capture: {{there: {{regex: '"ref"'}}}}
      - request: "/go/${{there}}"
  captured-url:
    redirects: true
    steps:
      - request: /a
        capture: {{there: {{json: $.ref}}}}
      - request: "/${{'{elsewhere.url}'}}/${{there}}"
load: {{users: 3, iterations: 2}}
"""
        code, out, summary = run(text)
        assert code == 1, out
        assert {(each["kind"], each["detail"]) for each in summary["errors"]} == {
            ("not_allowed", "redirected to another host")
        }
        assert summary["errors"][0]["count"] == 2
        assert "not allowed" in out
        assert elsewhere.seen == []
    finally:
        elsewhere.close()


def test_a_whole_url_in_a_request_is_no_path(run, target):
    code, out, _ = run(web(target.url, steps=f'request: "{target.url}/x"'))
    assert code == 2
    assert "a whole URL" in out
    assert target.seen == []


@pytest.mark.parametrize(
    ("host", "way_out"), [("0x7f.1", "write 127.0.0.1"), ("https://shop.example", "write only the host: shop.example")]
)
def test_leave_for_what_is_no_host(run, target, host, way_out):
    code, out, _ = run(web(target.url), "--allow-host", host)
    assert code == 2
    assert out.startswith("error: --allow-host: ")
    assert way_out in out
    assert target.seen == []


def test_leave_beside_the_scenario(run, target, tmp_path):
    """Names of this machine need leave; what they lead to is looked at."""
    url = target.url.replace("127.0.0.1", "shop.localhost")
    text = web(url, load="{users: 1, iterations: 1}")
    code, out, _ = run(text)
    assert (code, "--allow-host shop.localhost" in out) == (3, True), out
    (tmp_path / "harness.yaml").write_text("allow_hosts: [127.0.0.0/8, 'Shop.Localhost.']\n", "utf-8")
    code, out, summary = run(text)
    known = "cannot be resolved" not in out  # not every system knows names below localhost
    assert code == (0 if known else 3), out
    assert not known or summary["requests"]["sent"] == 1


# Marks


def test_every_request_of_a_run_can_be_recognised(target, run):
    """Those of the load, over either transport, those before it, and those that read back."""
    text = f"""\
scenario: marked
target: {{url: "{target.url}", client_key: sandbox, api_token: sandbox, point_of_sale: grill}}
journeys:
  shop: {{steps: [browse, identify, {{request: {{path: /x, method: POST, json: {{a: 1}}}}}}]}}
  other: {{redirects: true, cookies: true, steps: [{{request: /hop}}, {{personalize: offer}}]}}
load: {{users: 2, iterations: 2}}
verify: {{wait: 100ms}}
"""
    target.locations["/hop"] = "/end"
    for command, letter in (("run", "R"), ("validate", "V")):
        target.seen.clear()
        run(text, *(("--wait", "100ms", "--probe-rules") if command == "validate" else ()), command=command)
        paths = {path.partition("?")[0] for _, _, path, _ in target.seen}
        assert {"/v1.2/browser/create.json", "/v1.2/event/create.json", "/hop", "/end", "/x", "/v2/callFlows"} <= paths
        assert any(path.startswith("/v2/guests") for path in paths), paths
        agents = {headers.get("User-Agent", "").partition("/")[0] for *_, headers in target.seen}
        runs = {headers.get("X-Harness-Run", "") for *_, headers in target.seen}
        assert agents == {"harness"}
        assert len(runs) == 1, runs
        assert runs.pop().startswith(letter)
