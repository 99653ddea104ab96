"""KuCoin's files of deposits and of withdrawals, of filled orders, and the editions of its trades
before 2022.

Deposits and withdrawals have the zone in their header, their hash, and no id; the edition before
has neither hash nor address, so that only the name of the file says which they are. Filled orders
are a row an order, however long its fills lie apart, at the time of the last one; a canceled order
is listed, and may be filled in part. Trades of before are in UTC+8 without stating it; two editions
end each line with a comma, and two do not name the asset of the fee.

Columns, zones, commas and statuses are as importers read them in real files. From memory alone are
the names of files, the order of rows, the words of the status of orders, milliseconds in no
edition, and that each of the five editions has a row a fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import SPOT, Account, Fill, Order, Transfer, Venue

T = TypeVar("T", Fill, Order, Transfer)
Line = Sequence[str]
_HOURS, _ZONE = 1, "UTC+01:00"
_BEIJING_HOURS = 8
_USER = ("UID", "Account Type")
_MOVES_BEFORE = (
    *(*_USER, f"Time({_ZONE})", "Coin", "Amount", "Fee", "Transfer Network", "Status", "Remarks"),
)
_DEPOSITS = (
    *(*_USER, f"Time({_ZONE})", "Remarks", "Status", "Fee", "Amount", "Coin", "Hash"),
    *("Deposit Address", "Transfer Network"),
)
_WITHDRAWALS = (
    *(*_USER, f"Time({_ZONE})", "Coin", "Amount", "Fee", "Hash", "Withdrawal Address/Account"),
    *("Transfer Network", "Status", "Remarks"),
)
_ORDERS = (
    *(*_USER, "Order ID", f"Order Time({_ZONE})", "Symbol", "Side", "Order Type", "Order Price"),
    *("Order Amount", "Avg. Filled Price", "Filled Amount", "Filled Volume"),
    *("Filled Volume (USDT)", f"Filled Time({_ZONE})", "Fee", "Tax", "Fee Currency", "Status"),
    "Account Mode",
)
#: The editions of trades, with what they call the figures of a fill; an empty name ends a line
#: with a comma.
_TRADES = {
    "2021": (
        *(("tradeCreatedAt", "time"), ("orderId", "order"), ("symbol", "symbol"), ("side", "side")),
        *(("price", "price"), ("size", "size"), ("funds", "funds"), ("fee", "fee")),
        *(("liquidity", "liquidity"), ("feeCurrency", "fee asset"), ("orderType", "type")),
        ("", ""),
    ),
    "2020": (
        *(("tradeCreatedAt", "time"), ("symbol", "symbol"), ("side", "side"), ("price", "price")),
        *(("size", "size"), ("funds", "funds"), ("fee", "fee"), ("feeCurrency", "fee asset")),
    ),
    "2019": (
        *(("Time", "time"), ("Pair", "symbol"), ("Side", "side"), ("FilledPrice", "price")),
        *(("FilledPriceCoin", "quote"), ("Amount", "size"), ("AmountCoin", "base")),
        *(("Volume", "funds"), ("VolumeCoin", "quote"), ("Fee", "fee"), ("FeeCoin", "fee asset")),
    ),
    "2018": (
        *(("oid", "order"), ("symbol", "symbol"), ("dealPrice", "price"), ("dealValue", "funds")),
        *(("amount", "size"), ("fee", "fee"), ("direction", "SIDE"), ("createdDate", "time")),
        ("", ""),
    ),
    "2018 by user": (
        *(("uid", "user"), ("symbol", "symbol"), ("order_type", "type"), ("price", "price")),
        *(("amount_coin", "size"), ("direction", "SIDE"), ("funds", "funds"), ("fee", "fee")),
        ("created_at", "time"),
    ),
}
_ACCOUNTS = {"main": "mainAccount", "trade": "tradeAccount", "trade_hf": "tradeHfAccount"}
_RATE = Decimal("1e-8")
_STATUS = {"filled": "deal", "canceled": "cancelled", "expired": "cancelled"}


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """The files that state what those of ``kucoin_downloads`` do, and those of before."""
    for kind, columns, name in (
        ("deposit", _DEPOSITS, "Deposit History"),
        ("withdrawal", _WITHDRAWALS, "Withdrawal Record"),
    ):
        moves = venue.transfers(account.name, kind=kind)
        both = f"Deposit_Withdrawal History_{name}"
        yield from _files(both, columns, moves, _moved(account, columns))
        yield from _files(f"{name}_Edition 2021", _MOVES_BEFORE, moves, _moved_before(account))
    orders = venue.closed_orders(account.name, kind=SPOT)
    yield from _files("Spot Orders_Filled Orders", _ORDERS, orders, _ordered(venue, account))
    fills = venue.fills(account.name, kind=SPOT)
    for edition, named in _TRADES.items():
        keys = [key for _, key in named]
        lines = (_traded(account, fill, keys) for fill in reversed(fills))
        body = table([column for column, _ in named], lines)
        yield Download(f"kucoin_trades_{edition}.csv", body)


def _files(
    name: str, columns: Line, rows: Sequence[T], line: Callable[[T], Line]
) -> Iterator[Download]:
    for year, held in by_year(rows, _time_of).items():
        newest_first = (line(row) for row in reversed(held))
        yield Download(f"{name}_{year}.csv", table(columns, newest_first, bom=True))


def _time_of(row: Fill | Order | Transfer) -> int:
    return row.updated_ms if isinstance(row, Order) else row.time_ms


# --- deposits and withdrawals ---------------------------------------------------------------------


def _cells(account: Account, move: Transfer) -> dict[str, str]:
    return {
        "UID": account.uid,
        "Account Type": _ACCOUNTS["main"],
        f"Time({_ZONE})": moment(move.time_ms, _HOURS),
        "Coin": move.asset,
        "Amount": plain(move.amount),
        "Fee": plain(move.fee),
        "Hash": move.txid or "",
        "Deposit Address": move.address or "",
        "Withdrawal Address/Account": move.address or "",
        "Transfer Network": move.network or "",
        "Status": "SUCCESS",
        "Remarks": "Deposit" if move.kind == "deposit" else "",
    }


def _moved(account: Account, columns: Line) -> Callable[[Transfer], Line]:
    def line(move: Transfer) -> Line:
        cells = _cells(account, move)
        return [cells[name] for name in columns]

    return line


def _moved_before(account: Account) -> Callable[[Transfer], Line]:
    return _moved(account, _MOVES_BEFORE)


# --- orders and trades ----------------------------------------------------------------------------


def _ordered(venue: Venue, account: Account) -> Callable[[Order], Line]:
    def line(order: Order) -> Line:
        fills = [
            fill
            for fill in venue.fills(account.name, kind=SPOT, symbol=order.symbol)
            if fill.order_id == order.id
        ]
        last_ms = fills[-1].time_ms if fills else order.updated_ms
        rate = Decimal(repr(venue.state.prices.rate(order.market.quote, "USDT", last_ms)))
        average = order.average or Decimal(0)
        asset, charged = next(iter(order.fees.items()), ("", Decimal(0)))
        return [
            account.uid,
            _ACCOUNTS[order.wallet],
            order.id,
            moment(order.created_ms, _HOURS),
            order.market.id,
            order.side.upper(),
            order.type.upper(),
            plain(order.price) if order.price is not None else "",
            plain(order.amount),
            plain(average.quantize(_RATE)),
            plain(order.filled),
            plain(order.cost),
            f"{order.cost * rate:.8f}",
            moment(last_ms, _HOURS),
            plain(charged),
            "",
            asset,
            _STATUS[order.status],
            "CLASSIC",
        ]

    return line


def _traded(account: Account, fill: Fill, keys: Line) -> Line:
    (asset, charged), *_ = fill.fees
    cells = {
        "": "",
        "user": account.uid,
        "time": moment(fill.time_ms, _BEIJING_HOURS),
        "order": fill.order_id,
        "symbol": fill.market.id,
        "base": fill.market.base,
        "quote": fill.market.quote,
        "side": fill.side,
        "SIDE": fill.side.upper(),
        "price": plain(fill.price),
        "size": plain(fill.amount),
        "funds": plain(fill.cost),
        "fee": plain(charged),
        "fee asset": asset,
        "liquidity": "maker" if fill.maker else "taker",
        "type": fill.order_type,
    }
    return [cells[key] for key in keys]
