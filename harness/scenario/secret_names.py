"""Names behind which secrets stand: of headers, and of fields in queries, forms and JSON."""

from __future__ import annotations

import re

_HEADERS = {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"}
_HEADER = re.compile(r"(^|[_-])(token|secret|password|auth|session|api-?key|csrf|xsrf)([_-]|$)", re.I)
_FIELD = re.compile(r"(^|[_-])(api[_-]?key|access[_-]?token|token|secret|password|passwd)$", re.I)


def is_secret_header(name: str) -> bool:
    """Whether a header's value is a secret by the header's name."""
    return name.lower() in _HEADERS or _HEADER.search(name) is not None


def is_secret_name(name: str) -> bool:
    """Whether a field's value is a secret by the field's name."""
    return _FIELD.search(name) is not None
