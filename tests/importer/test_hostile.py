"""Files made to do harm, and files that are merely broken: one message, exit 2, or a scenario that is right."""

from __future__ import annotations

import json
import random
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.importer.assemble import assemble
from harness.importer.calls import UnreadableError
from harness.importer.files import take
from harness.importer.fitting import OF_THE_VISIT
from harness.importer.shell import commands
from harness.scenario.loader import loads
from tests.conftest import CLEAN_ENVIRONMENT

from .test_corpus import FILES, FOLDER

LONGEST_S = 8.0
"""Of the processor, on a machine that does other things, too."""
ADDRESS_SPACE = 1 << 30


def har(*requests: object) -> str:
    return json.dumps({"log": {"entries": [{"request": each, "response": {"status": 200}} for each in requests]}})


def postman(*items: object, **more: object) -> str:
    return json.dumps({"info": {"name": "x"}, "item": list(items), **more})


BOMB = [{"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}" * 50} for n in range(9)]
ALL_OF = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 9} for n in range(30)}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
OPENAPI = {"openapi": "3.0.0", "info": {}, "paths": {"/a": {"post": {"requestBody": BODY}}}}
HOSTILE: dict[str, str | bytes] = {
    "empty": "",
    "binary": bytes(range(256)) * 100,
    "nul": '{"log": {"entries": []}}\0',
    "utf-16": '{"log": {}}'.encode("utf-16"),
    "deep-json": '{"log": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep-json-open": "[" * 500_000,
    "deep-yaml": "openapi: " + "[" * 100_000,
    "yaml-bomb": "openapi: 3.0.0\npaths: &a\n  /x: {}\n" + "\n".join(f"a{n}: &a{n} [*a, *a]" for n in range(30)),
    "yaml-tag": "openapi: !!python/object/apply:os.system ['touch /tmp/harness-was-here']\npaths: {}\n",
    "nan": '{"log": {"entries": [NaN]}}',
    "half-json": '{"log": {"entries": [',
    "many-digits": '{"log": {"entries": [' + "9" * 100_000 + "]}}",
    "quote-open": "curl 'http://a.example/",
    "double-quote-open": 'curl "http://a.example/' + '\\"' * 100_000,
    "no-url": "curl -X POST",
    "option-without-value": "curl http://a.example -H",
    "not-any": '{"hello": "world"}',
    "a-list": "[1, 2, 3]",
    "a-scenario": "scenario: x\n",
    "format-1": '{"id": "x", "order": [], "requests": []}',
    "har-of-nothing": '{"log": {"entries": []}}',
    "har-of-wrong-types": '{"log": {"entries": [1, null, "x", [], {"request": 5}, {"request": {"url": 7}}]}}',
    "postman-of-wrong-types": '{"info": 3, "item": [1, null, {"item": 3}, {"request": 4}, {"request": {"url": {"raw": []}}}]}',
    "openapi-of-wrong-types": '{"openapi": 3, "paths": {"/a": 3, "/b": {"get": 4}, "/c": [1]}}',
    "openapi-loop": '{"openapi": "3.0.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}}',
}
FINE: dict[str, str] = {
    "variables-of-variables": postman({"name": "a", "request": "{{v0}}"}, variable=BOMB),
    "schemas-that-multiply": json.dumps({**OPENAPI, "components": {"schemas": {**ALL_OF, "S30": {"type": "object"}}}}),
    "no-host": har({"method": "GET", "url": "http://"}),
    "odd-host": har({"method": "GET", "url": "http://[::1/x"}),
    "half-a-character": har({"url": "http://a.example/HALF?x=MARKS"})
    .replace("HALF", "\\ud800").replace("MARKS", "\\ue000y\\ue001"),
    "control-characters": har({
        "method": "GET", "url": "http://a.example/\u0001\u0085?\u0002=\u0003",
        "headers": [{"name": "X-\u0001", "value": "\u0002"}],
    }),
    "huge-text": har({
        "method": "POST", "url": "http://a.example/",
        "postData": {"mimeType": "text/plain", "text": "x" * 5_000_000},
    }),
    "many-requests": har(*[{"method": "GET", "url": f"http://a.example/{n}"} for n in range(6_000)]),
    "wrong-event": "curl 'https://api-us.boxever.com/v1.2/event/create.json?message=%5B1%5D'\n"
    "curl https://api-us.boxever.com/v1.2/event/create.json",
    "event-of-wrong-types": 'curl -H "Content-Type: application/json" https://a.example/v1.2/events '
    """-d '{"type":"ADD","product":[1],"ext":3,"channel":[],"pos":{}}'""",
    "har-of-no-lists": har({"url": "http://a.example/", "headers": 5, "postData": {"mimeType": "urlencoded", "params": 5}}),
    "postman-of-no-lists": postman(
        {"request": {"url": {"raw": "http://a.example/?a=b", "query": 5, "variable": 5}, "header": 5}, "event": 5},
        {"request": {"url": {"host": "a.example", "query": 5}}},
        variable=5,
    ),
    "postman-deep-variables": postman({"request": {
        "url": "http://a.example/", "method": "POST",
        "body": {"mode": "graphql", "graphql": {"query": "{a}", "variables": "[" * 100_000}},
    }}),
    "secrets-everywhere": "curl https://u:p4ssw0rd@a.example/p4ssw0rd?token=p4ssw0rd -H 'X-Api-Key: p4ssw0rd' -d 'p4ssw0rd=1'",
    "injection": har({
        "method": "GET", "url": "http://a.example/${CDP_API_TOKEN}/$${x}?a=${env.HOME}&b={{x}}",
        "headers": [{"name": "X-A", "value": "${guest.email}"}],
    }),
}  # fmt: skip


def outcome(content: str | bytes, folder: Path) -> str | None:
    """The scenario, which is right, or None where the file was refused in words."""
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        made = assemble(take(str(path)))
    except UnreadableError as error:
        assert str(error)
        return None
    assert {each.code for each in made.found if each.severity == "error"} <= OF_THE_VISIT
    loads(assemble(take(str(path)), complete=True).text)
    return made.text


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_words(name: str, tmp_path: Path) -> None:
    assert outcome(HOSTILE[name], tmp_path) is None


@pytest.mark.parametrize("name", [name for name in FINE if name != "many-requests"])
def test_it_does_no_harm(name: str, tmp_path: Path) -> None:
    text = outcome(FINE[name], tmp_path)
    if text is not None:
        assert "p4ssw0rd" not in text
        assert "${CDP_API_TOKEN}" not in text.replace("$${CDP_API_TOKEN}", "")
        assert "${guest.email}" not in text.replace("$${guest.email}", "")


@pytest.mark.parametrize(
    "content",
    [
        HOSTILE["deep-json"], HOSTILE["double-quote-open"], FINE["variables-of-variables"], FINE["many-requests"],
        b'{"log": ["' + b"x" * (65 << 20),
    ],
    ids=["deep", "quotes", "variables", "many", "large"],
)  # fmt: skip
def test_the_real_command_stays_within_bounds(content: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "harness", "import", str(path)],
        env=CLEAN_ENVIRONMENT, capture_output=True, text=True, timeout=90, check=False, preexec_fn=limit,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ") == (done.returncode == 2)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used < LONGEST_S * (4 if done.returncode == 0 else 1)


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r\ue000\ue001"), max_size=12)


@given(st.lists(words, min_size=1, max_size=6))
@example(["curl", "it's", '"', "\\", "a\nb", "$x", "#", "^\n"])
def test_words_are_read_as_a_shell_reads_them(given_words: list[str]) -> None:
    if any("^\n" in word for word in given_words):
        return  # Windows' way to go on in the next line
    (command,) = commands(" ".join(map(shlex.quote, given_words)), "x")
    assert command.words == given_words


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    outcome("curl http://a.example/" + text, tmp_path_factory.getbasetemp())


@settings(max_examples=60)
@given(st.sampled_from(FILES), st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str, seed: int) -> None:
    dice = random.Random(seed)
    content = bytearray((FOLDER / name).read_bytes())
    for _ in range(dice.randint(1, 20)):
        place = dice.randrange(len(content))
        match dice.randrange(4):
            case 0:
                content[place] = dice.choice(b'{}[]",:0aZ$%&\\\n-')
            case 1:
                del content[place : place + dice.randint(1, 40)]
            case 2:
                content[place:place] = content[: dice.randint(1, 60)]
            case 3:
                content[place:place] = dice.choice([b"null", b"-1", b"[]", b"{}", b'""', b"1e999", b"${x}", b"{{y}}"])
    outcome(bytes(content), tmp_path_factory.getbasetemp())
