"""Binance's files: the statement of all wallets, and the trades and orders of futures, as zips of a
file a year.

Times have two digits for the year and are in the zone of the file's name, UTC-6. The statement has
one row for each leg, without ids; the partial fills of one order in a second are merged by asset
and operation. Purchases, sales and fees have operations of their own. What flexible Earn pays
stands twice, as a row of Earn and as one of Spot, since 2026. What margin wallets owe is in no row
but those of loans and repayments. Trades of futures glue the fee to its asset; orders that are
still open are listed with the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from exchange_cache.simulator.archives import zipped
from exchange_cache.simulator.dialects.binance.futures_history import order_row
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    Account,
    Entry,
    Fill,
    Income,
    LoanEvent,
    Order,
    Transfer,
    Venue,
)
from exchange_cache.simulator.venue.records import ISOLATED

_HOURS, _ZONE, _PATTERN = -6, "(UTC--6)", "%y-%m-%d %H:%M:%S"
_STATEMENT = ("User ID", "Time", "Account", "Operation", "Coin", "Change", "Remark")
_FUTURES = (
    *("Uid", "Time", "Symbol", "Side", "Price", "Quantity", "Amount", "Fee", "Realized Profit"),
    *("Buyer", "Maker", "Trade ID", "Order ID"),
)
_ORDERS = (
    *("Uid", "Time", "Order No", "Symbol", "Type", "Side", "Price", "Average Price", "Amount"),
    *("Executed Amount", "Executed Quote Amount", "Stop Price", "Status", "Update Time"),
)
_ACCOUNTS = {
    "spot": "Spot",
    "funding": "Funding",
    "margin": "Cross Margin",
    "linear": "USD-M Futures",
    "inverse": "COIN-M Futures",
}
_BONUS_SINCE_MS = 1_767_225_600_000  # 2026-01-01
Row = tuple[int, str, str, str, Decimal, str]  # time, account, operation, coin, change, order


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    rows = [row for entry in venue.entries(account.name) for row in legs(entry)]
    for year, held in by_year(merged(rows), lambda row: row[0]).items():
        lines = [_line(account, row) for row in held]
        name = f"Binance-Transaction-History-{year}01010000{_ZONE}"
        body = zipped(f"{name}.csv", table(_STATEMENT, lines, bom=True))
        yield Download(f"{name}.zip", body)
    fills = [fill for kind in (LINEAR, INVERSE) for fill in venue.fills(account.name, kind=kind)]
    fills.sort(key=lambda fill: (fill.time_ms, fill.seq))
    for year, traded in by_year(fills, lambda fill: fill.time_ms).items():
        lines = [_future(account, fill) for fill in reversed(traded)]
        name = f"Binance-Futures-Trade-History-{year}01010000{_ZONE}"
        yield Download(f"{name}.zip", zipped(f"{name}.csv", table(_FUTURES, lines)))
    orders = [one for kind in (LINEAR, INVERSE) for one in venue.orders(account.name, kind=kind)]
    orders.sort(key=lambda one: (one.created_ms, one.seq))
    for year, placed in by_year(orders, lambda one: one.created_ms).items():
        lines = [_order(account, one) for one in reversed(placed)]
        name = f"Binance-Futures-Order-History-{year}01010000{_ZONE}"
        yield Download(f"{name}.zip", zipped(f"{name}.csv", table(_ORDERS, lines)))


def _line(account: Account, row: Row) -> list[str]:
    time_ms, wallet, operation, coin, change, _ = row
    when = moment(time_ms, _HOURS, _PATTERN)
    return [account.uid, when, wallet, operation, coin, plain(change), ""]


def merged(rows: Sequence[Row]) -> list[Row]:
    """The legs of one order in one second as one row for each asset and operation."""
    found: dict[tuple[object, ...], Row] = {}
    for place, row in enumerate(rows):
        time_ms, wallet, operation, coin, change, order = row
        key = (time_ms // 1000, wallet, operation, coin, order or f"row {place}")
        known = found.get(key)
        found[key] = row if known is None else (*known[:4], known[4] + change, order)
    return list(found.values())


def legs(entry: Entry) -> Iterator[Row]:
    """The rows of one entry of the books: the amount, and a fee in a row of its own."""
    wallet, source = entry.wallet, entry.source
    if "!" in wallet:
        return
    name = "Isolated Margin" if wallet.startswith(ISOLATED) else _ACCOUNTS[wallet]
    time_ms, coin, order = entry.time_ms, entry.asset, ""
    if isinstance(source, Fill):
        order = source.order_id
        operation = _traded(entry, source)
        charge = "Transaction Fee" if source.kind not in (LINEAR, INVERSE) else "Fee"
        if entry.amount:
            yield time_ms, name, operation, coin, entry.amount, order
        if entry.fee:
            yield time_ms, name, charge, coin, -entry.fee, order
        return
    operation = _operation(entry)
    if coin.startswith("LD") and entry.kind in ("earn_subscribe", "earn_redeem", "interest"):
        name = "Earn"
    change = entry.amount - entry.fee
    if name == "Earn" and entry.kind == "interest" and time_ms >= _BONUS_SINCE_MS:
        earned = "Simple Earn Flexible - Rewards Income"
        yield time_ms, name, earned, coin.removeprefix("LD"), change, order
        name, coin = "Spot", coin.removeprefix("LD")
    yield time_ms, name, operation, coin, change, order


def _traded(entry: Entry, fill: Fill) -> str:
    if fill.kind in (LINEAR, INVERSE):
        return "Realized Profit and Loss"
    if fill.side == "buy":
        return "Transaction Buy" if entry.amount > 0 else "Transaction Spend"
    return "Transaction Revenue" if entry.amount > 0 else "Transaction Sold"


_OPERATIONS = {
    "convert": "Binance Convert",
    "dust": "Small Assets Exchange BNB",
    "earn_subscribe": "Simple Earn Flexible Subscription",
    "earn_redeem": "Simple Earn Flexible Redemption",
    "interest": "Simple Earn Flexible Interest",
    "funding": "Funding Fee",
    "delivery": "Realized Profit and Loss",
}
_FIAT = frozenset({"EUR", "GBP", "USD"})
_NOTES = {
    "BNB Vault": "BNB Vault Rewards",
    "Launchpool": "Launchpool Interest",
    "HODLer Airdrops": "HODLer Airdrops Distribution",
    "LUNA Airdrop": "Airdrop Assets",
}


def _operation(entry: Entry) -> str:
    source = entry.source
    if isinstance(source, Transfer) and source.kind == "internal":
        return _moved(source)
    if isinstance(source, Transfer) and source.kind in ("deposit", "withdrawal"):
        word = "Deposit" if source.kind == "deposit" else "Withdraw"
        return f"Fiat {word}" if source.asset in _FIAT else word
    if isinstance(source, LoanEvent):
        word = "Margin Loan" if source.kind == "borrow" else "Margin Repayment"
        return f"Isolated {word}" if entry.wallet.startswith(ISOLATED) else word
    if isinstance(source, Income) and source.kind == "dividend":
        return _NOTES.get(source.note, source.note)
    return _OPERATIONS[entry.kind]


def _moved(move: Transfer) -> str:
    ends = {move.from_wallet, move.to_wallet}
    if any(end is not None and end.startswith(ISOLATED) for end in ends):
        return "IsolatedMargin Transfer"
    if "margin" in ends:
        return "Transfer Between Main Account/Futures and Margin Account"
    if "linear" in ends:
        return "Transfer Between Spot Account and UM Futures Account"
    if "inverse" in ends:
        return "Transfer Between Spot Account and CM Futures Account"
    return "Transfer Between Main and Funding Wallet"


def _future(account: Account, fill: Fill) -> list[str]:
    (asset, charged), *_ = fill.fees
    return [
        account.uid,
        moment(fill.time_ms, _HOURS, _PATTERN),
        fill.market.id,
        fill.side.upper(),
        plain(fill.price),
        plain(fill.amount),
        plain(fill.cost),
        f"{charged:.8f} {asset}",
        plain(fill.realised_pnl),
        str(fill.side == "buy").lower(),
        str(fill.maker).lower(),
        fill.id,
        fill.order_id,
    ]


def _order(account: Account, order: Order) -> list[str]:
    row = order_row(order)
    return [
        account.uid,
        moment(order.created_ms, _HOURS, _PATTERN),
        str(row["orderId"]),
        *(row["symbol"], row["type"], row["side"], row["price"], row["avgPrice"]),
        *(row["origQty"], row["executedQty"], row.get("cumQuote") or row["cumBase"]),
        *(row["stopPrice"], row["status"]),
        moment(order.updated_ms, _HOURS, _PATTERN),
    ]
