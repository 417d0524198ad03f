"""A load whose guests are created and deleted by the Guest REST API: what was deleted on purpose is not missed."""

from __future__ import annotations

import json

SCENARIO = """\
scenario: comings-and-goings
target: {url: sandbox, point_of_sale: pastoral-witty-grill}
defaults: {currency: GBP}
catalog: [{item_id: A, type: T, name: A, price: 10.00}]
journeys:
  path:
    steps:
      - guest: create
      - browse
      - identify
      - add: A
      - confirm
      - checkout
      - choose:
          - 50%: [{guest: delete}]
verify: {orders: all}
load: {users: 4, iterations: 15}
guests: {seed: 5}
thresholds: [error_rate == 0%, orders.missing == 0]
"""


def test_what_was_deleted_is_not_missing(harness, tmp_path):
    (tmp_path / "s.yaml").write_text(SCENARIO, "utf-8")
    done = harness("run", "s.yaml", "--out", "run", "--quiet", "--processes", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    guests = [json.loads(line) for line in (tmp_path / "run/guests.jsonl").read_text("utf-8").splitlines()]
    states = [guest["state"] for guest in guests]
    assert len(states) == 60
    assert 10 < states.count("deleted") < 50
    summary = json.loads((tmp_path / "run/summary.json").read_text("utf-8"))
    orders = summary["verification"]["orders"]
    assert (orders["expected"], orders["found"], orders["missing"]) == (60 - states.count("deleted"),) * 2 + ([],)
    types = {step["step"]: step["type"] for step in summary["steps"]}
    assert types["guest"] == "GUEST_CREATE"
    assert types["guest 2"] == "GUEST_DELETE"
