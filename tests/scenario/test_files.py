"""Files that are no scenario: one message, whatever they are."""

from __future__ import annotations

import os

import pytest

from harness.scenario import ScenarioError, load
from harness.scenario.source import LARGEST_FILE


def refused(path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert len(caught.value.diagnostics) == 1
    return f"{caught.value.diagnostics[0].code} {caught.value}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "E104"),
        (b"  \n\n", "E104"),
        (b"# only a comment\n", "E104"),
        (b"---\n", "E104"),
        ("scenario: ü".encode("utf-16"), "UTF-16"),
        (b"scenario: \xff\n", "line 1: byte 0xff is not UTF-8"),
        (b"scenario: a\n---\nscenario: b\n", "a second document"),
        (b"scenario: a\x00b\n", "E103"),
        (b"[" * 100_000, "nested deeper"),
        (b"a: " * 3 + b"{" * 100_000, "E10"),
        (b"\n".join(b" " * i + b"- a:" for i in range(2000)), "E10"),
        (b"a: &x [1]\nb: [*x, *x]\n", "anchor"),
        (b"{a: 1", "'{' is not closed"),
        (b"- a\n- b\n", "a list where the scenario belongs"),
        (b"just words\n", "'just words' where the scenario belongs"),
        (b"? [a, b]\n: c\n", "a list as a key"),
        (b"<<: {a: b}\n", "merge key"),
    ],
)
def test_content(tmp_path, content, said):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    assert said in refused(path)


def test_missing_directory_fifo_device_and_too_large(tmp_path):
    assert "does not exist" in refused(tmp_path / "nowhere.yaml")
    assert "is a directory" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in refused(tmp_path / "pipe.yaml")
    assert "not a regular file" in refused("/dev/zero")
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert "larger than 8 MiB" in refused(large)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfscenario: a\n")
    with pytest.raises(ScenarioError, match="has no 'target'"):
        load(path)
