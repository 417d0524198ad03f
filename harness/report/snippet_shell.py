"""Steps as cURL lines for a POSIX shell: one to paste, or all of them as a script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from harness.cdp import endpoints
from harness.compiler.example import BROWSER_ID, CLIENT_KEY, Example
from harness.compiler.plan import Capture
from harness.report.curl import curl_line
from harness.report.snippet import HOW_TO_GET, call, intro

_NUMBER = re.compile(r'"(?:reference_id|referenceId)": ?"([\w-]{1,100})"')
_ORDERS = ("CHECKOUT", "ORDER_CHECKOUT")
_UUID = r"[0-9A-Fa-f-]\{36\}"


def line(example: Example, base: str) -> str:
    """A step as a line, with what it needs as comments above."""
    heads = [f"# {each}" for each in intro(call(example, base))]
    return "\n".join([*heads, _sent(example, base), *_kept(example)]) + "\n"


def script(examples: Sequence[Example], base: str) -> str:
    """All steps, one after the other. The script ends where a variable is missing or no browser id came back."""
    known: set[str] = set()
    body: list[str] = []
    needs: dict[str, None] = {}
    kept: dict[str, str] = {}
    for example in examples:
        written = call(example, base)
        body.append(f"# {written.title}")
        for name in written.variables:
            if name in known:
                continue
            known.add(name)
            if name in kept:
                body.append(_demand(name, kept[name]))
            else:
                needs[name] = None
        for name, _ in example.captures:
            kept[name] = f"it is in the reply of {written.title}"
        if any(name == BROWSER_ID for name, _ in example.captures):
            body.append(f"""{BROWSER_ID}=$({_sent(example, base)} | sed -n 's/.*"ref": *"\\({_UUID}\\)".*/\\1/p')""")
            body.append(_demand(BROWSER_ID, "no browser id came back"))
            known.add(BROWSER_ID)
        else:
            body.append(_sent(example, base))
        body += _kept(example)
    numbers = dict.fromkeys(number for example in examples for number in _numbers(example))
    return "\n".join([*_head(needs, list(numbers)), *body, *_orders(base, list(numbers))]) + "\n"


def _head(needs: dict[str, None], numbers: list[str]) -> Iterator[str]:
    yield "# All steps, one after the other, each once."
    if numbers:
        several = "The order numbers are" if len(numbers) > 1 else "The order number is"
        yield f"# {several} always the same ({', '.join(numbers[:5])}): a second run makes no second order."
    for name in needs:
        yield _demand(name, f"set it first ({HOW_TO_GET[name]})" if name in HOW_TO_GET else "set it first")


def _demand(name: str, why: str) -> str:
    """A line with which a shell ends where a variable is empty."""
    plain = re.sub(r"""[}"'`$\\]""", " ", why)
    return f': "${{{name}:?{plain}}}"'


def _orders(base: str, numbers: list[str]) -> Iterator[str]:
    if numbers:
        yield "# The order as the Order REST API has it, some seconds later; needs CDP_API_TOKEN, too:"
    for number in numbers:
        where = f"{base}{endpoints.ORDERS}?referenceId={number}&expand=items"
        yield f"""# curl -gsS -u "${CLIENT_KEY}:$CDP_API_TOKEN" '{where}'"""


def _numbers(example: Example) -> list[str]:
    """The order numbers in an event that makes an order."""
    if example.type not in _ORDERS:
        return []
    return _NUMBER.findall(unquote(example.target) + (example.body or ""))[:1]


def _sent(example: Example, base: str) -> str:
    return curl_line(example.method, base + example.target, example.headers, example.body or "")


def _kept(example: Example) -> Iterator[str]:
    for name, capture in example.captures:
        if name != BROWSER_ID:
            yield f"# {name}: {_where(capture)} of its reply"


def _where(capture: Capture) -> str:
    return capture.path if isinstance(capture.path, str) else "".join(f"[{json.dumps(part)}]" for part in capture.path)
