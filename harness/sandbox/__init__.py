"""The sandbox: a local stand-in for Sitecore CDP, in memory, with a page to look at what arrived.

``store.py`` holds the state: guests (``guests.py``, ``identity.py``), sessions (``sessions.py``) and orders
(``ledger.py``). The rules are in ``cart.py`` and ``checkout.py``. All of these are free of HTTP; ``stream.py``,
``personalize.py``, ``orders.py`` and ``inspection.py`` put them on the wire; ``server.py`` runs them in this
process, ``process.py`` in one of its own. Where Sitecore's public documentation is silent, a docstring says "sandbox's choice".
"""

from harness.sandbox.config import Limits, SandboxConfig, SandboxError

__all__ = ["Limits", "SandboxConfig", "SandboxError"]
