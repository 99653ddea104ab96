"""Binance's statement of all wallets in its two earlier editions, and the transactions of USD-M
futures.

Both editions are in UTC, and have the words of their time: a purchase and a sale are ``Buy`` and
``Sell`` in the first, and in the second rows of ``Transaction Related``, which do not say what was
bought. No row stands twice. Transactions of futures are the income that the API lists, a trade as
its result and its fee, under the API's ids.

Columns, zones and most words are as importers read them in real files. From memory alone are the
names of files, which edition has which words, what wallets are called, and that transactions are
under the API's ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exchange_cache.simulator.dialects.binance.downloads import Row, legs, merged
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import LINEAR, Account, Venue

_FIRST = ("UTC_Time", "Account", "Operation", "Coin", "Change", "Remark")
_SECOND = ("User_ID", *_FIRST)
_INCOME = ("Date(UTC)", "type", "Amount", "Asset", "Symbol", "Transaction ID")
_ACCOUNTS = {
    "Cross Margin": "CrossMargin",
    "Isolated Margin": "IsolatedMargin",
    "USD-M Futures": "USDT-Futures",
    "COIN-M Futures": "Coin-Futures",
    "Earn": "Savings",
}
_WORDS = {
    "Transaction Fee": "Fee",
    "Realized Profit and Loss": "Realize profit and loss",
    "Binance Convert": "Large OTC trading",
    "Small Assets Exchange BNB": "Small assets exchange BNB",
    "Simple Earn Flexible Subscription": "Savings purchase",
    "Simple Earn Flexible Redemption": "Savings Principal redemption",
    "Simple Earn Flexible Interest": "Savings Interest",
    "HODLer Airdrops Distribution": "Distribution",
}
_BOUGHT = ("Transaction Buy", "Transaction Spend")
_SOLD = ("Transaction Sold", "Transaction Revenue")
_COPY = "Simple Earn Flexible - Rewards Income"
Event = tuple[int, str, Decimal, str, str, str]  # time, type, amount, asset, symbol, id


def earlier_statements(venue: Venue, account: Account) -> Iterator[Download]:
    """A file a year of each edition."""
    rows = [row for entry in venue.entries(account.name) for row in legs(entry)]
    rows = [row for row in merged(rows) if row[2] != _COPY]
    for year, held in by_year(rows, lambda row: row[0]).items():
        first = [_line(row, "Buy", "Sell") for row in held]
        yield Download(f"Binance-Statement-Edition-2019-{year}.csv", table(_FIRST, first))
        both = "Transaction Related"
        second = [[account.uid, *_line(row, both, both)] for row in held]
        yield Download(f"Binance-Statement-Edition-2021-{year}.csv", table(_SECOND, second))


def _line(row: Row, bought: str, sold: str) -> list[str]:
    time_ms, wallet, operation, coin, change, _ = row
    word = bought if operation in _BOUGHT else sold if operation in _SOLD else operation
    name = _ACCOUNTS.get(wallet, wallet)
    return [moment(time_ms), name, _WORDS.get(word, word), coin, plain(change), ""]


# --- transactions of futures ----------------------------------------------------------------------


def income(venue: Venue, account: Account) -> Iterator[Download]:
    """The income of USD-M futures, a file a year."""
    found = [*_of_fills(venue, account), *_of_incomes(venue, account), *_of_moves(venue, account)]
    for year, held in by_year(sorted(found), lambda event: event[0]).items():
        lines = [
            [moment(time_ms), kind, plain(amount), asset, symbol, number]
            for time_ms, kind, amount, asset, symbol, number in reversed(held)
        ]
        yield Download(f"Binance-Futures-Transactions-{year}.csv", table(_INCOME, lines))


def _of_fills(venue: Venue, account: Account) -> Iterator[Event]:
    for fill in venue.fills(account.name, kind=LINEAR):
        (asset, charged), *_ = fill.fees
        symbol, number = fill.market.id, str(fill.seq)
        if fill.closed_amount:
            settle = fill.market.settle or asset
            yield fill.time_ms, "REALIZED_PNL", fill.realised_pnl, settle, symbol, number
        yield fill.time_ms, "COMMISSION", -charged, asset, symbol, number


def _of_incomes(venue: Venue, account: Account) -> Iterator[Event]:
    for kind, word in (("funding", "FUNDING_FEE"), ("delivery", "DELIVERED_SETTELMENT")):
        for row in venue.incomes(account.name, kind=kind):
            if row.market is not None and row.market.kind == LINEAR:
                yield row.time_ms, word, row.amount, row.asset, row.market.id, str(row.seq)


def _of_moves(venue: Venue, account: Account) -> Iterator[Event]:
    for move in venue.transfers(account.name, kind="internal"):
        for wallet, amount in ((move.from_wallet, -move.amount), (move.to_wallet, move.amount)):
            if wallet == LINEAR:
                yield move.time_ms, "TRANSFER", amount, move.asset, "", move.id
