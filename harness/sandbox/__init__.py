"""The sandbox: a local stand-in for Sitecore CDP, with a page to look at what arrived.

``state.py`` is what there is: guests (``guests.py``, ``identity.py``, ``identities.py``), sessions (``sessions.py``)
and orders (``ledger.py``), and what an event does to them (``cart.py``, ``checkout.py``). ``store.py`` is the way
into it: what arrives is kept in a file (``journal.py``), goes wrong as it is told to (``twister.py``) and becomes
visible when it is due. All of these are free of HTTP. On the wire, ``stream.py`` and ``personalize.py`` are what a
load is made of; the REST calls (``rest.py``) are in ``guest_rest.py``, ``extension_rest.py``, ``guest_context.py``,
``order_reads.py`` and ``order_writes.py``, those for batches in ``batch_rest.py`` (what becomes of a file:
``batch_import.py``). ``inspection.py`` and ``injection.py`` are the sandbox's own, and ``wire_faults.py`` stands before
all but those; ``openapi.py`` describes them all. ``server.py`` runs it in this process, ``process.py`` in one of its
own. Where Sitecore's public documentation is silent, a docstring says "sandbox's choice".
"""

from harness.sandbox.config import Limits, SandboxConfig, SandboxError

__all__ = ["Limits", "SandboxConfig", "SandboxError"]
