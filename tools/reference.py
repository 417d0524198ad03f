"""Writes what is made from the code: docs/cli.md, docs/language-reference.md, and the imports in ARCHITECTURE.md.

.venv/bin/python tools/reference.py            # writes them
.venv/bin/python tools/reference.py --check    # says which is not what the code gives now
"""

from __future__ import annotations

import sys
from pathlib import Path

import import_graph
import reference_cli
import reference_language

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "docs/cli.md": reference_cli.page,
    "docs/language-reference.md": reference_language.page,
    "ARCHITECTURE.md": import_graph.page,
}


def main(arguments: list[str]) -> int:
    """Writes the pages, or compares them; 1 where one is out of date."""
    stale = False
    for name, page in PAGES.items():
        file, text = ROOT / name, page()
        if arguments == ["--check"]:
            if not file.exists() or file.read_text("utf-8") != text:
                sys.stderr.write(f"{name} is not what the code gives: run make reference\n")
                stale = True
        else:
            file.write_text(text, "utf-8")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
