"""A worker's side of a load of several processes: it does as its master says, and tells it what came, nothing lost."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import gevent

from harness.engine.beat import Beat
from harness.engine.crew_words import (
    AGAIN_S,
    BEAT,
    BEGIN,
    CLOCK,
    DONE,
    FINAL,
    FINISH,
    JOINED,
    LEASE_S,
    LOOK_S,
    STRIDE,
    WORD,
)
from harness.engine.listener import NotJoinedError
from harness.engine.roll import Lease, Share

MOST_AT_ONCE = 16
"""Beats told again in one go."""
_log = logging.getLogger("harness")


class Hand:
    """``join`` is called with what the load is, and may raise NotJoinedError; ``finish`` when the master wants the rest.

    ``word`` is called when the master gave shares of the guests, or said when the load began (perf_counter of here).
    """

    def __init__(
        self,
        runner: Any,
        join: Callable[[Mapping[str, Any]], None],
        finish: Callable[[], None],
        word: Callable[[tuple[Share, ...] | None, float | None], None],
    ) -> None:
        self._runner = runner
        self._join = join
        self._finish = finish
        self._word = word
        self._run_id = ""
        self._joined = ""
        self._number = 0
        self._waiting: deque[tuple[int, str, dict[str, Any]]] = deque()
        self._told_at = 0.0
        self.lease = Lease()
        runner.register_message(BEGIN, self._on_begin)
        runner.register_message(CLOCK, self._on_clock)
        runner.register_message(WORD, self._on_word)
        runner.register_message(FINISH, self._on_finish, concurrent=True)

    def tell(self, beat: Beat, book: Mapping[str, Any], told_s: float) -> None:
        """Tell what came until ``told_s`` (s since the load began)."""
        self._tell(BEAT, beat, book, told_s, None)

    def done(self) -> None:
        """Tell that all guests who were to come have come, and gone."""
        self._send(DONE, {})

    def tell_last(
        self, beat: Beat, book: Mapping[str, Any], told_s: float, planned: int | None, patience_s: float
    ) -> None:
        """Tell what is left, and wait until the master has all."""
        self._tell(FINAL, beat, book, told_s, planned)
        ends = time.monotonic() + patience_s
        while self._waiting and time.monotonic() < ends:
            gevent.sleep(LOOK_S)
            self._tell_again()

    def _tell(self, name: str, beat: Beat, book: Mapping[str, Any], told_s: float, planned: int | None) -> None:
        self._number += 1
        message = {
            "number": self._number, "beat": beat.pack(), "book": book, "told_s": told_s, "planned": planned,
            "last": name == FINAL,
        }  # fmt: skip
        if not self._waiting:
            self._told_at = time.monotonic()
        self._waiting.append((self._number, name, message))
        self._send(name, message)
        self._tell_again()

    def _tell_again(self) -> None:
        """Say once more what nobody has confirmed: a connection that broke may have swallowed it."""
        if not self._waiting or time.monotonic() - self._told_at < AGAIN_S:
            return
        self._told_at = time.monotonic()
        for _, name, message in [*self._waiting][:MOST_AT_ONCE]:
            self._send(name, message)

    def _send(self, name: str, data: dict[str, Any]) -> None:
        try:
            self._runner.send_message(name, {**data, "run_id": self._run_id})
        except Exception:
            _log.warning("the master could not be told; it is told again later")

    # What the master says

    def _on_begin(self, msg: Any, **_: Any) -> None:
        if self._joined != msg.data["run_id"]:
            self._run_id, self._number = msg.data["run_id"], 0
            self._waiting.clear()
            self.lease.until_s = LEASE_S  # it says more with its first word
            try:
                if msg.data["index"] >= STRIDE:
                    raise NotJoinedError(f"there are more than {STRIDE} workers")
                self._join(msg.data)
            except NotJoinedError as error:
                _log.error("no part in the load: %s", error)
                self._send(JOINED, {"refused": str(error)})
                return
            self._joined = self._run_id
        self._send(JOINED, {"refused": ""})

    def _on_clock(self, msg: Any, **_: Any) -> None:
        self._send(CLOCK, {"asked": msg.data["asked"], "perf": time.perf_counter(), "wall": time.time()})

    def _on_word(self, msg: Any, **_: Any) -> None:
        data = msg.data
        if data["run_id"] != self._run_id:
            return
        while self._waiting and self._waiting[0][0] <= data["seen"]:
            self._waiting.popleft()
            self._told_at = time.monotonic()
        shares = data.get("shares")
        self._word(None if shares is None else tuple(Share(*each) for each in shares), data.get("began"))
        self.lease.until_s = data["lease_s"]

    def _on_finish(self, **_: Any) -> None:
        self._finish()
