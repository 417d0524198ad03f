"""What became of a load: read back after the run, or later from its run directory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from harness.compiler.plan import Plan, money
from harness.engine.seal import Seal
from harness.engine.target_reader import TargetReader
from harness.engine.worker import order_number
from harness.record.book import Book
from harness.record.stories import Story
from harness.report.outcome_summary import VerificationSummary
from harness.report.verified import verification
from harness.run.verification import Verification, terms
from harness.scenario.model import CDP, Scenario
from harness.verify.questions import Names, Questions, questions, stories
from harness.verify.story import ToldStory, told

STATE_FILE = "verification.partial.json"
"""In the run directory while orders are read back: how far that has come."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a load did: its books, the stories of some of its guests, and how its guests are called."""

    run_id: str
    seed: int
    books: tuple[Book, ...]
    stories: tuple[ToldStory, ...]
    guest: Callable[[int, str], str]


def told_stories(
    plan: Plan, books: Sequence[Book], guest: Callable[[int, str], str], seal: Seal
) -> tuple[ToldStory, ...]:
    """The stories in the books, their messages read, and what was under ``seal`` in its place again."""
    steps = [(journey, send.name) for journey, send in plan.steps]
    return tuple(
        told(_opened(story, seal), guest(story.guest, "email"), steps) for book in books for story in book.stories.all()
    )


def _opened(story: Story, seal: Seal) -> Story:
    opened = Story(story.guest)
    opened.too_long = story.too_long
    for sent in story.sent:
        body = None if sent.body is None else seal.open(sent.body)
        opened.add(sent._replace(target=seal.open(sent.target), body=body))
    return opened


def can_be_read(scenario: Scenario, reader: TargetReader) -> bool:
    """Whether there is anything to read back, and the keys to do so."""
    wanted = scenario.verify
    asked = wanted.orders.size != 0 or wanted.guests.size != 0
    return scenario.target.system == CDP and reader.can_read and asked


def asked_for(scenario: Scenario, plan: Plan, done: Done) -> Questions | None:
    """The orders to ask for; None where none are wanted."""
    if scenario.verify.orders.size == 0:
        return None
    names = Names(
        order=partial(order_number, done.run_id),
        guest=lambda number: done.guest(number, "email"),
        money=lambda value: Decimal(money(value)),
        steps=[(journey, send.name, send.currency) for journey, send in plan.steps],
    )
    return questions(done.books, names, scenario.verify.orders, done.seed)


def read_outcome(
    scenario: Scenario,
    plan: Plan,
    done: Done,
    reader: TargetReader,
    base_url: str,
    progress: Callable[[str, int, int], None],
    folder: Path,
) -> VerificationSummary | None:
    """Read back orders and guests; None where nothing was to be asked. What the target does wrong is in the result.

    An exception from ``progress``, or Ctrl-C, goes through; called again with the same folder, it goes on from there.
    """
    how = terms(scenario.verify, reader.is_sandbox(), base_url)
    most = scenario.target.most_a_second
    if most is not None:
        how = replace(how, rate=most if how.rate is None else min(how.rate, most))
    reading = Verification(reader, how, progress, folder / STATE_FILE)
    found = reading.run(asked_for(scenario, plan, done), stories(done.stories, scenario.verify.guests, done.seed))
    if found.orders is None and found.stories is None and not found.trouble:
        return None
    return verification(found.orders, found.stories, plan.currency, found.trouble, found.failed, found.took_s)
