"""What is wrong with a text that is no YAML, in plain words and at the place that has to be mended.

libyaml says where it gave up, and in its own terms; the mistake is often a line before. This puts the usual
causes (tabs, indentation, ``: `` in a value, brackets and quotes left open) into words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from harness.scenario.diagnostics import Diagnostic, Span

_NO_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST_KEY = 1024
DEEPEST = 32
"""Levels of nesting."""
FLATTEN = "move inner steps into 'parts'"
_QUOTES = "put the value into quotes"


def no_text(text: str, name: str) -> Diagnostic | None:
    """The first character that no YAML file may hold."""
    match = _NO_TEXT.search(text)
    if match is None:
        return None
    before = (text[: match.start()] + "x").splitlines()
    line, column = len(before), len(before[-1])
    code = ord(match[0])
    label = "is it UTF-16? save the file as UTF-8" if code == 0 else "remove it"
    return Diagnostic(
        "E103", Span(name, line, column, line, column + 1), f"the character 0x{code:02x}, which is no text", label
    )


def syntax_error(error: yaml.YAMLError, name: str, lines: tuple[str, ...]) -> Diagnostic:
    """A diagnostic from what the parser says."""
    return _Reader(error, name, lines).diagnostic()


class _Reader:
    def __init__(self, error: Any, name: str, lines: tuple[str, ...]) -> None:
        self._name = name
        self._lines = lines
        self._said: str = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        self._during: str = getattr(error, "context", None) or ""
        mark = getattr(error, "problem_mark", None)
        self._begin: Any = getattr(error, "context_mark", None)
        mark = mark or self._begin
        self._line = mark.line if mark else -1
        self._column = mark.column if mark else 0

    def _text(self, line: int) -> str:
        return self._lines[line] if 0 <= line < len(self._lines) else ""

    def _at(self, line: int, column: int, width: int, message: str, label: str) -> Diagnostic:
        """On a line of the file: the end of a file is the end of its last line."""
        if line >= len(self._lines) and self._lines:
            line = len(self._lines) - 1
            column = len(self._text(line))
        place = Span(self._name, line + 1, column + 1, line + 1, column + 1 + max(width, 1))
        return Diagnostic("E105", place, message, label)

    def diagnostic(self) -> Diagnostic:
        if self._line < 0:
            return Diagnostic("E105", None, f"{self._name} is not YAML: {self._said}", "is it a scenario at all?")
        if "nesting depth" in self._said:  # libyaml from 0.2.6 on, which looks ahead before it tells of any level
            return replace(self._here(f"nested deeper than {DEEPEST} levels", FLATTEN), code="E106")
        return self._tab() or self._known() or self._here(f"this is not YAML: {self._said}", _QUOTES)

    def _here(self, message: str, label: str, width: int = 1) -> Diagnostic:
        return self._at(self._line, self._column, width, message, label)

    def _there(self, message: str, label: str, width: int = 1) -> Diagnostic:
        """Where the thing began that did not end well."""
        if self._begin is None:
            return self._here(message, label, width)
        return self._at(self._begin.line, self._begin.column, width, message, label)

    def _tab(self) -> Diagnostic | None:
        text = self._text(self._line)
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            start = indent.index("\t")
            width = len(indent) - start
            return self._at(
                self._line, start, width, "a tab in the indentation", "use spaces: YAML does not take tabs here"
            )
        if text[self._column : self._column + 1] == "\t" and "start any token" in self._said:
            return self._here("a tab where only spaces may stand", "use a space")
        return None

    def _known(self) -> Diagnostic | None:
        said, during = self._said, self._during
        character = self._text(self._line)[self._column : self._column + 1]
        if "mapping values are not allowed" in said:
            return self._colon()
        if "could not find expected ':'" in said:
            return self._no_colon()
        if "quoted scalar" in during and "unexpected end" in said:
            return self._there("this quote is not closed", "write the same quote at the end of the value")
        if "unknown escape" in said:
            label = "in 'single quotes' a backslash is just a backslash"
            return self._here("a backslash with a meaning that YAML does not know", label, 2)
        if during.startswith("while parsing a flow") and ("expected ','" in said or not character):
            return self._bracket(character)
        if "node content" in said and character:
            return self._here(f"'{character}' where a value belongs", f"remove it, or {_QUOTES}")
        if "block sequence entries" in said:
            return self._here("'- ' behind a key", "a list begins on the line below its key")
        if "'-' indicator" in said:
            return self._here("this line does not fit the list above", "write '- ' before it, or mend its indentation")
        if "expected key" in said or "<block end>" in said:
            return self._misfit(character)
        if "block scalar" in during:
            return self._here("text behind '|' or '>'", "the text begins on the next line, indented")
        if "<document start>" in said:
            return self._here("text behind '...', which ends the file", "remove '...'")
        if "incompatible YAML" in said:
            return self._here("a version of YAML that is not known here", "remove the line")
        return self._sign(character)

    def _sign(self, character: str) -> Diagnostic | None:
        """Signs that mean something to YAML at the beginning of a value."""
        line, column = (self._begin.line, self._begin.column) if self._begin else (self._line, self._column)
        first = self._text(line)[column : column + 1]
        for sign, where in ((first, (line, column)), (character, (self._line, self._column))):
            if sign and sign in "@`%*&!?|>":
                return self._at(*where, 1, f"'{sign}' cannot begin a value", _QUOTES)
        return None

    def _colon(self) -> Diagnostic:
        text = self._text(self._line)
        before = text[: self._column]
        if self._column > LONGEST_KEY:
            return self._at(self._line, 0, self._column, f"a key of {self._column} characters", "write a shorter one")
        if ": " in before.strip():
            return self._here("a second ': ' in one line", "put a value that holds ': ' into quotes")
        number = next((n for n in range(self._line - 1, -1, -1) if self._text(n).strip()), 0)
        above = self._text(number)
        start = len(text) - len(text.lstrip())
        if glued := re.match(r"\s*(?:- )*([\w-]+):(?=[^\s/])", above):
            return self._at(number, glued.end() - 1, 1, "a ':' without a space behind it", f"write '{glued[1]}: …'")
        if verb := re.match(r"(\s*- )([\w-]+)\s*$", above):
            label = f"write '- {verb[2]}:' to put more keys below it"
            return self._at(number, len(verb[1]), len(verb[2]), f"no ':' behind '{verb[2]}', and a key below it", label)
        if ":" in above:
            said = "this line is indented deeper than the one above, which has a value already"
            label = "indent it like the line above; or take the value there away"
        else:
            said = "this line does not fit the one above"
            label = "the line above has no ':', or this one is indented too far"
        return self._at(self._line, start, self._column - start, said, label)

    def _no_colon(self) -> Diagnostic:
        line = self._begin.line if self._begin is not None else self._line
        column = self._begin.column if self._begin is not None else self._column
        width = len(self._text(line).rstrip()) - column
        return self._at(line, column, width, "a line without ':'", "write 'key: value', or '- ' before an entry")

    def _bracket(self, character: str) -> Diagnostic:
        opened = self._text(self._begin.line)[self._begin.column : self._begin.column + 1] if self._begin else ""
        if self._begin and opened in ("{", "[") and (self._begin.line < self._line or not character):
            closing = "}" if opened == "{" else "]"
            return self._there(f"'{opened}' is not closed", f"write '{closing}' at its end")
        if not character:
            return self._here("a bracket is not closed", "write ] or } for every [ or {")
        if character == "{" and self._text(self._line)[: self._column].endswith("$"):
            label = "between { } and [ ] put the value into quotes: '${NAME}'"
            return self._at(self._line, self._column - 1, 2, "'${' where '{' means a mapping", label)
        label = "entries are separated by ', '; a value with : , { } [ ] in it needs quotes"
        return self._here("a comma or a closing bracket is missing before this", label)

    def _misfit(self, character: str) -> Diagnostic:
        text = self._text(self._line)
        start = len(text) - len(text.lstrip())
        if self._column > start:
            label = "quotes go around the whole value; inside '…' a quote is written twice: 'it''s'"
            return self._here("text behind a value that has ended", label, len(text.rstrip()) - self._column)
        if character == ":":
            return self._here("a ':' without a key before it", "write 'key: value'")
        label = "indent it exactly like the other keys or entries of the same list or mapping"
        return self._here("this line does not fit the ones above", label, len(text.strip()))
