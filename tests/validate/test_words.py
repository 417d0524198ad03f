"""The words for programs: every kind and cause of a finding that the code knows stands in the documentation, and no other."""

from __future__ import annotations

import re

from tests.conftest import ROOT

CODE = "".join(path.read_text("utf-8") for path in sorted((ROOT / "harness/verify").glob("*.py")))
PAGE = (ROOT / "docs/validate.md").read_text("utf-8")
KINDS = set(re.findall(r"\b[Ff]inding\(\s*\"(\w+)\"", CODE)) | {"confirm_before_add", "wrong_confirm", "out_of_order"}
NAMED = dict(re.findall(r"^([A-Z_]+) = \"(\w+)\"$", CODE, re.M))
CAUSES = set(re.findall(r"\bCause\(\s*\"(\w+)\"", CODE)) | {
    NAMED[name] for name in re.findall(r"\bCause\(\s*([A-Z_]+)", CODE)
}


def test_kinds_and_causes_are_told_apart() -> None:
    rows = re.findall(r"^\|[^|]*\|[^|]*\|([^|]*)\|([^|]*)\|$", PAGE, re.M)
    kinds = {word for row in rows for word in re.findall(r"`(\w+)`", row[0])} - {"kind"}
    causes = {word for row in rows for word in re.findall(r"`(\w+)`", row[1])} - {"cause"}
    assert len(KINDS) > 15 and len(CAUSES) > 8
    assert kinds == KINDS
    assert causes == CAUSES | {"confirm_before_add", "attributes_lost"}
