"""Load and scenario testing for Sitecore CDP integrations.

Guest journeys are written in YAML, compiled into Locust users, run, and checked by what the target
holds afterwards. ARCHITECTURE.md is the map.
"""

__version__ = "0.1.0"
