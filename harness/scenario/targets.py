"""The shape of ``target``: where the load goes, and with which keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.cdp import endpoints
from harness.scenario import model
from harness.scenario.diagnostics import Findings
from harness.scenario.hosts import HostError, canonical_url
from harness.scenario.quantity_shapes import POSITIVE_RATE
from harness.scenario.shapes import BAD, Bad, Field, Schema, Shape, object_schema, read_fields
from harness.scenario.source import Mapping as MappingNode
from harness.scenario.source import Node, Scalar
from harness.scenario.texts import Choice, FlagShape, SecretText, Text
from harness.scenario.vocabulary import OWN_SYSTEMS, systems

_URL = r"sandbox|https?://[^\s/?#@]+(/[^\s?#]*)?"


def _meant_url(text: str) -> str | None:
    whole = f"https://{re.sub('^[a-z]*:?/+', '', text.strip())}".partition("?")[0]
    return whole if "." in whole and re.fullmatch(_URL, whole) else None


_USER_INFO = re.compile(r"[a-z]+://(?:[^/?#@:]*:)?([^/?#@]*)@", re.I)


@dataclass(frozen=True)
class UrlText(Text):
    """A URL whose host has one spelling (``hosts``)."""

    def read(self, node: Node, to: Findings) -> str | Bad:
        """The URL as it is compared, shown and connected to."""
        if isinstance(node, Scalar) and (user := _USER_INFO.match(node.text)):
            to.secrets[user[1]] = ""
            to.error(
                "E233", node.span, "a user name or password in a URL", "take it out: keys have places of their own"
            )
            return BAD
        text = super().read(node, to)
        if isinstance(text, Bad) or text == model.SANDBOX:
            return text
        try:
            return canonical_url(text)
        except HostError as error:
            to.error("E233", node.span, str(error), error.label)
        except ValueError:
            to.error("E233", node.span, "this is no URL", "write https://host")
        return BAD


URL = UrlText("a base URL such as https://host, or the word sandbox", _URL, meant=_meant_url)

_FILE = Text("a file's path")
TLS_FIELDS: Mapping[str, Field] = {
    "ca": Field(_FILE, doc="The authority that vouches for the target, as a PEM file; else the usual ones"),
    "cert": Field(_FILE, doc="Our own certificate, as a PEM file"),
    "key": Field(_FILE, doc="The key of our certificate, as a PEM file, where cert does not hold it"),
    "verify": Field(FlagShape(), doc="false: believe any certificate; for test systems alone"),
}


@dataclass(frozen=True)
class TlsShape(Shape[model.Tls]):
    """How TLS is spoken with the target. Paths count from the scenario's folder."""

    wanted: str = "tls settings such as {ca: our-ca.pem}"

    def read(self, node: Node, to: Findings) -> model.Tls | Bad:
        """The settings, with files that are there."""
        if not isinstance(node, MappingNode):
            return self.wrong(node, to)
        values, bad = read_fields(node.items, TLS_FIELDS, to, "tls", node.span)
        for key, value in node.items:
            path = values.get(key.text)
            if isinstance(path, str):
                found = (Path(value.span.source).parent / path).absolute()
                values[key.text] = str(found)
                if not found.is_file():
                    to.error("E101", value.span, f"{found} does not exist", "paths count from the scenario's folder")
                    bad = True
        if "key" in values and "cert" not in values:
            key = next(key for key, _ in node.items if key.text == "key")
            to.error("E210", key.span, "tls has no 'cert'", "a key goes with a certificate: cert: client.pem")
            bad = True
        return BAD if bad else model.Tls(**values)

    def schema(self) -> Schema:
        """An object."""
        return object_schema(TLS_FIELDS)


@dataclass(frozen=True)
class SystemShape(Shape[str]):
    """A vocabulary: one of the harness's own, or of a package that is installed."""

    wanted: str = "a system such as sitecore-cdp"

    def read(self, node: Node, to: Findings) -> str | Bad:
        """Its name. Other packages are looked for only where the name is not known."""
        known = OWN_SYSTEMS if isinstance(node, Scalar) and node.text in OWN_SYSTEMS else systems()
        return Choice(known, "system").read(node, to)

    def schema(self) -> Schema:
        """An enumeration."""
        return Choice(systems()).schema()


TARGET_FIELDS: Mapping[str, Field] = {
    "system": Field(SystemShape(), doc="The vocabulary: sitecore-cdp, or http for none"),
    "url": Field(URL, doc="Base URL, or sandbox for an embedded one"),
    "region": Field(Choice(tuple(endpoints.REGIONS), "region"), doc="The CDP's region, instead of a URL"),
    "environment": Field(Choice(("test", "staging", model.PRODUCTION), "environment"), doc="production needs leave"),
    "client_key": Field(SecretText(), doc="Settings > API access; best ${CDP_CLIENT_KEY}"),
    "api_token": Field(SecretText(), doc="Lets the run be verified; best ${CDP_API_TOKEN}"),
    "point_of_sale": Field(Text("the name of a point of sale"), doc="Its name in the CDP's settings"),
    "stream": Field(
        Choice((endpoints.GET, endpoints.POST), "stream"),
        doc="How events travel: get (in the URL), or post as Sitecore's JavaScript library sends them",
    ),
    "library_version": Field(
        Text("a version of the JavaScript library such as 1.4.3", r"[0-9A-Za-z.+-]{1,40}"),
        doc="With stream: post, the version that is told in X-Library-Version",
    ),
    "tls": Field(TlsShape(), doc="How the target is trusted, and who we are to it"),
    "proxy": Field(
        UrlText("a proxy such as http://127.0.0.1:3128", r"http://[^\s/?#@]+/?"),
        doc="All requests go by way of it (slower)",
    ),
    "max_rate": Field(POSITIVE_RATE, doc="Requests that are sent at most, e.g. 50/s; production has 10/s unless told"),
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
        else:
            for name in ("region", "client_key", "api_token", "point_of_sale", "stream", "library_version"):
                if name in keys:
                    to.error(
                        "E229", keys[name].span, f"'{name}' in a target of system {system}", "it belongs to the CDP"
                    )
                    bad = True
        if "library_version" in keys and values.get("stream") != endpoints.POST:
            label = "it goes with stream: post: add that, or take it out"
            to.error("E229", keys["library_version"].span, "a library_version where events travel in the URL", label)
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
