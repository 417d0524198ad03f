"""Secrets in what processes tell each other: taken out by the one who sends, put back by the one who reads.

Both know them from their own environment. Only what the compiler makes of them is looked for: a text, or what JSON makes
of it, in the encodings of a request's places.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote, quote_plus

from harness.compiler.template import ENCODERS
from harness.scenario.masking import SHORTEST


class Seal:
    """A mark for each form of each secret. Marks hold a byte that UTF-8 never has."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms: dict[bytes, None] = {}
        for secret in secrets:
            if len(secret) < SHORTEST:
                continue  # none that could be told from other text
            texts = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
            for text in texts:
                forms |= dict.fromkeys(encode(text) for encode in ENCODERS.values())
                forms |= dict.fromkeys((text.encode(), quote(text, safe="").encode(), quote_plus(text).encode()))
        # The same in every process that knows the secret, whatever others each of them knows.
        longest_first = sorted((form for form in forms if form), key=lambda form: (-len(form), form))
        self._marks = [(form, b"\xff" + sha256(form).hexdigest()[:12].encode() + b"\xff") for form in longest_first]

    def close(self, data: bytes) -> bytes:
        """With marks in place of secrets."""
        for form, mark in self._marks:
            data = data.replace(form, mark)
        return data

    def open(self, data: bytes) -> bytes:
        """What ``close`` was given."""
        for form, mark in self._marks:
            data = data.replace(mark, form)
        return data


NONE = Seal(())
