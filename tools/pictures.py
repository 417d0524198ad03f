"""Takes the pictures in docs/pictures/: the report, the sandbox's page and the tab Journeys of one real load.

    .venv/bin/python -m tools.pictures

The load is scenarios/mixed.yaml on a sandbox whose replies take some 25 ms. Beside the pictures outlines.json says
which headings and labels each shows, in their order: by that a test sees when a page has become another.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from harness.cli.run import free_port
from harness.sandbox.config import SandboxConfig
from harness.sandbox.process import SandboxProcess
from tests import chromium
from tests.conftest import CLEAN_ENVIRONMENT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
OUTLINES = "outlines.json"
WIDTH, MARGIN = 1100, 12
"""Pixels."""
PATIENCE_S = 60
SLOW = {"latency": {"lognormal": {"median": "25ms", "sigma": 0.4}}}
CALM = ("--rate", "15/s", "--duration", "10m", "--set", "thresholds.0=error_rate < 100%",
        "--set", "thresholds.1=p95 < 60s", "--set", "thresholds.2=throughput > 0/s")  # fmt: skip
"""A brief load is ended when the first picture is taken, and holds on a busy machine, too."""
LONG = 8
"""Events of a guest that do not fit into the picture."""
LABELS = "h1, h2, h3, dt, th[scope=col], figcaption .title, .eyebrow"
"""What of a page is there in every run. Of a main heading only that it is there: it tells the verdict, or a name."""
READ = """(body, [labels, last]) => {
  const end = body.querySelector(last);
  const shown = (each) => each.getBoundingClientRect().width > 1
    && (end.contains(each) || end.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_PRECEDING);
  const plain = (text) => text.trim().replace(/\\s+/g, " ").replace(/^\\d+ sessions?$/, "sessions");
  const text = (each) => each.matches("h1, .who h2") ? "" : " " + plain(each.textContent);
  return [...body.querySelectorAll(labels)].filter(shown).map((each) => each.tagName.toLowerCase() + text(each));
}"""


@dataclass(frozen=True, slots=True)
class Shot:
    """A page that shows what it has to. ``last``: the CSS selector of the last element to be in the picture."""

    page: Page
    inner: Page | FrameLocator
    last: str

    def take(self, file: Path) -> dict[str, Any]:
        """Write the picture; gives its size and outline."""
        box = self.inner.locator(self.last).first.bounding_box()
        assert box is not None
        assert self.page.viewport_size is not None
        height = min(round(box["y"] + box["height"]) + MARGIN, self.page.viewport_size["height"])
        self.page.screenshot(path=file, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}, animations="disabled")
        labels = self.inner.locator("body").evaluate(READ, [LABELS, self.last])
        return {"width": WIDTH, "height": height, "labels": labels}


def take(browser: Browser, into: Path, *, brief: bool = False) -> dict[str, Any]:
    """Run the load and write all pictures; gives their outlines. A brief load is for the outlines alone."""
    found: dict[str, Any] = {}
    page = browser.new_page(viewport={"width": WIDTH, "height": 1600}, color_scheme="light", locale="en-GB")
    page.set_default_timeout(PATIENCE_S * 1000)
    with SandboxProcess(SandboxConfig(faults=SLOW)) as sandbox, tempfile.TemporaryDirectory() as place:
        run, port = Path(place) / "run", free_port()
        load = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "harness", "run", "scenarios/mixed.yaml", "--target", sandbox.url, "--seed", "1",
             *(CALM if brief else ()), "--out", str(run), "--quiet", "--web",
             "--", "--web-port", str(port)],
            cwd=ROOT, env=CLEAN_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(load, lambda: _answers(url))
            found["journeys"] = _journeys(page, url, sandbox.url, 1 if brief else 60).take(into / "journeys.png")
            if brief:
                requests.post(f"{url}/stop", timeout=PATIENCE_S).raise_for_status()
            _wait(load, lambda: (run / "report.html").exists() and (run / "summary.json").exists())
            saturated = json.loads((run / "summary.json").read_text("utf-8"))["generator"]["saturated"]
            if saturated and not brief:
                raise SystemExit("This machine was busy, and the report says so. Nothing was kept: try again.")
            found["report"] = _report(page, run / "report.html").take(into / "report.png")
            found["sandbox"] = _sandbox(page, sandbox.url).take(into / "sandbox.png")
        finally:
            load.terminate()
            load.wait(PATIENCE_S)
    page.close()
    return dict(sorted(found.items()))


def _journeys(page: Page, url: str, sandbox: str, orders: int) -> Shot:
    """Locust's page with our tab, when there are so many orders."""
    _until(lambda: requests.get(f"{sandbox}/_sandbox/stats", timeout=PATIENCE_S).json()["orders"] >= orders)
    page.goto(url)
    page.get_by_role("tab", name="Journeys").click()
    inner = page.frame_locator("iframe")
    inner.locator("#journeys th.col-left").wait_for()  # somebody left by design
    return Shot(page, inner, "#journeys")


def _report(page: Page, file: Path) -> Shot:
    page.goto(file.as_uri())
    return Shot(page, page, "main figure")


def _sandbox(page: Page, url: str) -> Shot:
    """The page with a guest who bought something, once, and confirmed it before where there is one who did."""
    requests.delete(f"{url}/_sandbox/faults", timeout=PATIENCE_S).raise_for_status()
    page.set_viewport_size({"width": WIDTH, "height": 980})
    page.goto(f"{url}/_sandbox/")
    buyers = page.locator("#guests a").filter(has_text="1 order")
    buyers.first.wait_for()
    for buyer in buyers.all():
        buyer.click()
        page.locator(".who h2").get_by_text(buyer.locator(".name").inner_text(), exact=True).wait_for()
        if (
            page.locator(".timeline").get_by_text("Order Confirmed").count()
            and page.locator(".timeline li").count() < LONG
        ):
            break
    return Shot(page, page, "#panes")


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def _until(true: Any) -> None:
    """Ask until it is so; AssertionError after a minute."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def _wait(process: subprocess.Popen[bytes], true: Any) -> None:
    """The same, but not longer than a process lives."""
    _until(lambda: true() or process.poll() is not None)
    assert true(), f"the load ended with {process.returncode}"


def main() -> int:
    """Writes the pictures, and their outlines."""
    with chromium.opened() as browser, tempfile.TemporaryDirectory() as place:
        found = take(browser, Path(place))
        FOLDER.mkdir(exist_ok=True)
        for name in found:
            shutil.copy(Path(place) / f"{name}.png", FOLDER)
    (FOLDER / OUTLINES).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
