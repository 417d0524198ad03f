"""Hooks for MkDocs: pages that lie outside docs/ are taken in, and links between the two lead where they should.

In the repository a page of docs/ names the README as ``../README.md``, and the README a page as ``docs/validate.md``.
On the site both are pages beside each other. What is no page of the site (a licence, a folder) loses its link and keeps its text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "THIRD-PARTY.md": "third-party.md",
    "deploy/README.md": "deploy.md",
}
"""Files of the repository that are pages of the site, and their names there."""
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Takes in the pages from outside."""
    for source, name in OUTSIDE.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Turns links as they are in the repository into those of the site; code stays as it is."""
    source = next((each for each, name in OUTSIDE.items() if name == page.file.src_uri), f"docs/{page.file.src_uri}")
    # A file's name behind the language is for readers of the repository; Python-Markdown would see no fence.
    markdown = re.sub(r"^```(\w+) .*$", r"```\1", markdown, flags=re.M)
    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.M | re.S)
    return "".join(
        part if part.startswith("```") else _LINK.sub(lambda link: _on_the_site(link, source, files), part)
        for part in parts
    )


def _on_the_site(link: re.Match[str], source: str, files: Files) -> str:
    """A link as it has to be written on the site."""
    image, text, target = link.groups()
    path, hash_, anchor = target.partition("#")
    if not path or ":" in path.split("/")[0]:
        return link[0]
    in_repository = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    name = OUTSIDE.get(in_repository, in_repository.removeprefix("docs/") if in_repository.startswith("docs/") else "")
    if name and (in_repository in OUTSIDE or files.get_file_from_path(name) or not (ROOT / in_repository).exists()):
        return f"{image}[{text}]({name}{hash_}{anchor})"
    return link[0] if not (ROOT / in_repository).exists() else text
