"""JSON whose numbers keep every digit: decimals are Decimals on the way in and numbers on the way
out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def loads(text: str) -> Any:
    """The value of a JSON text; numbers with a fraction or an exponent are Decimals."""
    return json.loads(text, parse_float=Decimal)


def dumps(node: Any, indent: int | None = None, level: int = 0) -> str:
    """The JSON text of a value; with ``indent`` each item of a list or object has its own line."""
    if isinstance(node, Decimal):
        return f"{node:f}"
    if isinstance(node, Mapping):
        items = [
            f"{json.dumps(str(key), ensure_ascii=False)}: {dumps(value, indent, level + 1)}"
            for key, value in node.items()
        ]
        return _enclosed("{}", items, indent, level)
    if isinstance(node, list | tuple):
        return _enclosed("[]", [dumps(item, indent, level + 1) for item in node], indent, level)
    return json.dumps(node, ensure_ascii=False)


def _enclosed(marks: str, items: list[str], indent: int | None, level: int) -> str:
    if indent is None or not items:
        return marks[0] + ", ".join(items) + marks[1]
    pad = "\n" + " " * indent * (level + 1)
    return f"{marks[0]}{pad}{f',{pad}'.join(items)}\n{' ' * indent * level}{marks[1]}"
