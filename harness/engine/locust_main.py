"""Locust's own command line, in this process."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(locustfile: Path, arguments: Sequence[str]) -> None:
    """Run Locust with a locustfile, and those beside it that ``arguments`` name; ends the process with Locust's exit code."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-f", "--locustfile", action="append", default=[])
    beside, others = parser.parse_known_args([*arguments])
    sys.argv = ["locust", "-f", ",".join([str(locustfile), *beside.locustfile]), *others]
    # Locust reads single keys from a terminal to add and stop users; typing ahead must not change the load.
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the life of the process
    # Locust says a word on the root logger before it has handlers; Python would then make one that prints everything.
    logging.getLogger().addHandler(logging.NullHandler())
    from locust.main import main as locust_main  # noqa: PLC0415 - patches the standard library, and takes its time

    locust_main()
