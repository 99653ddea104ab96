"""Rows whose word no table of their exchange knows: they count as neither deposits, withdrawals nor
income, and a finding per account names each word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext

from exchange_cache.findings import Finding
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.bookings import recognise
from exchange_cache.ledger.pairing import has_happened
from exchange_cache.ledger.rates import Rates
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Transfer, TransferKind

CODE = "unclassified"
#: So many words are named; a ledger has few that are not known.
_NAMED = 4


def unclassified_findings(
    transfers: Iterable[Transfer], rates: Rates, assets: AssetEvents
) -> Iterator[Finding]:
    """One finding per account that has such rows; those that book an asset event are known."""
    with localcontext(EXACT):
        words: dict[str, dict[str | None, dict[tuple[str, ...], Transfer]]] = {}
        for one in recognise(assets, (), transfers).transfers:
            if one.kind is TransferKind.UNCLASSIFIED and has_happened(one):
                words.setdefault(one.account, {}).setdefault(one.word, {})[one.key] = one
        for account, found in sorted(words.items()):
            rows = {word: tuple(own.values()) for word, own in found.items()}
            yield _finding(account, assets.exchange_of.get(account, account), rows, rates)


def _finding(
    account: str, exchange: str, found: Mapping[str | None, Sequence[Transfer]], rates: Rates
) -> Finding:
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0] or ""))
    parts = [_words(exchange, word, rows, rates) for word, rows in ordered[:_NAMED]]
    parts += [f"and {len(ordered) - _NAMED} more words"] if len(ordered) > _NAMED else []
    return Finding(
        code=CODE,
        account=account,
        message=(
            f"{'; '.join(parts)}. They count as neither deposits, withdrawals nor income; a newer"
            " excache may know them"
        ),
        hint=f"excache transfers --account {account} --kind unclassified",
    )


def _words(exchange: str, word: str | None, rows: Sequence[Transfer], rates: Rates) -> str:
    counted = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    if word is None:
        named = f"{exchange} has {counted} whose word an earlier version did not keep"
    else:
        named = f"{exchange} calls {counted} '{word}', which is not known"
    return f"{named}; {_worth(rows, rates)}"


def _worth(rows: Sequence[Transfer], rates: Rates) -> str:
    values = [_value(row, rates) for row in rows]
    known = [value for value in values if value is not None]
    if not known:
        return "worth unknown"
    without = len(values) - len(known)
    more = f" and {without} without a price" if without else ""
    return f"worth {sum(known, ZERO):+,.2f} {rates.reporting_asset}{more}"


def _value(row: Transfer, rates: Rates) -> Decimal | None:
    value = rates.value(row.asset, abs(row.quantity), row.time)
    return None if value is None else value.copy_sign(row.quantity)
