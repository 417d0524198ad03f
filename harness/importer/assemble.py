"""From what a file holds to a scenario's text, and what is to be told about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from harness.cdp import endpoints
from harness.importer.calls import Call, Notes, Recording, Taken, UnreadableError, host_name
from harness.importer.events import Shop
from harness.importer.fitting import fitting
from harness.importer.hosts import base_path, host_of, is_same, shown_host
from harness.importer.requests import request_step
from harness.importer.secrets import Secrets
from harness.importer.stream import event_of, is_cdp, personalize, plain
from harness.importer.usual import Usual, usual
from harness.importer.visit import Catalog
from harness.importer.writing import CLIENT_KEY, Variables, capture_name, environment_name, label, path_text
from harness.scenario.blanks import names
from harness.scenario.diagnostics import Diagnostic
from harness.scenario.model import CDP, HTTP
from harness.scenario.yaml_writer import Commented, Empty, Plain, Written

MOST_CALLS = 5_000
"""Requests of a file that are taken over."""
LOCAL = "http://127.0.0.1:8080"
POINT_OF_SALE = "pastoral-witty-grill"
"""Where events name none: the sandbox's."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A scenario's text, and what to tell: how many requests became which verbs, what was left out, what is to be set.

    ``verbs``: how often each is in the scenario. ``foreign``: hosts that were left out, with how many requests.
    ``variables``: of the environment that the scenario reads, ``secrets`` among them; ``captured``: of replies.
    ``found``: what ``harness check`` has to say of the scenario.
    """

    text: str
    kind: str
    target: str
    journeys: int
    requests: int
    verbs: dict[str, int]
    notes: Notes
    foreign: dict[str, int] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()
    found: tuple[Diagnostic, ...] = ()


def assemble(taken: Taken, wanted: str = "", name: str = "", complete: bool = False) -> Imported:
    """The scenario. ``wanted``: the host to keep (empty: found out). Raises UnreadableError when nothing is left.

    ``complete``: steps that the CDP needs and the file lacks are added; else the file is taken at its word.
    """
    notes = taken.notes
    total = sum(len(each.calls) for each in taken.recordings)
    calls = [call for each in taken.recordings for call in each.calls]
    if not calls:
        static = len(notes.found.get("static", ()))
        raise UnreadableError("nothing is left to take over" + (f": {static} static files alone" if static else ""))
    host = host_of(calls, wanted)
    foreign = Counter(shown_host(call.host) for call in calls if not is_same(call.host, host))
    base = base_path([call for call in calls if is_same(call.host, host)])
    secrets = Secrets()
    recordings = []
    left = MOST_CALLS
    for each in taken.recordings:
        kept = [replace(c, path=c.path.removeprefix(base)) for c in each.calls if is_same(c.host, host)]
        if len(kept) > left:
            notes.add(f"requests beyond the first {MOST_CALLS:,}", str(len(kept) - left))
        recordings.append(replace(each, calls=tuple(secrets.covered(call) for call in kept[:left])))
        left -= len(kept[:left])
    recordings = [replace(each, calls=tuple(_elsewhere(secrets, call) for call in each.calls)) for each in recordings]
    scenario = _Scenario(taken, [each for each in recordings if each.calls], host, base, notes, complete)
    document = scenario.document(label(name or taken.title, "imported"), total - sum(foreign.values()))
    text, journeys, found = fitting(document, notes)
    return Imported(
        text,
        taken.kind,
        shown_host(host),
        len(journeys),
        sum(len(each.calls) for each in recordings),
        _verbs(journeys),
        notes,
        dict(foreign.most_common()),
        tuple(name for name in scenario.used if name not in secrets.variables),
        tuple(name for name in secrets.variables if name in scenario.used),
        tuple(scenario.captured),
        found,
    )


def _elsewhere(secrets: Secrets, call: Call) -> Call:
    """Without the secrets of other requests, wherever they stand."""
    hide = secrets.everywhere
    return replace(
        call,
        path=hide(call.path),
        query=tuple((hide(name), hide(value)) for name, value in call.query),
        headers=tuple((name, value if name.lower() == "cookie" else hide(value)) for name, value in call.headers),
        form=None if call.form is None else tuple((hide(name), hide(value)) for name, value in call.form),
        body=None if call.body is None else hide(call.body),
        name=hide(call.name),
    )


def _verbs(journeys: dict[str, Any]) -> dict[str, int]:
    """How often each verb of the file is there; what was added is none of its."""
    verbs = (
        step if isinstance(step, str) else next(iter(step)) for each in journeys.values() for step in each["steps"]
    )
    return dict(Counter(verb for verb in verbs if not isinstance(verb, Commented)).most_common())


def _mapping(step: Any) -> dict[str, Any]:
    """A step to which keys can be added."""
    return {step: Empty("")} if isinstance(step, str) else step


class _Scenario:
    """One scenario in the making. ``used``: variables of the environment that it reads; ``captured``: of replies."""

    def __init__(
        self, taken: Taken, recordings: list[Recording], host: str, base: str, notes: Notes, complete: bool
    ) -> None:
        self._taken = taken
        self._recordings = recordings
        self._host = host
        self._base = base
        self._notes = notes
        self._complete = complete
        calls = [call for each in recordings for call in each.calls]
        self._cdp = any(is_cdp(call) for call in calls)
        self._usual = usual(event for call in calls if (event := event_of(call)) is not None) if self._cdp else Usual()
        self._catalog = Catalog()
        self.used: dict[str, None] = {}
        self.captured: dict[str, None] = {}

    def document(self, name: str, requests: int) -> dict[str, Any]:
        journeys: dict[str, Any] = {}
        for each in self._recordings:
            steps = list(self._steps(each))
            if steps:
                cookies = True if each.cookies and any("request" in step for step in steps) else None
                journeys[label(each.name, "journey", journeys)] = {"cookies": cookies, "steps": steps}
        said = f"Made of a {self._taken.kind} with {requests} request{'s' * (requests != 1)}."
        defaults = {key: self._usual[key] for key in ("channel", "language", "currency", "page")} if self._cdp else None
        return {
            "scenario": name,
            "description": said.replace("a HAR", "a HAR file").replace("a cURL lines", "cURL lines"),
            "target": self._target(),
            "defaults": defaults,
            "catalog": list(self._catalog.items.values()),
            "journeys": journeys,
            "load": {"users": Plain("1"), "iterations": Plain("1")},
        }

    def _target(self) -> dict[str, Any]:
        url: dict[str, Any]
        if open_names := names(self._host):
            known = environment_name(open_names[0])
            self.used[known] = None
            url = {"url": Written(f"${{{known}:-{LOCAL}}}")}
        else:
            region = next((name for name, base in endpoints.REGIONS.items() if is_same(base, self._host)), None)
            url = {"region": region} if region and self._cdp and not self._base else {"url": self._host + self._base}
            if not host_name(self._host) or not self._host.startswith(("http://", "https://")):
                url = {"url": LOCAL}
                self._notes.add("hosts that cannot be written", self._host[:60])
        if not self._cdp:
            return {"system": HTTP, **url}
        self.used["CDP_CLIENT_KEY"] = None
        return {
            "system": CDP,
            **url,
            **self._stream(),
            "client_key": CLIENT_KEY,
            "api_token": Written("${CDP_API_TOKEN:-sandbox}"),
            "point_of_sale": self._point_of_sale(),
        }

    def _point_of_sale(self) -> str:
        if open_names := names(self._usual.pos):
            known = environment_name(open_names[0])
            self.used[known] = None
            return Written(f"${{{known}:-{POINT_OF_SALE}}}")
        if not self._usual.pos:
            self._notes.add("no point of sale is named: the sandbox's is written")
        return self._usual.pos or POINT_OF_SALE

    def _stream(self) -> dict[str, Any]:
        """How events travel, where they do not travel as usual."""
        sent = [call for each in self._recordings for call in each.calls if event_of(call) is not None]
        posted = [call for call in sent if call.method == "POST"]
        if 2 * len(posted) <= len(sent):
            return {}
        version = next((each for call in posted if (each := call.header("x-library-version"))), "")
        return {"stream": endpoints.POST, "library_version": version or None}

    def _steps(self, recording: Recording) -> Iterator[Any]:
        variables = Variables(self.used)
        shop = Shop(self._usual, self._catalog, variables, self._notes, self._complete)
        wanted = self._wanted(recording)
        speaks = asks = False
        made: list[Any] = []
        for call in recording.calls:
            if call.pause_s and made:
                made.append({"think": Plain(f"{call.pause_s:g}s")})
            steps = self._call(call, shop, variables, recording.cookies)
            for step in steps:
                verb = step if isinstance(step, str) else next(iter(step))
                speaks = speaks or verb not in ("request", "think")
                asks = asks or "${browser.id}" in str(step)
            if steps and call.expected:
                steps[-1] = {**_mapping(steps[-1]), "expect": {"status": call.expected}}
            if steps and call.captures:
                steps[-1] = self._keeping(steps[-1], call, variables, wanted)
            made += steps
        if asks and not speaks:
            self._notes.add("steps added", "browse, so that there is a browser id")
            made.insert(0, {Commented.by("browse", "added, so that there is a browser id"): self._usual.page})
        while made and isinstance(made[-1], dict) and "think" in made[-1]:
            made.pop()
        return iter(made)

    def _wanted(self, recording: Recording) -> set[str]:
        """Names of blanks that requests of a recording have."""
        texts: list[str] = []
        for call in recording.calls:
            texts += [call.path, call.body or "", *(v for _, v in call.query), *(v for _, v in call.headers)]
            texts += [value for _, value in call.form or ()]
        return {name for each in texts for name in names(each)}

    def _keeping(self, step: Any, call: Call, variables: Variables, wanted: set[str]) -> Any:
        kept: dict[str, Any] = {}
        for capture in call.captures:
            path = capture.path if isinstance(capture.path, str) else path_text(capture.path)
            if capture.name not in wanted or path is None or capture.name.lower() == "browser_id":
                continue
            name = capture_name(capture.name, variables.captured.values())
            variables.captured[capture.name] = name
            kept[name] = {"header": path} if isinstance(capture.path, str) else {"json": Written(path)}
        if not kept:
            return step
        self.captured.update(dict.fromkeys(kept))
        return {**_mapping(step), "capture": kept}

    def _call(self, call: Call, shop: Shop, variables: Variables, cookies: bool) -> list[Any]:
        if self._cdp and call.path == endpoints.BROWSER_CREATE:
            self._notes.add("browser ids")
            return []
        if self._cdp and call.path.startswith("/v1.2/browser/") and call.path.endswith("/show.json"):
            self._notes.add("questions for a browser's guest", call.path[:60])
            return []
        event = event_of(call)
        if event is not None:
            steps = shop.steps(event)
            if steps is not None:
                return list(steps)
            kind = str(event.get("type"))[:40]
            request = plain(call, event, variables)
            if request is None:
                self._notes.add("events that are too large", kind)
                return []
            self._notes.add("own events", kind)
            return [request]
        if self._cdp and call.path in (endpoints.EVENT_CREATE, endpoints.EVENTS):
            self._notes.add("events that are no JSON", f"{call.method} {call.path}")
            return []
        if self._cdp and call.path == endpoints.CALL_FLOWS and (step := personalize(call, variables)) is not None:
            return [step]
        made = request_step(call, variables, self._notes, cookies)
        return [made] if made is not None else []
