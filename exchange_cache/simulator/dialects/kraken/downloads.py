"""Kraken's files: ledgers.csv and trades.csv, a file a year.

Times are in UTC, to the second for entries and to a ten-thousandth for trades. A deposit or a
withdrawal has a copy of the time when it was pending, without ``txid`` and without a balance.
Dollar figures may be ``-``. Trades state their fee in the quote even where it was taken in the
base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from exchange_cache.simulator.dialects.kraken import Kraken
from exchange_cache.simulator.dialects.kraken.exports import LEDGERS, TRADES
from exchange_cache.simulator.downloads import Download, by_year
from exchange_cache.simulator.venue import Account, Entry, Venue

_FIGURES = frozenset(
    {
        *("amount", "fee", "balance", "price", "cost", "vol", "margin"),
        *("amountusd", "feeusd", "balanceusd"),
    }
)


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    calls = Kraken(venue)
    entries = venue.entries(account.name)
    for year, held in by_year(entries, lambda entry: entry.time_ms).items():
        rows = [row for entry in held for row in entries_of(calls, entry)]
        yield Download(f"kraken_spot_ledgers_{year}.csv", quoted(LEDGERS, rows))
    names = calls.ledger_ids(account.name)
    fills = venue.fills(account.name)
    for year, traded in by_year(fills, lambda fill: fill.time_ms).items():
        lines = [calls.trade_line(fill, names) for fill in traded]
        yield Download(f"kraken_spot_trades_{year}.csv", quoted(TRADES, lines))


def entries_of(calls: Kraken, entry: Entry) -> Iterator[Mapping[str, object]]:
    """The rows of an entry: its own, after the copy of when it was pending."""
    row = calls.ledger_line(entry)
    if entry.kind in ("deposit", "withdrawal"):
        yield {**row, "txid": "", "balance": ""}
    yield row


def quoted(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    """Text in quotation marks, figures without."""
    lines = [",".join(f'"{name}"' for name in columns)]
    for row in rows:
        cells = ((name, str(row.get(name, ""))) for name in columns)
        lines.append(
            ",".join(text if name in _FIGURES and text else f'"{text}"' for name, text in cells)
        )
    return "".join(f"{line}\n" for line in lines).encode()
