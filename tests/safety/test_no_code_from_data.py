"""Nothing that comes from a file or the network is ever code: our source and what it imports by itself are looked at."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

CODE = sorted([*(ROOT / "harness").rglob("*.py"), *(ROOT / "locustfiles").rglob("*.py")])
MODULES = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"}
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
METHODS = {
    "yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all", "numpy.load", "np.load",
    "os.system", "os.popen", "subprocess.getoutput", "tarfile.open", "zipfile.ZipFile", "shutil.unpack_archive",
}  # fmt: skip


def faults(text: str) -> list[str]:
    """What in a module's source could turn data into code, or write where an archive says."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            found += [each for each in [*names, getattr(node, "module", "") or ""] if each.partition(".")[0] in MODULES]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            shell = any(
                each.arg in ("shell", "allow_pickle") and ast.unparse(each.value) != "False" for each in node.keywords
            )
            found += [called] if called in CALLS | METHODS or shell else []
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_source(path: Path) -> None:
    assert not faults(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "text",
    ["import pickle", "from marshal import loads", "eval(text)", "yaml.load(f)", "np.load(f, allow_pickle=True)",
     "subprocess.run(text, shell=True)", "def f():\n    from pickle import loads", "import yaml, shelve as s"],
)  # fmt: skip
def test_this_test_would_find_it(text: str) -> None:
    assert faults(text)


NETWORK_AND_FILES = (
    "locust/rpc",
    "httptools",
    "h11",
    "msgpack",
    "starlette",
    "uvicorn/protocols",
    "orjson",
    "geventhttpclient",
)
"""Those of the libraries we use that read what comes from the network in our name."""


@pytest.mark.parametrize("package", NETWORK_AND_FILES)
def test_the_libraries_between_us_and_the_network(package: str) -> None:
    root = Path(pytest.__file__).parent.parent / package
    files = sorted(root.rglob("*.py"))
    assert files, root
    pickles = [
        f"{path}: {each}" for path in files for each in faults(path.read_text("utf-8")) if each.split(".")[0] in MODULES
    ]
    assert not pickles
