"""Coinbase's transaction history in the editions before the present one, each of the whole story.

None has ids or addresses. Until the third edition quantities have no sign, so that the type alone
says what left; a convert is one row of the asset given, with the other one in its notes; and
currencies have no sign. The first edition has the currency in the names of its columns. Advanced
Trade is misspelt in the first two.

Columns, signs of quantities, converts and the misspelling are as importers read them in real files.
From memory alone are the earlier words of rewards, figures without a currency's sign, times as ISO
writes them in the first two editions, and which editions have the misspelling.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from exchange_cache.simulator.dialects.coinbase_downloads import COLUMNS, preamble, rows
from exchange_cache.simulator.downloads import Download, table
from exchange_cache.simulator.venue import Account, Venue

Cells = Mapping[str, str]
_PRICE, _TOTAL = "Price at Transaction", "Total (inclusive of fees and/or spread)"
_CHARGED = "Fees and/or Spread"
_EVENT = ("Timestamp", "Transaction Type", "Asset", "Quantity Transacted")
_V4 = (*_EVENT, "Price Currency", _PRICE, "Subtotal", _TOTAL, _CHARGED, "Notes")
#: The columns of earlier editions, by the present ones.
_V3 = {"Price Currency": "Spot Price Currency", _PRICE: "Spot Price at Transaction"}
_V2 = _V3 | {_TOTAL: "Total (inclusive of fees)", _CHARGED: "Fees"}
_V1 = {name: f"USD {_V2.get(name, name)}" for name in (_PRICE, "Subtotal", _TOTAL, _CHARGED)}
_WORDS_BEFORE = {
    "Learning Reward": "Coinbase Earn",
    "Staking Income": "Rewards Income",
    "Advanced Trade Buy": "Advance Trade Buy",
    "Advanced Trade Sell": "Advance Trade Sell",
}


def other_downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """A file of each edition."""
    whole = [dict(zip(COLUMNS, row, strict=True)) for row in rows(venue, account)]
    unsigned = list(_unsigned(whole))
    first = [_first_words(cells) for cells in unsigned]
    without_currency = tuple(name for name in _V4 if name != "Price Currency")
    yield _file(account, "v4", _V4, {}, whole)
    yield _file(account, "v3", _V4, _V3, unsigned)
    yield _file(account, "v2", _V4, _V2, first)
    yield _file(account, "v1", without_currency, _V1, first)


def _file(
    account: Account,
    edition: str,
    columns: Sequence[str],
    names: Mapping[str, str],
    events: Iterable[Cells],
) -> Download:
    body = table(
        [names.get(name, name) for name in columns],
        ([cells[name] for name in columns] for cells in events),
        preamble=preamble(account),
        ending="\r\n",
    )
    return Download(f"coinbase_transactions_{edition}.csv", body)


def _unsigned(events: Iterable[Cells]) -> Iterator[Cells]:
    """Quantities without signs, money without its currency's, and converts by what they gave."""
    for cells in events:
        quantity = cells["Quantity Transacted"]
        if cells["Transaction Type"] == "Convert" and not quantity.startswith("-"):
            continue
        plain = {name: cells[name].replace("$", "") for name in (_PRICE, "Subtotal", _TOTAL)}
        charged = cells[_CHARGED].replace("$", "")
        yield {**cells, **plain, _CHARGED: charged, "Quantity Transacted": quantity.lstrip("-")}


def _first_words(cells: Cells) -> Cells:
    """Times and types as the first editions write them."""
    kind, (day, time, _) = cells["Transaction Type"], cells["Timestamp"].split(" ")
    word = _WORDS_BEFORE.get(kind, kind)
    return {**cells, "Transaction Type": word, "Timestamp": f"{day}T{time}Z"}
