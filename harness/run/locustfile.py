"""The locustfile that ``harness run`` hands to Locust; ``locustfiles/journeys.py`` is the same door."""

import sys

from harness.run.door import journeys

globals().update(journeys(sys.argv[1:]))
