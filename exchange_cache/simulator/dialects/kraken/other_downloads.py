"""Kraken's ledgers.csv and trades.csv in their two earlier editions, each of the whole story.

They have fewer columns: the first ledgers had no wallet, and its successor one figure in dollars;
the first trades ended with the ledgers, and their pairs are the ids of the API, without a slash.
What traps are in the present files are in these too.

Columns and pairs are as importers read them in real files. From memory alone is which columns of
positions are empty without one.
"""

from __future__ import annotations

from collections.abc import Iterator

from exchange_cache.simulator.dialects.kraken import Kraken
from exchange_cache.simulator.dialects.kraken.downloads import entries_of, quoted
from exchange_cache.simulator.downloads import Download
from exchange_cache.simulator.venue import Account, Venue

_LEDGERS = {
    "2024": (
        *("txid", "refid", "time", "type", "subtype", "aclass", "asset", "wallet", "amount"),
        *("fee", "balance", "amountusd"),
    ),
    "2019": (
        *("txid", "refid", "time", "type", "subtype", "aclass", "asset", "amount", "fee"),
        "balance",
    ),
}
_FIRST_TRADES = (
    *("txid", "ordertxid", "pair", "time", "type", "ordertype", "price", "cost", "fee", "vol"),
    *("margin", "misc", "ledgers"),
)
_TRADES = {
    "2022": (
        *(*_FIRST_TRADES, "postxid", "posstatus", "cprice", "ccost", "cfee", "cvol", "cmargin"),
        *("net", "trades"),
    ),
    "2017": _FIRST_TRADES,
}


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    calls = Kraken(venue)
    entries = [row for entry in venue.entries(account.name) for row in entries_of(calls, entry)]
    for edition, columns in _LEDGERS.items():
        yield Download(f"kraken_ledgers_{edition}.csv", quoted(columns, entries))
    names = calls.ledger_ids(account.name)
    fills = venue.fills(account.name)
    lines = [{**calls.trade_line(fill, names), "pair": fill.market.id} for fill in fills]
    for edition, columns in _TRADES.items():
        yield Download(f"kraken_trades_{edition}.csv", quoted(columns, lines))
