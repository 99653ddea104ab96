"""OKX's files: bills of the trading and of the funding account, the newest first.

Each begins with a line of the account and its zone, after a BOM; times are in that zone, UTC+8. A
trade is a row for each leg, under the id of its order; the unit of trading is the base on both. The
change of the balance is net of the fee, which is negative where it was paid. The edition until 2024
has two columns ``Unit`` and no line before the header. The funding account's figures have eighteen
decimals, and zero is ``0E-18``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exchange_cache.simulator.dialects.okx.bills import bill, funding_type
from exchange_cache.simulator.downloads import Download, by_year, moment, plain, table
from exchange_cache.simulator.venue import SPOT, Account, Entry, Fill, Income, Venue

_HOURS = 8
_TRADING = (
    *("id", "Order id", "Time", "Trade Type", "Symbol", "Action", "Amount", "Trading Unit"),
    *("Filled Price", "PnL", "Fee", "Fee Unit", "Position Change", "Position Balance"),
    *("Balance Change", "Balance", "Balance Unit"),
)
_TRADING_BEFORE = (
    *("id", "Order id", "Time", "Trade Type", "Instrument", "Type", "Amount", "Unit", "PL"),
    *("Fee", "Position Change", "Position Balance", "Balance Change", "Balance", "Unit"),
)
_FUNDING = ("id", "Time", "Type", "Amount", "Before Balance", "After Balance", "Symbol")
_FUNDING_BEFORE = (_FUNDING[0], "", *_FUNDING[1:6], "Fee", _FUNDING[6])
#: Of the trading account, by subtype: the names on the page of the API's bills.
_ACTIONS = {
    "1": "Buy",
    "2": "Sell",
    "3": "Open long",
    "4": "Open short",
    "5": "Close long",
    "6": "Close short",
    "9": "Interest deduction",
    "11": "Transfer in",
    "12": "Transfer out",
    "173": "Funding fee expense",
    "174": "Funding fee income",
    "236": "Easy convert in",
    "237": "Easy convert out",
    "318": "Convert in",
    "319": "Convert out",
}
_KINDS = {"SPOT": "Spot", "SWAP": "Perpetual swap", "1": "Transfer", "7": "Interest"}
#: Of the funding account, by type.
_WORDS = {
    "1": "Deposit",
    "2": "Withdrawal",
    "48": "Fee rebate",
    "75": "Savings subscription",
    "76": "Savings redemption",
    "77": "Jumpstart token distribution",
    "80": "Stake",
    "82": "Redeem staking",
    "83": "Staking Yield",
    "89": "Deposit yield",
    "130": "From unified trading account",
    "131": "To unified trading account",
    "174": "Jumpstart payment",
    "272": "Small assets convert",
    "273": "Small assets convert",
}
_SMALLEST = Decimal("1e-18")


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    trading = venue.entries(account.name, wallet="trading")
    for year, held in by_year(trading, lambda entry: entry.time_ms).items():
        rows = [_trading(entry) for entry in reversed(held)]
        body = table(_TRADING, rows, preamble=[_preamble(account, "Trading")], bom=True)
        yield Download(f"OKX Trading History {year}.csv", body)
    funding = venue.entries(account.name, wallet="funding")
    for year, held in by_year(funding, lambda entry: entry.time_ms).items():
        rows = [_funding(entry) for entry in reversed(held)]
        body = table(_FUNDING, rows, preamble=[_preamble(account, "Funding")], bom=True)
        yield Download(f"OKX Funding History {year}.csv", body)


def earlier_edition(venue: Venue, account: Account) -> Download:
    """The trading account as files were until 2024."""
    entries = venue.entries(account.name, wallet="trading")
    rows = [_before(_trading(entry)) for entry in reversed(entries)]
    return Download("OKX Trading History.csv", table(_TRADING_BEFORE, rows, bom=True))


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """Earlier files of the whole story: those of the funding account had a second column without a
    name, and one of fees."""
    yield earlier_edition(venue, account)
    entries = venue.entries(account.name, wallet="funding")
    rows = [_funding(entry) for entry in reversed(entries)]
    fees = [_eighteen(-entry.fee) for entry in reversed(entries)]
    lines = [[row[0], "", *row[1:6], fee, row[6]] for row, fee in zip(rows, fees, strict=True)]
    body = table(_FUNDING_BEFORE, lines, preamble=[_preamble(account, "Funding")], bom=True)
    yield Download("OKX Funding History.csv", body)


def _preamble(account: Account, kind: str) -> str:
    return f"UID:{account.uid},Account Type:{kind},Time Zone:UTC+{_HOURS}"


def _trading(entry: Entry) -> list[str]:
    row, source = bill(entry), entry.source
    trade = source if isinstance(source, Fill) else None
    spot = trade is not None and trade.market.kind == SPOT
    contract = trade is not None and not spot
    market = source.market if isinstance(source, Fill | Income) else None
    kind = row["instType"] or row["type"]
    return [
        row["billId"],
        row["ordId"],
        moment(entry.time_ms, _HOURS),
        _KINDS.get(kind, "Convert"),
        row["instId"],
        _ACTIONS[row["subType"]],
        plain(abs(entry.amount)) if spot else row["sz"] if contract else "0",
        trade.market.base if trade is not None and spot else "cont",
        row["px"] if market is not None else "0",
        row["pnl"] or "0",
        row["fee"] or "0",
        entry.asset,
        "0",
        "0",
        row["balChg"],
        row["bal"],
        entry.asset,
    ]


def _before(row: list[str]) -> list[str]:
    """Without the price, the fee's unit, and with the same name for two units."""
    return [*row[:8], *row[9:11], *row[12:]]


def _funding(entry: Entry) -> list[str]:
    change = entry.amount - entry.fee
    return [
        entry.id,
        moment(entry.time_ms, _HOURS),
        _WORDS[funding_type(entry)],
        *(_eighteen(value) for value in (change, entry.balance - change, entry.balance)),
        entry.asset,
    ]


def _eighteen(value: Decimal) -> str:
    return f"{value:.18f}" if value else str(Decimal(0).quantize(_SMALLEST))
