"""The Order REST API's fields, as data.

Source: Sitecore's public reference "Sitecore CDP Order REST API (v2.1)", pages "Create an order", "List
orders" and "Create an order contact", and "Examples of order items".
"""

ORDER_STATUSES = (
    "BROWSED",
    "CANCELLED",
    "CONFIRMED",
    "DECLINED",
    "PARTIALY_CONFIRMED",
    "PARTIALY_REFUNDED",
    "PAYMENT_PENDING",
    "PENDING",
    "PURCHASED",
    "REFUNDED",
    "RESERVED",
    "SEARCHED",
    "UNKNOWN",
)
"""Statuses of an order, in the API's own spelling."""

ORDER_CHANNELS = (
    "WEB",
    "MOBILE_WEB",
    "MOBILE_APP",
    "CALL_CENTER",
    "AIRPORT_KIOSK",
    "BRANCH",
    "KIOSK",
    "OFFLINE",
    "GDS",
    "OTA",
    "OTHER",
)

REQUIRED = ("referenceId", "orderedAt", "currencyCode", "price")
"""Without these an order is not created (400)."""

OPTIONAL = ("status", "channel", "pointOfSale", "paymentType", "cardType", "language")

ITEM_REQUIRED = ("name", "type", "productId", "price", "currencyCode", "quantity")
"""Without these an item is not added (400)."""
