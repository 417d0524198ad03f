"""The whole language in real runs, against the real sandbox."""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import sys
import threading

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.watching import stats, summary_in

HEAD = """\
scenario: whole
target: {{url: "{url}", client_key: sandbox, api_token: sandbox, point_of_sale: pastoral-witty-grill}}
defaults: {{language: EN, currency: GBP}}
catalog:
  - {{item_id: A, type: SHOES, name: "Shoe & Söck", price: 10.50}}
  - {{item_id: B, type: SOCKS, name: 'B "x"', price: 0.05}}
"""


def sent(summary: dict) -> dict[str, int]:
    return {step["step"]: step["sent"] for step in summary["steps"]}


def test_every_verb_arrives_and_its_orders_exist(harness, tmp_path, sandbox):
    text = (
        HEAD.format(url=sandbox.url)
        + """\
journeys:
  all:
    steps:
      - browse: {page: start, uri: /a?b=c, referrer: "https://example.com/ü"}
        set: {utm_source: "news & more"}
      - identify
      - search: {product: shoes, dates: [2026-01-01]}
      - personalize: {friendly_id: harness_offer}
        capture: {offer: $.offer.id, known: $.guest.known}
        expect: {status: 200, json: {$.guest.known: true}}
      - when: known == true
        steps:
          - event: {type: OFFER_SEEN, ext: {offer: "${offer}", to: "${guest.email}"}}
        else:
          - event: OFFER_LOST
      - add: {item: any, quantity: 1..3}
      - clear_cart
      - add: A
      - confirm: [A]
      - payment: {pay_type: Card, card_type: Visa}
      - checkout: PURCHASED
        expect: {status: 2xx, json: {$.status: OK}, header: {Content-Type: application/json}, body: version}
      - order_checkout: {item: B, quantity: 2..3, card_type: Visa}
      - force_close
load: {users: 2, iterations: 5}
thresholds:
  - error_rate == 0%
  - all.completed == 100%
  - orders.missing == 0
"""
    )
    path = tmp_path / "whole.yaml"
    path.write_text(text, "utf-8")
    before = stats(sandbox.url)
    done = harness("run", path)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    orders = summary["verification"]["orders"]
    assert (orders["expected"], orders["found"], orders["missing"]) == (20, 20, [])
    assert sent(summary)["event"] == 10
    assert "event 2" not in {k for k, v in sent(summary).items() if v}, (
        "the guest is known, so the other way is not gone"
    )
    after = stats(sandbox.url)
    grown = {kind: n - before["events"].get(kind, 0) for kind, n in after["events"].items()}
    for kind in ("VIEW", "IDENTITY", "SEARCH", "OFFER_SEEN", "CLEAR_CART", "PAYMENT", "ORDER_CHECKOUT", "FORCE_CLOSE"):
        assert grown[kind] == 10, kind
    assert grown["ADD"] == 20
    assert after["orders"] - before["orders"] == 20


def test_an_abandoned_cart_is_there_afterwards(harness, tmp_path, sandbox):
    text = (
        HEAD.format(url=sandbox.url)
        + """\
journeys: {abandon: {steps: [browse, identify, {add: {item: A, quantity: 2}}, force_close]}}
load: {users: 1, iterations: 4}
"""
    )
    path = tmp_path / "abandon.yaml"
    path.write_text(text, "utf-8")
    before = stats(sandbox.url)["abandoned"]
    assert harness("run", path).returncode == 0
    after = stats(sandbox.url)["abandoned"]
    assert after["sessions"] - before["sessions"] == 4
    assert float(after["revenue"]["GBP"]) - float(before["revenue"].get("GBP", 0)) == 84


def test_an_embedded_sandbox_knows_the_points_of_sale_of_single_steps(harness, tmp_path):
    text = (
        HEAD.format(url="sandbox")
        + """\
journeys:
  buy:
    steps:
      - browse: start
      - identify
      - {add: A, set: {pos: second-shop}}
      - {confirm: [A], set: {pos: second-shop}}
      - {checkout: PURCHASED, set: {pos: second-shop}}
load: {users: 1, iterations: 1}
verify: {guests: sample 10}
"""
    )
    path = tmp_path / "shops.yaml"
    path.write_text(text, "utf-8")
    harness("run", path)
    events = {each["type"]: each["found"] for each in summary_in(tmp_path)["verification"]["guests"]["events"]}
    assert events == {"VIEW": 1, "IDENTITY": 1, "ADD": 1, "CONFIRM": 1, "CHECKOUT": 1}


def test_open_load_sends_the_guests_that_were_asked_for(harness, tmp_path):
    text = (
        HEAD.format(url="sandbox")
        + """\
journeys:
  look: {weight: 3, steps: [browse, {leave: 50%}, search]}
  buy: {weight: 1, think: 10ms..20ms, steps: [browse, identify, {add: any}, confirm, checkout]}
load: {stages: [{ramp: 40/s, over: 2s}, {hold: 2s}, {spike: 80/s, over: 500ms}, {ramp: 0/s, over: 1s}]}
"""
    )
    path = tmp_path / "open.yaml"
    path.write_text(text, "utf-8")
    done = harness("run", path, "--target", "sandbox")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["model"] == "open"
    look, buy = summary["journeys"]
    assert look["started"] + buy["started"] == 40 + 80 + 40 + 20
    assert (look["failed"], look["unfinished"], buy["failed"], buy["unfinished"]) == (0, 0, 0, 0)
    assert look["started"] == look["completed"] + look["left"]
    assert summary["verification"]["orders"]["found"] == buy["completed"] == buy["started"]
    assert "guests/s" in done.stdout


def test_too_many_guests_at_once_are_dropped_and_said(harness, tmp_path):
    text = (
        HEAD.format(url="sandbox")
        + """\
journeys: {slow: {steps: [browse, {think: 1s}, browse]}}
load: {rate: 50/s, duration: 2s, max_in_flight: 5}
"""
    )
    path = tmp_path / "full.yaml"
    path.write_text(text, "utf-8")
    done = harness("run", path)
    (journey,) = summary_in(tmp_path)["journeys"]
    assert journey["started"] + journey["dropped"] == 100
    assert journey["dropped"] > 50
    assert "dropped" in done.stdout


def test_closed_load_in_stages(harness, tmp_path):
    text = (
        HEAD.format(url="sandbox")
        + """\
journeys: {look: {think: 50ms, steps: [browse, browse]}}
load: {stages: [{step: 2, over: 2s}, {step: 6, over: 2s}]}
"""
    )
    path = tmp_path / "stages.yaml"
    path.write_text(text, "utf-8")
    done = harness("run", path)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["model"] == "closed"
    assert summary["level"] == 6
    assert 3 < summary["duration_s"] < 7


def test_any_web_api(harness, tmp_path, sandbox):
    """``system: http``: no CDP needed; here the target is the sandbox's own web API."""
    text = f"""\
scenario: api
target: {{system: http, url: "{sandbox.url}"}}
journeys:
  api:
    steps:
      - request: {{path: /v1.2/browser/create.json, query: {{client_key: sandbox, message: "{{}}"}}}}
        capture: {{ref: $.ref}}
      - request: {{path: "/v1.2/browser/${{ref}}/show.json", query: {{client_key: sandbox, api_token: sandbox}}}}
        name: show
        expect: {{status: [200, 404]}}
      - request:
          path: /v1.2/events
          method: POST
          headers: {{X-Library-Version: "1.0"}}
          json: {{client_key: sandbox, type: VIEW, browser_id: "${{ref}}", pos: pastoral-witty-grill, channel: WEB,
                 language: EN, currency: GBP, page: "a & b"}}
        name: event
        expect: {{status: 201, json: {{$.status: OK}}}}
      - request: /nowhere
        expect: {{status: 404}}
load: {{users: 2, iterations: 3}}
thresholds: [error_rate == 0%]
"""
    path = tmp_path / "api.yaml"
    path.write_text(text, "utf-8")
    before = stats(sandbox.url)["events"].get("VIEW", 0)
    done = harness("run", path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sent(summary_in(tmp_path)) == {"request": 6, "show": 6, "event": 6, "request 2": 6}
    assert stats(sandbox.url)["events"]["VIEW"] - before == 6


def test_guests_from_a_file_run_out(harness, tmp_path):
    (tmp_path / "people.csv").write_text("email,firstname\n" + "".join(f"p{n}@example.com,P{n}\n" for n in range(5)))
    text = (
        HEAD.format(url="sandbox")
        + """\
guests: {from: people.csv, feed: unique}
journeys: {look: {steps: [browse, identify]}}
load: {users: 2, duration: 10s}
"""
    )
    path = tmp_path / "feed.yaml"
    path.write_text(text, "utf-8")
    done = harness("run", path, timeout=60)
    assert done.returncode == 4, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    assert summary["verdict"] == "incomplete"
    assert "people.csv has 5 rows, and a guest for line 7 is wanted" in summary["reasons"][0]
    assert summary["journeys"][0]["started"] == 5
    assert "Traceback" not in done.stdout + done.stderr
    assert harness("run", path, "--set", "guests.wrap=true", "--duration", "1s").returncode == 0


@pytest.mark.parametrize(("profile", "model"), [("full", "open"), ("smoke", "closed")])
def test_named_loads(harness, tmp_path, profile, model):
    text = (
        HEAD.format(url="sandbox")
        + """\
journeys: {look: {steps: [browse]}}
load:
  full: {rate: 20/s, duration: 1s}
  smoke: {users: 1, iterations: 2}
"""
    )
    path = tmp_path / "named.yaml"
    path.write_text(text, "utf-8")
    assert harness("run", path, "--load", profile).returncode == 0
    assert summary_in(tmp_path)["model"] == model
    wrong = harness("run", path, "--load", "smok")
    assert wrong.returncode == 2
    assert "did you mean 'smoke'?" in wrong.stderr


def test_locusts_tags_pick_journeys(harness, tmp_path):
    text = (
        HEAD.format(url="sandbox")
        + """\
journeys: {one: {steps: [browse]}, two: {steps: [search]}, three: {steps: [clear_cart]}}
load: {users: 6, iterations: 2}
"""
    )
    path = tmp_path / "tags.yaml"
    path.write_text(text, "utf-8")
    assert harness("run", path, "--", "--tags", "one", "two", "--exclude-tags", "two").returncode == 0
    assert {j["name"]: j["started"] for j in summary_in(tmp_path)["journeys"]} == {"one": 12, "two": 0, "three": 0}
    wrong = harness("run", path, "--", "--tags", "four")
    assert wrong.returncode == 2
    assert "a journey's tag is its name" in wrong.stderr


def test_what_does_not_work_is_said(harness, write_scenario):
    done = harness("run", write_scenario(), "--", "--otel")
    assert done.returncode == 2
    assert "not traced" in done.stderr


LISTENER = """
import sys
from locust import events, task, FastHttpUser
from harness.run.door import journeys

globals().update(journeys(sys.argv[1:]))
heard = []


class ByHand(FastHttpUser):
    weight = 1

    @task
    def stats(self):
        self.client.get("/_sandbox/stats", name="by hand")


@events.request.add_listener
def on_request(request_type, name, response_time, response_length, exception, context, url, start_time, **kw):
    heard.append((name, request_type, exception, response_time))


@events.quit.add_listener
def on_quit(**_):
    names = {n for n, *_ in heard}
    print("HEARD", len(heard), sorted(names), all(t == "GET" and e is None and ms > 0 for _, t, e, ms in heard))
"""


def test_hand_written_users_and_listeners_of_locust_work_beside(write_scenario, tmp_path, sandbox):
    (tmp_path / "mine.py").write_text(LISTENER)
    scenario = write_scenario(url=sandbox.url, users=4, ends="duration: 3s", think="20ms")
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", "mine.py", "--scenario", str(scenario), "--headless", "--json-file", "s"],
        cwd=tmp_path, env=CLEAN_ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    summary = summary_in(tmp_path)
    line = next(line for line in done.stdout.splitlines() if line.startswith("HEARD"))
    assert line.endswith("True")
    assert "by hand" in line
    assert "purchase/checkout" in line
    counts = {entry["name"]: entry["num_requests"] for entry in json.loads((tmp_path / "s.json").read_text())}
    assert {f"{s['journey']}/{s['step']}": s["ok"] + s["failed"] for s in summary["steps"]} == {
        name: n for name, n in counts.items() if name != "by hand"
    }
    assert int(line.split()[1]) == sum(counts.values())


def test_warnings_are_said_and_do_not_stop_the_run(harness, write_scenario):
    path = write_scenario(users=1, ends="iterations: 1")
    path.write_text(
        path.read_text().replace("      - browse: home page\n", "      - when: 1 == 2\n        steps: [browse]\n")
    )
    done = harness("run", path)
    assert "can never run" in done.stderr
    assert "warning" in done.stderr


def test_shipped_scenarios_hold(harness, tmp_path):
    for name in ("abandoned-cart", "window-shopping", "mixed"):
        load = (
            ["--users", 3, "--duration", "3s"] if name == "abandoned-cart" else ["--rate", "10/s", "--duration", "3s"]
        )
        done = harness("run", ROOT / f"scenarios/{name}.yaml", "--target", "sandbox", *load, "--out", tmp_path / name)
        assert done.returncode == 0, done.stdout + done.stderr


MIXED = """
from locust import FastHttpUser, task
from harness.engine import users

globals().update({{each.__name__: each for each in users("{scenario}")}})


class ByHand(FastHttpUser):
    host = "{other}"

    @task
    def look(self):
        self.client.get("/_sandbox/about", name="by hand")
"""


def test_compiled_users_stand_in_a_locustfile_of_ones_own(write_scenario, tmp_path, sandbox):
    scenario = write_scenario(url=sandbox.url, think="20ms", ends="duration: 1h")
    (tmp_path / "mixed.py").write_text(MIXED.format(scenario=scenario, other=sandbox.url))
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", "mixed.py", "--headless", "-u", "4", "-r", "4", "-t", "3s", "--json-file", "s"],
        cwd=tmp_path, env=CLEAN_ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    counts = {entry["name"]: entry["num_requests"] for entry in json.loads((tmp_path / "s.json").read_text())}
    assert counts["by hand"] > 0
    assert counts["purchase/checkout"] > 0
    assert not (tmp_path / "runs").exists()


def test_tls_is_verified_against_the_authority_that_is_named(harness, tmp_path):
    """A TLS target of our own: refused with the usual authorities, taken with ours; the slower transport does the same."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        text = f"""\
scenario: tls
target: {{system: http, url: "https://127.0.0.1:{server.server_port}", tls: {{ca: cert.pem}}}}
journeys:
  fast: {{steps: [request: /a]}}
  slow: {{cookies: true, steps: [request: /b]}}
load: {{users: 2, iterations: 5}}
thresholds: [error_rate == 0%, fast.completed == 100%, slow.completed == 100%]
"""
        path = tmp_path / "tls.yaml"
        path.write_text(text, "utf-8")
        done = harness("run", path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert [journey["completed"] for journey in summary_in(tmp_path)["journeys"]] == [5, 5]
        path.write_text(text.replace(", tls: {ca: cert.pem}", ""), "utf-8")
        refused = harness("run", path)
        assert refused.returncode == 3
        assert "its certificate is not trusted" in refused.stderr
        assert "target.tls.ca" in refused.stderr
        server.shutdown()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None: ...
