"""Reads rows and values at dotted paths of a raw JSON answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class RowsMissing(ValueError):
    """The answer has no row list at the policy's path, or its pages cannot reach all rows."""


def dig(node: Any, path: str) -> Any:
    """The value at a dotted path (list positions are numbers); KeyError when it is absent."""
    for part in path.split(".") if path else ():
        if isinstance(node, Mapping) and part in node:
            node = node[part]
        elif (
            isinstance(node, list)
            and part.lstrip("-").isdigit()
            and -len(node) <= int(part) < len(node)
        ):
            node = node[int(part)]
        else:
            raise KeyError(path)
    return node


def dig_or_none(node: Any, path: str) -> Any:
    """Like :func:`dig`, but None when it is absent."""
    try:
        return dig(node, path)
    except KeyError:
        return None


#: What an answer without any row has in their place, where an exchange leaves out an empty list.
_SAYS_NONE = frozenset({"total", "totalCount", "totalRecords", "code", "moreData"})


def rows_of(response: Any, path: str, *, null_is_empty: bool = False) -> list[Any]:
    """The raw rows of an answer; RowsMissing names the path when they are not at it. ``null`` is no
    empty list, unless the exchange writes it for one (``null_is_empty``)."""
    if path == "*":
        return list(_guess_rows(response))
    optional = path.endswith("?")
    try:
        found = dig(response, path.rstrip("?"))
    except KeyError:
        if optional and isinstance(response, Mapping) and response.keys() & _SAYS_NONE:
            return []
        raise RowsMissing(f"no {path!r} in the answer") from None
    if found is None and null_is_empty:
        return []
    if isinstance(found, Mapping) and path.rstrip("?"):
        return [
            {**row, "id": key} if isinstance(row, Mapping) else {"id": key, "value": row}
            for key, row in found.items()
        ]
    if isinstance(found, list):
        return list(found)
    what = "null" if found is None else "no list of rows"
    raise RowsMissing(f"{path or 'the answer'!r} is {what}")


def _guess_rows(response: Any) -> Sequence[Any]:
    """The first list that contains a mapping in an answer of unknown shape, breadth first; without
    one, the first list that is not empty."""
    waiting, other = [response], list[Any]()
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list) and any(isinstance(item, Mapping) for item in node):
            return node
        if isinstance(node, list):
            other = other or node
        elif isinstance(node, Mapping):
            waiting.extend(value for value in node.values() if isinstance(value, Mapping | list))
    return other
