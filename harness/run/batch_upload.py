"""Uploads parts one after the other, each to its end, and keeps what is known of each: an upload goes on where it ended."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.batch.checking import digest
from harness.batch.manifest import ALLOCATED, BUILT, SENT, Manifest, Part
from harness.batch.refs import new_batch_ref
from harness.cdp.batch import CORRUPTED, ERROR, FILE_UPLOADED, SUCCESS, UPLOADING
from harness.engine.batch_api import BatchApi, Place, PlaceError, RefUsedError, Status
from harness.engine.target_errors import TargetError
from harness.run.batch_files import Bundle

MOST_TRIES = 3
"""Of a part in one upload: places that expire, connections that break, files that arrive damaged."""
FIRST_POLL_S, LONGEST_POLL_S = 0.2, 15.0


class ChangedError(ValueError):
    """A part is not the file that was built."""


class Progress(Protocol):
    """Who wants to know how it goes."""

    def sending(self, part: Part, host: str) -> None:
        """A part is being sent, to a host."""

    def sent(self, size: int) -> None:
        """So many bytes of it so far."""

    def state(self, part: Part, waited_s: float) -> None:
        """The target says this of a part, so long after all of it was sent."""

    def again(self, part: Part, reason: str) -> None:
        """A part is tried once more."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a part to be processed (s), and whether parts that failed are sent again."""

    wait_s: float
    again: bool = False


class Uploader:
    """Uploads one bundle."""

    def __init__(
        self,
        bundle: Bundle,
        manifest: Manifest,
        api: BatchApi,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.manifest = manifest
        self._bundle = bundle
        self._api = api
        self._progress = progress
        self._clock = clock
        self._sleep = sleep

    def run(self, patience: Patience) -> None:
        """Sends what is not there yet. Raises TargetError, ChangedError, OSError; the manifest is up to date then.

        The next part is sent when the last one has been processed, as Sitecore advises, and no more after one that was
        not taken at all.
        """
        for number in range(len(self.manifest.parts)):
            part = self.manifest.parts[number]
            if patience.again and part.state in (CORRUPTED, ERROR):
                self._anew(number)
            if self.manifest.parts[number].state == SUCCESS or not self._part(number, patience):
                continue
            part = self.manifest.parts[number]
            if part.state == CORRUPTED or (part.state == ERROR and not part.has_log) or not part.is_over:
                return

    def follow(self, wait_s: float) -> None:
        """Asks how the parts stand, and waits so long for those under way. Raises TargetError, OSError."""
        ends = self._clock() + wait_s
        for number, part in enumerate(self.manifest.parts):
            if part.state not in (BUILT, ALLOCATED) and not part.is_over:
                self.refresh(number)
                self._follow(number, max(ends - self._clock(), 0.0))

    def refresh(self, number: int) -> None:
        """Asks how a part stands. Raises TargetError, OSError."""
        part = self.manifest.parts[number]
        if part.state == BUILT or part.is_over:
            return
        if (status := self._api.status(part.ref)) is not None and status.code != UPLOADING:
            self._told(number, status)

    def _part(self, number: int, patience: Patience) -> bool:
        """Brings a part to its end, or to where patience ends; False when it was there already."""
        if self.manifest.parts[number].is_over:
            return False
        self._look(number)
        tries = 0
        while not self.manifest.parts[number].is_over:
            tries += 1
            if self.manifest.parts[number].state in (BUILT, ALLOCATED):
                self._send(number)
            self._follow(number, patience.wait_s)
            if self.manifest.parts[number].state != CORRUPTED or tries == MOST_TRIES:
                break
            self._progress.again(self.manifest.parts[number], "it arrived damaged")
            self._anew(number)
        return True

    def _look(self, number: int) -> None:
        """What an earlier try came to: it may have ended between any two steps."""
        part = self.manifest.parts[number]
        if part.state == BUILT:
            return
        status = self._api.status(part.ref)
        if status is None:
            self._change(number, state=BUILT)
        elif status.code == UPLOADING:
            # A place was asked for and is not known any more, or the file is on its way to be noticed.
            if part.state == ALLOCATED:
                self._anew(number)
        else:
            self._told(number, status)

    def _send(self, number: int) -> None:
        """A place, and the file to it. Raises TargetError, ChangedError, OSError."""
        part = self.manifest.parts[number]
        if digest(self._bundle.path(part)) != (part.size, part.checksum):
            raise ChangedError(f"{self._bundle.path(part)} was changed since it was built: build it again")
        for tried in range(1, MOST_TRIES + 1):
            place = self._allocate(number)
            if place is None:
                return
            part = self.manifest.parts[number]
            self._progress.sending(part, place.host)
            try:
                self._api.send(place, self._bundle.path(part), _base64(part.checksum), part.size, self._progress.sent)
            except TargetError as error:
                if self._is_there(number):
                    return
                if tried == MOST_TRIES or not (error.may_pass or isinstance(error, PlaceError)):
                    raise
                self._progress.again(part, str(error))
                self._anew(number)
                self._sleep(min(FIRST_POLL_S * 4**tried, LONGEST_POLL_S))
                continue
            self._change(number, state=SENT)
            return

    def _allocate(self, number: int) -> Place | None:
        """A place for the part; None when its file is there, from an earlier try. Raises TargetError."""
        while True:
            part = self.manifest.parts[number]
            # Kept before it is asked for: whoever ends in between will know the ref.
            self._change(number, state=ALLOCATED)
            try:
                return self._api.allocate(part.ref, part.checksum, part.size)
            except RefUsedError:
                if self._is_there(number):
                    return None
                if len(self.manifest.parts[number].earlier) >= MOST_TRIES * 100:
                    raise
                self._progress.again(part, "its batch ref was used before (409)")
                self._anew(number)

    def _is_there(self, number: int) -> bool:
        """Whether the target has this very file under the part's ref, whoever was told so."""
        part = self.manifest.parts[number]
        status = self._api.status(part.ref)
        if status is None or status.code == UPLOADING or (status.checksum or part.checksum) != part.checksum:
            return False
        self._told(number, status)
        return True

    def _follow(self, number: int, wait_s: float) -> None:
        """Asks until the part has come to an end, or so long. Raises TargetError."""
        begun, pause = self._clock(), FIRST_POLL_S
        while True:
            part = self.manifest.parts[number]
            waited = self._clock() - begun
            self._progress.state(part, waited)
            if part.is_over or waited >= wait_s:
                return
            self._sleep(min(pause, max(wait_s - waited, 0.0)))
            pause = min(pause * 1.5, LONGEST_POLL_S)
            self.refresh(number)

    def _told(self, number: int, status: Status) -> None:
        code = SENT if status.code == FILE_UPLOADED else status.code
        if code != self.manifest.parts[number].state:
            self._change(number, state=code, has_log=status.log is not None)

    def _anew(self, number: int) -> None:
        part = self.manifest.parts[number]
        self._change(number, state=BUILT, ref=new_batch_ref(), earlier=(*part.earlier, part.ref), has_log=False)

    def _change(self, number: int, **changes: object) -> None:
        self.manifest = self.manifest.with_part(number, **changes)
        self._bundle.write(self.manifest)


def _base64(checksum: str) -> str:
    return b64encode(bytes.fromhex(checksum)).decode()
