"""The identity of fills at an exchange whose ids nobody reviewed: its own id where that is unique,
else one made of what the fill states, so that it is the same whenever the row is read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from exchange_cache.clock import to_ms
from exchange_cache.money import to_text
from exchange_cache.records import Fill

R = TypeVar("R")

#: Stands for the id of a row that has none.
NO_ID = "~"


def identified(records: Sequence[R], ids: str) -> tuple[R, ...]:
    """The records of a page; each fill with an id that no other fill has. Equal fills without an
    id are counted. ``ids``: ``repeated`` where several fills have one id (that of their order)."""
    made: list[R] = []
    seen = Counter[str]()
    for record in records:
        if not isinstance(record, Fill) or not (record.fill_id == NO_ID or ids == "repeated"):
            made.append(record)
            continue
        name = made_name(record)
        seen[name] += 1
        made.append(replace(record, fill_id=name if seen[name] == 1 else f"{name}~{seen[name]}"))
    return tuple(made)


def made_name(fill: Fill) -> str:
    """The id of a fill, made of its own, where it has one, and of what it states."""
    digest = _digest(fill)
    return f"~{digest}" if fill.fill_id == NO_ID else f"{fill.fill_id}~{digest[:8]}"


def is_made(fill_id: str) -> bool:
    """Whether an id is one that was made."""
    return "~" in fill_id


def _digest(fill: Fill) -> str:
    amount = fill.quantity if fill.contracts is None else fill.contracts
    said = [str(to_ms(fill.time)), fill.symbol, fill.order_id, str(fill.side)]
    said += [to_text(fill.price), to_text(amount)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
