"""A locustfile that trusts the benchmark's self-made certificate in place of certifi's."""

from __future__ import annotations

import os
import sys

import certifi

certifi.where = lambda: os.environ["BENCH_CA"]

from harness.run.door import journeys  # noqa: E402 - after it is said whom to trust

globals().update(journeys(sys.argv[1:]))
