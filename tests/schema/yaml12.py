"""YAML as a 1.2 reader (an editor) sees it: the core schema's types, nothing of 1.1's."""

from __future__ import annotations

import re

import yaml


class Core(yaml.BaseLoader):
    """Scalars by the core schema of YAML 1.2.2, section 10.3."""


def _scalar(loader: Core, node: yaml.ScalarNode) -> object:
    text = node.value
    if node.style not in (None, ""):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if re.fullmatch("true|True|TRUE|false|False|FALSE", text):
        return text.lower() == "true"
    if re.fullmatch("[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch("0x[0-9a-fA-F]+|0o[0-7]+", text):
        return int(text, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return float(text.replace(".", "").lower())
    return text


def _mapping(loader: Core, node: yaml.MappingNode) -> dict:
    """Keys are texts, as in JSON."""
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


Core.add_constructor("tag:yaml.org,2002:str", _scalar)
Core.add_constructor("tag:yaml.org,2002:map", _mapping)
# BaseLoader resolves every scalar to str, every other node to seq or map.


def load(text: str) -> object:
    return yaml.load(text, Loader=Core)
