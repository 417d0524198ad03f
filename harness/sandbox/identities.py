"""Whose an identity is. One guest is its owner; others may have it too, since POST does not look for duplicates."""

from harness.sandbox.identity import Identity
from harness.sandbox.model import Guest


class Identities:
    """Guests by their identities. Who had an identity first is its owner: whom events with it are about."""

    def __init__(self) -> None:
        self._owners: dict[Identity, Guest] = {}
        self._others: dict[Identity, list[Guest]] = {}
        self.get = self._owners.get

    def __len__(self) -> int:
        return len(self._owners)

    def all(self, identity: Identity) -> list[Guest]:
        """The owner and the others, none if nobody has it."""
        owner = self._owners.get(identity)
        return [] if owner is None else [owner, *self._others.get(identity, ())]

    def give(self, identity: Identity, guest: Guest, most: int) -> None:
        """The guest has it from now on, unless that is ``most`` identities already."""
        if identity in guest.identities or len(guest.identities) >= most:
            return
        guest.identities.append(identity)
        if identity in self._owners:
            self._others.setdefault(identity, []).append(guest)
        else:
            self._owners[identity] = guest

    def take(self, identity: Identity, guest: Guest) -> None:
        """The guest, who has it, has it no more; the next one becomes the owner."""
        guest.identities.remove(identity)
        self._forget(identity, guest)

    def hand_over(self, guest: Guest, to: Guest, most: int) -> None:
        """All of one guest's identities become another's, as far as that one has not ``most`` of them then."""
        for identity in guest.identities:
            if identity in to.identities or len(to.identities) >= most:
                self._forget(identity, guest)
                continue
            if self._owners[identity] is guest:
                self._owners[identity] = to
            else:
                others = self._others[identity]
                others[others.index(guest)] = to
            to.identities.append(identity)
        guest.identities.clear()

    def _forget(self, identity: Identity, guest: Guest) -> None:
        others = self._others.get(identity, [])
        if self._owners[identity] is not guest:
            others.remove(guest)
        elif others:
            self._owners[identity] = others.pop(0)
        else:
            del self._owners[identity]
        if not others:
            self._others.pop(identity, None)
