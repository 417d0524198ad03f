"""Packages with extensions, installed beside the harness: the example by pip, broken ones by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

EXAMPLE = ROOT / "examples" / "harness-shop"


@pytest.fixture(scope="session")
def shop_site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH with the example installed, by its own build backend and without the network."""
    folder = tmp_path_factory.mktemp("extension")
    source = shutil.copytree(EXAMPLE, folder / "source")
    command = "-m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --target"
    done = subprocess.run(
        [sys.executable, *command.split(), folder / "site", source],
        capture_output=True,
        text=True,
        timeout=100,
        env=CLEAN_ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return str(folder / "site")


def make_package(site: Path, code: str, name: str = "harness-extra", module: str = "extra", **groups: str) -> str:
    """An installed package of one module, by hand; gives the folder for PYTHONPATH."""
    info = site / f"{name.replace('-', '_')}-2.0.dist-info"
    info.mkdir(parents=True)
    (site / f"{module}.py").write_text(code, "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n", "utf-8")
    lines = "".join(f"[harness.{group}]\n{entry}\n" for group, entry in groups.items())
    (info / "entry_points.txt").write_text(lines, "utf-8")
    return str(site)


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., str]:
    """Makes packages in a folder of the test's own."""
    return partial(make_package, tmp_path / "site")
