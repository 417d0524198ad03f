"""Reading what a client sent, whatever its type: as text, as a time, and is ``ext`` as it should be."""

from datetime import UTC, datetime

from harness.cdp.events import LARGEST_EXT

_YEARS = range(1900, 3000)
_LONGEST_NAME = 40


def word(value: object) -> str:
    """Text or a number as text, anything else as ""."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def moment(value: object) -> float | None:
    """An ISO 8601 time as seconds since the epoch, None if it is none.

    Undocumented, sandbox's choice: a time without zone is UTC.
    """
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if at.year not in _YEARS:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def ext_flaw(ext: object) -> str:
    """What is wrong with an event's ``ext``; "" if nothing.

    Documented are up to 50 flat attributes. What the CDP does with others is not: sandbox's choice, the
    event is accepted and kept as it is, with this note.
    """
    if not isinstance(ext, dict):
        return "ext is no JSON object."
    flaws = []
    if len(ext) > LARGEST_EXT:
        flaws.append(f"ext has {len(ext)} attributes, more than {LARGEST_EXT}.")
    if nested := [name[:_LONGEST_NAME] for name, value in ext.items() if isinstance(value, dict | list)]:
        flaws.append(f"ext is not flat: {', '.join(nested[:5])}.")
    return " ".join(flaws)
