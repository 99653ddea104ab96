"""Findings for programs; light, because ``status`` needs nothing else of the portfolio's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.findings import Finding

_KEYS = ("code", "account", "asset", "message", "hint")
_ACCEPTANCE = ("reason", "at", "until")


def finding_document(found: Finding) -> dict[str, object]:
    """One finding under the keys of ``warnings``; an accepted one also has the key ``accepted``."""
    document: dict[str, object] = {key: getattr(found, key) for key in _KEYS}
    if found.accepted is not None:
        document["accepted"] = {key: getattr(found.accepted, key) for key in _ACCEPTANCE}
    return document
