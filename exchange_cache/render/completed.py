"""Prepared texts of the portfolio, completed with the ages of now; light, because every read pays
for what is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from exchange_cache.render.json_text import json_items
from exchange_cache.render.times import iso
from exchange_cache.value.states import OPEN_NOW, completed

if TYPE_CHECKING:
    from exchange_cache.value.reading import PortfolioReading

#: Between holdings: no text of JSON contains it.
SEPARATOR = "\x1e"
#: The columns that JSON and screens are made of; a screen of groups needs the places too.
DATA = ("data_before", "data_holdings", "data_after", "orders", "data_groups")
SCREEN = ("screen",)
SCREEN_OF_GROUPS = ("screen", "places")


def json_text(columns: Mapping[str, str], now: datetime, *, sort: str, by: str) -> str:
    """The document that ``portfolio --json`` prints."""
    items = columns["data_holdings"].split(SEPARATOR) if columns["data_holdings"] else []
    if sort != "value":
        items = [items[place] for place in json.loads(columns["orders"])[sort]]
    parts = [
        columns["data_before"],
        f'  "holdings": {json_items(items)}',
        columns["data_after"],
    ]
    if by != "asset":
        parts.append(json.loads(columns["data_groups"])[by])
    body = ",\n".join(parts)
    return "{\n" + completed(body, now).replace(OPEN_NOW, str(iso(now)), 1) + "\n}\n"


def loaded_reading(columns: Mapping[str, str], now: datetime) -> PortfolioReading:
    """An object with the attributes of the reading; those of places only if they are among the
    columns."""
    from exchange_cache.value.portable import loaded

    reading: Any = loaded(columns["screen"])
    reading.as_of = now
    for warning in reading.warnings:
        warning.message = completed(warning.message, now)
    for verdict in reading.freshness:
        if verdict.age is not None:
            verdict.age = _age(verdict.succeeded_at, now)
        for part in verdict.lost:
            part.age = _age(part.seen_at, now)
    if "places" in columns:
        for holding, places in zip(reading.holdings, loaded(columns["places"]), strict=True):
            vars(holding).update(vars(places))
    found: PortfolioReading = reading
    return found


def _age(since: datetime, now: datetime) -> timedelta:
    return max(now - since, timedelta(0))
