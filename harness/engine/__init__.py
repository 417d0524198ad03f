"""Sending: plans become Locust users. The only place, with the sandbox, that touches sockets."""
