"""The Batch API's paths, words and bounds, as data.

Source: Sitecore's developer pages "Batch file formatting requirements", "Allocate batch upload location", "Upload batch
file", "Retrieve batch file upload status", "Guest data model", "Guest delete data model", "Using guest delete", "Order
data model", "Order item data model" and "Using order delete"; the older "Sitecore CDP batch file format requirements
(data model 2.1)" for what insert, upsert and merge do.
"""

from types import MappingProxyType

BATCHES = "/v2/batches"
"""PUT ``/{ref}`` with ``{"checksum", "size"}``, HTTP Basic: where a file may be uploaded. GET ``/{ref}``: its status."""

INSPECT = "/v2/batches/inspect"
"""GET ``/{ref}``: the same, and one status more: the file is there, and nobody has begun with it."""

LARGEST_FILE = 50_000_000
"""Bytes of a file as it is uploaded, compressed. Documented is 50MB; whoever counts 1,024s gets a little more room."""

EXPIRES_S = 3600
"""How long a place for a file can be used."""

UPLOAD_HEADERS = MappingProxyType({"x-amz-server-side-encryption": "AES256", "Content-Type": "application/gzip"})
"""What an upload carries beside ``Content-Md5``, the MD5 of the file in base64."""

UPLOADING, FILE_UPLOADED, PROCESSING = "uploading", "file_uploaded", "processing"
SUCCESS, CORRUPTED, ERROR = "success", "corrupted", "error"
ENDS = frozenset({SUCCESS, CORRUPTED, ERROR})
"""The statuses that stay. ``corrupted``: checksum or size differ. ``error``: there is a log, unless it was no gzip."""

GUEST, ORDER, TRACKING = "guest", "order", "tracking"
INSERT, CREATE, UPSERT, MERGE, DELETE, GDPR_DELETE = "insert", "create", "upsert", "merge", "delete", "gdpr_delete"
MODES = MappingProxyType(
    {
        GUEST: (UPSERT, CREATE, INSERT, MERGE, DELETE, GDPR_DELETE),
        ORDER: (INSERT, UPSERT, DELETE),
        TRACKING: (INSERT, UPSERT, CREATE, MERGE),
    }
)
"""By schema, what may become of a record; the first is the usual one. Those of tracking are undocumented."""

DELETES = frozenset({DELETE, GDPR_DELETE})

MIGRATION = "migration"
"""A schema of its own, with the mode ``guest``, that moves one guest's history to another."""

RECORD_FIELDS = ("ref", "schema", "mode", "value")

INVALID, BAD_MODE, NOT_ALLOWED, NOT_THERE, EXISTS, INTERNAL = 400, 402, 403, 404, 409, 500
CODES = MappingProxyType(
    {
        INVALID: "not valid, or nobody can be found by it",
        BAD_MODE: "a mode that the schema does not have",
        NOT_ALLOWED: "not allowed, or the guest has an open session",
        NOT_THERE: "what was to be deleted is not there",
        EXISTS: "a guest of this identity exists",
        INTERNAL: "the CDP's own failure",
    }
)
"""What the codes in an error log mean. A log has ``{"ref", "code", "message"}`` a line, ``ref`` being the record's."""

ORDER_REQUIRED = MappingProxyType(
    {
        INSERT: (
            "referenceId",
            "channel",
            "pointOfSale",
            "status",
            "orderedAt",
            "currencyCode",
            "price",
            "paymentType",
        ),
        UPSERT: ("referenceId", "channel", "pointOfSale", "orderedAt"),
        DELETE: ("referenceId",),
    }
)
"""What an order needs, by mode; an insert that says ``paymentType: Card`` needs ``cardType``, too."""

ORDER_ITEM_REQUIRED = ("type", "productId", "name", "price", "currencyCode")

SAME_ORDER_S = 86_400
"""Two orders of one number are the same when they were ordered within a day of each other."""
