"""The Guest REST API's fields and bounds, as data.

Source: Sitecore's public reference "Sitecore CDP Guest REST API (v2.1)", pages "Create a guest", "Retrieve a
guest", "Update a guest", "Delete a guest" and "Create a data extension"; "Retrieve guests (legacy)" for the
search parameters.
"""

from dataclasses import dataclass
from types import MappingProxyType

LARGEST_PAGE = 100
"""Items a list may have; a list has ``DEFAULT_PAGE`` of them when ``limit`` is left out."""

DEFAULT_PAGE = 10

OWN_PROVIDER = "harness"
"""The provider of the identifiers by which guests of the harness are known."""

GUEST_TYPES = ("visitor", "customer", "traveller")

TEXT, TEXTS, DATE, IDENTIFIERS = "text", "texts", "date", "identifiers"
"""What a guest's field holds: text, a list of texts, an ISO 8601 time, or ``[{provider, id, expiryDate}]``."""


@dataclass(frozen=True, slots=True)
class GuestField:
    """A field of a guest, and the attribute of an IDENTITY event that sets it ("" if none does)."""

    name: str
    kind: str
    attribute: str = ""


FIELDS = MappingProxyType(
    {
        field.name: field
        for field in (
            GuestField("title", TEXT, "title"),
            GuestField("firstName", TEXT, "firstname"),
            GuestField("lastName", TEXT, "lastname"),
            GuestField("gender", TEXT, "gender"),
            GuestField("dateOfBirth", DATE, "dob"),
            GuestField("email", TEXT, "email"),
            GuestField("emails", TEXTS),
            GuestField("phoneNumbers", TEXTS),
            GuestField("nationality", TEXT, "nationality"),
            GuestField("passportNumber", TEXT),
            GuestField("passportExpiry", DATE),
            GuestField("street", TEXTS, "street"),
            GuestField("city", TEXT, "city"),
            GuestField("state", TEXT, "state"),
            GuestField("country", TEXT, "country"),
            GuestField("postCode", TEXT, "postal_code"),
            GuestField("language", TEXT, "language"),
            GuestField("identifiers", IDENTIFIERS, "identifiers"),
        )
    }
)
"""A guest's own fields by their name, in the order in which a guest is shown."""

PHONE_ATTRIBUTES = ("phone", "mobile")
"""The attributes of an IDENTITY event that end up in ``phoneNumbers``."""

READ_ONLY = frozenset({"href", "ref", "createdAt", "modifiedAt", "firstSeen", "lastSeen", "extensions"})
"""What a guest also shows; sent back to the API it changes nothing."""

SEARCH_PARAMETERS = (
    "email",
    "email.untouched",
    "firstName",
    "lastName",
    "phoneNumber",
    "guestType",
    "identifiers.provider",
    "identifiers.id",
)
"""By what guests are found; ``email.untouched`` asks for the exact spelling."""

EXTENSION_NAMES = ("ext", "ext1", "ext2", "ext3", "ext4", "ext5")
"""The names a guest's data extensions may have, so there are six at most."""

LARGEST_EXTENSION = 100
"""Pairs a data extension may hold: text, numbers or booleans under alphanumeric keys."""
