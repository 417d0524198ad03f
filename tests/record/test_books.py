"""The ledger and what goes with it: compact, exact, and the same after a file."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.record import ledger as ledgers
from harness.record.book import Book, Identified
from harness.record.book_file import BookFileError, read, to_bytes
from harness.record.ledger import Entry, Ledger, Outcome
from harness.record.stories import MOST_REQUESTS, Sent, Stories
from harness.record.two_bits import TwoBits


@given(st.lists(st.integers(0, 3)), st.data())
def test_two_bits_are_a_list(numbers: list[int], data: st.DataObject):
    packed = TwoBits()
    for number in numbers:
        packed.append(number)
    for place in data.draw(st.lists(st.integers(0, len(numbers) - 1))) if numbers else []:
        numbers[place] = packed[place] = data.draw(st.integers(0, 3))
    assert list(packed) == numbers == [packed[place] for place in range(len(packed))]
    assert list(TwoBits(packed.to_bytes(), len(packed))) == numbers
    with pytest.raises(IndexError):
        packed[len(numbers)]


orders = st.tuples(st.integers(0, 10**12), st.integers(0, 10**9), st.integers(0, 50), st.sampled_from(Outcome))


@settings(max_examples=30, deadline=None)
@given(st.lists(orders, max_size=80), st.integers(3, 20))
def test_a_ledger_gives_back_what_it_was_told(told: list[tuple[int, int, int, Outcome]], page: int):
    whole, ledgers.PAGE = ledgers.PAGE, page
    try:
        made = Ledger()
        places = [made.open(value, guest, step) for value, guest, step, _ in told]
        for place, (*_, outcome) in reversed([*zip(places, told, strict=True)]):
            made.close(place, outcome)
        wanted = [Entry(place, v, o, g, s) for place, (v, g, s, o) in zip(places, told, strict=True)]
        assert list(made.entries()) == wanted
        again = Ledger.unpack(made.pack())
        again.close(again.open(1, 2, 3), Outcome.REFUSED)
        assert list(again.entries()) == [*wanted, Entry(len(told), 1, Outcome.REFUSED, 2, 3)]
        assert all(made.counts()[each] == [o for *_, o in told].count(each) for each in Outcome)
    finally:
        ledgers.PAGE = whole


def test_a_ledger_is_small():
    made = Ledger()
    for number in range(50_000):
        made.close(made.open((number * 7919) % 9 * 49_900, number + number % 3, 5), Outcome.ACKNOWLEDGED)
    assert made.size < 3 * len(made)


def _book(index: int) -> Book:
    book = Book(index, 2, given={1: "ORDER-1"})
    for number in range(3000):
        book.ledger.close(book.ledger.open(number, number * 2 + index, 1), Outcome(number % 4))
    book.identified(index, Identified.UNKNOWN)
    book.identified(index, Identified.ACKNOWLEDGED)
    book.identified(index, Identified.UNKNOWN)
    book.identified(index + 8, Identified.UNKNOWN)
    return book


def test_a_file_keeps_the_books_of_all_processes(tmp_path: Path):
    books = (_book(0), _book(1))
    file = tmp_path / "ledger.bin"
    file.write_bytes(to_bytes(books))
    found = read(file)
    assert [list(book.ledger.entries()) for book in found] == [list(book.ledger.entries()) for book in books]
    assert [list(book.guests) for book in found] == [[1, 0, 0, 0, 2]] * 2
    assert [(book.index, book.stride, book.given) for book in found] == [(0, 2, {1: "ORDER-1"}), (1, 2, {1: "ORDER-1"})]


@pytest.mark.parametrize("change", ["cut", "format", "text", "counts"])
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, change: str):
    whole = to_bytes((_book(0),))
    file = tmp_path / "ledger.bin"
    file.write_bytes(
        {
            "cut": whole[:-900],
            "format": whole.replace(b'"format": 1', b'"format": 9', 1),
            "text": b"hello\nworld",
            "counts": whole.replace(b'"orders": 3000', b'"orders": 3100', 1),
        }[change]
    )
    with pytest.raises(BookFileError, match=str(file)):
        read(file)


@given(st.integers(0, 3000), st.integers(1, 20))
def test_stories_are_spread_over_all_guests(guests: int, wanted: int):
    stories = Stories(wanted)
    for guest in range(guests):
        stories.begin(guest, guest)
    kept = [story.guest for story in stories.all()]
    assert min(guests, wanted) <= len(kept) <= max(2 * wanted - 1, 0) or len(kept) == guests
    gaps = {b - a for a, b in itertools.pairwise(kept)}
    assert len(gaps) <= 1 and kept[:1] == [0][: len(kept)]
    assert all(guest in stories for guest in kept)


def test_a_story_without_end_is_known_to_be_cut():
    story = Stories(1).begin(0, 0)
    assert story is not None
    for _ in range(MOST_REQUESTS + 1):
        story.add(Sent(0, "GET", b"/", None, 201, False))
    assert (len(story.sent), story.too_long) == (MOST_REQUESTS, True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(orders, max_size=40), max_size=6), st.integers(3, 20), st.data())
def test_changes_told_one_after_the_other_make_the_same_book(
    stretches: list[list[tuple[int, int, int, Outcome]]], page: int, data: st.DataObject
):
    whole, ledgers.PAGE = ledgers.PAGE, page
    try:
        made, copy = Book(3, 8, stories=Stories(2)), Book(3, 8, stories=Stories(2))
        made.watch()
        waiting: list[tuple[int, Outcome]] = []
        guests = 0
        for stretch in stretches:
            for value, guest, step, outcome in stretch:
                waiting.append((made.ledger.open(value, guest, step), outcome))
                if data.draw(st.booleans()):
                    made.ledger.close(*waiting.pop(data.draw(st.integers(0, len(waiting) - 1))))
                if (story := made.stories.begin(guests, guests * 8 + 3)) is not None:
                    story.add(Sent(step, "GET", b"/", None, 201, False))
                    story.ended = data.draw(st.booleans())
                made.identified(guests * 8 + 3, data.draw(st.sampled_from(Identified)))
                guests += 1
            if waiting and data.draw(st.booleans()):
                made.given[waiting[0][0]] = "ORDER-1"
            copy.add(made.take())
        assert list(copy.ledger.entries()) == list(made.ledger.entries())
        assert [*copy.guests] == [*made.guests][: len(copy.guests)]
        assert not any([*made.guests][len(copy.guests) :])
        assert copy.given == made.given
        told = [(s.guest, s.sent, s.ended, s.too_long) for s in made.stories.all()]
        assert [(s.guest, s.sent, s.ended, s.too_long) for s in copy.stories.all()] == told
    finally:
        ledgers.PAGE = whole


def test_changes_that_do_not_follow_are_refused():
    made, copy = _book(0), Book(0, 2)
    made.watch()
    made.take()
    made.ledger.open(1)
    with pytest.raises(ValueError, match="from order 3000 on"):
        copy.add(made.take())
