"""KuCoin's funding payments of contracts."""

from __future__ import annotations

from exchange_cache.adapter.translate import Row, required_number
from exchange_cache.exchanges.rows import Desk, Record
from exchange_cache.exchanges.rows_shared import ids, market_of
from exchange_cache.records import TransferKind


def kucoin_funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A payment of one contract (funding-history): ``funding`` is positive where it was received.

    Source:
    https://www.kucoin.com/docs-new/rest/futures-trading/funding-fees/get-private-funding-history
    """
    return (
        desk.transfer(
            row,
            transfer_id=ids(desk, row, "symbol", "id"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "timePoint"),
            asset=desk.asset(row, "settleCurrency"),
            quantity=required_number(desk.origin, row, "funding"),
            symbol=str(market_of(desk, row)["symbol"]),
        ),
    )
