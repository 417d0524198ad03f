"""Shared: validation in this process, against sandboxes of the tests' own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.run.cases import load_cases
from harness.run.validator import Options, Validator
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from harness.scenario.overrides import Override
from harness.verify.checks import Check
from harness.verify.validated import PathResult

SHOP = """\
scenario: shop
target:
  url: sandbox
  client_key: sandbox
  api_token: sandbox
  point_of_sale: pastoral-witty-grill
defaults: {currency: GBP}
catalog:
  - {item_id: EXACT_90, type: SHOES, name: "Exact & 90%", price: 49.90}
  - {item_id: SOCKS, type: SOCKS, name: 'Söcks "3+1"', price: 0.05}
journeys:
  buy:
    think: 5s
    steps:
      - browse
      - identify
      - repeat: 1..2
        steps:
          - add: {item: any, quantity: 1..3}
      - leave: 20%
      - confirm
      - checkout
  quick:
    steps: [browse, identify, order_checkout]
  abandon:
    steps: [browse, identify, add: SOCKS, force_close]
  look:
    steps:
      - browse
      - search: {product: shoes}
load: {users: 1, iterations: 1}
"""


class Outcome:
    """What a validation found. ``rules`` is the probe of the target's rules; ``waited_s`` is path by path."""

    def __init__(self, results: list[PathResult], rules: Check | None, took_s: float) -> None:
        self.results = results
        self.rules = rules
        self.took_s = took_s
        self.waited_s = [result.waited_ms / 1000 for result in results]

    @property
    def causes(self) -> set[str]:
        """The kinds of causes of all findings."""
        return {finding.cause.kind for result in self.results for finding in result.findings}

    @property
    def held(self) -> bool:
        return all(result.held for result in self.results)


@contextmanager
def sandbox_with(faults: Mapping[str, Any]) -> Iterator[str]:
    """A sandbox that has faults from its first request on."""
    with SandboxProcess(SandboxConfig(faults=faults)) as process:
        yield process.url


@pytest.fixture
def validate(tmp_path: Path) -> Callable[..., Outcome]:
    """Validates a scenario against a URL; keywords are overrides with ``__`` for dots."""

    def run(
        url: str,
        text: str = SHOP,
        wait_s: float = 5.0,
        probe: bool = False,
        one_by_one: bool = False,
        **changes: str,
    ) -> Outcome:
        path = tmp_path / "shop.yaml"
        path.write_text(text, "utf-8")
        told = [("target.url", url), *((name.replace("__", "."), value) for name, value in changes.items())]
        file = load_cases(str(path), [Override(key, value, f"--set {key}") for key, value in told])
        validator = Validator([file], Options(wait_s=wait_s))
        begun = time.monotonic()
        try:
            results = list(validator.run(list(file.cases), lambda *_: None, one_by_one))
            took_s = time.monotonic() - begun
            rules = validator.probe(file) if probe else None
        finally:
            validator.close()
        return Outcome(results, rules, took_s)

    return run
