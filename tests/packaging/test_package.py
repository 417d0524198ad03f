"""Wheel and sdist: built, looked into, installed in a clean environment and used; without the network.

What the harness needs is lent from the environment of the tests by a .pth file: installing it all again would prove
nothing of our package, and take minutes.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from harness import __version__
from tests.conftest import CLEAN_ENVIRONMENT, ROOT

PYTHONS = tuple(f"3.{minor}" for minor in range(11, 14))


def ran(*command: object, cwd: Path, timeout: float = 100) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=CLEAN_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist, and with a wheel that was built of it."""
    out = tmp_path_factory.mktemp("dist")
    ran(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    return out


def tracked() -> set[str]:
    return set(ran("git", "ls-files", "--cached", "--others", "--exclude-standard", "harness", cwd=ROOT).split())


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    assert inside == tracked()
    assert {"harness/py.typed", "harness/run/locustfile.py", "harness/report/templates/report.html.j2"} <= inside
    assert {name.partition(".dist-info/")[2] for name in names - inside} == {
        "METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip


def test_the_sdist_holds_what_a_reader_wants(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in names if name.startswith("harness/")} == tracked()
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "locustfiles/journeys.py",
        "scenarios/harness.schema.json",
    } <= names
    tops = {name.split("/")[0] for name in names}
    assert not tops & {"tests", "runs", ".venv", "benchmarks", "dist", "build", ".git"}


def test_installed_in_a_clean_environment_it_works(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    ran(sys.executable, "-m", "venv", "--without-pip", tmp_path / "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"
    site = Path(ran(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    options = "install --quiet --disable-pip-version-check --no-index --no-deps"
    ran(sys.executable, "-m", "pip", "--python", python, *options.split(), wheel, cwd=tmp_path)
    # Behind its own folder, so that the harness is the one just installed.
    (site / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    where = ran(python, "-c", "import harness; print(harness.__file__)", cwd=tmp_path)
    assert where.startswith(str(site))
    command = tmp_path / "env" / "bin" / "harness"
    for first in ([command], [python, "-m", "harness"]):
        assert ran(*first, "--version", cwd=tmp_path) == f"harness {__version__}\n"
    scenario = ROOT / "scenarios" / "smoke.yaml"
    assert ran(command, "check", scenario, cwd=tmp_path).endswith("smoke.yaml: ok\n")
    done = ran(command, "run", scenario, "--target", "sandbox", "--quiet", "--out", "r", cwd=tmp_path)
    assert "PASS" in done
    assert (tmp_path / "r" / "report.html").stat().st_size > 10_000
    points = "import importlib.metadata as m; print(*sorted(e.group for e in m.distribution('harness').entry_points))"
    assert ran(python, "-c", points, cwd=tmp_path) == "console_scripts pytest11\n"


def test_it_says_which_pythons_it_is_for(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
    text = archive.read(name).decode("utf-8")
    assert "\nRequires-Python: >=3.11\n" in text
    for version in PYTHONS:
        assert f"\nClassifier: Programming Language :: Python :: {version}\n" in text
    assert "\nClassifier: Typing :: Typed\n" in text
