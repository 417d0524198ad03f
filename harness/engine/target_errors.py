"""What goes wrong between us and a target."""

from __future__ import annotations


class TargetError(Exception):
    """The target cannot be used; the text says why, in a sentence. ``may_pass``: it is worth another try."""

    may_pass = False


class UnreachableError(TargetError):
    """No reply came. It may come when the question is put again."""

    may_pass = True


class UnauthorizedError(TargetError):
    """The target does not take our credentials."""


class NotOfferedError(TargetError):
    """The target has no such call, or not for us; nothing can be said by it."""
