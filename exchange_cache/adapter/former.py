"""Markets that an exchange listed once: remembered when they leave its list, and asked for where it
lists them on request.

What a contract was (its size, its day of expiry) is known for certain as long as it is listed, and
by its id alone never as well. So a market that leaves the list is remembered, options excepted:
hundreds expire a day, and their names say everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange_cache.adapter.grammar import Identity
from exchange_cache.adapter.paging_rules import OnePage, Paging

#: (the id of a raw instrument, what it is), or None where the row does not say it.
Read = Callable[[Mapping[str, Any], Callable[[str], str]], tuple[str, Identity] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerMarkets:
    """A public list of instruments that are not traded any more, or that the market list leaves
    out, asked where a row of ``category`` names an unknown id. ``read`` gets a raw row and what
    turns an asset's id into its code."""

    category: str
    method: str
    rows: str
    read: Read
    params: Mapping[str, object] = field(default_factory=dict)
    paging: Paging = OnePage()
    source: str = ""


def gone(before: Iterable[Mapping[str, Any]], now: Collection[str]) -> dict[str, dict[str, Any]]:
    """The markets worth remembering that a new list does not contain any more, by symbol."""
    return {
        str(market["symbol"]): {**market, "active": False, "info": {}}
        for market in before
        if market["symbol"] not in now and not market.get("option")
    }
