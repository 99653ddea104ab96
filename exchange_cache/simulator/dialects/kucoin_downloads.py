"""KuCoin's files: fills of spot, the history of the accounts, converts, earnings, and the results
of futures, a file a year.

The zone stands in the header, UTC+01:00; a BOM stands before it. Fills have the id of their order,
none of their own; the history of accounts has neither ids nor balances, and says in a column
whether an amount came in or went out. Deposits and withdrawals have no remark there. Of futures
only positions that were closed are listed, with a comma before one of the names in the header;
their fills, and what a position realised that is still open, are in no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from exchange_cache.simulator.dialects.kucoin_wallets import business
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    SPOT,
    Account,
    Conversion,
    Entry,
    Fill,
    Market,
    Venue,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A position from its first fill to the one that closed it, which names what it ends."""

    market: Market
    fills: tuple[Fill, ...]
    funding: Decimal

    @property
    def time_ms(self) -> int:
        return self.fills[-1].time_ms

    @property
    def fees(self) -> Decimal:
        return sum((amount for fill in self.fills for _, amount in fill.fees), Decimal(0))

    @property
    def realised(self) -> Decimal:
        """Net of both kinds of fees."""
        gross = sum((fill.realised_pnl for fill in self.fills), Decimal(0))
        return gross - self.fees + self.funding


T = TypeVar("T", Entry, Fill, Conversion, Closed)
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
_POSITIONS = (
    *("UID", "Account Type", "Symbol", "Close Type", "Realized PNL", "Total Realized PNL"),
    *("Total Funding Fees", "Total Trading Fees", f"Position Opening Time({_ZONE})"),
    f",Position Closing Time({_ZONE})",
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
    closed = sorted(_closed(venue, account), key=lambda one: one.time_ms)
    yield from _files("Futures Orders_Realized PNL", _POSITIONS, closed, _position(account))


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


def _closed(venue: Venue, account: Account) -> Iterator[Closed]:
    """The closed positions of each contract."""
    fills = [fill for kind in (LINEAR, INVERSE) for fill in venue.fills(account.name, kind=kind)]
    paid = venue.incomes(account.name, kind="funding")
    for market in dict.fromkeys(fill.market for fill in fills):
        held, own = Decimal(0), list[Fill]()
        for fill in (one for one in fills if one.market == market):
            own.append(fill)
            held += fill.amount if fill.side == "buy" else -fill.amount
            if not held:
                span = (own[0].time_ms, fill.time_ms)
                during = (one for one in paid if one.market == market)
                funding = sum(
                    (one.amount for one in during if span[0] <= one.time_ms <= span[1]), Decimal(0)
                )
                yield Closed(market=market, fills=tuple(own), funding=funding)
                own = []


def _position(account: Account) -> Callable[[Closed], list[str]]:
    def line(row: Closed) -> list[str]:
        opened, closing = row.fills[0], row.fills[-1]
        return [
            account.uid,
            "futuresAccount",
            row.market.id,
            "CLOSE_SHORT" if closing.side == "buy" else "CLOSE_LONG",
            plain(row.realised),
            plain(row.realised),
            plain(row.funding),
            plain(row.fees),
            moment(opened.time_ms, _HOURS),
            moment(row.time_ms, _HOURS),
        ]

    return line
