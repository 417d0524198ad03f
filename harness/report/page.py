"""What the pages, the report among them, have in common: style, policy, templates."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@cache
def template(name: str) -> Template:
    """A template. Whatever a scenario or a target names itself arrives as text, never as markup."""
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


@cache
def css(*names: str) -> str:
    """Style sheets as one text."""
    folder = files("harness.report").joinpath("templates")
    return "\n".join(folder.joinpath(name).read_text("utf-8").strip() for name in names)


@cache
def script(name: str) -> str:
    """A script of ours."""
    return files("harness.report").joinpath("templates", name).read_text("utf-8").strip()


def policy(style: str, script: str = "", *, asks: bool = False) -> str:
    """A content security policy that lets this very style sheet and script through, and nothing else that loads or runs.

    ``asks``: the script may ask the server that the page came from.
    """
    runs = f" script-src {_digest(script)};" if script else ""
    runs += " connect-src 'self';" if asks else ""
    return f"default-src 'none'; style-src {_digest(style)};{runs} img-src data:; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
