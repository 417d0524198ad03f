"""Prints the commands of docs/tutorial.md as a shell script, with the files that the reader writes.

    python3 tools/tutorial.py FOLDER > tutorial.sh          # from git clone on, of the repository in this folder
    python3 tools/tutorial.py --installed --port 8099       # from the second section on, as a test runs it

The script works in the folder where it is started, ends at the first command that fails, and ends the sandbox with itself.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"
SERVED = "harness sandbox"


def script(page: str, repository: str | None, port: int) -> str:
    """The commands in their order; without a repository those that install are left out."""
    lines = ["set -eu"]
    if repository is not None:
        lines.append(f"HARNESS_REPOSITORY={shlex.quote(repository)}")
    for language, block in re.findall(r"^```(sh|yaml)\n(.*?)^```$", page, re.M | re.S):
        if language == "yaml":
            lines.append(f"cat > shop.yaml <<'END'\n{block}END")
        elif block.startswith(SERVED):
            # The page's reader has a second terminal, a script has the background.
            lines.append(f"{block.strip()} > sandbox.txt &\nserving=$!\ntrap 'kill $serving' EXIT")
            lines.append("until grep -q http sandbox.txt 2>&1; do kill -0 $serving; sleep 0.1; done")
        elif repository is not None or "git clone" not in block:
            lines.append(block.strip())
    return "\n".join(lines).replace("8080", str(port)) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the script to standard output."""
    parser = argparse.ArgumentParser(description="The tutorial's commands as a shell script.")
    parser.add_argument("repository", nargs="?", default=str(PAGE.parents[1]), help="what git clones")
    parser.add_argument("--installed", action="store_true", help="leave out what installs")
    parser.add_argument("--port", type=int, default=8080, help="the sandbox's")
    given = parser.parse_args(arguments)
    sys.stdout.write(script(PAGE.read_text("utf-8"), None if given.installed else given.repository, given.port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
