"""What ``harness doctor`` finds out about a target, with as few requests as it takes."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from harness.cdp import events
from harness.engine.by_hand import event_path
from harness.engine.leave import NotAllowedError, check_allowed
from harness.engine.region_probe import region_of, taken_by
from harness.engine.target_errors import TargetError, UnauthorizedError
from harness.engine.target_reader import FirstReply, TargetReader
from harness.engine.tls_look import look_at_tls
from harness.report.fitness import Look
from harness.run.embedded import OWN, TAKES_ANY, meant
from harness.scenario.model import CDP, Defaults, Target

MOST_CLOCK_S = 10.0
"""How far our clock may be off. Sessions and orders are dated by both."""
EXPIRES_SOON_S = 14 * 86400
PAGE = "harness doctor"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0

TLS, REACH, CLOCK, KEY, TOKEN, POS, LEAVE = (
    "TLS", "reachable", "clock", "client key", "API token", "point of sale", "leave",
)  # fmt: skip


class TargetDoctor:
    """One target, and what may be done to it. ``wait_s``: how long an event may take until it can be read."""

    def __init__(
        self,
        target: Target,
        base_url: str,
        headers: dict[str, str],
        defaults: Defaults,
        *,
        wait_s: float | None,
        allow_production: bool,
        allowed: Collection[str] = (),
    ) -> None:
        """Raises TargetError for TLS files that cannot be used."""
        self._target = target
        self._base = base_url
        self._headers = headers
        self._defaults = defaults
        self._wait_s = wait_s
        self._allow_production = allow_production
        self._allowed = allowed
        self._reader = TargetReader(base_url, target, headers)

    def looks(self) -> Iterator[Look]:
        """One after the other; what cannot be looked at for something before it is left out or says so."""
        yield from self._leave()
        tls = self._tls()
        if tls is not None:
            yield tls
            if tls.refused:
                return
        try:
            first = self._reader.look(self._is_cdp)
        except TargetError as error:
            yield Look(REACH, "wrong", str(error), "is the address right, and is there a way to it from here?", True)
            return
        took = (first.answered - first.asked) * 1000
        yield Look(REACH, "ok", f"answers with {first.status} after {took:.0f} ms")
        yield self._clock(first)
        if not self._is_cdp:
            return
        key = self._key(first)
        yield key
        if key.state != "ok":
            return
        token = self._token()
        yield token
        yield self._point_of_sale(first.browser, token)

    @property
    def _is_cdp(self) -> bool:
        return self._target.system == CDP

    def _leave(self) -> Iterator[Look]:
        if self._target.is_sandbox:
            return
        try:
            check_allowed(self._target, self._allowed, True)
        except NotAllowedError:
            host = urlsplit(self._target.url).hostname
            yield Look(
                LEAVE,
                "wrong",
                f"load may not go to {host} yet",
                f"run it with --allow-host {host}, if it is yours to load",
            )
        else:
            yield Look(LEAVE, "ok", "load may go there")

    def _tls(self) -> Look | None:
        if not self._base.startswith("https:"):
            return None
        if self._target.proxy:
            return Look(TLS, "unknown", "not looked at: requests go by way of a proxy")
        tls = self._target.tls
        found = look_at_tls(self._base, tls)
        if found is None:
            return None
        if found.trouble:
            advice = _tls_advice(found.trouble)
            return Look(TLS, "wrong", found.trouble, advice, True)
        if not tls.verify:
            advice = "take target.tls.verify: false out, where the certificate is worth anything"
            return Look(TLS, "unknown", f"{found.version}; the certificate is not verified: any is believed", advice)
        if found.expires is None:
            return Look(TLS, "ok", f"{found.version}, the certificate is trusted")
        left = found.expires - time.time()
        until = f"{datetime.fromtimestamp(found.expires, UTC):%Y-%m-%d}"
        told = f"{found.version}, the certificate is trusted, until {until}"
        if left < EXPIRES_SOON_S:
            return Look(
                TLS,
                "unknown",
                f"{told}: {max(left, 0) / 86400:.0f} days",
                "it expires soon: have it renewed before the run",
            )
        return Look(TLS, "ok", told)

    def _clock(self, first: FirstReply) -> Look:
        if not first.date:
            return Look(CLOCK, "unknown", "the target does not say what time it is (no Date header)")
        try:
            theirs = parsedate_to_datetime(first.date)
            theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
            their_s = theirs.timestamp()
        except (ValueError, TypeError, OverflowError):
            return Look(CLOCK, "unknown", f"the target's Date cannot be read: {first.date[:60]!r}")
        # A Date has whole seconds, and was written some time between question and answer.
        off = max(first.asked - 1 - their_s, their_s - first.answered, 0.0)
        if off <= MOST_CLOCK_S:
            return Look(CLOCK, "ok", f"agrees with the target's to {max(off, 1):.0f} s")
        way = "ahead of" if first.asked > their_s else "behind"
        return Look(
            CLOCK,
            "wrong",
            f"ours is {off:,.0f} s {way} the target's",
            "set it (chrony, systemd-timesyncd): times are compared",
        )

    def _key(self, first: FirstReply) -> Look:
        region = region_of(self._target.url)
        where = f"taken in region {region}" if region else "taken"
        if 200 <= first.status <= 299 and first.browser:
            return Look(KEY, "ok", where)
        if first.status != 401:
            told = f"cannot be told: a request for a browser id is answered with {first.status}"
            return Look(KEY, "wrong", told, "is this a CDP, and its base URL?", True)
        other = taken_by(self._target, self._headers)
        if other:
            return Look(
                KEY, "wrong", f"region {region} refuses it, region {other} takes it", f"say region: {other}", True
            )
        settings = "look it up under Settings > API access"
        if other == "":
            return Look(KEY, "wrong", "refused in every region: the key is wrong", settings, True)
        told = "refused (401): wrong, or of another region"
        return Look(KEY, "wrong", told, f"{settings}, and that the region is the account's", True)

    def _token(self) -> Look:
        if not self._reader.can_read:
            advice = "target.api_token lets a run see what became of its orders"
            return Look(TOKEN, "unknown", "there is none: nothing can be read back", advice)
        try:
            self._reader.orders_with(f"{self._headers['X-Harness-Run']}-PROBE", items=False)
        except UnauthorizedError:
            return Look(TOKEN, "wrong", "refused (401)", "look it up under Settings > API access", True)
        except TargetError as error:
            return Look(TOKEN, "unknown", str(error))
        return Look(TOKEN, "ok", "taken: orders and guests can be read back")

    def _point_of_sale(self, browser: str, token: Look) -> Look:
        name = self._target.point_of_sale
        if self._target.is_production and not self._allow_production:
            return Look(POS, "unknown", "not tried: an event goes to production only with --allow-production")
        if token.state != "ok":
            return Look(
                POS,
                "unknown",
                f"'{name}' cannot be tried without an API token that is taken: an event is acknowledged anyway",
            )
        event = {"type": events.VIEW.name, "page": PAGE}
        try:
            status = self._reader.send_event(event_path(self._target, self._defaults, browser, event))
            if not 200 <= status <= 299:
                return Look(POS, "wrong", f"an event is answered with {status}", "see the target's log")
            return self._arrived(browser, name)
        except TargetError as error:
            return Look(POS, "unknown", str(error))

    def _arrived(self, browser: str, name: str) -> Look:
        """Whether the event can be read back. Raises TargetError."""
        wait_s = self._wait_s if self._wait_s is not None else 5.0 if self._reader.is_sandbox() else 60.0
        began, pause = time.monotonic(), FIRST_PAUSE_S
        while True:
            ref = self._reader.guest_behind(browser)
            found = self._reader.sessions(ref) if ref and self._reader.guest(ref) is not None else ()
            if found is None:
                return Look(
                    POS,
                    "unknown",
                    "an event was sent; the target shows no timelines to find it on",
                    "look for it by hand",
                )
            came = any(events.VIEW.name in session.events for session in found)
            if came and self._target.is_sandbox and name not in OWN:
                told = f"'{name}' is not checked: {TAKES_ANY}; a target of your own tells"
                return Look(POS, "unknown", told, f"did you mean '{near}'?" if (near := meant(name)) else "")
            if came:
                return Look(
                    POS, "ok", f"'{name}': an event was sent and read back after {time.monotonic() - began:.1f} s"
                )
            if time.monotonic() - began > wait_s:
                told = f"'{name}': an event was acknowledged, and after {wait_s:g} s it is nowhere to be found"
                advice = (
                    "so it is with an unknown point of sale: see Settings > Points of sale (or give it longer: --wait)"
                )
                return Look(POS, "wrong", told, advice)
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)


def _tls_advice(trouble: str) -> str:
    if "expired" in trouble:
        return "it has to be renewed (or is our clock wrong?)"
    if "not trusted" in trouble:
        return "name the authority that vouches for it: target.tls.ca: our-ca.pem"
    return "does the target speak TLS on this port?"
