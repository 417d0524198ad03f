"""A story of a load, judged like a path of a validation: what was sent, and what ought to be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.record.ledger import Outcome, outcome_of
from harness.record.stories import Story
from harness.verify import causes
from harness.verify.checks import Check, Finding
from harness.verify.expectation import SILENT, expectation
from harness.verify.expected import Expectation
from harness.verify.found import FoundSession, ReadBack
from harness.verify.sent import SentEvent, guest_write_of, message_of


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A guest of a load: its email, its journey, the events that the target acknowledged.

    ``clear``: every event was acknowledged or refused, so that it is known what ought to be there.
    """

    guest: str
    journey: str
    events: tuple[SentEvent, ...]
    clear: bool

    @property
    def expectation(self) -> Expectation:
        """What ought to be there."""
        return expectation(self.events)


def told(story: Story, guest: str, steps: Sequence[tuple[str, str]]) -> ToldStory:
    """A story with its messages read. ``steps``: journey and name of each step of the plan."""
    events = []
    clear = not story.too_long
    for sent in story.sent:
        message = message_of(sent.method, sent.target.decode("ascii"), sent.body)
        if message is None:
            # Whom such a call was about is in no request: what ought to be there is not known then.
            clear = clear and guest_write_of(sent.method, sent.target.decode("ascii"), sent.body) is None
            continue
        outcome = outcome_of(sent.status, sent.unsent)
        if outcome is Outcome.ACKNOWLEDGED:
            kind = message.get("type")
            events.append(SentEvent(steps[sent.step][1], kind if isinstance(kind, str) else "", message))
        elif outcome is Outcome.UNKNOWN:
            clear = False
    journey = steps[story.sent[0].step][0] if story.sent else ""
    return ToldStory(guest, journey, tuple(events), clear)


@dataclass(frozen=True, slots=True)
class StoryResult:
    """A story read back: what is there, and what was made of that."""

    story: ToldStory
    found: ReadBack
    checks: tuple[Check, ...]

    @property
    def held(self) -> bool:
        """Whether all is as it ought to be, as far as it could be looked at."""
        return all(check.held is not False for check in self.checks)

    @property
    def own_sessions(self) -> tuple[FoundSession, ...]:
        """The sessions of the story's own browser, where that is shown: a guest may have been there in an earlier run."""
        mine = self.story.expectation.browser_id
        return tuple(each for each in self.found.sessions or () if each.browser_id in ("", mine))


@dataclass(frozen=True, slots=True)
class StoriesResult:
    """All stories that were read back. ``events``: by type, expected and found on the timelines (None: none are shown).

    ``guests``: expected and found; ``abandoned``: carts that were left and closed, expected and found.
    """

    results: tuple[StoryResult, ...]

    @property
    def held(self) -> int:
        """How many are as they ought to be."""
        return sum(result.held for result in self.results)

    @property
    def findings(self) -> Iterator[tuple[StoryResult, Finding]]:
        """What is not as it ought to be, by story. What came of one speaks for all of its point of sale."""
        traces = [causes.arrived(result.story.expectation, result.found) for result in self.results]
        known = frozenset(name for trace in traces for name in trace.known_points_of_sale)
        for result, trace in zip(self.results, traces, strict=True):
            for finding in (finding for check in result.checks for finding in check.findings):
                disproved = finding.cause.kind == causes.WRONG_POINT_OF_SALE and known.issuperset(trace.points_of_sale)
                yield result, replace(finding, cause=causes.dropped()) if disproved else finding

    @property
    def guests(self) -> tuple[int, int]:
        """Guests who ought to be identified, and those found (by any identity)."""
        wanted = [result for result in self.results if result.story.expectation.guest is not None]
        return len(wanted), sum(bool(result.found.guests) for result in wanted)

    @property
    def events(self) -> dict[str, tuple[int, int]] | None:
        """Events by type, expected and found, but for those of which nobody says that a timeline shows them.

        None where no timelines are shown.
        """
        shown = [result for result in self.results if result.found.sessions is not None]
        if not shown:
            return None
        wanted: Counter[str] = Counter()
        there: Counter[str] = Counter()
        for result in shown:
            wanted.update(kind for session in result.story.expectation.sessions for kind in session.events)
            there.update(kind for session in result.own_sessions for kind in session.events if kind not in SILENT)
        return {kind: (wanted[kind], there[kind]) for kind in sorted(wanted | there)}

    @property
    def abandoned(self) -> tuple[int, int] | None:
        """Closed carts with something in them, expected and found; None where none are shown."""
        shown = [r for r in self.results if any(session.cart for session in r.own_sessions)]
        wanted = sum(s.closed and s.cart == "ABANDONED" for r in shown for s in r.story.expectation.sessions)
        there = sum(s.is_open is False and s.cart == "ABANDONED" for r in shown for s in r.own_sessions)
        return (wanted, there) if shown else None
