"""Run a scenario with Locust's own command line:

    locust -f locustfiles/journeys.py --scenario scenarios/purchase.yaml --target sandbox

Everything that Locust offers works as usual: its web UI, --headless, -u, -r, -t, --csv, --html, --json.
Users, duration and target come from the scenario where the command line does not say otherwise.
"""

import sys

from harness.run.door import journeys

globals().update(journeys(sys.argv[1:]))
