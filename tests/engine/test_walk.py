"""A guest's way, over a transport that answers from a script: flow, checks, captures, ledger, counts."""

from __future__ import annotations

import itertools
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compiler import compile_scenario
from harness.engine.http_reply import Reply
from harness.engine.walk import Walker
from harness.engine.worker import Worker
from harness.guests.identity import RanOutError
from harness.record.ledger import Outcome
from harness.record.recorder import Failure
from harness.scenario.loader import load, loads

HEAD = """\
scenario: walk
target: {url: sandbox, point_of_sale: grill}
defaults: {currency: GBP}
catalog:
  - {item_id: A, type: T, name: One, price: 10.50}
  - {item_id: B, type: T, name: Two, price: 1.00}
load: {users: 1, iterations: 1}
journeys:
  way:
    think: 1s..2s
    steps:
"""


class Script:
    """A transport: ``answer(method, target, body)`` gives status and JSON, or a Reply."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.sent: list[tuple[str, str, bytes, bytes | None]] = []

    def send(self, method, target, headers=b"", body=None) -> Reply:
        self.sent.append((method, target.decode(), headers, body))
        made = self.answer(method, target.decode(), body)
        if isinstance(made, Reply):
            return made
        status, document, *named = made
        head = "".join(f"\r\n{name}: {value}" for name, value in (named[0] if named else {}).items())
        return Reply(status, json.dumps(document).encode(), 1500, 10, 20, head=head.encode("latin-1"))

    def close(self) -> None: ...

    @property
    def events(self) -> list[dict]:
        found = [parse_qs(urlsplit(target).query).get("message", ["{}"])[0] for _, target, _, _ in self.sent]
        return [message for text in found if "type" in (message := json.loads(text))]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


class Host:
    def __init__(self) -> None:
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def check_stop(self) -> None: ...

    def request_done(self, *_) -> None: ...


def fine(method, target, body):
    return (
        (200, {"ref": "b-1"}) if "browser/create" in target else (201, {"status": "OK", "offer": {"id": 7, "x": [1.5]}})
    )


def walk(steps: str, answer=fine, times: int = 1, seed: int = 1, head: str = HEAD):
    indented = "\n".join(f"      {line}" for line in steps.strip().splitlines())
    plan = compile_scenario(loads(head + indented + "\n"))
    worker, script, host = Worker(plan, "KEY", seed, "R1"), Script(answer), Host()
    for _ in range(times):
        Walker(worker, script, host, host).walk(plan.journeys[0])
    return worker, script, host


def journey(worker: Worker):
    return worker.recorder.take().journeys["way"]


def test_think_times_lie_between_steps_but_not_after_the_browser_id():
    _, script, host = walk("- browse\n- browse\n- think: 5s\n- browse")
    assert len(script.sent) == 4
    assert len(host.pauses) == 2, "between the first two; the third follows a pause of its own"
    assert 1 <= host.pauses[0] <= 2
    assert host.pauses[1] == 5


_MADE = itertools.count(1)


def _counting(method, target, body):
    return (200, {"ref": f"b-{next(_MADE)}"}) if "browser/create" in target else (201, {"status": "OK"})


@pytest.mark.parametrize("browser", ["new", "same"])
def test_who_comes_back_has_another_browser_or_the_same(browser):
    head = HEAD.replace("journeys:", f"guests: {{returning: 50%, browser: {browser}}}\njourneys:")
    _, script, _ = walk("- browse\n- identify", _counting, times=200, head=head)
    seen: dict[str, set[str]] = {}
    for event in script.events:
        if event["type"] == "IDENTITY":
            seen.setdefault(event["email"], set()).add(event["browser_id"])
    made = sum("browser/create" in target for _, target, _, _ in script.sent)
    assert 70 < len(seen) < 130, "half of them come back"
    if browser == "same":
        assert made == len(seen)
        assert all(len(browsers) == 1 for browsers in seen.values())
    else:
        assert made == 200
        assert max(map(len, seen.values())) > 1


def test_a_file_may_give_browser_ids(tmp_path):
    (tmp_path / "people.csv").write_text("email,browser_id\na@example.com,b-77\nb@example.com,\n")
    path = tmp_path / "fed.yaml"
    path.write_text(
        HEAD.replace("journeys:", "guests: {from: people.csv}\njourneys:") + "      - browse\n      - identify\n"
    )
    plan = compile_scenario(load(path))
    worker, script, host = Worker(plan, "KEY", 1, "R1"), Script(_counting), Host()
    for _ in range(2):
        Walker(worker, script, host, host).walk(plan.journeys[0])
    given = [event["browser_id"] for event in script.events if event["type"] == "VIEW"]
    assert given[0] == "b-77"
    assert given[1] != "b-77"
    assert sum("browser/create" in target for _, target, _, _ in script.sent) == 1


def test_repeat_choose_leave_by_their_shares():
    steps = "- repeat: 1..3\n  steps: [browse]\n- choose:\n  - 70%: [search]\n  - 20%: [clear_cart]\n- leave: 25%\n- identify"
    worker, script, _ = walk(steps, times=4000)
    counts = {kind: script.types.count(kind) for kind in ("VIEW", "SEARCH", "CLEAR_CART", "IDENTITY")}
    # Five standard deviations of each count.
    assert abs(counts["VIEW"] - 8000) < 5 * (4000 * 2 / 3) ** 0.5
    assert abs(counts["SEARCH"] - 2800) < 5 * (4000 * 0.7 * 0.3) ** 0.5
    assert abs(counts["CLEAR_CART"] - 800) < 5 * (4000 * 0.2 * 0.8) ** 0.5
    assert abs(counts["IDENTITY"] - 3000) < 5 * (4000 * 0.75 * 0.25) ** 0.5
    figures = journey(worker)
    assert figures.started == figures.completed + figures.left == 4000
    assert figures.completed == counts["IDENTITY"]


def test_the_same_seed_walks_the_same_ways():
    steps = "- repeat: 0..5\n  steps: [{add: {item: any, quantity: 1..9}}]\n- identify"
    one, other = walk(steps, times=50, seed=4)[1], walk(steps, times=50, seed=4)[1]
    assert [t for _, t, _, _ in one.sent if "browser/create" in t] == [
        t for _, t, _, _ in other.sent if "browser/create" in t
    ]
    strip = [
        {k: v for k, v in e.items() if k != "product"} | {"q": e.get("product", {}).get("quantity")} for e in one.events
    ]
    again = [
        {k: v for k, v in e.items() if k != "product"} | {"q": e.get("product", {}).get("quantity")}
        for e in other.events
    ]
    assert strip == again
    assert walk(steps, times=50, seed=5)[1].types != one.types


def test_captures_conditions_and_texts():
    steps = """
- personalize: {friendly_id: offer, params: {lang: "${guest.locale}", total: "${cart.total}", both: "a ${cart.count}"}}
  capture: {offer: $.offer.id, deep: "$.offer.x[0]", tag: {header: X-Tag}, word: {regex: '"status": "(\\w+)"'}}
- when: offer == 7 and deep > 1.4 and word == 'OK'
  steps:
    - browse: {page: "offer ${offer} & ${tag}"}
  else:
    - search
- event: {type: SEEN, ext: {offer: "${offer}", text: "<${tag}>", who: "${guest.email}"}}
- request: {path: "/x/${tag}", method: POST, query: {q: "${tag}"}, headers: {X-A: "${tag}"}, json: {n: "${deep}"}}
- request: {path: /f, method: POST, form: {a b: "${tag}"}}
"""

    def answer(method, target, body):
        status, document = fine(method, target, body)
        return status, document, {"X-Tag": 'ä/ &"B'}

    _, script, _ = walk(steps, answer)
    call = next(body for _, target, _, body in script.sent if target == "/v2/callFlows")
    sent = json.loads(call)
    assert sent["params"] == {"lang": "en_GB", "total": 0.0, "both": "a 0"}
    assert sent["clientKey"] == "KEY"
    assert sent["browserId"] == "b-1"
    assert script.events[0]["page"] == 'offer 7 & ä/ &"B'
    assert script.events[1]["ext"]["offer"] == 7
    assert script.events[1]["ext"]["text"] == '<ä/ &"B>'
    assert script.events[1]["ext"]["who"].endswith("@example.com")
    method, target, headers, body = script.sent[-2]
    assert (method, target) == ("POST", "/x/%C3%A4%2F%20%26%22B?q=%C3%A4%2F%20%26%22B")
    assert headers == 'X-A: ä/ &"B\r\nContent-Type: application/json\r\n'.encode("latin-1"), "no line of one's own"
    assert body == b'{"n":1.5}'
    assert script.sent[-1][3] == b"a+b=%C3%A4%2F+%26%22B"


def test_a_capture_that_is_not_there_loses_the_guest():
    worker, script, _ = walk("- browse:\n  capture: {a: $.nothing}\n- event: {type: A, ext: {a: '${a}'}}")
    figures = worker.recorder.take()
    assert figures.journeys["way"].failed == 1
    assert [(e.kind, e.detail) for e in figures.errors] == [("capture", "no usable value at $.nothing")]
    assert script.types == ["VIEW"]


@pytest.mark.parametrize(
    ("expect", "failure", "goes_on"),
    [
        ("{status: 201}", None, True),
        ("{status: [200, 2xx]}", None, True),
        ("{status: 200}", ("http_status", "201"), False),
        ("{within: 1ms}", ("check", "slower than 1 ms"), True),
        ("{within: 2ms}", None, True),
        ("{json: {$.status: OK}}", None, True),
        ("{json: {'$.offer.x[0]': 1.5, $.offer.id: 7}}", None, True),
        ("{json: {$.offer.id: '7'}}", ("check", "$.offer.id is not '7'"), True),
        ("{json: {$.no: null}}", ("check", "$.no is not None"), True),
        ("{body: offer}", None, True),
        ("{body: nope}", ("check", "the body does not hold 'nope'"), True),
        ("{header: {X-A: b}}", ("check", "header x-a is not 'b'"), True),
    ],
)
def test_expectations(expect, failure, goes_on):
    worker, script, _ = walk(f"- browse:\n  expect: {expect}\n- search")
    figures = worker.recorder.take()
    assert [(e.kind, e.detail) for e in figures.errors] == ([failure] if failure else [])
    assert (script.types == ["VIEW", "SEARCH"]) == goes_on
    assert figures.journeys["way"].completed == goes_on


BUY = "- browse\n- identify\n- add: {item: A, quantity: 2}\n- add: B\n- confirm\n- checkout"


def test_the_ledger_follows_the_replies():
    replies = iter(
        [
            (201, {}),
            (400, {}),
            (500, {}),
            Reply(0, b"", 1, 0, 0, Failure("timeout", "no reply")),
            Reply(0, b"", 1, 0, 0, Failure("connection", "connection refused"), unsent=True),
        ]
    )

    def answer(method, target, body):
        return next(replies) if "CHECKOUT" in target else fine(method, target, body)

    worker, script, _ = walk(BUY, answer, times=5)
    assert [entry.outcome for entry in worker.book.ledger.entries()] == [
        Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.REFUSED,
    ]  # fmt: skip
    assert {entry.value for entry in worker.book.ledger.entries()} == {220_000}
    numbers = [e["reference_id"] for e in script.events if e["type"] == "CHECKOUT"]
    assert numbers == [worker.order_number(place) for place in range(5)]
    assert len(set(numbers)) == 5
    figures = journey(worker)
    assert (figures.completed, figures.failed) == (1, 4)


def test_an_order_in_one_event_holds_the_whole_cart():
    worker, script, _ = walk(
        "- browse\n- identify\n- add: {item: A, quantity: 2}\n- order_checkout: {item: B, quantity: 3}"
    )
    order = script.events[-1]["order"]
    assert order["price"] == 24.0
    assert [(i["item_id"], i["quantity"], i["price"]) for i in order["orderItems"]] == [("A", 2, 10.5), ("B", 3, 1.0)]
    assert [entry.value for entry in worker.book.ledger.entries()] == [240_000]


def test_another_status_makes_no_order():
    worker, _, _ = walk("- browse\n- identify\n- add: A\n- confirm\n- checkout: CANCELLED")
    assert [entry.outcome for entry in worker.book.ledger.entries()] == [Outcome.NO_ORDER]


@given(st.lists(st.sampled_from([201, 500, 404, "timeout"]), min_size=1, max_size=40))
def test_counts_agree_whatever_the_replies(replies):
    """Property: what was sent is what was answered, failed or unanswered; journeys add up; the ledger has every order."""
    queue = list(replies)

    def answer(method, target, body):
        if "browser/create" in target or not queue:
            return fine(method, target, body)
        reply = queue.pop()
        if reply == "timeout":
            return Reply(0, b"", 1, 0, 0, Failure("timeout", "no reply"))
        return reply, {}

    worker, script, _ = walk(BUY, answer, times=10)
    figures = worker.recorder.take()
    assert sum(step.sent for step in figures.steps.values()) == len(script.sent)
    for step in figures.steps.values():
        assert step.sent == step.ok + step.failed
    way = figures.journeys["way"]
    assert way.started == way.completed + way.failed == 10
    assert len(worker.book.ledger) == script.types.count("CHECKOUT")
    acknowledged = sum(e.outcome is Outcome.ACKNOWLEDGED for e in worker.book.ledger.entries())
    assert acknowledged == figures.steps[("way", "checkout")].ok


def test_guests_from_a_file_run_out(tmp_path):
    (tmp_path / "people.csv").write_text("email,firstname\na@x.org,Ann\nb@x.org,Bob\n")
    text = HEAD.replace("load:", "guests: {from: people.csv, feed: unique}\nload:") + "      - identify\n"
    plan = compile_scenario(loads(text, str(tmp_path / "s.yaml")))
    worker, script, host = Worker(plan, "KEY", 1, "R1"), Script(fine), Host()
    walker = Walker(worker, script, host, host)
    walker.walk(plan.journeys[0])
    walker.walk(plan.journeys[0])
    with pytest.raises(RanOutError, match=r"people.csv has 2 rows, and a guest for line 4 is wanted"):
        walker.walk(plan.journeys[0])
    assert [(e["email"], e["firstname"]) for e in script.events] == [("a@x.org", "Ann"), ("b@x.org", "Bob")]
    assert all(e["lastname"] for e in script.events), "what the file lacks, Faker adds"
