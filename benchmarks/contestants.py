"""Who is measured: command lines that send the purchase journey until they are stopped, and what they wrote."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.nginx import TLS_URL, URL

HERE = Path(__file__).parent
REQUESTS_A_JOURNEY = 6
LONGEST_S = 120
"""No contestant runs longer, whatever becomes of this process."""

HTTP_USER = "Locust HttpUser"
FAST_HTTP_USER = "Locust FastHttpUser"
FAST_HTTP_USER_TLS = "Locust FastHttpUser, TLS"
CLOSED = "ours, closed"
OPEN = "ours, open"
LISTENER = "ours, closed, listener"
TLS = "ours, closed, TLS"


@dataclass(frozen=True)
class Contestant:
    """``command(users, folder)`` is what to run in ``folder``; ``failures(folder)`` how many requests it says failed.

    ``base``: whom it is compared with. ``scales``: measured with many users, too. ``connects``: every user keeps a
    connection, so that it can be seen when all are there.
    """

    name: str
    base: str
    command: Callable[[int, Path], list[str]]
    failures: Callable[[Path], int]
    environment: dict[str, str] = field(default_factory=dict)
    scales: bool = False
    connects: bool = True


def contestants(rate: float, ca: Path, think: str = "", users_a_second: int = 0) -> list[Contestant]:
    """All that can run here. ``rate``: journeys per second of the open one; ``ca``: the certificate to trust.

    ``think``: pause between the steps of compiled journeys; those by hand pause 20 s between journeys then.
    ``users_a_second``: how fast users come (0: all at once).
    """
    by_hand, plain = _by_hand(URL, users_a_second), _compiled("../locustfiles/journeys.py", URL)
    closed = (
        _compiled("../locustfiles/journeys.py", URL, think=think, users_a_second=users_a_second) if think else plain
    )
    wait = {"BENCH_WAIT": "20"} if think else {}
    slow = {"BENCH_USER": "HttpUser", **wait}
    tls = _compiled("../locustfiles/journeys.py", TLS_URL, ca=ca)
    found = [
        Contestant(HTTP_USER, FAST_HTTP_USER, by_hand, _locust_failures, slow, scales=True),
        Contestant(FAST_HTTP_USER, FAST_HTTP_USER, by_hand, _locust_failures, wait, scales=True),
        Contestant(CLOSED, FAST_HTTP_USER, closed, _our_failures, scales=True),
        open_load(rate),
        Contestant(LISTENER, FAST_HTTP_USER, _compiled("listening.py", URL), _our_failures),
        Contestant(FAST_HTTP_USER_TLS, FAST_HTTP_USER_TLS, _by_hand(TLS_URL), _locust_failures),
        Contestant(TLS, FAST_HTTP_USER_TLS, tls, _our_failures),
    ]
    if shutil.which("k6"):
        found.append(Contestant("k6", FAST_HTTP_USER, _k6, _none, {"GOMAXPROCS": "1"}, scales=True))
    if shutil.which("artillery"):
        quiet = {"WORKERS": "1", "ARTILLERY_DISABLE_TELEMETRY": "true"}
        found.append(Contestant("Artillery", FAST_HTTP_USER, _artillery, _none, quiet))
    if shutil.which("wrk"):
        found.append(Contestant("wrk", FAST_HTTP_USER, _wrk, _none, scales=True))
    return found


def open_load(rate: float) -> Contestant:
    """Ours at so many journeys per second."""
    load = f"{{rate: {rate:.0f}/s, duration: {LONGEST_S}s, max_in_flight: 2000}}"
    command = _compiled("../locustfiles/journeys.py", URL, load=load)
    return Contestant(OPEN, FAST_HTTP_USER, command, _our_failures, connects=False)


def _locust(locustfile: str) -> list[str]:
    command = [sys.executable, "-m", "locust", "-f", os.path.normpath(HERE / locustfile), "--headless"]
    return [*command, "-t", f"{LONGEST_S}s", "--only-summary", "--json-file", "stats", "--skip-log-setup"]


def _by_hand(url: str, users_a_second: int = 0) -> Callable[[int, Path], list[str]]:
    return lambda users, _: [
        *_locust("handwritten.py"), "--host", url, "-u", str(users), "-r", str(users_a_second or users),
    ]  # fmt: skip


def _compiled(
    locustfile: str, url: str, *, load: str = "", think: str = "", users_a_second: int = 0, ca: Path | None = None
) -> Callable[[int, Path], list[str]]:
    def command(users: int, folder: Path) -> list[str]:
        text = (HERE / "scenario.yaml").read_text("utf-8").replace(URL, url)
        if ca is not None:
            text = text.replace("target: {", f"target: {{tls: {{ca: {json.dumps(str(ca))}}}, ")
        if think:
            text = text.replace("    steps:", f"    think: {think}\n    steps:")
        wanted = load or f"{{users: {users}, duration: {LONGEST_S}s}}"
        start, found, _ = text.partition("\nload:")
        assert found
        scenario = folder / "scenario.yaml"
        scenario.write_text(f"{start}\nload: {wanted}\n", "utf-8")
        options = [] if load else ["-u", str(users), "-r", str(users_a_second or users)]
        return [*_locust(locustfile), *options, "--scenario", str(scenario), "--out", str(folder / "run")]

    return command


def _k6(users: int, _: Path) -> list[str]:
    return [
        "k6",
        "run",
        "--quiet",
        "--no-usage-report",
        "--vus",
        str(users),
        "--duration",
        f"{LONGEST_S}s",
        str(HERE / "purchase.k6.js"),
    ]


def _artillery(users: int, _: Path) -> list[str]:
    # Its guests come at the beginning and go on for as long as they are let.
    return ["env", f"BENCH_USERS={users}", "artillery", "run", "--quiet", str(HERE / "purchase.artillery.yaml")]


def _wrk(users: int, _: Path) -> list[str]:
    return ["wrk", "-t1", f"-c{users}", f"-d{LONGEST_S}s", "-s", str(HERE / "purchase.wrk.lua"), URL]


def _locust_failures(folder: Path) -> int:
    entries = json.loads((folder / "stats.json").read_text("utf-8"))
    assert sum(entry["num_requests"] for entry in entries), "nothing was sent"
    return sum(entry["num_failures"] for entry in entries)


def _our_failures(folder: Path) -> int:
    requests = json.loads((folder / "run/summary.json").read_text("utf-8"))["requests"]
    assert requests["sent"], "nothing was sent"
    return int(requests["failed"])


def _none(_: Path) -> int:
    return 0
