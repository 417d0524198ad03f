"""Expressions: what may stand behind ``when:`` and inside ``${…}``. A closed language, evaluated here, never by Python.

    expression  := and ('or' and)*
    and         := not ('and' not)*
    not         := 'not' not | comparison
    comparison  := value (('==' | '!=' | '<' | '<=' | '>' | '>=') value)?
    value       := number | 'text' | "text" | true | false | none | name ('.' name)* | '(' expression ')'

Two values that both are numbers, or texts that read as numbers, compare as numbers; others compare as texts.
What is not there is ``none``: it equals only itself, and is neither less nor more than anything. False are
``false``, ``none``, 0 and the empty text; everything else is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

Value = str | int | Decimal | bool | None
"""What expressions work on."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its parts: ``guest.email`` is ``("guest", "email")``."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values and what is asked of them."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Logic:
    """``and`` or ``or`` of two; ``right`` is looked at only when it matters."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    inner: Expression


Expression = Literal | Name | Compare | Logic | Not


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A text with expressions in it."""

    parts: tuple[str | Expression, ...]


def names(expression: Expression) -> Iterator[Name]:
    """Every name in it, in the order of the text."""
    match expression:
        case Name():
            yield expression
        case Compare(left=left, right=right) | Logic(left=left, right=right):
            yield from names(left)
            yield from names(right)
        case Not(inner=inner):
            yield from names(inner)


def replace_names(expression: Expression, value_of: Callable[[Name], Expression]) -> Expression:
    """The expression with every name replaced."""
    match expression:
        case Name():
            return value_of(expression)
        case Compare(op, left, right):
            return Compare(op, replace_names(left, value_of), replace_names(right, value_of))
        case Logic(op, left, right):
            return Logic(op, replace_names(left, value_of), replace_names(right, value_of))
        case Not(inner):
            return Not(replace_names(inner, value_of))
    return expression


def evaluate(expression: Expression, lookup: Callable[[tuple[str, ...]], Value]) -> Value:
    """The value, with names looked up by their parts. Never fails."""
    match expression:
        case Literal(value):
            return value
        case Name(parts):
            return lookup(parts)
        case Not(inner):
            return not evaluate(inner, lookup)
        case Logic("and", left, right):
            value = evaluate(left, lookup)
            return evaluate(right, lookup) if value else value
        case Logic(_, left, right):
            value = evaluate(left, lookup)
            return value if value else evaluate(right, lookup)
        case Compare(op, left, right):
            return _compare(op, evaluate(left, lookup), evaluate(right, lookup))
    raise AssertionError(expression)


def is_constant(expression: Expression) -> bool:
    """Whether its value is known beforehand."""
    return next(names(expression), None) is None


def text_of(value: Value) -> str:
    """A value as it stands in a text: ``true``, ``false``, nothing for none, digits for numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def show(expression: Expression) -> str:
    """The expression as text, with no more parentheses than it needs."""
    return _show(expression)[0]


def _show(expression: Expression) -> tuple[str, int]:
    """The text, and how strongly it binds: ``or`` 1, ``and`` 2, ``not`` 3, comparison 4, value 5."""
    match expression:
        case Literal(value):
            if isinstance(value, str):
                sign = '"' if "'" in value and '"' not in value else "'"
                return sign + value.replace(sign, sign * 2) + sign, 5
            return "none" if value is None else text_of(value), 5
        case Name():
            return str(expression), 5
        case Not(inner):
            return f"not {_bound(inner, 3)}", 3
        case Compare(op, left, right):
            return f"{_bound(left, 5)} {op} {_bound(right, 5)}", 4
        case Logic(op, left, right):
            own = 1 if op == "or" else 2
            return f"{_bound(left, own)} {op} {_bound(right, own + 1)}", own
    raise AssertionError(expression)


def _bound(expression: Expression, least: int) -> str:
    text, strength = _show(expression)
    return text if strength >= least else f"({text})"


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _compare(op: str, left: Value, right: Value) -> bool:
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        same = left is right
        return same if op == "==" else not same if op == "!=" else False
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return _ordered(op, text_of(left), text_of(right))
    return _ordered(op, one, other)


def _ordered(op: str, left: str | Decimal, right: str | Decimal) -> bool:
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if isinstance(left, str) or isinstance(right, str):
        left, right = str(left), str(right)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
