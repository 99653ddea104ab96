"""JSON of programs as text, whole or in pieces that are put together later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from exchange_cache.visible import json_safe


def json_piece(value: object, depth: int = 0, *, ascii_only: bool = False) -> str:
    """A value of :func:`machine.exact` as it is printed ``depth`` levels deep: indented by two
    spaces a level, control characters escaped."""
    text = json_safe(json.dumps(value, indent=2, ensure_ascii=ascii_only))
    return text.replace("\n", "\n" + "  " * depth) if depth else text


def json_members(pieces: Mapping[str, str]) -> str:
    """The members of the outermost object, without its brackets."""
    return ",\n".join(f'  "{key}": {piece}' for key, piece in pieces.items())


def json_items(pieces: Iterable[str]) -> str:
    """The items of a list of the outermost object."""
    inside = ",\n    ".join(pieces)
    return f"[\n    {inside}\n  ]" if inside else "[]"
