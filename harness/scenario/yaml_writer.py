"""A document of the language as YAML text, and marks for texts that are not written as they usually would be."""

from __future__ import annotations

import re
from typing import Any

import yaml

from harness.scenario.blanks import blank
from harness.scenario.texts import trap_of
from harness.scenario.variables import escaped


def write(document: dict[str, Any]) -> str:
    """A document of the language as text: keys with nothing behind them are left out, texts mean what they say."""
    text = yaml.dump(_pruned(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return _COMMENTED.sub(r"\1# \3\n\1\2", text)


class Plain(str):
    """A text that needs no quotes, though YAML reads it as something else."""

    __slots__ = ()


class Written(str):
    """A text whose ``${…}`` mean what they say."""

    __slots__ = ()


class Empty(Plain):
    """Nothing behind a key."""

    __slots__ = ()


class Commented(str):
    """The first word of an entry of a list, above which a comment stands: words that YAML takes without quotes."""

    comment: str = ""

    @classmethod
    def by(cls, text: str, comment: str) -> Commented:
        """The word with its comment."""
        made = cls(text)
        made.comment = comment
        return made


_COMMENTED = re.compile(rf"^( *)(- ){blank('(.*?)')}", re.M)


class Json:
    """A JSON value that stays as it is, nothing pruned."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Dumper(yaml.SafeDumper):
    """Writes what the language takes: no anchors, no tags."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_plain(dumper: yaml.SafeDumper, text: Plain) -> yaml.ScalarNode:
    tag: str = dumper.resolve(yaml.ScalarNode, str(text), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(text))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return _represent_written(dumper, escaped(text))


def _represent_written(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """In quotes where other readers of YAML would see something else; PyYAML leaves ``y`` and ``n`` bare."""
    risky = trap_of(text) is not None or not text or text[0] in "-+.0123456789~"
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="'" if risky else None)


def _represent_commented(dumper: yaml.SafeDumper, text: Commented) -> yaml.ScalarNode:
    """The comment goes before the word as a blank, and from there above the line: YAML's writer knows no comments."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", blank(text.comment) + str(text))


_Dumper.add_representer(Commented, _represent_commented)
_Dumper.add_representer(Plain, _represent_plain)
_Dumper.add_representer(Empty, _represent_plain)
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Written, _represent_written)


def _pruned(value: Any) -> Any:
    """Without keys that have nothing behind them."""
    if isinstance(value, Json):
        return value.value
    if isinstance(value, dict):
        kept = {key: _pruned(inner) for key, inner in value.items()}
        return {
            key: kept[key] for key, inner in value.items() if isinstance(inner, Json) or kept[key] not in (None, [], {})
        }
    if isinstance(value, list):
        return [_pruned(inner) for inner in value]
    return value
