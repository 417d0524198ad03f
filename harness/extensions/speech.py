"""What an extension says: keys, verbs, systems, reporters, and the requests that verbs make. Values, nothing else.

A verb works while a scenario is read. What it makes is written in the scenario language's own terms, ``${…}`` included,
is checked as if the author had written it, and becomes a template; while load is sent, no extension runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

API = 1
"""The version of this interface. What is made for another is refused by name, before it does anything."""

KeyKind = Literal["text", "whole", "number", "yes_no", "choice", "json"]


@dataclass(frozen=True, slots=True)
class Key:
    """What may stand behind a key of a verb. Made by ``text``, ``whole``, ``number``, ``yes_no``, ``choice``, ``json``."""

    kind: KeyKind
    doc: str
    required: bool = False
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0


def text(doc: str, *, required: bool = False) -> Key:
    """A text. The verb is given it as it is written, with its ``${…}``: put into a request, they are filled in."""
    return Key("text", doc, required)


def whole(doc: str, *, least: int = 0, most: int = 1_000_000, required: bool = False) -> Key:
    """A whole number, as int."""
    return Key("whole", doc, required, least=least, most=most)


def number(doc: str, *, required: bool = False) -> Key:
    """A number of at least 0 and with four decimals at most, as Decimal."""
    return Key("number", doc, required)


def yes_no(doc: str, *, required: bool = False) -> Key:
    """true or false, as bool."""
    return Key("yes_no", doc, required)


def choice(doc: str, *words: str, required: bool = False) -> Key:
    """One of a few words."""
    return Key("choice", doc, required, words)


def json(doc: str, *, required: bool = False) -> Key:
    """Any JSON value: dict, list, str, int, Decimal, bool, None. Texts as with ``text``."""
    return Key("json", doc, required)


class Nothing:
    """Not given, where None would be JSON's null."""

    __slots__ = ()


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, as the step ``request`` has it. At most one of ``json``, ``form``, ``body``.

    ``type`` is what reports call it; else the method.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = NOTHING
    form: Mapping[str, str] | None = None
    body: str | None = None
    type: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the CDP by its type, as the step ``event`` has it; ``ext`` are attributes of its own, flat."""

    type: str
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: ``make(**keys)`` gives the request of a step. Keys that the author leaves out are not passed.

    ``main``: the key whose value may stand behind the verb by itself. ``captures``: names and JSON paths of what is
    kept of every reply, for ``${name}`` in later steps.
    """

    make: Callable[..., Request | Event]
    doc: str
    keys: Mapping[str, Key] = field(default_factory=dict)
    main: str | None = None
    example: str = ""
    captures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class System:
    """A vocabulary: what ``target.system`` names, by the entry point's name (group ``harness.systems``)."""

    api: int
    doc: str
    verbs: Mapping[str, Verb]


@dataclass(frozen=True, slots=True)
class Addition:
    """A verb added to a system, by the entry point's name (group ``harness.verbs``). No ``system``: to every one."""

    api: int
    verb: Verb
    system: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """A form of a run's report, by the entry point's name (group ``harness.reporters``).

    ``render`` takes the run's Summary, and gives text or bytes for ``file`` in the run directory.
    """

    api: int
    file: str
    render: Callable[[Any], str | bytes]
    doc: str = ""
