"""What an import has taken over and what not, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from harness.importer.assemble import Imported
from harness.report.words import counted
from harness.scenario.diagnostics import Diagnostic

MOST_EXAMPLES = 3
MOST_HOSTS = 10
MOST_AMISS = 10
_LEFT_OUT: Mapping[str, str] = {
    "static": "static files (scripts, styles, pictures, fonts)",
    "unanswered": "requests that got no answer",
    "no HTTP": "what is no HTTP (data:, blob:, ws:)",
    "entries without a request": "entries without a request",
    "multipart uploads": "multipart uploads",
    "bodies from files": "bodies from files",
    "pre-request scripts": "pre-request scripts: what they compute is not there",
    "test scripts": "test scripts, but for values that they keep plainly and the status that they expect",
    "personal data": "people's data in IDENTITY events: 'identify' makes people of its own",
    "order numbers": "order numbers: each order gets a new one",
    "order dates": "fixed dates of products (orderedAt)",
    "browser ids": "requests for browser ids: every guest gets one of its own",
    "commands other than curl": "commands other than curl",
    "deprecated operations": "deprecated operations",
    "references to other files": "references to other files",
    "redirects": "-L: journeys follow redirects with 'redirects: true'",
    "unverified": "-k: 'target.tls: {verify: false}' believes any certificate",
}
_KEPT: Mapping[str, str] = {
    "own products": "products that are unlike their catalog entry, in 'set' beside the item",
    "own events": "events without a verb, as plain requests",
}
_NEVER_ADDED = "it confirms {item}, which it never adds: as it stands no order comes of it"
_AMISS: Mapping[str, str] = {
    "E302": _NEVER_ADDED,
    "E303": _NEVER_ADDED,
    "E304": "it confirms before anything was added: as it stands no order comes of it",
    "E305": "it checks out what was not confirmed: as it stands no order comes of it",
    "E310": _NEVER_ADDED,
    "E311": "it buys for a guest who was never identified: as it stands no order comes of it",
    "E313": "it closes the session of a guest who was never identified: as it stands nothing is closed",
    "W405": "it adds before it identifies the guest: as it stands no order comes of it",
    "W406": "it checks out without a look at a page first: as it stands no order comes of it",
}
"""What of a visit's mistakes the file says, and what comes of it: by the codes of ``harness check``."""


def told(made: Imported, out: str | None) -> str:
    """The summary, some lines."""
    requests = counted(made.requests, "request")
    journeys = counted(made.journeys, "journey")
    lines = [f"{made.kind}: {requests} to {made.target}, in {journeys}"]
    verbs = ", ".join(f"{verb} {count}" for verb, count in made.verbs.items())
    lines.append(f"  taken over  {verbs}")
    notes = dict(made.notes.found)
    if added := notes.pop("steps added", None):
        lines.append(f"  added       {'; '.join(dict.fromkeys(added))}: the CDP needs it there")
    for kind in [each for each in _KEPT if each in notes]:
        lines.append(f"  kept        {_line(_KEPT[kind], notes.pop(kind))}")
    if made.captured:
        lines.append(f"  captured    from replies: {', '.join(made.captured)}")
    for kind, examples in notes.items():
        lines.append(f"  not taken   {_line(_LEFT_OUT.get(kind, kind), examples)}")
    if made.foreign:
        hosts = [f"{host} ({count})" for host, count in list(made.foreign.items())[:MOST_HOSTS]]
        more = f" and {len(made.foreign) - MOST_HOSTS} more" if len(made.foreign) > MOST_HOSTS else ""
        lines.append(f"  not taken   requests to other hosts: {', '.join(hosts)}{more}. --host keeps another one")
    if made.secrets:
        lines.append(f"  secrets     replaced by variables; set before a run: {', '.join(made.secrets)}")
    if made.variables:
        lines.append(f"  variables   the file leaves open; set before a run: {', '.join(made.variables)}")
    if "CDP_CLIENT_KEY" in (*made.secrets, *made.variables):
        lines.append("  and set     CDP_API_TOKEN, without which orders and guests are not read back")
    lines += [f"  amiss       {each}" for each in _amiss(made)]
    if out is not None:
        lines.append(f"Wrote {out}. Next: harness check {out}")
    return "\n".join(lines)


def _amiss(made: Imported) -> Iterator[str]:
    """What the file does that comes to nothing, which stays in the scenario as it is."""
    told = list(dict.fromkeys(_consequence(each, made.text) for each in made.found if each.code in _AMISS))
    yield from told[:MOST_AMISS]
    if len(told) > MOST_AMISS:
        yield f"… and {len(told) - MOST_AMISS} more: harness check names them"
    if told:
        lacks = any(each.severity == "error" for each in made.found)
        more = ", or import with --complete, which adds what is missing" if lacks else ""
        yield f"it is kept as it stands there: mend the scenario{more}"


def _consequence(found: Diagnostic, text: str) -> str:
    span = found.span
    item = ""
    if span is not None and span.line == span.end_line:
        item = text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]
    near = re.search(r"did you mean ('.*')\?", found.label)
    hint = f"; did it mean {near[1]}?" if near else ""
    return f"{_AMISS[found.code].format(item=item[:60])}{hint} [{found.code}]"


def _line(said: str, examples: list[str]) -> str:
    shown = [each for each in dict.fromkeys(examples) if each][:MOST_EXAMPLES]
    more = " …" if len(set(examples)) > MOST_EXAMPLES else ""
    count = f"{len(examples):,} × " if len(examples) > 1 else ""
    return f"{count}{said}" + (f": {', '.join(each[:80] for each in shown)}{more}" if shown else "")
