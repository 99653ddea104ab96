"""Binance's files of single tables: spot trades, converts, deposits, withdrawals and fiat, a file a
year, the newest rows first.

None has the id of a trade, and times are whole seconds. Spot trades glue amounts to their assets
and have thousands signs there; the edition before names market and fee's asset. Files of deposits
and of withdrawals had one header until 2022, so that only the name says which a file is, and two
digits for the year; their fee is on top of the amount. Fiat has a zone in its header, which may be
``null``, and the amount before the fee beside the amount. Attempts that failed are listed too.

Columns, zones, glued amounts and statuses are as importers read them in real files. From memory
alone are the names of files, the order of rows, the digits, the texts of prices of converts, and
the years in which editions changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from exchange_cache.simulator.dialects.binance.statement_downloads import (
    earlier_statements,
    income,
)
from exchange_cache.simulator.dialects.binance.wallet import FIAT
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import SPOT, Account, Conversion, Fill, Transfer, Venue

T = TypeVar("T", Fill, Conversion, Transfer)
Line = Sequence[str]
_TRADES = ("Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee")
_TRADES_BEFORE = ("Date(UTC)", "Market", "Type", "Price", "Amount", "Total", "Fee", "Fee Coin")
_CONVERTS_BEFORE = (
    *("Date", "Pair", "Type", "Sell", "Buy", "Price", "Inverse Price", "Date Updated"),
    "Status",
)
_CONVERTS = ("Date", "Wallet", *_CONVERTS_BEFORE[1:])
_DEPOSITS = ("Date(UTC+0)", "Coin", "Network", "Amount", "Address", "TXID", "Status")
_WITHDRAWALS = ("Date(UTC+0)", "Coin", "Network", "Amount", "Fee", "Address", "TXID", "Status")
_MOVES_BEFORE = (
    *("Date(UTC)", "Coin", "Network", "Amount", "TransactionFee", "Address", "TXID"),
    *("SourceAddress", "PaymentID", "Status"),
)
_WALLETS = {"spot": "Spot Wallet", "funding": "Funding Wallet"}
_WITH_WALLETS_SINCE = 2023
_TWO_DIGITS = "%y-%m-%d %H:%M:%S"
_RATE = Decimal("1e-8")
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Zone:
    """A zone as headers of fiat name it."""

    text: str
    hours: int


_FIAT_ZONES = {"deposit": _Zone("UTC+1", 1), "withdrawal": _Zone("UTCnull", 0)}


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """The files of all tables but those of ``downloads``, in every edition."""
    yield from earlier_statements(venue, account)
    yield from income(venue, account)
    fills = venue.fills(account.name, kind=SPOT)
    yield from _files("Binance-Spot-Trades", _TRADES, fills, _glued)
    yield from _files("Binance-Spot-Trades-Edition-2019", _TRADES_BEFORE, fills, _named)
    yield from _converts(venue, account)
    for kind, columns in (("deposit", _DEPOSITS), ("withdrawal", _WITHDRAWALS)):
        moves = venue.transfers(account.name, kind=kind)
        on_chains = [move for move in moves if move.asset not in FIAT]
        in_fiat = [move for move in moves if move.asset in FIAT]
        name = "Withdraw" if kind == "withdrawal" else "Deposit"
        yield from _files(f"Binance-{name}-History", columns, on_chains, _moved, _failed)
        before = f"Binance-{name}-History-Edition-2021"
        yield from _files(before, _MOVES_BEFORE, on_chains, _moved_before, _failed)
        zone = _FIAT_ZONES[kind]
        yield from _files(f"Binance-Fiat-{name}-History", _fiat(zone), in_fiat, _banked(zone))


def _files(
    name: str,
    columns: Line,
    rows: Sequence[T],
    line: Callable[[T], Line],
    failed: Callable[[Line], Line] | None = None,
) -> Iterator[Download]:
    """A file for each year; with ``failed``, an attempt that failed follows its first event."""
    for year, held in by_year(rows, lambda row: row.time_ms).items():
        lines = [line(row) for row in reversed(held)]
        if failed is not None:
            lines.append(failed(lines[-1]))
        yield Download(f"{name}-{year}.csv", table(columns, lines))


def _grouped(value: Decimal) -> str:
    """A number with thousands signs."""
    whole, point, rest = plain(value).partition(".")
    return f"{int(whole):,}{point}{rest}"


# --- trades ---------------------------------------------------------------------------------------


def _glued(fill: Fill) -> Line:
    market, ((asset, charged), *_) = fill.market, fill.fees
    return [
        moment(fill.time_ms),
        market.id,
        fill.side.upper(),
        plain(fill.price),
        f"{_grouped(fill.amount)}{market.base}",
        f"{_grouped(fill.cost)}{market.quote}",
        f"{_grouped(charged)}{asset}",
    ]


def _named(fill: Fill) -> Line:
    (asset, charged), *_ = fill.fees
    return [
        moment(fill.time_ms),
        fill.market.id,
        fill.side.upper(),
        *(plain(value) for value in (fill.price, fill.amount, fill.cost, charged)),
        asset,
    ]


# --- converts -------------------------------------------------------------------------------------


def _converts(venue: Venue, account: Account) -> Iterator[Download]:
    rows = venue.conversions(account.name, kind="convert")
    for year, held in by_year(rows, lambda row: row.time_ms).items():
        named = year >= _WITH_WALLETS_SINCE
        lines = [line for row in reversed(held) for line in _converted(row, named=named)]
        columns = _CONVERTS if named else _CONVERTS_BEFORE
        yield Download(f"Binance-Convert-History-{year}.csv", table(columns, lines))


def _converted(row: Conversion, *, named: bool) -> Iterator[Line]:
    """A convert, and the quote before it, which expired."""
    rate, inverse = row.to_amount / row.from_amount, row.from_amount / row.to_amount
    for status, time_ms in (("Successful", row.time_ms), ("Expired", row.time_ms - _MINUTE_MS)):
        yield [
            moment(time_ms),
            *([_WALLETS[row.wallet]] if named else []),
            f"{row.from_asset}{row.to_asset}",
            "Market",
            f"{plain(row.from_amount)} {row.from_asset}",
            f"{plain(row.to_amount)} {row.to_asset}",
            f"1 {row.from_asset} = {rate.quantize(_RATE):f} {row.to_asset}",
            f"1 {row.to_asset} = {inverse.quantize(_RATE):f} {row.from_asset}",
            moment(time_ms + 1000),
            status,
        ]


# --- deposits, withdrawals and fiat ---------------------------------------------------------------


def _failed(line: Line) -> Line:
    """The same row as it stands where nothing moved."""
    return [*line[:-1], "Failed"]


def _moved(move: Transfer) -> Line:
    return [
        moment(move.time_ms),
        move.asset,
        move.network or "",
        plain(move.amount),
        *([plain(move.fee)] if move.kind == "withdrawal" else []),
        move.address or "",
        move.txid or "",
        "Completed",
    ]


def _moved_before(move: Transfer) -> Line:
    return [
        moment(move.time_ms, pattern=_TWO_DIGITS),
        move.asset,
        move.network or "",
        plain(move.amount),
        plain(move.fee),
        move.address or "",
        move.txid or "",
        "",
        "",
        "Completed",
    ]


def _fiat(zone: _Zone) -> Line:
    return (
        *(f"Date({zone.text})", "Coin", "Amount", "Status", "Payment Method"),
        *("Indicated Amount", "Fee", "Order ID"),
    )


def _banked(zone: _Zone) -> Callable[[Transfer], Line]:
    def line(move: Transfer) -> Line:
        return [
            moment(move.time_ms, zone.hours),
            move.asset,
            plain(move.amount),
            "Successful",
            "Bank Transfer (SEPA)",
            plain(move.amount + move.fee),
            plain(move.fee),
            f"{move.id:0>32}",
        ]

    return line
