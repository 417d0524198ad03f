"""A request as a cURL line: a body that is no text is never put on a terminal."""

from __future__ import annotations

import gzip

import pytest

from harness.report.curl import curl_line


@pytest.mark.parametrize("data", [gzip.compress(b"x", mtime=0), b"\x1b[2J", b"a\0b", b"\xff"])
def test_bytes_stand_for_a_file(data: bytes) -> None:
    line = curl_line("PUT", "http://127.0.0.1/a", (), data.decode("utf-8", "replace"))
    assert line == "curl -gsS -X PUT --data-binary @body.bin http://127.0.0.1/a"


def test_a_text_is_told() -> None:
    assert "--data-raw 'a b\nü'" in curl_line("PUT", "http://127.0.0.1/a", (), "a b\nü")
