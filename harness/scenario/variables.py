"""``${…}`` in texts: variables of the environment, and in texts of steps expressions over guest, cart and captures.

``$${`` stands for a plain ``${``.
"""

from __future__ import annotations

import re

from harness.scenario.diagnostics import Findings, Span, nearest, suggest
from harness.scenario.environment import VariableError, variable
from harness.scenario.expression_parser import ExpressionError, parse
from harness.scenario.expressions import Expression, Interpolated, Literal, Name, names, replace_names
from harness.scenario.shapes import BAD, Bad
from harness.scenario.source import Scalar
from harness.scenario.values import Words

_VARIABLE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
"""An escape, a variable, or one that is not closed. Linear: no alternative looks beyond the next bracket."""
_ENVIRONMENT_NAME = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$")
GUEST_FIELDS = (
    "email", "id", "title", "firstname", "lastname", "gender", "dob", "street", "city", "country", "postal_code",
    "phone", "locale",
)  # fmt: skip
KNOWN_NAMES = {
    "guest": (*GUEST_FIELDS, "ref"),
    "cart": ("count", "quantity", "total"),
    "order": ("number",),
    "browser": ("id",),
}
"""What ``${…}`` and ``when`` can speak of, beside captures and the environment."""


def part_span(node: Scalar, start: int, end: int) -> Span:
    """The span of a stretch of a scalar's text, where it stands on one line; else the whole scalar's."""
    span = node.span
    quotes = {0: 0, 2: 1}.get(span.end_column - span.column - len(node.text))
    if span.line != span.end_line or quotes is None:
        return span  # folded, or with escapes in it
    column = span.column + start + quotes
    return Span(span.source, span.line, column, span.line, max(column + end - start, column + 1))


_ENVIRONMENT_ONLY = "here only the environment can be filled in: ${NAME} or ${NAME:-default}"


def environment(node: Scalar, match: re.Match[str], to: Findings) -> str | None:
    """The value of ``${NAME}`` or ``${NAME:-default}``; None after noting that there is none."""
    named = _ENVIRONMENT_NAME.match(match[1])
    place = part_span(node, match.start(), match.end())
    if named is None:
        to.error("E203", place, f"'{match[0][:60]}' is not a variable", _ENVIRONMENT_ONLY)
        return None
    value = _set(named[1], place, to)
    if isinstance(value, Bad):
        return None
    if value is None:
        value = named[2]
    if value is None:
        label = f"set it: export {named[1]}=…   or give a default: ${{{named[1]}:-…}}"
        if close := nearest(named[1], to.captures):
            label = f"did you mean the captured '{close}'?"
        to.error("E204", place, f"the environment variable {named[1]} is not set", label)
        return None
    return value


def _set(name: str, place: Span, to: Findings) -> str | Bad | None:
    """What a variable is set to, kept as a secret where it is one; BAD after noting that its file cannot be used."""
    try:
        found = variable(name)
    except VariableError as error:
        to.error("E235", place, str(error), error.label)
        return BAD
    if found is None:
        return None
    if found.open_to:
        to.warning("W420", place, f"everybody on this machine can read {found.open_to}", f"chmod go= {found.open_to}")
    if found.secret:
        to.secrets[found.text] = f"${{{name}}}"
    return found.text


def expand(node: Scalar, to: Findings) -> str | Bad:
    """The text with every variable of the environment filled in."""
    values = [
        _plain(node, match, to) if match[1] is None else environment(node, match, to)
        for match in _VARIABLE.finditer(node.text)
    ]
    if None in values:
        return BAD
    filled = iter(values)
    return _VARIABLE.sub(lambda _: next(filled) or "", node.text)


def escaped(text: str) -> str:
    """A text as it has to be written so that nothing in it is filled in."""
    return text.replace("${", "$${")


def is_variable(text: str) -> bool:
    """Whether a text is one variable without a default, and nothing else."""
    match = _VARIABLE.fullmatch(text)
    return bool(match and match[1] and ":-" not in match[1])


def _plain(node: Scalar, match: re.Match[str], to: Findings) -> str | None:
    """What stands for no variable: ``${``, or None after noting that a bracket is missing."""
    if match[0].startswith("$$"):
        return "${"
    place = part_span(node, match.start(), match.end())
    to.error("E203", place, "'${' is not closed", "write ${NAME}; a plain ${ is written $${")
    return None


def is_written_out(text: str) -> bool:
    """Whether a secret stands in the file: by itself, or as a variable's default."""
    match = _VARIABLE.search(text)
    if match is None or match[1] is None:
        return True
    named = _ENVIRONMENT_NAME.match(match[1])
    return bool(named and named[2] and named[2] != "sandbox")


_LITERALS = ("true", "false", "none")


def words(node: Scalar, to: Findings) -> Words | Bad:
    """A scalar's text with its ``${…}`` parsed."""
    parts: list[str | Expression] = []
    place = 0
    bad = False
    for match in _VARIABLE.finditer(node.text):
        parts.append(node.text[place : match.start()])
        place = match.end()
        found = _inner(node, match, to) if match[1] is not None else _plain(node, match, to)
        if found is None or isinstance(found, Bad):
            bad = True
        else:
            parts.append(found.value if isinstance(found, Literal) and isinstance(found.value, str) else found)
    parts.append(node.text[place:])
    if bad:
        return BAD
    merged: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 and isinstance(merged[0], str) else Interpolated(tuple(merged))


def _inner(node: Scalar, match: re.Match[str], to: Findings) -> str | Expression | Bad:
    """What one ``${…}`` stands for: text of the environment, or an expression."""
    named = _ENVIRONMENT_NAME.match(match[1])
    if not match[1].strip():
        place = part_span(node, match.start(), match.end())
        to.error("E203", place, "'${}' names nothing", "write a name into it: ${guest.email}, ${NAME}")
        return BAD
    if named and named[1] not in to.captures and named[1] not in _LITERALS:
        value = environment(node, match, to)
        return BAD if value is None else value
    return expression(node, match[1], match.start() + 2, to)


def expression(node: Scalar, text: str, start: int, to: Findings) -> Expression | Bad:
    """The expression in a stretch of a scalar that begins at ``start``; unknown names are noted."""
    try:
        found = parse(text)
    except ExpressionError as error:
        place = part_span(node, start + error.offset, start + error.offset + 1)
        to.error("E218", place, str(error), "for example: guest.country == 'GB' and cart.total > 50")
        return BAD
    bad = False
    for name in names(found):
        if len(name.parts) == 1 and name.parts[0] in to.captures:
            continue
        if name.parts[0] == "env" and len(name.parts) == 2:
            continue
        fields = KNOWN_NAMES.get(name.parts[0])
        if len(name.parts) == 2 and fields and name.parts[1] in fields:
            continue
        bad = True
        where = text.find(str(name))
        known = [f"{root}.{each}" for root, fields in KNOWN_NAMES.items() for each in fields]
        to.error(
            "E219",
            part_span(node, start + max(where, 0), start + max(where, 0) + len(str(name))),
            f"unknown name '{name}'",
            suggest(str(name), [*sorted(to.captures), *known]),
        )
    return BAD if bad else _with_environment(found, part_span(node, start, start + len(text)), to)


def _with_environment(found: Expression, place: Span, to: Findings) -> Expression | Bad:
    bad = False

    def value_of(name: Name) -> Expression:
        nonlocal bad
        if name.parts[0] != "env":
            return name
        value = _set(name.parts[1], place, to)
        if isinstance(value, Bad):
            bad = True
            return name
        return Literal(value)

    replaced = replace_names(found, value_of)
    return BAD if bad else replaced
