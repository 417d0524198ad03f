"""The batch commands as a user types them, against a real sandbox."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from harness.cli.batch import command as batch_command
from harness.cli.guests import command as guests_command
from tests.sandbox.client import PURCHASE, Client

from .conftest import Wire


class Shell:
    """Runs commands in a folder, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> None:
        monkeypatch.chdir(folder)
        for name in ("HARNESS_TARGET", "CDP_CLIENT_KEY", "CDP_API_TOKEN", "HARNESS_OUT"):
            monkeypatch.delenv(name, raising=False)
        self.url = url

    def batch(self, *words: object, code: int = 0) -> str:
        return self._run(batch_command, words, code)

    def guests(self, *words: object, code: int = 0) -> str:
        return self._run(guests_command, words, code)

    def upload(self, *words: object, code: int = 0) -> str:
        return self.batch("upload", *words, "--target", self.url, code=code)

    @staticmethod
    def _run(command: Any, words: tuple[object, ...], code: int) -> str:
        done: Result = CliRunner().invoke(command, [str(each) for each in words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.stdout + done.stderr


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: Client) -> Shell:
    return Shell(monkeypatch, tmp_path, client.url)


def manifest(folder: str = "batch") -> Any:
    return json.loads((Path(folder) / "batch.json").read_text("utf-8"))


def records(folder: str = "batch") -> list[Any]:
    paths = sorted(Path(folder).glob("part-*.json.gz"))
    return [orjson.loads(line) for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_guests_as_lines_csv_and_parts_are_the_same_guests(shell: Shell) -> None:
    lines = shell.guests(40, "--seed", 5).splitlines()
    shell.guests(40, "--seed", 5, "--format", "csv", "--out", "guests.csv")
    shell.guests(40, "--seed", 5, "--batch", "-q")
    shell.batch("build", "guests.csv", "--out", "of-csv", "--seed", 5)
    values = [json.loads(line) for line in lines]
    assert [each["value"] for each in records()] == values == [each["value"] for each in records("of-csv")]
    assert records() == records("of-csv")
    assert Path("batch/part-0001.json.gz").read_bytes() == Path("of-csv/part-0001.json.gz").read_bytes()
    assert manifest()["parts"][0]["ref"] != manifest("of-csv")["parts"][0]["ref"]
    assert {path.stat().st_mode & 0o777 for path in Path("batch").iterdir()} == {0o600}
    assert Path("batch").stat().st_mode & 0o777 == 0o700


def test_locales_and_shares(shell: Shell) -> None:
    made = shell.guests(1000, "--locale", "de_DE=20%", "--locale", "fr_FR", "--locale", "en_GB=30%").splitlines()
    counts = {country: sum(f'"country":"{country}"' in line for line in made) for country in ("DE", "FR", "GB")}
    assert counts == {"DE": 200, "FR": 500, "GB": 300}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("0",), "0 is not in the range"),
        (("many",), "'many' is neither a number of guests nor a command"),
        (("5", "--locale", "en_BG"), "did you mean 'en_GB'"),
        (("5", "--locale", "en_GB=50%"), "100%"),
        (("5", "--batch", "--limit", "60MB"), "the CDP's limit"),
        (("5", "--batch", "--limit", "big"), "no size such as 50MB"),
        (("5", "--batch", "--limit", "200B"), "record 1: one record alone makes a file of"),
    ],
)
def test_wrong_guests(shell: Shell, words: tuple[str, ...], told: str) -> None:
    assert told in shell.guests(*words, code=2)
    assert not list(Path().rglob("part-*"))


def test_the_whole_way(shell: Shell, client: Client) -> None:
    shell.guests(3000, "--batch", "--limit", "100KB", "--seed", 1)
    assert "3,000 guest upsert" in shell.batch("check")
    told = shell.upload()
    parts = manifest()["parts"]
    assert len(parts) > 2
    assert f"part {len(parts)} of {len(parts)}: success" in told
    assert "3,000 records" in told
    assert client.stats()["guests"] == 3000
    assert [part["state"] for part in parts] == ["success"] * len(parts)
    # Run again, nothing is sent.
    assert "sending" not in shell.batch("upload")
    assert [each["ref"] for each in client.read("/v2/batches")["items"]] == [part["ref"] for part in reversed(parts)]
    assert "imported" in shell.batch("status")
    assert "No part has an error log" in shell.batch("errors")
    one = shell.batch("status", parts[0]["ref"], "--target", shell.url, "--format", "json")
    assert json.loads(one)["status"] == "success"


def test_errors_are_joined_to_the_lines_of_the_inputs(shell: Shell) -> None:
    Path("a.jsonl").write_text('{"email":"a@example.com"}\n\n{"email":"b@example.com"}\n', "utf-8")
    Path("b.csv").write_text('email,firstname,city\nc@example.com,C,"two\nlines"\na@example.com,A,x\n', "utf-8")
    shell.batch("build", "a.jsonl", "b.csv", "--mode", "create")
    told = shell.batch("check", code=1)
    assert "creates a guest whom an earlier record has; use upsert" in told
    told = shell.upload(code=1)
    assert "b.csv:4: 409 A guest with this identity exists. (guest create)" in told
    assert "harness batch errors batch" not in told
    (found,) = json.loads(shell.batch("errors", "--format", "json", code=1))
    assert [(e["source"], e["line"], e["code"]) for e in found["errors"]] == [("b.csv", 4, 409)]
    ref = manifest()["parts"][0]["ref"]
    assert "409 A guest" in shell.batch("errors", ref, "--target", shell.url, code=1)
    # As new batches, of which all records fail now.
    told = shell.upload("--again", code=1)
    assert "a.jsonl:1: 409" in told and "a.jsonl:3: 409" in told and "b.csv:2: 409" in told
    shell.batch("errors", "--out", "errors.csv", code=1)
    rows = list(csv.DictReader(Path("errors.csv").read_text("utf-8").splitlines()))
    assert [(row["source"], row["line"], row["code"]) for row in rows] == [
        ("a.jsonl", "1", "409"),
        ("a.jsonl", "3", "409"),
        ("b.csv", "2", "409"),
        ("b.csv", "4", "409"),
    ]


def test_many_errors_are_shown_in_part(shell: Shell, client: Client) -> None:
    client.faults(batches={"failed_records": 1})
    shell.guests(500, "--batch")
    told = shell.upload(code=1)
    assert "… and 497 more: harness batch errors batch" in told
    told = shell.batch("errors", "--limit", 5, code=1)
    assert told.count("part-0001.json.gz:") == 6
    assert "495 more" in told


def test_what_is_about_no_record_is_told_too(shell: Shell) -> None:
    Path("import.json.gz").write_bytes(gzip.compress(b'nonsense\n{"ref":"x"}\n'))
    told = shell.upload("import.json.gz", code=1)
    assert "  400 Line 1 is not JSON" in told
    assert "import.json.gz:2: 400 ref 'x' is no UUID" in told


def test_guests_of_a_run_are_deleted(shell: Shell, client: Client) -> None:
    client.send(client.browser(), *PURCHASE)
    client.send(client.browser(), PURCHASE[0], {**PURCHASE[1], "email": "other@example.org"})
    Path("run").mkdir()
    lines = [{"guest": 1, "email": PURCHASE[1]["email"], "id": "1-1", "state": "acknowledged"}]
    Path("run/guests.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    shell.batch("build", "run", "--mode", "gdpr_delete")
    assert records()[0]["value"] == {"email": "ada@example.org"}
    assert "403 Unable to delete Guest with open session" in shell.upload(code=1)


def test_records_stay_as_they_are_and_are_split(shell: Shell) -> None:
    shell.guests(300, "--batch", "--seed", 9, "--mode", "merge")
    lines = gzip.decompress(Path("batch/part-0001.json.gz").read_bytes())
    Path("import.json").write_bytes(lines)
    shell.batch("build", "import.json", "--out", "split", "--limit", "5KB")
    assert len(manifest("split")["parts"]) > 3
    assert b"".join(gzip.decompress(p.read_bytes()) for p in sorted(Path("split").glob("*.gz"))) == lines


def test_a_file_that_was_not_built_here(shell: Shell, client: Client) -> None:
    shell.guests(20, "--batch")
    Path("import.json.gz").write_bytes(Path("batch/part-0001.json.gz").read_bytes())
    shell.upload("import.json.gz")
    assert client.stats()["guests"] == 20
    assert json.loads(Path("import.json.gz.batch.json").read_text("utf-8"))["parts"][0]["records"] == 20
    assert "sending" not in shell.upload("import.json.gz")
    assert "imported" in shell.batch("status", "import.json.gz")
    Path("plain.json").write_text('{"email":"a@example.com"}\n', "utf-8")
    assert "harness batch build plain.json" in shell.upload("plain.json", code=2)


def test_check_says_what_is_wrong_where(shell: Shell, client: Client) -> None:
    good = '{{"ref":"7ed103bd-08c2-47f4-8f69-91141ca320{:02}","schema":"guest","mode":"{}","value":{{"email":"{}"}}}}'
    lines = [
        good.format(1, "create", "a@example.com"),
        good.format(2, "update", "b@example.com"),
        "{",
        good.format(1, "upsert", "c@example.com"),
        good.format(3, "upsert", "c@example.com"),
        '{"ref": "7ed103bd-08c2-47f4-8f69-91141ca32009", "schema": "guest", "mode": "upsert", "value": {}}',
        good.format(4, "insert", "d@example.com"),
    ]
    Path("import.json").write_text("\n".join(lines), "utf-8")
    told = shell.batch("check", "import.json", code=1)
    for expected in (
        "import.json: error 400: is not compressed: the CDP takes gzip only; compress it with gzip",
        "import.json:2: error 402: mode 'update' is not for guests",
        "import.json:3: error 400: is no JSON",
        "import.json:4: error 400: ref 7ed103bd-08c2-47f4-8f69-91141ca32001 stands in two records",
        "import.json:5: warning 400: the guest stands in two records",
        "import.json:6: error 400: identity information is missing; add an email",
        "import.json:7: warning 402: insert of guests",
    ):
        assert expected in told
    assert "5 errors, 2 warnings" in told
    # A target can tell whether the guest to be created exists.
    client.rest("POST", "/v2/guests", {"guestType": "customer", "email": "a@example.com"})
    told = shell.batch("check", "import.json", "--target", shell.url, code=1)
    assert "import.json:1: error 409: creates a guest who exists; use upsert" in told
    found = json.loads(shell.batch("check", "import.json", "--format", "json", code=1))
    assert found["errors"] == {"gzip": 1, "mode": 1, "json": 1, "ref": 1, "identity": 1}
    assert all(each["way_out"] for each in found["findings"])


def test_check_of_parts(shell: Shell, wire: Wire) -> None:
    shell.guests(10, "--batch")
    part = Path("batch/part-0001.json.gz")
    wire.announce(manifest()["parts"][0]["ref"], part.read_bytes())
    told = shell.batch("check", "--target", shell.url, code=1)
    assert "was used before: 409; make a new one" in told
    part.write_bytes(part.read_bytes() + gzip.compress(b"\n"))
    assert "checksum or size differ; the file was changed" in shell.batch("check", "batch/part-0001.json.gz", code=1)
    assert "was changed since it was built" in shell.upload(code=2)


def test_findings_are_bounded(shell: Shell) -> None:
    Path("import.json").write_text("nonsense\n" * 5000 + '{"ref":1}\n' * 5000, "utf-8")
    told = shell.batch("check", "import.json", code=1)
    assert len(told.splitlines()) < 60
    assert "10,001 errors" in told


def test_another_target_wants_new_batches(shell: Shell, batch_sandbox) -> None:  # type: ignore[no-untyped-def]
    shell.guests(5, "--batch")
    shell.upload()
    other = shell.url.replace("127.0.0.1", "localhost")
    assert "with --again" in shell.batch("upload", "--target", other, code=2)
    before = manifest()["parts"][0]["ref"]
    shell.batch("upload", "--target", other, "--again")
    assert manifest()["target"] == other
    assert manifest()["parts"][0]["ref"] != before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("upload",), 2, "harness batch build makes one"),
        (("upload", "parts"), 2, "where to? --target URL"),
        (("upload", "parts", "--target", "https://eu.example.com"), 2, "set CDP_CLIENT_KEY and CDP_API_TOKEN"),
        (("upload", "parts", "--target", "mars"), 2, "neither a base URL"),
        (("upload", "parts", "--target", "sandbox"), 2, "would end with this command"),
        (("upload", "parts", "--target", "http://127.0.0.1:9"), 3, "cannot be reached: connection refused"),
        (("status", "7ed103bd-08c2-47f4-8f69-91141ca3200d", "--target", "http://127.0.0.1:9"), 3, "cannot be reached"),
        (("status", "parts"), 4, "not sent yet"),
        (("errors", "parts"), 2, "was not uploaded yet"),
        (("build", "none.jsonl"), 2, "none.jsonl does not exist"),
        (("build", "."), 2, "without guests.jsonl"),
        (("build", "empty.jsonl"), 2, "no record in the input"),
        (("build", "list.json"), 2, "list.json:1: no JSON object, but one record a line is wanted: jq -c '.[]'"),
        (("build", "pretty.json"), 2, "pretty.json:1: not JSON"),
        (("build", "short.csv"), 2, "short.csv:3: 1 cells where the first line has 2"),
        (("build", "latin.csv"), 2, "latin.csv is not UTF-8"),
        (("build", "one.jsonl", "--out", "parts"), 2, "parts has files in it"),
        (("build", "one.jsonl", "--mode", "gdpr_delete", "--schema", "order"), 2, "is not for orders"),
        (("build", "cut.json.gz"), 2, "cut.json.gz is a damaged gzip file after line 0"),
        (("check", "none.json"), 2, "none.json does not exist"),
    ],
)
def test_wrong(shell: Shell, words: tuple[str, ...], code: int, told: str) -> None:
    shell.guests(3, "--batch", "--out", "parts", "--seed", 1)
    Path("one.jsonl").write_text('{"email":"a@example.com"}\n', "utf-8")
    Path("empty.jsonl").write_text("\n\n", "utf-8")
    Path("list.json").write_text('[{"email":"a@example.com"}]\n', "utf-8")
    Path("pretty.json").write_text('{\n  "email": "a@example.com"\n}\n', "utf-8")
    Path("short.csv").write_text("email,city\na@example.com,x\nb@example.com\n", "utf-8")
    Path("latin.csv").write_bytes("email,city\na@example.com,Zürich\n".encode("latin-1"))
    Path("cut.json.gz").write_bytes(gzip.compress(b"x" * 100)[:-12])
    assert told in shell.batch(*words, code=code)
    assert not Path("batch").exists()


def test_a_record_that_is_too_large_is_named_by_its_line(shell: Shell) -> None:
    text = "".join(chr(0x4E00 + (n * 7919) % 20000) for n in range(3000))
    lines = [{"email": "a@example.com"}, {"email": "b@example.com", "city": text}, {"email": "c@example.com"}]
    Path("people.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    told = shell.batch("build", "people.jsonl", "--limit", "2KB", code=2)
    assert "people.jsonl:2: one record alone makes a file of" in told
    assert "and 2,000 are allowed: shorten the record" in told
    assert not Path("batch").exists()
