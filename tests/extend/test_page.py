"""docs/extending.md: its package, put together from the page's own blocks, does what the page says."""

from __future__ import annotations

import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_the_page_is_a_package_that_works(harness, package, tmp_path):
    groups = {}
    for text in blocks("toml"):
        group, name = re.fullmatch(
            r'\[project\.entry-points\."harness\.(\w+)"\]\n([\w-]+) = "[\w.:]+"\n', text
        ).groups()
        attribute = re.search(r':(\w+)"', text)[1]
        groups[group] = f"{name} = extra:{attribute}"
    site = package("\n".join(blocks("python")).replace("from __future__", "#"), **groups)
    listed = harness("extensions", PYTHONPATH=site)
    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert [line.split(" (")[0] for line in listed.stdout.splitlines()] == [
        "system my-shop",
        "verb wish",
        "reporter short",
    ]
    (scenario,) = blocks("yaml")
    (tmp_path / "shop.yaml").write_text(scenario, "utf-8")
    assert harness("check", "shop.yaml", PYTHONPATH=site).stdout == "shop.yaml: ok\n"
    shown = harness("snippet", "shop.yaml", "add 2", PYTHONPATH=site).stdout
    assert '{"product":"18","quantity":1}' in shown
