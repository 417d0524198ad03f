"""A check of an outcome and what it found, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """What most likely lies behind a finding: a word that a program can rely on, and a sentence for people."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it ought to be. ``kind`` is a word that a program can rely on.

    ``may_come``: the target may still be at it, so time can heal it. ``step``: whose doing it is, where that is known.
    """

    kind: str
    what: str
    expected: str
    found: str
    cause: Cause
    may_come: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One part of an outcome: the guest, the timeline, an order, the cart. ``held``: None where it cannot be told.

    ``told`` says in a line what is there, or why it cannot be told.
    """

    subject: str
    held: bool | None
    told: str
    findings: tuple[Finding, ...] = ()


def check(subject: str, told: str, findings: list[Finding]) -> Check:
    """A check that was made: it holds when nothing was found."""
    return Check(subject, not findings, told if not findings else findings[0].what, tuple(findings))


def unread(subject: str, why: str, broken: bool) -> Check:
    """A check that could not be made: the target does not show it, or (``broken``) it fails when it is asked."""
    if not broken:
        return Check(subject, None, why)
    cause = Cause("unreadable", "the target fails when it is asked: its reading API is down, or too busy.")
    return check(subject, "", [Finding("unreadable", f"{subject}: {why}", "to be read back", why, cause, True)])
