"""What Sitecore CDP understands: event types and endpoints, as data.

The compiler, the read-back and the sandbox share these tables, so that they cannot drift apart.
Facts come from Sitecore's public developer pages of the Stream, Guest REST and Order REST APIs.
"""
