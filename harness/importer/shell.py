"""Words of a POSIX shell, as far as cURL lines need them: quotes, escapes, continuation lines, comments, variables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.importer.calls import UnreadableError
from harness.scenario.blanks import blank

_ASSIGNED = re.compile(r"(?:^|[\s;&|(])([A-Za-z_][A-Za-z0-9_]*)=$")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-?][^}]*)?\})")
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "0": "\0"}
_HEX = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})")


@dataclass(slots=True)
class Command:
    """A command's words; variables in them are blanks. ``into``: the variable that its output goes to; ``line``: where."""

    line: int
    into: str = ""
    words: list[str] = field(default_factory=list)


def commands(text: str, name: str) -> list[Command]:
    """All commands of a script, pipes and lists taken apart. Raises UnreadableError for quotes left open."""
    return _Shell(re.sub(r"\^\r?\n", " ", text), name).commands()


class _Shell:
    def __init__(self, text: str, name: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._name = name
        self._at = 0
        self._found: list[Command] = []
        self._word: list[str] | None = None
        self._command = Command(1)

    def commands(self) -> list[Command]:
        text = self._text
        while self._at < len(text):
            self._next(text[self._at])
        self._end_command()
        return self._found

    def _next(self, character: str) -> None:
        text, at = self._text, self._at
        if character == "\\":
            following = text[at + 1 : at + 2]
            if following != "\n":
                self._add(following)
            self._at += 2
        elif character == "'":
            self._add(text[at + 1 : self._closing("'", at + 1)])
        elif character == '"':
            self._double()
        elif character == "$" and text[at + 1 : at + 2] == "'":
            self._ansi()
        elif character == "$" and text[at + 1 : at + 2] == "(":
            self._substitution()
        elif character == "$" and (match := _VARIABLE.match(text, at)):
            self._add(blank(match[1] or match[2]))
            self._at = match.end()
        elif character == "#" and self._word is None:
            self._at = end if (end := text.find("\n", at)) >= 0 else len(text)
        elif character in " \t":
            self._end_word()
            self._at += 1
        elif character in "\n;|&()":
            self._end_command()
            self._at += 1
        else:
            self._add(character)
            self._at += 1

    def _add(self, text: str) -> None:
        if self._word is None:
            self._word = []
        self._word.append(text)

    def _end_word(self) -> None:
        if self._word is not None:
            self._command.words.append("".join(self._word))
            self._word = None

    def _end_command(self, into: str = "") -> None:
        self._end_word()
        if self._command.words:
            self._found.append(self._command)
        self._command = Command(
            self._text.count("\n", 0, self._at) + 2 - (self._text[self._at : self._at + 1] != "\n"), into
        )

    def _closing(self, quote: str, start: int) -> int:
        """Where a quote ends; the reading goes on behind it."""
        end = self._text.find(quote, start)
        if end < 0:
            line = self._text.count("\n", 0, start) + 1
            raise UnreadableError(f"{self._name}:{line}: a quote {quote} is not closed")
        self._at = end + 1
        return end

    def _double(self) -> None:
        text, start = self._text, self._at
        self._add("")
        self._at += 1
        while self._at < len(text):
            character = text[self._at]
            if character == '"':
                self._at += 1
                return
            if character == "\\" and text[self._at + 1 : self._at + 2] in ('"', "\\", "$", "`", "\n"):
                following = text[self._at + 1]
                self._add("" if following == "\n" else following)
                self._at += 2
            elif character == "$" and (match := _VARIABLE.match(text, self._at)):
                self._add(blank(match[1] or match[2]))
                self._at = match.end()
            else:
                end = next((p for p in range(self._at + 1, len(text)) if text[p] in '"\\$'), len(text))
                self._add(text[self._at : end])
                self._at = end
        self._at = start
        self._closing('"', len(text))

    def _ansi(self) -> None:
        text, start = self._text, self._at
        self._add("")
        self._at += 2
        while self._at < len(text):
            character = text[self._at]
            if character == "'":
                self._at += 1
                return
            if character != "\\":
                self._add(character)
                self._at += 1
                continue
            self._at += 1
            if match := _HEX.match(text, self._at):
                code = int(match[1] or match[2] or match[3], 16)
                self._add(chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd")
                self._at = match.end()
            else:
                following = text[self._at : self._at + 1]
                self._add(_ANSI.get(following, following))
                self._at += 1
        self._at = start
        self._closing("'", len(text))

    def _substitution(self) -> None:
        """``NAME=$(…)``: what is in it is a command of its own, whose output is kept."""
        word = "".join(self._word or ())
        match = _ASSIGNED.search(word)
        self._word = None
        self._at += 2
        self._end_command(match[1] if match else "")
