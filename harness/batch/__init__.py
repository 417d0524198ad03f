"""Batch files: records made, split into parts, checked, and joined to what the CDP says of them. No sockets, no output."""
