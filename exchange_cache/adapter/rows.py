"""What a row parser may use: row parsers read raw rows for which ccxt has no complete parser.

A row parser is a function from one row to its records. An empty result is a decision (another
stream has the row's content), never a failure: a row that cannot be read raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.time_units import row_ms
from exchange_cache.adapter.traffic import parsed
from exchange_cache.adapter.values import (
    Origin,
    Row,
    required_text,
)
from exchange_cache.booked import BookedFees
from exchange_cache.records import Fill, Order, Transfer

Record = Fill | Order | Transfer | BookedFees


class MarketFinder(Protocol):
    """The market of the exchange's own id in a category; ``row`` may state what the id does not."""

    def __call__(self, market_id: str, category: str, row: Any = ...) -> Market: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a parser may use besides the row: the origin, the stream, ccxt's pure parse functions,
    and market lookup by raw id.

    ``market`` is the requested one, where a stream is requested per symbol.
    """

    origin: Origin
    stream: StreamPolicy
    client: Any
    market_by_id: MarketFinder
    market: Market | None = None

    def records(self, row: Row) -> tuple[Record, ...]:
        """The records of a row, by the parser of the stream."""
        assert callable(self.stream.parser)
        return self.stream.parser(row, self)

    def parsed_order(self, row: Any, market: Market) -> tuple[dict[str, Any], Row]:
        """ccxt's structure of an order's raw row, and the figures that the row itself states."""
        return parsed(self.client, "order", row, market)

    def parsed_trade(self, row: Any, market: Market) -> tuple[dict[str, Any], Row]:
        """ccxt's structure of a trade's raw row, and the figures that the row itself states."""
        return parsed(self.client, "trade", row, market)

    def code(self, asset_id: str) -> str:
        """The unified code of the exchange's asset id."""
        return str(self.client.safe_currency_code(asset_id))

    def asset(self, row: Row, field: str) -> str:
        return self.code(required_text(self.origin, row, field))

    def time(self, row: Row, field: str, unit: str = "ms") -> datetime:
        return self.origin.instant(row_ms(row, field, unit), field, row)

    def transfer(self, row: Row, **values: Any) -> Transfer:
        """A transfer of this stream; ``values`` are its other fields."""
        return Transfer(account=self.origin.account, scope=self.stream.scope, **values)
