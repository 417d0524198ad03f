"""Masking: a secret appears in nothing that a run writes, whichever way it is encoded."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable
from urllib.parse import quote

from harness.scenario.model import SANDBOX, Scenario

MASK = "***"
SHORTEST = 4
"""Shorter texts are not secrets, and masking them would make everything else unreadable."""


class Masker:
    """Replaces secrets, plain, percent-encoded and as HTTP Basic credentials, in texts."""

    def __init__(self, secrets: Iterable[str], pairs: Iterable[tuple[str, str]] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if len(secret) >= SHORTEST:
                forms |= {secret, quote(secret, safe="")}
        for user, password in pairs:
            forms.add(base64.b64encode(f"{user}:{password}".encode()).decode())
        self._forms = sorted(forms, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """The text without secrets."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def formatter(self, pattern: str) -> logging.Formatter:
        """A log formatter that masks all that it writes, tracebacks too."""
        masker = self

        class _Masking(logging.Formatter):
            def format(self, record: logging.LogRecord) -> str:
                return masker.mask(super().format(record))

        return _Masking(pattern)


def masker_of(scenario: Scenario) -> Masker:
    """Takes a scenario's secrets out of texts; a sandbox's own are none."""
    target = scenario.target
    keys = [key.reveal() for key in (target.client_key, target.api_token) if key is not None]
    secret = [] if target.is_sandbox or SANDBOX in keys else keys
    pairs = [(secret[0], secret[1])] if len(secret) > 1 else []
    return Masker([*secret, *(each.reveal() for each in scenario.secrets)], pairs)
