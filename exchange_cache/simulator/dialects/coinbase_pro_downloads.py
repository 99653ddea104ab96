"""The files of Coinbase Pro, which is closed: fills, and the account, with the trades, deposits and
withdrawals of an account as if it had been one of Pro.

Times are as ISO writes them, to the millisecond. Fees are in the quote: the total of a purchase is
negative and has the fee on top, that of a sale is without it. The account stands one asset after
the other, the oldest row first, with running balances; what a trade moved, and its fee, are rows of
their own.

Columns are as importers read them in real files. From memory alone are the signs of totals, the
order of rows, and the words of the account.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from exchange_cache.simulator.downloads import Download, plain, table
from exchange_cache.simulator.venue import Account, Entry, Fill, Transfer, Venue

_FILLS = (
    *("portfolio", "trade id", "product", "side", "created at", "size", "size unit", "price"),
    *("fee", "total", "price/fee/total unit"),
)
_ACCOUNT = (
    *("portfolio", "type", "time", "amount", "balance", "amount/balance unit", "transfer id"),
    *("trade id", "order id"),
)
_PORTFOLIO = "default"


def pro_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """Both files; what Pro did not have (converts, rewards) is in neither."""
    fills = [_fill(fill) for fill in venue.fills(account.name)]
    yield Download("coinbase_pro_fills.csv", table(_FILLS, fills))
    entries = venue.entries(account.name)
    lines = [
        line
        for asset in sorted({entry.asset for entry in entries})
        for line in _ledger([entry for entry in entries if entry.asset == asset])
    ]
    yield Download("coinbase_pro_account.csv", table(_ACCOUNT, lines))


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _fill(fill: Fill) -> list[str]:
    (_, charged), *_ = fill.fees
    bought = fill.side == "buy"
    total = -(fill.cost + charged) if bought else fill.cost - charged
    return [
        _PORTFOLIO,
        str(fill.seq),
        fill.market.id,
        fill.side.upper(),
        _time(fill.time_ms),
        plain(fill.amount),
        fill.market.base,
        *(plain(value) for value in (fill.price, charged, total)),
        fill.market.quote,
    ]


def _ledger(entries: list[Entry]) -> Iterator[list[str]]:
    """The rows of one asset."""
    balance = Decimal(0)
    for entry in entries:
        for kind, amount, ids in _rows(entry):
            balance += amount
            figures = (plain(amount), plain(balance))
            yield [_PORTFOLIO, kind, _time(entry.time_ms), *figures, entry.asset, *ids]


def _rows(entry: Entry) -> Iterator[tuple[str, Decimal, tuple[str, str, str]]]:
    """What an entry is in the account: type, amount, and the ids of transfer, trade and order."""
    source = entry.source
    if isinstance(source, Fill):
        ids = ("", str(source.seq), source.order_id)
        if entry.amount:
            yield "match", entry.amount, ids
        if entry.fee:
            yield "fee", -entry.fee, ids
    elif isinstance(source, Transfer):
        yield source.kind, entry.amount - entry.fee, (source.id, "", "")
