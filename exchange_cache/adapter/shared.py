"""What the clients of one process share: the pace of their requests, and downloaded market lists.

Market lists are shared by accounts of one exchange with the same settings. A client gets its own
tables, because rows add unlisted markets to them; the markets themselves are never changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange_cache.adapter.budget import Budgets
from exchange_cache.clock import Clock

#: A download of so long ago stands for one of now.
RECENT_SECONDS = 600.0
#: The attributes that ccxt's load_markets sets, each with the copy that a further client needs.
_TABLES: Mapping[str, Callable[[Any], Any]] = {
    "markets": dict,
    "markets_by_id": lambda found: {name: list(markets) for name, markets in found.items()},
    "currencies": dict,
    "currencies_by_id": dict,
    "baseCurrencies": dict,
    "quoteCurrencies": dict,
    "symbols": list,
    "ids": list,
    "codes": list,
}


@dataclass(frozen=True, slots=True, eq=False)
class MarketTables:
    """The markets of one download as ccxt keeps them. It began at ``begun`` of the monotonic clock
    and ``at_ms`` of the exchange's."""

    begun: float
    at_ms: int
    tables: Mapping[str, Any]
    options: Mapping[str, Any]

    @classmethod
    def of(cls, client: Any, begun: float, at_ms: int, keep_options: Iterable[str]) -> MarketTables:
        options = {name: client.options[name] for name in keep_options if name in client.options}
        return cls(begun, at_ms, _copied(vars(client)), options)

    def is_of(self, clock: Clock) -> bool:
        """Whether it is recent enough to stand for a download of now."""
        return clock.monotonic() - self.begun <= RECENT_SECONDS

    def give(self, client: Any) -> None:
        """Put the markets into another client."""
        for name, table in _copied(self.tables).items():
            setattr(client, name, table)
        client.options.update(self.options)


def _copied(tables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: copy(tables[name]) for name, copy in _TABLES.items() if tables.get(name)}


class Downloads:
    """The newest market list of clients with the same settings. One downloads at a time: the
    others wait for what it gets."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.newest: MarketTables | None = None


class Shared:
    """Everything that clients of one process share."""

    def __init__(self) -> None:
        self.budgets = Budgets()
        self._lock = threading.Lock()
        self._downloads: dict[str, Downloads] = {}

    def downloads(self, settings: str) -> Downloads:
        with self._lock:
            return self._downloads.setdefault(settings, Downloads())
