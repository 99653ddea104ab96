"""Bybit's files in other editions than ``bybit_downloads`` has: the log with ids and milliseconds,
the funding account of 2022, and spot trades.

The log of 2025 has no user, and ids of orders and trades. Changes of the funding account had no
sign in 2022, so that the type alone says what left. Spot trades of 2024 follow a line with the UID,
have twenty decimals and do not name the asset of a fee: what was received; those of 2026 name it.
Both are to the minute.

Columns, decimals and the asset of fees are as importers read them in real files. From memory alone
are the signs of fees in the log of 2025 and the words of the funding account of 2022.
"""

from __future__ import annotations

from collections.abc import Iterator

from exchange_cache.simulator.dialects.bybit_downloads import LOG, logged, spot_trades
from exchange_cache.simulator.downloads import Download, moment, table
from exchange_cache.simulator.venue import SPOT, Account, Entry, Fill, Venue

_LOG = (*(name for name in LOG if name not in ("Uid", "Time(UTC)")), "OrderId", "TradeId", "Time")
_FUNDING = ("Type", "Coin", "Amount", "Wallet Balance", "Time(UTC)")
_SPOT = (
    *("Spot Pairs", "Order Type", "Direction", "Filled Value", "Filled Price"),
    *("Filled Quantity", "Fees", "Transaction ID", "Order No.", "Timestamp (UTC)"),
)
_NOTHING = "--"
#: The word of an entry that came in, and of one that left.
_WORDS = {
    "deposit": ("Deposit", "Deposit"),
    "withdrawal": ("Withdraw", "Withdraw"),
    "internal": ("Transfer in", "Transfer out"),
    "dividend": ("Airdrop", "Airdrop"),
    "interest": ("Earn", "Earn"),
    "convert": ("Convert", "Convert"),
}


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """The log and the trades since the account was unified; the funding account as a whole."""
    entries = venue.entries(account.name, wallet="unified", start=account.upgraded_ms)
    body = table(_LOG, [_logged(account, entry) for entry in reversed(entries)])
    yield Download(f"Bybit_TransactionLog_{account.uid}.csv", body)
    funding = venue.entries(account.name, wallet="funding")
    body = table(_FUNDING, [_funded(entry) for entry in reversed(funding)])
    yield Download(f"Bybit_AssetChangeDetails_fund_{account.uid}_Edition-2022.csv", body)
    yield spot_trades(venue, account)
    fills = venue.fills(account.name, kind=SPOT, start=account.upgraded_ms)
    preamble = [f"UID: {account.uid},Company Name: ,Country:"]
    body = table(_SPOT, [_spot(fill) for fill in reversed(fills)], preamble=preamble)
    yield Download("Bybit-Spot-TradeHistory-Edition-2024.csv", body)


def _logged(account: Account, entry: Entry) -> list[str]:
    cells = dict(zip(LOG, logged(account, entry), strict=True))
    fill = entry.source if isinstance(entry.source, Fill) else None
    ids = {
        "OrderId": _NOTHING if fill is None else fill.order_id,
        "TradeId": _NOTHING if fill is None else fill.id,
        "Time": str(entry.time_ms),
    }
    return [(cells | ids)[name] for name in _LOG]


def _funded(entry: Entry) -> list[str]:
    change = entry.amount - entry.fee
    word = _WORDS[entry.kind][change < 0]
    return [word, entry.asset, f"{abs(change):f}", f"{entry.balance:f}", moment(entry.time_ms)]


def _spot(fill: Fill) -> list[str]:
    (_, charged), *_ = fill.fees
    return [
        fill.market.id,
        fill.order_type.upper(),
        fill.side.upper(),
        *(f"{value:.20f}" for value in (fill.cost, fill.price, fill.amount, charged)),
        fill.id,
        fill.order_id,
        moment(fill.time_ms, pattern="%H:%M %Y-%m-%d"),
    ]
