"""The worker: what all users of one process share, and how guests, orders and cart lines are numbered."""

from __future__ import annotations

import base64
import operator
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from harness.compiler.cdp_requests import writing_of
from harness.compiler.plan import GUEST_SLOTS, SLOT, Plan, Send, Template
from harness.compiler.template import IN_BODY, IN_QUERY
from harness.engine.seal import NONE, Seal
from harness.engine.visit import Visit
from harness.guests import Identities, make_pool
from harness.guests.identity import base36
from harness.record.book import Book
from harness.record.figures import StepKey
from harness.record.histogram import Histogram
from harness.record.ledger import UNPRICED
from harness.record.recorder import Recorder
from harness.record.stories import Sent, Stories

_FIRST_GUEST_SLOT = SLOT[GUEST_SLOTS[0]]
_GUEST_FIELDS = tuple(name.removeprefix("guest.") for name in GUEST_SLOTS)
_BROWSER, _ORDER, _LINE, _NOW = (SLOT[name] for name in ("browser_id", "order", "line", "now"))

MOST_BROWSERS = 20_000
"""So many guests are remembered with the browser id they had; of them those come back who bring it."""
MOST_TRIES = 8
"""At finding a returning guest whose story is not kept."""


def order_number(run_id: str, book: Book, place: int) -> str:
    """The number of the order at a place of a process's ledger."""
    return book.given.get(place) or f"{run_id}-{base36(book.number(place)).upper()}"


class Filler(NamedTuple):
    """Makes the parts of a request of a visit's values."""

    target: Callable[[list[bytes]], bytes]
    headers: Callable[[list[bytes]], bytes]
    body: Callable[[list[bytes]], bytes] | None


class Worker:
    """One process of the load. ``index`` of ``stride`` processes: numbers never meet another process's.

    ``client_key`` and ``api_token`` are empty where the target has none. ``stories``: of so many guests everything is
    kept that they send, secrets under ``seal``.
    """

    def __init__(
        self,
        plan: Plan,
        client_key: str,
        seed: int,
        run_id: str,
        index: int = 0,
        stride: int = 1,
        stories: int = 0,
        api_token: str = "",
        seal: Seal = NONE,
    ) -> None:
        self.plan = plan
        self._seal = seal
        self.seed = seed
        self.run_id = run_id
        self.writing = writing_of(plan.stream)
        self.currency = self.writing.text(plan.currency)
        self.recorder = Recorder([StepKey(j, s.name) for j, s in plan.steps], [j.name for j in plan.journeys])
        self.book = Book(index, stride, stories=Stories(stories))
        self.lateness = Histogram()
        """How long after they were due requests were sent (µs), since the last look."""
        self.index, self.stride = index, stride
        self._visits = 0
        self._guests = 0
        self._lines = 0
        self._blank = [b""] * plan.slots
        self._blank[SLOT["client_key"]] = IN_QUERY.encode(client_key)
        self._blank[SLOT["client_key.json"]] = IN_BODY.text(client_key)
        keys = f"{client_key}:{api_token}".encode()
        self._blank[SLOT["authorization"]] = base64.b64encode(keys) if api_token else b""
        self.fillers = tuple(self._filler(send) for _, send in plan.steps)
        """For each step what makes its target, headers and body of a visit's values."""
        pool = make_pool(plan.guests.locales, seed)
        self._identities = Identities(pool, seed, _GUEST_FIELDS, self.writing.text, plan.guests.feed)
        self._gives_browsers = plan.guests.feed is not None and any(
            name == "browser_id" for row in plan.guests.feed.rows for name, _ in row
        )
        self._browsers: dict[int, bytes] | None = (
            {} if plan.guests.browser == "same" and plan.guests.returning else None
        )
        self._who_had_one: list[int] = []
        self._second = 0
        self._now = b""

    def visit(self) -> Visit:
        """The next guest sets out: a new one, or with the scenario's probability one seen before.

        Raises RanOutError when guests come from a file and there are no more.
        """
        seed = (self.seed << 64) + (self.index << 48) + self._visits
        rng = random.Random(seed) if self.plan.guests.returning else None
        self._visits += 1
        if self._browsers is not None:
            back = rng is not None and self._who_had_one and rng.random() < self.plan.guests.returning
            guest = rng.choice(self._who_had_one) if rng is not None and back else self._new_guest()
        elif rng is not None and self._guests and rng.random() < self.plan.guests.returning:
            guest = rng.randrange(self._guests)
            for _ in range(MOST_TRIES):
                if guest not in self.book.stories:  # whose story is kept comes once, so that all of it is known
                    break
                guest = rng.randrange(self._guests)
            else:
                guest = self._new_guest()
        else:
            guest = self._new_guest()
        number = guest * self.stride + self.index
        values = self._blank.copy()
        values[_FIRST_GUEST_SLOT : _FIRST_GUEST_SLOT + len(GUEST_SLOTS)] = self._identities.fields(number)
        visit = Visit(self, values, number, seed, rng)
        if self._browsers is not None:
            values[_BROWSER] = self._browsers.get(guest, b"")
        elif self._gives_browsers:
            values[_BROWSER] = self._identities.given(number, "browser_id").encode("ascii")
        visit.has_browser = bool(values[_BROWSER])
        if guest == self._guests - 1:
            visit.story = self.book.stories.begin(guest, number)
        return visit

    def remember_browser(self, visit: Visit) -> None:
        """A guest got a browser id: it may come back with it. Whose story is kept comes once, so that all of it is known."""
        guest = (visit.guest - self.index) // self.stride
        if self._browsers is None or guest in self._browsers or guest in self.book.stories:
            return
        if len(self._who_had_one) < MOST_BROWSERS:
            self._who_had_one.append(guest)
        else:
            place = visit.rng.randrange(MOST_BROWSERS)
            del self._browsers[self._who_had_one[place]]
            self._who_had_one[place] = guest
        self._browsers[guest] = visit.values[_BROWSER]

    def fill(self, send: Send, visit: Visit) -> tuple[int | None, bytes, bytes, bytes | None]:
        """A step's request as a guest sends it now: target, headers and body, and its order's place in the ledger, if any."""
        self.tell_time(visit)
        if send.pick is not None:
            visit.pick(send.pick)
            self.next_line(visit)
        if send.confirms is not None:
            visit.confirm(send.confirms)
        place = None
        if send.order is not None:
            # An order in one event says itself what it comes to; else nobody does unless all of the cart was confirmed.
            known = send.pick is not None or not visit.unconfirmed
            place = self.open_order(visit, send.order, send.index, visit.total if known else UNPRICED)
            if send.pick is not None:
                visit.fill_order()
        if send.request.computed:
            visit.compute(send.request.computed)
        values = visit.values
        filler = self.fillers[send.index]
        return (
            place,
            filler.target(values),
            filler.headers(values),
            None if filler.body is None else filler.body(values),
        )

    def _new_guest(self) -> int:
        self._guests += 1
        return self._guests - 1

    def _filler(self, send: Send) -> Filler:
        request = send.request
        return Filler(
            self._joiner(request.target),
            self._joiner(request.headers),
            None if request.body is None else self._joiner(request.body),
        )

    def _joiner(self, template: Template) -> Callable[[list[bytes]], bytes]:
        """A template as one join: its literals lie among the values of every visit, so that C does all the work."""
        if not template.gaps:
            constant = template.literals[0]
            return lambda _: constant
        places = []
        for literal, gap in zip(template.literals, (*template.gaps, None), strict=True):
            if literal:
                self._blank.append(literal)
                places.append(len(self._blank) - 1)
            if gap is not None:
                places.append(gap)
        if len(places) == 1:
            return operator.itemgetter(places[0])
        pick, join = operator.itemgetter(*places), b"".join
        return lambda values: join(pick(values))

    def sealed(self, sent: Sent) -> Sent:
        """A request of a story as it may be told to other processes."""
        body = None if sent.body is None else self._seal.close(sent.body)
        return sent._replace(target=self._seal.close(sent.target), body=body)

    @property
    def guests(self) -> int:
        """How many different guests this process has sent out."""
        return self._guests

    def guest_field(self, number: int, field: str) -> str:
        """A field of a guest as text."""
        return self._identities.text(number, field)

    def order_number(self, place: int) -> str:
        """The number of the order at a place of this process's ledger: upper case, never used before."""
        return order_number(self.run_id, self.book, place)

    def open_order(self, visit: Visit, number: str, step: int, value: int) -> int:
        """Step ``step`` is about to send an order, under ``number`` (empty: a new one); its place in the ledger."""
        place = self.book.ledger.open(value, visit.guest, step)
        if number:
            self.book.given[place] = number
        visit.order = self.order_number(place)
        # Upper-case letters, digits, - and _: the same in every encoding.
        visit.values[_ORDER] = visit.order.encode("ascii")
        return place

    def tell_time(self, visit: Visit) -> None:
        """Write the time (to the second) into the visit."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._now = f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.000Z".encode()
        visit.values[_NOW] = self._now

    def next_line(self, visit: Visit) -> None:
        """Give the cart line that is about to be added a number of its own."""
        number = base36(self._lines * self.stride + self.index).upper()
        visit.values[_LINE] = f"{self.run_id}-L{number}".encode()
        self._lines += 1
