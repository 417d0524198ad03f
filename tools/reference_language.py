"""The page of all keys of the scenario language, from the shapes that read scenarios."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.scenario import feeds, guest_calls, language, loads, replies, step_keys, targets, thresholds, variables
from harness.scenario.shapes import Field, Shape
from harness.scenario.texts import FlagShape, Parsed
from harness.scenario.verbs import FLOW_VERBS, VERBS, Verb

HEAD = """\
# Language reference

Every key of a scenario, made from the code by `make reference`. [The guide](language.md) shows each of them at work,
[diagnostics](diagnostics.md) explains every mistake, and `harness schema` prints the same
as a JSON Schema for [editors](editors.md). Keys in bold have to be there.
"""
MAPPINGS: Mapping[str, str] = {
    "target": "#target", "defaults": "#defaults", "guests": "#guests", "catalog": "#catalog", "journeys": "#journeys",
    "load": "#load", "thresholds": "#thresholds", "verify": "#verify", "tls": "#tls", "steps": "#steps", "stages": "#stages",
    "expect": "#expect", "capture": "#capture",
}  # fmt: skip
"""Keys with a section of their own."""


def words(text: str) -> str:
    """A text for a cell of a table."""
    return re.sub(r"\s+", " ", text).replace("|", " or ").rstrip(" ,")


def value(name: str, shape: Shape[object]) -> str:
    """What stands behind a key, linked where that has a section."""
    wanted = words(shape.wanted)
    wanted = "a mapping" if wanted == name else wanted
    linked = name in MAPPINGS and not isinstance(shape, Parsed | FlagShape)
    return f"[{wanted}]({MAPPINGS[name]})" if linked else wanted


def table(fields: Mapping[str, Field]) -> str:
    """Keys with what stands behind each, and what it is for."""
    rows = []
    for name, each in fields.items():
        key = f"**`{name}`**" if each.required else f"`{name}`"
        rows.append(f"| {key} | {value(name, each.shape)} | {words(each.doc)} |")
    return "\n".join(["| key | value | |", "|---|---|---|", *rows]) + "\n"


def example(name: str, verb: Verb) -> str:
    """The verb as a step."""
    return f"- {name}: {verb.example}" if verb.example else f"- {name}"


def verb_section(name: str, verb: Verb) -> str:
    """A verb: what it does, how it is written, its keys."""
    text = f"\n### {name}\n\n{verb.doc}\n\n```yaml\n{example(name, verb)}\n```\n"
    if verb.main:
        text += f"\nA value by itself is its `{verb.main}`.\n"
    if verb.shape is not None:
        return text + guest_operations()
    return f"{text}\n{table(verb.fields)}" if verb.fields else text


def guest_operations() -> str:
    """What `guest` can do; its operations are no keys beside each other, but one of them."""
    behind = guest_calls.GuestCallShape().schema()["anyOf"][1]["properties"]
    rows = "".join(f"| `{name}` | {words(behind[name]['description'])} |\n" for name in guest_calls.OPERATIONS)
    beside = (
        "`ref` beside `update` and `extension` says whom; else it is the guest whom this journey created or found last."
    )
    searched = ", ".join(f"`{name}`" for name in behind["find"]["anyOf"][0]["properties"])
    known = ", ".join(f"`{name}`" for name in guest_calls.FIELDS)
    return f"\n| operation | |\n|---|---|\n{rows}\n{beside}\n\n`find` looks by {searched}.\n\nA guest's fields are {known}.\n"


def locales() -> str:
    """Where guests can come from."""
    return "Locales: " + ", ".join(f"`{name}`" for name in language.LOCALES) + ".\n"


def measures() -> str:
    """What thresholds can speak of."""

    def listed(names: tuple[str, ...]) -> str:
        return ", ".join(f"`{name}`" for name in names)

    return (
        "A threshold is a text: a measure, one of `< <= > >= ==`, and a number with its unit.\n\n"
        "| of | measures | written |\n|---|---|---|\n"
        f"| the whole run | {listed(thresholds.RUN_METRICS)} | `error_rate < 1%` |\n"
        f"| a step | {listed(thresholds.STEP_METRICS)} | `checkout.p95 < 300ms`, `purchase/checkout.p95 < 300ms` |\n"
        f"| a journey | {listed(thresholds.JOURNEY_METRICS)} | `purchase.completed >= 99%`, `purchase.failed == 0` |\n"
    )


def names() -> str:
    """What ``${…}`` and ``when`` can speak of."""
    known = "\n".join(
        f"| `{of}` | {', '.join(f'`{of}.{each}`' for each in fields)} |" for of, fields in variables.KNOWN_NAMES.items()
    )
    return (
        f"| | |\n|---|---|\n{known}\n| `env` | `env.NAME`: a variable of the environment |\n"
        "\nAnd every name under which a step before has captured something.\n"
    )


def stages() -> str:
    """What a stage can be."""
    level = words(loads.LevelShape().wanted)
    return (
        "| key | value | |\n|---|---|---|\n"
        f"| `ramp` | {level} | Evenly to this level |\n| `step` | {level} | At once to this level |\n"
        f"| `spike` | {level} | At once to this level, and back at its end |\n"
        "| `over` | a duration | How long a ramp, a step or a spike takes |\n| `hold` | a duration | As before, so long |\n"
        "\nOne of `ramp`, `step`, `spike` (each with `over`) or `hold` makes a stage.\n"
    )


def captures() -> str:
    """Where a value can be captured from."""
    return (
        "Behind a name stands a JSON path, or one of:\n\n| key | value |\n|---|---|\n"
        "| `json` | a JSON path such as `$.offers[0].id` |\n| `header` | a header's name |\n"
        "| `regex` | a regular expression (RE2) with one group at most |\n"
    )


def top() -> str:
    """The keys of a file."""
    beside = (
        f"| `include` | {words(language.INCLUDE.wanted)} | Other files, whose parts, journeys, catalog … are taken in |\n"
        "| `parts` | lists of steps by their names | For `steps_from` |\n"
    )
    return table(language.SCENARIO_FIELDS) + beside


def page() -> str:
    """The whole page."""
    guests = {
        **language.GUESTS_FIELDS,
        **{name: Field(each.shape, False, each.hint, each.doc) for name, each in feeds.FEED.fields.items()},
    }
    sections = {
        "A file": top(),
        "target": table(targets.TARGET_FIELDS),
        "tls": table(targets.TLS_FIELDS),
        "defaults": table(language.DEFAULTS.fields),
        "guests": f"{table(guests)}\n{locales()}",
        "catalog": f"Items, or `from` with the name of a file that has these columns.\n\n{table(language.ITEM.fields)}",
        "journeys": f"Below each journey's name:\n\n{table(language.JOURNEY_FIELDS)}",
        "load": f"One load, or several by their names.\n\n{table(loads.LOAD_FIELDS)}",
        "stages": stages(),
        "thresholds": measures(),
        "verify": table(language.VERIFY.fields),
        "Names in expressions": names(),
    }
    text = HEAD + "".join(f"\n## {title}\n\n{body}" for title, body in sections.items())
    text += f"\n## Steps\n\nBeside the verb of a step that sends something may stand:\n\n{table(step_keys.STEP_KEYS)}"
    text += f"\n### expect\n\n{table(replies.EXPECT.fields)}\n### capture\n\n{captures()}"
    text += "".join(verb_section(name, verb) for name, verb in VERBS.items())
    flow = "".join(f"| `{name}` | {words(doc)} |\n" for name, doc in FLOW_VERBS.items())
    within = "`steps` beside `repeat` and `when` holds the steps within, `else` beside `when` those that are taken otherwise."
    return text + f"\n### Steps that lead the way\n\n| verb | |\n|---|---|\n{flow}\n{within}\n"
