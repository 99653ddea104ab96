"""Bybit's files: the log of the unified account, changes of the funding account, spot trades.

The newest rows stand first, after a line with the UID. The log has no ids; fees and funding are
negative where they were paid, and ``--`` is nothing. What an account did before it was unified is
in the edition of that time: other columns, lower-case words, fees and funding positive where they
were paid. Spot trades are to the minute, and ids of orders are cut to eight digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exchange_cache.simulator.dialects.bybit_account import log_type
from exchange_cache.simulator.dialects.bybit_base import FIAT
from exchange_cache.simulator.dialects.bybit_funding import words_of
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import SPOT, Account, Entry, Fill, Income, Venue

LOG = (
    *("Uid", "Currency", "Contract", "Type", "Direction", "Quantity", "Position"),
    *("Filled Price", "Funding", "Fee Paid", "Cash Flow", "Change", "Wallet Balance"),
    *("Action", "Time(UTC)"),
)
_LOG_BEFORE = (
    *("Time", "Currency", "Contract", "Type", "Direction", "Quantity", "Position"),
    *("Filled Price", "Funding", "Fee Paid", "Cash Flow", "Change", "Wallet Balance"),
    *("Fee Rate", "Trade ID", "Order ID"),
)
_FUNDING = ("Uid", "Date & Time(UTC)", "Coin", "QTY", "Type", "Account Balance", "Description")
_SPOT = (
    *("Spot Pairs", "Order Type", "Direction", "feeCoin", "ExecFeeV2", "Filled Value"),
    *("Filled Price", "Filled Quantity", "Fees", "Transaction ID", "Order No."),
    "Timestamp (UTC)",
)
_NOTHING = "--"
_BEFORE = {"TRADE": "trade", "SETTLEMENT": "funding", "AIRDROP": "airdrop", "INTEREST": "interest"}


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    preamble = [f"UID: {account.uid},Company Name: ,Country:"]
    entries = venue.entries(account.name, wallet="unified")
    before = [entry for entry in entries if entry.time_ms < account.upgraded_ms]
    since = [entry for entry in entries if entry.time_ms >= account.upgraded_ms]
    for year, held in by_year(since, lambda entry: entry.time_ms).items():
        rows = [logged(account, entry) for entry in reversed(held)]
        body = table(LOG, rows, preamble=preamble)
        yield Download(f"Bybit_AssetChangeDetails_uta_{account.uid}_{year}.csv", body)
    for year, held in by_year(before, lambda entry: entry.time_ms).items():
        rows = [_logged_before(entry) for entry in reversed(held)]
        body = table(_LOG_BEFORE, rows, preamble=preamble)
        yield Download(f"AssetChangeDetails_{account.uid}_{year}.csv", body)
    funding = venue.entries(account.name, wallet="funding")
    for year, held in by_year(funding, lambda entry: entry.time_ms).items():
        rows = [_funded(account, entry) for entry in reversed(held)]
        body = table(_FUNDING, rows, preamble=preamble)
        yield Download(f"Bybit_AssetChangeDetails_fund_{account.uid}_{year}.csv", body)


def spot_trades(venue: Venue, account: Account) -> Download:
    """Trades of spot since the account was unified."""
    fills = venue.fills(account.name, kind=SPOT, start=account.upgraded_ms)
    rows = [_spot(fill) for fill in reversed(fills)]
    return Download("Bybit-Spot-TradeHistory.csv", table(_SPOT, rows))


def _figures(entry: Entry) -> tuple[Decimal, Decimal, Decimal]:
    """Funding, fee and cash flow, each as what it changed."""
    if isinstance(entry.source, Income) and entry.source.kind == "funding":
        return entry.amount, Decimal(0), Decimal(0)
    return Decimal(0), -entry.fee, entry.amount


def logged(account: Account, entry: Entry) -> list[str]:
    funding, charged, flow = _figures(entry)
    contract, direction, quantity, price = _traded(entry)
    return [
        account.uid,
        entry.asset,
        contract,
        log_type(entry),
        direction.upper() or _NOTHING,
        _NOTHING if funding else quantity,
        quantity if funding else "0",
        price or (_NOTHING if funding else "0"),
        plain(funding) if funding else _NOTHING if contract else "0",
        plain(charged),
        plain(flow),
        plain(entry.amount - entry.fee),
        plain(entry.balance),
        "SETTLEMENT" if funding else _NOTHING,
        moment(entry.time_ms),
    ]


def _logged_before(entry: Entry) -> list[str]:
    funding, charged, flow = _figures(entry)
    contract, direction, quantity, price = _traded(entry)
    fill = entry.source if isinstance(entry.source, Fill) else None
    return [
        moment(entry.time_ms),
        entry.asset,
        contract,
        _word_before(entry),
        direction,
        quantity,
        "0",
        price or "0",
        plain(-funding),
        plain(-charged),
        plain(flow),
        plain(entry.amount - entry.fee),
        plain(entry.balance),
        "0",
        fill.id if fill is not None else "",
        fill.order_id if fill is not None else "",
    ]


def _word_before(entry: Entry) -> str:
    word = log_type(entry)
    if word.startswith("CURRENCY"):
        return "exchangeIn" if entry.amount > 0 else "exchangeOut"
    if word.startswith("TRANSFER"):
        return "transferIn" if entry.amount > 0 else "transferOut"
    return _BEFORE[word]


def _traded(entry: Entry) -> tuple[str, str, str, str]:
    """Contract, direction, quantity and price of a trade, or of funding."""
    source = entry.source
    if isinstance(source, Fill):
        spot = source.market.kind == SPOT
        quantity = plain(abs(entry.amount) if spot else source.amount)
        return source.market.id, source.side, quantity, plain(source.price)
    if isinstance(source, Income) and source.market is not None:
        side = "sell" if source.position_side == "short" else "buy"
        return source.market.id, side, plain(source.size), ""
    return "", "", "0", ""


def _funded(account: Account, entry: Entry) -> list[str]:
    business, description = words_of(entry)
    when = moment(entry.time_ms)
    change = entry.amount - entry.fee
    figures = (plain(change), plain(entry.balance))
    kind = "Fiat" if entry.asset in FIAT and business == "Fiat" else business
    return [account.uid, when, entry.asset, figures[0], kind, figures[1], description]


def _spot(fill: Fill) -> list[str]:
    (asset, charged), *_ = fill.fees
    return [
        fill.market.id,
        fill.order_type.upper(),
        fill.side.upper(),
        asset,
        plain(charged),
        plain(fill.cost),
        plain(fill.price),
        plain(fill.amount),
        _NOTHING,
        fill.id,
        fill.order_id.replace("-", "")[:8],
        moment(fill.time_ms, pattern="%H:%M %Y-%m-%d"),
    ]
