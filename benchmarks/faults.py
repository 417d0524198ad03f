"""Runs of several processes to which seeded harm is done: every request counted once, every order there, nobody twice.

    python -m benchmarks faults

FAULT_RUNS (100) runs of some ten seconds, FAULT_JOBS (3) at a time, each with a sandbox of its own; FAULT_SEED (1) is the first
run's seed. Each has two or three workers, over wires that can be stalled and cut, a closed or an open load, and two harms drawn by
its seed: a worker killed, stopped for some seconds, its wire stalled or cut; the target resetting connections, before or after it
has done the work, or standing still. For every run:

- what the target counted lies between what was answered and what was sent, plus what lost workers may have sent as stated;
  where no worker was lost and the target did nothing wrong it *is* what was sent;
- sent = ok + failed + unfinished for every step, and the funnel's sums hold;
- of the orders that were acknowledged none is missing, none is there twice;
- no guest, and no order number, comes twice.

A run that breaks one of these is named with its seed, and the command fails.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests.distributed.driver import Load, between
from tests.watching import stats

RUNS = int(os.environ.get("FAULT_RUNS", "100"))
JOBS = int(os.environ.get("FAULT_JOBS", "3"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
SECONDS = 9
HARMS = ("kill", "pause", "stall", "cut", "resets", "late resets", "target stalls")
ONLY = ["VIEW", "IDENTITY", "ADD", "CONFIRM", "CHECKOUT"]


def run() -> dict[str, Any]:
    """All of them; raises SystemExit when one is wrong."""
    with ThreadPoolExecutor(JOBS) as pool:
        told = list(pool.map(_one, range(SEED, SEED + RUNS)))
    wrong = [each for each in told if each["wrong"]]
    sent = sum(each["sent"] for each in told)
    lost = sum(each["lost"] for each in told)
    exact = sum(each["sent"] == each["arrived"] for each in told)
    print(
        f"\n{RUNS - len(wrong)} of {RUNS} runs right; {sent:,} requests, {lost} workers lost; sent = arrived in {exact}"
    )
    counts = {harm: sum(harm in each["harms"] for each in told) for harm in HARMS}
    print("harms: " + ", ".join(f"{harm} {count}" for harm, count in counts.items()))
    if wrong:
        raise SystemExit("wrong: " + "; ".join(f"seed {each['seed']}: {', '.join(each['wrong'])}" for each in wrong))
    return {"runs": RUNS, "wrong": 0, "sent": sent, "workers_lost": lost, "exact": exact}


def _one(seed: int) -> dict[str, Any]:
    dice = random.Random(seed)
    workers = dice.choice((2, 3))
    harms = dice.sample(HARMS, 2)
    while {"resets", "late resets"} == set(harms):  # which of them swallowed what could not be told
        harms = dice.sample(HARMS, 2)
    load = dice.choice((f"{{users: {3 * workers}, duration: {SECONDS}s}}", f"{{rate: 30/s, duration: {SECONDS}s}}"))
    with (
        SandboxProcess(SandboxConfig()) as target,
        tempfile.TemporaryDirectory() as folder,
        Load(Path(folder), target.url, load, seed=seed) as ours,
    ):
        ours.start(workers, wired=True)
        print(f"seed {seed:3}  {workers} workers  {', '.join(harms)}  {load}", flush=True)
        ours.wait_for_seconds(1)
        doing = [
            threading.Thread(target=_harm, args=(ours, number, harm, random.Random(dice.random())))
            for number, harm in enumerate(harms)
        ]
        for each in doing:
            each.start()
        for each in doing:
            each.join()
        code, summary, _ = ours.ended(120)
        arrived = between(ours.before, stats(target.url)) + _swallowed(target.url)
        wrong = [*_wrong(summary, arrived, code, harms), *_twice(ours.out)]
    requests, lost = summary["requests"], summary["generator"]["workers_lost"]
    print(
        f"seed {seed:3}  {workers} workers  {harms[0] + ', ' + harms[1]:28} exit {code}  sent {requests['sent']:5}  "
        f"arrived {arrived:5}  lost {lost}  {'WRONG ' + ', '.join(wrong) if wrong else 'right'}",
        flush=True,
    )
    return {
        "seed": seed, "harms": harms, "sent": requests["sent"], "arrived": arrived, "lost": lost, "wrong": wrong
    }  # fmt: skip


def _harm(ours: Load, worker: int, harm: str, dice: random.Random) -> None:
    time.sleep(dice.uniform(0, 1.5))
    match harm:
        case "kill":
            ours.signal(worker, signal.SIGKILL)
        case "pause":
            ours.signal(worker, signal.SIGSTOP)
            time.sleep(dice.uniform(0.5, 6))
            ours.signal(worker, signal.SIGCONT)
        case "stall" | "cut":
            ours.wires[worker].stall()
            time.sleep(dice.uniform(0.5, 5))
            if harm == "cut":
                ours.wires[worker].cut()
            ours.wires[worker].go_on()
        case "resets" | "late resets":
            _faults(ours.url, {"resets": {"rate": 0.03, "stored": harm == "late resets", "only": ONLY}})
        case "target stalls":
            _faults(ours.url, {"stall": {"for": f"{dice.uniform(0.5, 3):.1f}s", "only": ONLY}})


def _faults(url: str, more: dict[str, Any]) -> None:
    """Add to the target's faults."""
    with urllib.request.urlopen(f"{url}/_sandbox/faults", timeout=5) as reply:
        known = json.load(reply)["faults"]
    document = {**known, **more}
    request = urllib.request.Request(
        f"{url}/_sandbox/faults", json.dumps(document).encode(), {"Content-Type": "application/json"}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=5).close()


def _swallowed(url: str) -> int:
    """Requests that the target reset before it did anything."""
    with urllib.request.urlopen(f"{url}/_sandbox/faults", timeout=5) as reply:
        told = json.load(reply)
    stored = told["faults"].get("resets", {}).get("stored", False)
    return 0 if stored else int(told["injected"].get("resets", 0))


def _wrong(summary: dict[str, Any], arrived: int, code: int, harms: list[str]) -> list[str]:
    requests, lost = summary["requests"], summary["generator"]["workers_lost"]
    wrong = []
    most = requests["sent"] + summary["generator"]["unknown"]
    if not requests["sent"] - requests["failed"] - requests["unfinished"] <= arrived <= most:
        wrong.append(f"{arrived} arrived, {requests['sent']} sent, {summary['generator']['unknown']} unknown")
    if not lost and not requests["failed"] and not requests["unfinished"] and arrived != requests["sent"]:
        wrong.append(f"{arrived} arrived, {requests['sent']} sent")
    if lost != harms.count("kill"):
        wrong.append(f"{lost} workers lost")
    if lost and code != 4:
        wrong.append(f"exit {code} with a worker lost")
    orders = summary["verification"]["orders"]
    wrong += [f"{orders[each]} orders {each}" for each in ("missing_count", "duplicated", "unexpected") if orders[each]]
    return wrong


def _twice(out: Path) -> list[str]:
    guests = [json.loads(line)["guest"] for line in (out / "guests.jsonl").read_text("utf-8").splitlines()]
    return ["a guest twice"] if len(set(guests)) != len(guests) else []
