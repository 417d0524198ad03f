"""``parse``: from text to an expression. The grammar is in ``expressions``."""

from __future__ import annotations

import re
from decimal import Decimal

from harness.scenario.expressions import Compare, Expression, Literal, Logic, Name, Not, Value

DEEPEST = 20
LONGEST = 1000


class ExpressionError(Exception):
    """Not an expression. ``offset`` is where in the text, counted from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>==|!=|<=|>=|<|>|\(|\)|\.))"
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "none": None}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def parse(text: str) -> Expression:
    """The expression of a text. Raises ExpressionError."""
    size = sum(not c.isspace() for c in text)
    if size > LONGEST:
        raise ExpressionError(f"an expression of {size} characters; {LONGEST} at most", 0)
    parser = _Parser(text)
    found = parser.either(0)
    if (parser.kind, parser.token) == ("sign", "("):
        raise ExpressionError("there are no functions here, only names, comparison, and, or, not", parser.offset)
    if parser.kind != "end":
        raise ExpressionError(f"'{parser.token}' is one too many", parser.offset)
    return found


class _Parser:
    """Recursive descent over tokens; ``kind``, ``token``, ``offset`` are of the next one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self.kind, self.token, self.offset = "", "", 0
        self.advance()

    def advance(self) -> None:
        rest = len(self._text) - len(self._text[self._place :].lstrip())
        if rest >= len(self._text):
            self.kind, self.token, self.offset = "end", "the end", len(self._text)
            return
        match = _TOKEN.match(self._text, self._place)
        if match is None:
            sign = self._text[rest]
            meant = {"=": "==", "&": "and", "|": "or", "!": "not"}.get(sign)
            hint = f"; write '{meant}'" if meant else ""
            raise ExpressionError(f"'{sign}' is not part of an expression{hint}", rest)
        self.kind = match.lastgroup or ""
        self.token = match[self.kind]
        self.offset = match.start(self.kind)
        self._place = match.end()

    def _take(self, *tokens: str) -> str | None:
        if self.kind in ("sign", "name") and self.token in tokens:
            token = self.token
            self.advance()
            return token
        return None

    def either(self, depth: int) -> Expression:
        left = self._both(depth)
        while self._take("or"):
            left = Logic("or", left, self._both(depth))
        return left

    def _both(self, depth: int) -> Expression:
        left = self._negated(depth)
        while self._take("and"):
            left = Logic("and", left, self._negated(depth))
        return left

    def _negated(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise ExpressionError(f"nested deeper than {DEEPEST} levels", self.offset)
        if self._take("not"):
            return Not(self._negated(depth + 1))
        left = self._value(depth)
        if op := self._take(*_COMPARISONS):
            left = Compare(op, left, self._value(depth))
            if self.kind == "sign" and self.token in _COMPARISONS:
                raise ExpressionError("two comparisons in a row; join them by 'and'", self.offset)
        return left

    def _value(self, depth: int) -> Expression:
        kind, token, offset = self.kind, self.token, self.offset
        if self._take("("):
            inner = self.either(depth + 1)
            if not self._take(")"):
                raise ExpressionError("'(' without ')'", offset)
            return inner
        if kind == "number":
            self.advance()
            return Literal(Decimal(token) if "." in token else int(token))
        if kind == "text":
            self.advance()
            return Literal(token[1:-1].replace(token[0] * 2, token[0]))
        if kind == "name" and token not in ("and", "or", "not"):
            return self._name()
        raise ExpressionError(f"a value is missing before {token if kind == 'end' else repr(token)}", offset)

    def _name(self) -> Expression:
        parts = [self.token]
        self.advance()
        while self._take("."):
            if self.kind != "name":
                raise ExpressionError("a name is missing after '.'", self.offset)
            parts.append(self.token)
            self.advance()
        if len(parts) == 1 and parts[0] in _WORDS:
            return Literal(_WORDS[parts[0]])
        return Name(tuple(parts))
