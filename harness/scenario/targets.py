"""The shape of ``target``: where the load goes, and with which keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.cdp import endpoints
from harness.scenario import model
from harness.scenario.diagnostics import Findings
from harness.scenario.shapes import BAD, Bad, Field, Schema, Shape, object_schema, read_fields
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar
from harness.scenario.texts import Choice, SecretText, Text

_URL = r"sandbox|https?://[^\s/?#@]+(/[^\s?#]*)?"


def _meant_url(text: str) -> str | None:
    whole = f"https://{re.sub('^[a-z]*:?/+', '', text.strip())}".partition("?")[0]
    return whole if "." in whole and re.fullmatch(_URL, whole) else None


URL = Text("a base URL such as https://host, or the word sandbox", _URL, meant=_meant_url)

TARGET_FIELDS: Mapping[str, Field] = {
    "system": Field(Choice((model.CDP, model.HTTP), "system"), doc="The vocabulary: sitecore-cdp, or http for none"),
    "url": Field(URL, doc="Base URL, or sandbox for an embedded one"),
    "region": Field(Choice(tuple(endpoints.REGIONS), "region"), doc="The CDP's region, instead of a URL"),
    "environment": Field(Choice(("test", "staging", "production"), "environment"), doc="production needs leave"),
    "client_key": Field(SecretText(), doc="Settings > API access; best ${CDP_CLIENT_KEY}"),
    "api_token": Field(SecretText(), doc="Lets the run be verified; best ${CDP_API_TOKEN}"),
    "point_of_sale": Field(Text("the name of a point of sale"), doc="Its name in the CDP's settings"),
}
_CDP_NEEDS = {
    "client_key": "client_key: ${CDP_CLIENT_KEY}",
    "point_of_sale": "point_of_sale: … (its name in the CDP's settings)",
}


@dataclass(frozen=True)
class TargetShape(Shape[model.Target]):
    """What the load goes to."""

    wanted: str = "target"

    def read(self, node: Node, to: Findings) -> model.Target | Bad:
        """The target, with what its system needs."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to, "it has keys: target: {url: sandbox, point_of_sale: my-shop}")
        values, bad = read_fields(node.items, TARGET_FIELDS, to, "target", node.span)
        keys = {key.text: key for key, _ in node.items}
        if "url" in values and "region" in values:
            to.error("E229", keys["region"].span, "url and region in one target", "one of them says where to")
            bad = True
        system = values.pop("system", model.CDP)
        if system == model.CDP:
            fields = {name: Field(Text(), True, hint) for name, hint in _CDP_NEEDS.items()}
            given = [(key, Scalar("x", False, key.span)) for key, _ in node.items if key.text in fields]
            bad = read_fields(given, fields, to, "target", node.span)[1] or bad
        elif system == model.HTTP:
            for name in ("region", "client_key", "api_token", "point_of_sale"):
                if name in keys:
                    to.error("E229", keys[name].span, f"'{name}' in a target of system http", "it belongs to the CDP")
                    bad = True
        if bad:
            return BAD
        url = values.pop("url", None) or endpoints.REGIONS.get(values.pop("region", ""), "")
        values.pop("region", None)
        environment = values.pop("environment", "test")
        return model.Target(system, url.rstrip("/"), environment, span=node.span, node=node, **values)

    def schema(self) -> Schema:
        """An object; what the CDP needs is asked for unless another system is named."""
        other = {"required": ["system"], "properties": {"system": {"not": {"const": model.CDP}}}}
        sandbox = {"required": ["url"], "properties": {"url": {"const": model.SANDBOX}}}
        return {
            **object_schema(TARGET_FIELDS),
            "allOf": [
                {"if": {"not": other}, "then": {"required": ["point_of_sale"]}},
                {"if": {"not": {"anyOf": [other, sandbox]}}, "then": {"required": ["client_key"]}},
            ],
        }
