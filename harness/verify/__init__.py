"""Outcomes: what the target holds afterwards, against what it acknowledged. Pure: reading is the engine's."""
