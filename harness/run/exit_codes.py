"""The exit codes of the commands, as the documentation has them."""

from __future__ import annotations

from collections.abc import Mapping

HELD, NOT_HELD, WRONG, NO_TARGET, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 4, 130
OF_VERDICT: Mapping[str, int] = {"pass": HELD, "fail": NOT_HELD, "incomplete": INCOMPLETE, "interrupted": INTERRUPTED}
