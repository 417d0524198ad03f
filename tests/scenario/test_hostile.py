"""Files made to do harm, given to the real command: one message, exit 2, within 2 s and 300 MB.

The limits are those of issue 5. A computer that runs other tests beside this one is slow now and then: time is
that of the processor, which does not count waiting for it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .corpus import GOOD

LONGEST_S = 6.0
MOST_MB = 300
ADDRESS_SPACE = 1 << 30

HEAD = """\
scenario: hostile
target: {url: sandbox, point_of_sale: grill}
load: {users: 1, duration: 1s}
"""
CATALOG = "catalog:\n  - {item_id: A1, type: SHOES, name: A shoe, price: 1.00}\n"


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


def parts_bomb(levels: int, last: str) -> str:
    parts = [f"  p0: {last}"] + [
        f"  p{i}: [{{steps_from: p{i - 1}}}, {{steps_from: p{i - 1}}}]" for i in range(1, levels)
    ]
    return HEAD + "parts:\n" + "\n".join(parts) + f"\njourneys: {{visit: {{steps: [{{steps_from: p{levels - 1}}}]}}}}\n"


def nested_parts(levels: int) -> str:
    parts = ["  p0: [browse]"] + [
        f"  p{i}: [{{repeat: 2, steps: [{{steps_from: p{i - 1}}}]}}]" for i in range(1, levels)
    ]
    return HEAD + "parts:\n" + "\n".join(parts) + f"\njourneys: {{visit: {{steps: [{{steps_from: p{levels - 1}}}]}}}}\n"


def steps(*lines: str) -> str:
    return HEAD + CATALOG + "journeys:\n  visit:\n    steps:\n" + "".join(f"      {line}\n" for line in lines)


def capture(pattern: str) -> str:
    return steps("- browse:", f"  capture: {{x: {{regex: '{pattern}'}}}}", "- browse: ${x}", "- nonsense")


HOSTILE: dict[str, str | bytes] = {
    "alias-bomb": bomb(30),
    "alias-of-itself": "a: &a [*a]\n",
    "deep-flow-list": "a: " + "[" * 100_000 + "]" * 100_000,
    "deep-flow-mapping": "{a: " * 100_000 + "}" * 100_000,
    "deep-block-list": "- " * 100_000 + "a\n",
    "deep-block-mapping": "\n".join(" " * i + "a:" for i in range(3000)),
    "deep-question-marks": "? " * 100_000 + "a\n",
    "nul-bytes": b"\0" * 1_000_000,
    "nul-inside": (HEAD + "x: \0\n").encode(),
    "utf-16": HEAD.encode("utf-16"),
    "utf-16-without-mark": HEAD.encode("utf-16-le"),
    "not-utf-8": HEAD.encode() + b"x: \xff\xfe\xfd\n",
    "not-utf-8-at-the-end": HEAD.encode() * 50_000 + b"\xc3",
    "python-object": HEAD + "x: !!python/object/apply:os.system ['touch /tmp/harness-was-here']\n",
    "python-name": HEAD + "x: !!python/name:os.system\n",
    "tag-directive": "%TAG ! tag:yaml.org,2002:python/\n---\n" + HEAD,
    "long-anchor": "x: &" + "a" * 1_000_000 + " b\n",
    "long-key": "a" * 5_000_000 + ": b\n",
    "long-word": "a" * 7_000_000,
    "long-line-of-mistakes": HEAD + "journeys: {visit: {steps: [" + "nonsense, " * 200_000 + "browse]}}\n",
    "many-colons": ": " * 1_000_000,
    "many-question-marks": "?\n" * 500_000,
    "many-brackets": "[]," * 1_000_000,
    "many-quotes": "'" * 3_000_000,
    "many-line-ends": "\n" * 8_000_000,
    "many-odd-line-ends": HEAD + "x: " + "a\u2028" * 1_000_000,
    "many-unknown-keys": HEAD + "".join(f"key{i}: 1\n" for i in range(100_000)),
    "many-equal-keys": HEAD + "key: 1\n" * 500_000,
    "many-wrong-items": HEAD + "thresholds:\n" + "  - nonsense\n" * 100_000,
    "many-wrong-steps": steps(*["- borwse"] * 100_000),
    "many-wrong-mappings": steps(*["- {browze: a, nmae: b, expcet: c}"] * 30_000),
    "many-unknown-items": HEAD
    + "catalog:\n"
    + "".join(f"  - {{item_id: A{i}, type: T, name: thing, price: 1.00}}\n" for i in range(20_000))
    + f"journeys: {{visit: {{steps: [{'{add: B}, ' * 20_000} browse]}}}}\n",
    "many-values": "x: [" + "a," * 4_000_000 + "a]\n",
    "many-empty-mappings": "x: [" + "{}," * 2_000_000 + "{}]\n",
    "many-variables": steps("- search: {x: '" + "${" * 1_000_000 + "'}"),
    "many-captures": steps("- browse:", "  capture: {" + ", ".join(f"c{i}: $.a" for i in range(30_000)) + "}", "- browse: ${c}"),
    "parts-bomb": parts_bomb(30, "[browse, browse]"),
    "parts-bomb-of-nothing": parts_bomb(30, "[]"),
    "parts-bomb-of-many": parts_bomb(200, "[browse, browse]"),
    "parts-of-themselves": HEAD
    + "parts: {a: [{steps_from: b}], b: [{steps_from: a}]}\njourneys: {visit: {steps: [{steps_from: a}]}}\n",
    "parts-in-parts": nested_parts(2000),
    "parts-in-a-row": HEAD
    + "parts:\n  p0: [nonsense]\n"
    + "".join(f"  p{i}: [{{steps_from: p{i - 1}}}]\n" for i in range(1, 3000))
    + "journeys: {visit: {steps: [{steps_from: p2999}]}}\n",
    "expression-of-brackets": steps("- when: " + "(" * 400 + "1" + ")" * 400, "  steps: [browse]"),
    "expression-of-nots": steps("- when: " + "not " * 300 + "true", "  steps: [browse]"),
    "expression-without-end": steps("- when: " + "cart.total > 1 or " * 100_000 + "true", "  steps: [browse]"),
    "expression-of-digits": steps("- when: cart.total > " + "9" * 900, "  steps: [browse]", "- nonsense"),
    "path-without-end": steps("- browse:", "  expect: {json: {'$" + "[0]" * 300_000 + "x': 1}}"),
    "number-without-end": steps("- search: {x: " + "9" * 1_000_000 + "}", "- nonsense"),
    "duration-without-end": HEAD.replace("1s", "9" * 1_000_000 + "s"),
    "share-without-end": steps("- leave: " + "9" * 1_000_000 + "." + "9" * 1_000_000 + "%"),
    "regex-that-backtracks": capture("(?:a+)+$"),
    "regex-of-stars": capture("(((a*)*)*)*b"),
    "regex-of-repeats": capture("(?:(?:a{100}){100}){100}"),
    "regex-without-end": capture("a?" * 100_000),
    "regex-of-classes": capture("\\pL{1000}" * 100),
    "threshold-without-end": HEAD + "thresholds: ['" + "a.b/" * 500_000 + " < 1']\n",
    "name-of-all-letters": HEAD + "guests: {locales: {" + ", ".join(f"xx_{i}: 1%" for i in range(50_000)) + "}}\n",
}  # fmt: skip


TELLING = """
import atexit, pathlib, re, runpy, sys
_, peak, *arguments = sys.argv
def tell():
    status = pathlib.Path("/proc/self/status").read_text()
    pathlib.Path(peak).write_text(re.search(r"VmHWM:\\s*(\\d+)", status)[1])
atexit.register(tell)
sys.argv = ["harness", *arguments]
runpy.run_module("harness", run_name="__main__")
"""


def check(path: object, cwd: Path, *options: str) -> tuple[int, str, float, float]:
    """Run ``harness check``: exit code, what it said, seconds of the processor, peak of memory (MB).

    The kernel's own count of a child's peak begins with what this process has, which is no concern of the child.
    """
    peak = cwd.resolve() / "peak"
    child = subprocess.Popen(
        [sys.executable, "-c", TELLING, str(peak), "check", str(path), *options],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE)),  # noqa: PLW1509
    )
    with child.stderr as pipe:
        said = pipe.read().decode("utf-8", "replace")
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, said, used.ru_utime + used.ru_stime, int(peak.read_text()) / 1024


def refused(path: object, cwd: Path, *options: str) -> str:
    """What was said, after looking at all limits."""
    code, said, seconds, peak = check(path, cwd, *options)
    assert code == 2, said[-2000:]
    assert "Traceback" not in said, said[-3000:]
    assert "error: " in said
    assert len(said) < 60_000, "nobody reads so much"
    assert seconds < LONGEST_S, f"{seconds:.1f} s"
    assert peak < MOST_MB, f"{peak:.0f} MB"
    return said


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(name, tmp_path):
    content = HOSTILE[name]
    path = tmp_path / f"{name}.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    said = refused(path, tmp_path)
    assert said.count(": error: ") + said.count("\nerror: ") <= 51
    assert not Path("/tmp/harness-was-here").exists()


def test_fifty_megabytes(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_bytes(b"# as long as a book\n" * (50 * (1 << 20) // 20))
    assert "larger than 8 MiB [E102]" in refused(path, tmp_path)


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in refused("pipe.yaml", tmp_path)
    assert "not a regular file" in refused("/dev/zero", tmp_path)
    assert "is a directory" in refused(tmp_path, tmp_path)
    assert "does not exist" in refused("nowhere.yaml", tmp_path)
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "cannot be read" in refused("loop.yaml", tmp_path)
    assert "[E101]" in refused("a" * 5000, tmp_path)
    assert "[E101]" in refused("a\nb.yaml", tmp_path)


def including(tmp_path: Path, name: str) -> Path:
    path = tmp_path / "main.yaml"
    path.write_text(f"include: {name}\n{HEAD}journeys: {{visit: {{steps: [browse]}}}}\n")
    return path


def test_includes(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("parts: {secret: [browse]}\n")
    assert "[E111]" in refused(including(folder, "../outside.yaml"), folder)
    (folder / "link.yaml").symlink_to("../outside.yaml")
    assert "[E111]" in refused(including(folder, "link.yaml"), folder)
    (folder / "inner").symlink_to(tmp_path)
    assert "[E111]" in refused(including(folder, "inner/outside.yaml"), folder)
    assert "[E111]" in refused(including(folder, "/etc/passwd"), folder)
    assert "[E101]" in refused(including(folder, "nowhere.yaml"), folder)
    assert "[E1" in refused(including(folder, "'" + "a" * 5000 + "'"), folder)
    assert "[E1" in refused(including(folder, '"a\\0b"'), folder)
    os.mkfifo(folder / "pipe.yaml")
    assert "[E101]" in refused(including(folder, "pipe.yaml"), folder)
    assert "includes itself" in refused(including(folder, "main.yaml"), folder)
    for i in range(60):
        (folder / f"ring{i}.yaml").write_text(f"include: ring{(i + 1) % 60}.yaml\n")
    assert "[E110]" in refused(including(folder, "ring0.yaml"), folder)
    for i in range(100):
        (folder / f"many{i}.yaml").write_text(
            f"include: [{', '.join(f'many{j}.yaml' for j in range(i + 1, 100))}]\nx: 1\n"
        )
    assert "more than 50 files" in refused(including(folder, "many0.yaml"), folder)
    for i in range(10):
        (folder / f"large{i}.yaml").write_text("# x\n" * 1_000_000 + f"parts: {{p{i}: [browse]}}\n")
    said = refused(including(folder, "[" + ", ".join(f"large{i}.yaml" for i in range(10)) + "]"), folder)
    assert "all files together are larger than 8 MiB [E102]" in said


def feeding(tmp_path: Path, name: str, content: bytes | str) -> Path:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    path = tmp_path / "main.yaml"
    path.write_text(f"{HEAD}guests: {{from: {name}}}\njourneys: {{visit: {{steps: [browse]}}}}\n")
    return path


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("quotes.csv", 'email,id\n"a"b,1\n', "line 2"),
        ("open-quote.csv", 'email,id\n"a,1\n' + "b,2\n" * 100_000, "quotes.csv"[-4:]),
        ("huge.csv", "email,id\n" + "a" * 5_000_000 + ",1\n", "[E112]"),
        ("wide.csv", ",".join(f"c{i}" for i in range(100_000)) + "\n1\n", "[E112]"),
        ("long.csv", "email,id\n" + "a,1\n" * 1_500_000 + "b\n", "[E112]"),
        ("nul.csv", b"email,id\na\0b,1\n", "[E1"),
        ("deep.jsonl", '{"email": ' + "[" * 100_000 + "\n", "[E112]"),
        ("digits.jsonl", '{"email": ' + "9" * 1_000_000 + "}\n", "[E112]"),
        ("large.csv", b"email\n" + b"a\n" * 5_000_000, "[E102]"),
        ("utf-16.csv", "email\na\n".encode("utf-16"), "[E103]"),
    ],
)
def test_feeds(name, content, said, tmp_path):
    assert said in refused(feeding(tmp_path, name, content), tmp_path)


def test_options(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_bytes((GOOD / "shortest.yaml").read_bytes())
    refused(path, tmp_path, "--set", "a." * 5000 + "a=1")
    refused(path, tmp_path, "--set", "load.users=" + "9" * 100_000)
    refused(path, tmp_path, "--load", "x" * 10_000)
