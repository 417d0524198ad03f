"""The sandbox's event endpoint on one core, beside a Starlette route that only parses the message.

    python -m benchmarks sandbox

Both are served by uvicorn with httptools and uvloop on core 1; wrk sends from core 0, over 32 connections. They take turns.
``views``: VIEW events of 64 browsers; ``purchases``: VIEW, IDENTITY, ADD, CONFIRM, CHECKOUT of 500 guests, each in turn.
BENCH_ROUNDS is how often.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from harness.cdp.endpoints import BROWSER_CREATE, EVENT_CREATE, EVENTS

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = 3
CONNECTIONS = 32
HERE = Path(__file__).parent
COMMON = {"channel": "WEB", "language": "EN", "currency": "GBP", "page": "home page", "pos": "pastoral-witty-grill"}
PRODUCT = {"type": "SHOES", "item_id": "EXACT_90", "name": "Exact 90", "quantity": 2, "price": 49.90, "currency": "GBP"}


def run() -> list[dict[str, Any]]:
    """Measure, print a table, give the figures."""
    found = []
    print("\nevents/s on one core           sandbox  parse only   ratio")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("views by URL", "views by body", "purchases by URL"):
            figures: dict[str, list[float]] = {"sandbox": [], "parse only": []}
            for _ in range(ROUNDS):
                for contestant, served in (("sandbox", _sandbox), ("parse only", _parse_only)):
                    with served() as url:
                        figures[contestant].append(_measured(url, name, Path(folder)))
            middle = {each: statistics.median(values) for each, values in figures.items()}
            ratio = middle["sandbox"] / middle["parse only"]
            print(f"{name:<28}{middle['sandbox']:>10,.0f}{middle['parse only']:>12,.0f}{ratio:>8.2f}")
            found.append({"events": name, **middle, "ratio": ratio, "rounds": figures})
    return found


def _measured(url: str, name: str, folder: Path) -> float:
    """Requests a second. Raises RuntimeError when one failed."""
    events = folder / "events"
    events.write_text("\n".join(_requests(url, name)), "utf-8")
    done = subprocess.run(
        ["taskset", "-c", "0", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s",
         str(HERE / "sandbox_events.wrk.lua"), url],
        env={**os.environ, "EVENTS_FILE": str(events)}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    told = re.search(r"^RESULT (\d+) (\d+) (\d+)$", done.stdout, re.M)
    if told is None or told[3] != "0":
        raise RuntimeError(f"{name} at {url}: {done.stdout}{done.stderr}")
    return int(told[1]) / int(told[2]) * 1e6


def _requests(url: str, name: str) -> Iterator[str]:
    count = 500 if "purchases" in name else 64
    browsers = [_browser(url) for _ in range(count)]
    steps: list[Callable[[int], dict[str, Any]]] = [lambda _: {"type": "VIEW"}]
    if "purchases" in name:
        steps += [
            lambda n: {"type": "IDENTITY", "email": f"guest.{n}@example.com", "firstname": "Ann", "lastname": "Bell"},
            lambda _: {"type": "ADD", "product": PRODUCT},
            lambda _: {"type": "CONFIRM", "product": [{"item_id": "EXACT_90"}]},
            lambda n: {"type": "CHECKOUT", "status": "PURCHASED", "reference_id": f"ORDER_{n}"},
        ]
    for step in steps:
        for number, browser in enumerate(browsers):
            event = {**COMMON, "browser_id": browser, **step(number)}
            if "body" in name:
                yield f"{EVENTS}\t{json.dumps({**event, 'client_key': 'sandbox'}, separators=(',', ':'))}"
            else:
                text = json.dumps(event, separators=(",", ":"))
                yield f"{EVENT_CREATE}?client_key=sandbox&message={quote(text, safe=':,')}"


def _browser(url: str) -> str:
    if url.endswith(PARSE_ONLY_MARK):
        return "7ed103bd-08c2-47f4-8f69-91141ca3200d"
    with urlopen(f"{url}{BROWSER_CREATE}?client_key=sandbox&message=%7B%7D", timeout=10) as reply:
        return str(json.load(reply)["ref"])


PARSE_ONLY_MARK = "/#"
"""At the end of the URL of the one that has no browser ids."""


@contextmanager
def _sandbox() -> Iterator[str]:
    with _served([sys.executable, "-m", "harness", "sandbox", "--port", "{port}"]) as url:
        yield url


@contextmanager
def _parse_only() -> Iterator[str]:
    with _served([sys.executable, "-m", "benchmarks.parse_only", "{port}"]) as url:
        yield url + PARSE_ONLY_MARK


@contextmanager
def _served(command: list[str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["taskset", "-c", "1", *(part.format(port=port) for part in command)],
        cwd=HERE.parent,
        stdout=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command} did not start") from None
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
