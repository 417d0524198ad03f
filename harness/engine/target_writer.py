"""Changing what a target holds: guests created and deleted by the Guest REST API, one at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from harness.cdp import endpoints
from harness.engine import target_json
from harness.engine.refusal import RefusedError, said
from harness.engine.target_reader import TargetReader

TOO_MANY = frozenset({429})
"""Nothing was done: it can be asked again. After any other failure of a POST nobody knows."""


class TargetWriter(TargetReader):
    """Reads from one target, and writes guests to it."""

    def create_guest(self, fields: dict[str, Any]) -> str:
        """The ref of the guest who was made. Raises RefusedError, TargetError (UnreachableError: nobody knows)."""
        asked = "a new guest"
        reply = self._answer("POST", endpoints.GUESTS_21, asked, orjson.dumps(fields), TOO_MANY)
        if not 200 <= reply.status <= 299:
            raise RefusedError(reply.status, said(reply.data))
        made = self._shaped(asked, target_json.document, reply.data)
        return self._shaped(asked, target_json.guest, made if isinstance(made, dict) else {}).ref

    def delete_guest(self, ref: str) -> bool:
        """Whether there was such a guest; there is none afterwards. Raises RefusedError, TargetError."""
        path = f"{endpoints.GUESTS_21}/{quote(ref, safe='')}"
        reply = self._answer("DELETE", path, "the deletion of a guest")
        if reply.status == 404:
            return False
        if not 200 <= reply.status <= 299:
            raise RefusedError(reply.status, said(reply.data))
        return True
