"""KuCoin's files: fills of spot, the history of the accounts, converts and earnings, a file a year.

The zone stands in the header, UTC+01:00; a BOM stands before it. Fills have the id of their order,
none of their own; the history of accounts has neither ids nor balances, and says in a column
whether an amount came in or went out. Deposits and withdrawals have no remark there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from exchange_cache.simulator.dialects.kucoin_wallets import business
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import SPOT, Account, Conversion, Entry, Fill, Venue

T = TypeVar("T", Entry, Fill, Conversion)
_HOURS, _ZONE = 1, "UTC+01:00"
_FILLS = (
    *("UID", "Account Type", "Order ID", "Symbol", "Side", "Order Type", "Avg. Filled Price"),
    *("Filled Amount", "Filled Volume", "Filled Volume (USDT)", f"Filled Time({_ZONE})", "Fee"),
    *("Tax", "Maker/Taker", "Fee Currency", "Account Mode"),
)
_HISTORY = (
    *("UID", "Account Type", "Currency", "Side", "Amount", "Fee", f"Time({_ZONE})", "Remark"),
    "Type",
)
_CONVERTS = (
    *("UID", "Account Type", "Payment Account", "Sell", "Buy", "Price", "Tax"),
    *(f"Time of Update({_ZONE})", "Status"),
)
_EARNINGS = (
    *("UID", "Account Type", "Order ID", f"Time({_ZONE})", "Staked Coin", "Product Type"),
    *("Product Name", "Earnings Coin", "Earnings Type", "Remarks", "Amount", "Amount（USDT）"),
    "Fee",
)
_ACCOUNTS = {"main": "mainAccount", "trade": "tradeAccount", "trade_hf": "tradeHfAccount"}


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    fills = venue.fills(account.name, kind=SPOT)
    yield from _files(
        "Spot Orders_Filled Orders (Show Order-Splitting)", _FILLS, fills, _fill(venue, account)
    )
    entries = [entry for entry in venue.entries(account.name) if entry.wallet in _ACCOUNTS]
    yield from _files("Account History_Funding and Trading", _HISTORY, entries, _line(account))
    conversions = venue.conversions(account.name, kind="convert")
    yield from _files("Convert Orders", _CONVERTS, conversions, _convert(account))
    earned = [
        entry
        for entry in venue.entries(account.name, wallet="earn")
        if entry.kind in ("interest", "dividend")
    ]
    yield from _files("Earn Orders_Profit History", _EARNINGS, earned, _earning(venue, account))


def _files(
    name: str, columns: Sequence[str], rows: Sequence[T], line: Callable[[T], list[str]]
) -> Iterator[Download]:
    for year, held in by_year(rows, lambda row: row.time_ms).items():
        newest_first = (line(row) for row in reversed(held))
        yield Download(f"{name}_{year}.csv", table(columns, newest_first, bom=True))


def _in_usdt(venue: Venue, asset: str, time_ms: int) -> Decimal:
    return Decimal(repr(venue.state.prices.rate(asset, "USDT", time_ms)))


def _fill(venue: Venue, account: Account) -> Callable[[Fill], list[str]]:
    def line(fill: Fill) -> list[str]:
        (asset, charged), *_ = fill.fees
        rate = _in_usdt(venue, fill.market.quote, fill.time_ms)
        return [
            account.uid,
            _ACCOUNTS[fill.wallet],
            fill.order_id,
            fill.market.id,
            fill.side.upper(),
            fill.order_type.upper(),
            plain(fill.price),
            plain(fill.amount),
            plain(fill.cost),
            f"{fill.cost * rate:.8f}",
            moment(fill.time_ms, _HOURS),
            plain(charged),
            "",
            "MAKER" if fill.maker else "TAKER",
            asset,
            "CLASSIC",
        ]

    return line


def _line(account: Account) -> Callable[[Entry], list[str]]:
    def line(entry: Entry) -> list[str]:
        incoming, outside = entry.amount > 0, entry.kind in ("deposit", "withdrawal")
        words = ("Deposit", "Withdrawal") if outside else ("in", "out")
        return [
            account.uid,
            _ACCOUNTS[entry.wallet],
            entry.asset,
            words[0] if incoming else words[1],
            plain(abs(entry.amount)),
            plain(entry.fee),
            moment(entry.time_ms, _HOURS),
            "" if outside else business(entry).replace("_", " ").capitalize(),
            "Spot",
        ]

    return line


def _convert(account: Account) -> Callable[[Conversion], list[str]]:
    def line(row: Conversion) -> list[str]:
        return [
            account.uid,
            "tradeAccount",
            "Trading Account",
            f"{plain(row.from_amount)} {row.from_asset}",
            f"{plain(row.to_amount)} {row.to_asset}",
            f"{row.to_amount / row.from_amount:.8f}",
            "",
            moment(row.time_ms, _HOURS),
            "Success",
        ]

    return line


def _earning(venue: Venue, account: Account) -> Callable[[Entry], list[str]]:
    def line(entry: Entry) -> list[str]:
        rate = _in_usdt(venue, entry.asset, entry.time_ms)
        return [
            account.uid,
            "mainAccount",
            entry.ref,
            moment(entry.time_ms, _HOURS),
            entry.asset,
            "Savings",
            f"{entry.asset} Savings",
            entry.asset,
            "Interest",
            "",
            plain(entry.amount),
            f"{entry.amount * rate:.8f}",
            plain(entry.fee),
        ]

    return line
