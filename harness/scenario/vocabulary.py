"""The verbs of a system: the harness's own, and those of extensions, which are looked for when a word is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from harness.extensions.installed import SYSTEMS, VERBS, ExtensionError, load, names
from harness.extensions.speech import Addition, System
from harness.scenario import model, verbs
from harness.scenario.speaking import NAME, as_verb
from harness.scenario.step_keys import BESIDE_VERBS
from harness.scenario.verbs import FLOW_VERBS, Verb

OWN_SYSTEMS = (model.CDP, model.HTTP)
EVERYWHERE = (*FLOW_VERBS, *(name for name, verb in verbs.VERBS.items() if not verb.system))
"""Verbs of every system."""


@dataclass(frozen=True)
class Vocabulary:
    """The verbs that can be said to a system; ``own`` are those that it brings, if it is an extension's."""

    system: str
    own: Mapping[str, Verb]

    def find(self, name: str) -> Verb | None:
        """A verb, which may be of another system. Raises ExtensionError."""
        return self.own.get(name) or verbs.VERBS.get(name) or (addition(name) if name in names(VERBS) else None)

    @property
    def words(self) -> tuple[str, ...]:
        """All verbs, those that only steer the guest with them."""
        first = tuple(verbs.VERBS) if self.system in OWN_SYSTEMS else (*self.own, "request", "think")
        return (*first, *FLOW_VERBS, *names(VERBS))


def systems() -> tuple[str, ...]:
    """The names of all systems."""
    return (*OWN_SYSTEMS, *(name for name in names(SYSTEMS) if name not in OWN_SYSTEMS))


@cache
def vocabulary_of(system: str) -> Vocabulary:
    """The verbs of a system; an unknown one has none of its own. Raises ExtensionError."""
    if system in OWN_SYSTEMS or system not in names(SYSTEMS):
        return Vocabulary(system, {})
    return Vocabulary(system, extension_system(system))


def extension_system(system: str) -> Mapping[str, Verb]:
    """The verbs of an extension's system. Raises ExtensionError."""
    made, package = load(SYSTEMS, system, System, OWN_SYSTEMS)
    if not NAME.fullmatch(system.replace("-", "_")):
        raise ExtensionError(package, system, f"'{system}' cannot be a system: lower-case letters, digits, - and _")
    if not isinstance(made.verbs, Mapping) or not made.verbs:
        raise ExtensionError(package, system, f"the system '{system}' brings no verbs")
    for name in made.verbs:
        if name in (*EVERYWHERE, *BESIDE_VERBS):
            what = f"the verb '{name}' of the system '{system}' is the harness's own: the package has to take another"
            raise ExtensionError(package, system, what)
    return {name: as_verb(name, verb, package, system) for name, verb in made.verbs.items()}


@cache
def addition(name: str) -> Verb:
    """A verb that is added to a system. Raises ExtensionError."""
    made, package = load(VERBS, name, Addition, (*verbs.ALL_VERBS, *BESIDE_VERBS))
    if made.system and made.system not in systems():
        raise ExtensionError(package, name, f"'{name}' is for a system '{made.system}', which is not installed")
    if made.system in names(SYSTEMS) and name in vocabulary_of(made.system).own:
        raise ExtensionError(package, name, f"the system '{made.system}' has a verb '{name}' already")
    return as_verb(name, made.verb, package, made.system)


def extension_verbs() -> Iterator[tuple[str, Verb]]:
    """Every verb of every extension. Raises ExtensionError."""
    for system in names(SYSTEMS):
        yield from extension_system(system).items()
    for name in names(VERBS):
        yield name, addition(name)
