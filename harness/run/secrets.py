"""The secrets of a scenario, and what keeps them out of everything that a process writes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Any

from harness.scenario.masking import Masker
from harness.scenario.model import SANDBOX, Scenario

_LOCUSTS = ("locust", "locust.stats_logger")
"""Loggers to which Locust gives handlers of their own."""


def secrets_of(scenario: Scenario) -> tuple[str, ...]:
    """What must not be shown; a sandbox's own keys are no secrets."""
    target = scenario.target
    keys = (
        [] if target.is_sandbox else [key.reveal() for key in (target.client_key, target.api_token) if key is not None]
    )
    told = [*keys, *(each.reveal() for each in scenario.secrets)]
    return tuple(dict.fromkeys(each for each in told if each != SANDBOX))


def masker_of(scenario: Scenario) -> Masker:
    """Takes a scenario's secrets out of texts."""
    target = scenario.target
    pairs = []
    if target.client_key is not None and target.api_token is not None and target.api_token.reveal() != SANDBOX:
        pairs = [(target.client_key.reveal(), target.api_token.reveal())]
    return Masker(secrets_of(scenario), pairs)


def mask_logs(masker: Masker) -> None:
    """From here on no log of this process, Locust's page of them included, shows a secret; nor does a traceback.

    May be called again: for handlers that have come since.
    """
    for handler in _handlers():
        if not masker.masks(handler.formatter):
            handler.setFormatter(masker.wrapped(handler.formatter))
    if not isinstance(sys.stderr, _MaskedStream):
        sys.stderr = _MaskedStream(sys.stderr, masker)


class _MaskedStream:
    """A stream that masks what is written to it: tracebacks of the interpreter and of gevent come in whole lines."""

    def __init__(self, stream: Any, masker: Masker) -> None:
        self._stream = stream
        self._mask = masker.mask

    def write(self, text: str) -> int:
        """Write it, masked; gives how much was taken."""
        self._stream.write(self._mask(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _handlers() -> Sequence[logging.Handler]:
    loggers = [logging.getLogger(), *map(logging.getLogger, _LOCUSTS)]
    return list(dict.fromkeys(handler for logger in loggers for handler in logger.handlers))
