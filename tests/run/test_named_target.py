"""What stands for a target on a command line: a base URL or a region, and nothing that only looks like one."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from harness.cli import browser_id, doctor, guests_push
from harness.run.named_target import NoTargetError, target_of, url_of


def test_a_url_or_a_region() -> None:
    assert url_of("http://127.0.0.1:8080/") == "http://127.0.0.1:8080"
    assert url_of("eu") == "https://api-engage-eu.sitecorecloud.io"
    assert target_of("http://[::1]:8080", environ={}).key == "sandbox"


@pytest.mark.parametrize(
    "text",
    [
        "mars",
        "ftp://cdp.example",
        "http://",
        "http://[",
        "http://a:b@cdp.example",
        "http://cdp.example:9x",
        "http://h?q=1",
        "http://h/a b",
        "http://h\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NoTargetError, match="neither a base URL"):
        url_of(text)


@pytest.mark.parametrize(
    ("command", "before"), [(browser_id.command, []), (doctor.command, []), (guests_push.command, [__file__])]
)
def test_a_command_says_so_and_ends_with_2(command, before: list[str]) -> None:
    done = CliRunner().invoke(command, [*before, "--target", "http://["])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "neither a base URL" in done.stderr
