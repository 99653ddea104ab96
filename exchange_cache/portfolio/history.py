"""What a snapshot stores of a reading, and the reading restored from it.

A snapshot stores what was shown (quantities per wallet, prices, values, averages, results,
positions, what was stale), without the sources of prices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from exchange_cache.cache.snapshots import (
    INCOMPLETE,
    kept_position,
    kept_wallet,
    position_of,
    wallet_of,
)
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.findings import Finding
from exchange_cache.money import (
    EXACT,
    ZERO,
    published,
    to_decimal_or_none,
    to_text,
    to_text_or_none,
)
from exchange_cache.records import DataType
from exchange_cache.value.freshness import Freshness, State
from exchange_cache.value.reading import (
    Holding,
    PortfolioReading,
    Totals,
)

#: The stored figures of a holding; value, share and average are computed from them.
_HOLDING = ("price", "explained_quantity", "cost", "realised_pnl", "change_24h", "fees_paid")
#: The data types that a snapshot shows.
SHOWN = (DataType.BALANCES, DataType.POSITIONS, DataType.PRICES)
_TOTALS = ("realised_pnl", "unrealised_pnl", "change_24h", "change_24h_value")


def snapshot_details(reading: PortfolioReading) -> dict[str, Any]:
    """What a snapshot stores of a reading, ready for JSON; small, since one is taken every hour."""
    return {
        "accounts": list(reading.accounts),
        "totals": _known(reading.totals, _TOTALS),
        "holdings": [_holding(holding) for holding in reading.holdings],
        "positions": [kept_position(own) for own in reading.positions],
        "unpriced": list(reading.totals.unpriced_assets),
        "stale": _parts(reading, State.STALE),
        "missing": _parts(reading, State.MISSING),
        "failed": sorted(
            f"{item.account} {item.data_type}" for item in _shown(reading) if item.failed
        ),
    }


def _shown(reading: PortfolioReading) -> Iterable[Freshness]:
    return (item for item in reading.freshness if item.data_type in SHOWN)


def _parts(reading: PortfolioReading, state: State) -> list[str]:
    return sorted(
        f"{item.account} {item.data_type}" for item in _shown(reading) if item.state is state
    )


def is_known(reading: PortfolioReading) -> bool:
    """Whether the balances of any account were ever read."""
    known = [
        item
        for item in reading.freshness
        if item.data_type is DataType.BALANCES and item.state is not State.MISSING
    ]
    return bool(known or reading.holdings)


def _known(value: object, names: Iterable[str]) -> dict[str, str]:
    """The known figures of these names as text."""
    found = ((name, to_text_or_none(getattr(value, name))) for name in names)
    return {name: text for name, text in found if text is not None}


def _figures(texts: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    return {name: to_decimal_or_none(texts.get(name)) for name in names}


def _holding(holding: Holding) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if holding.unknown_reasons:
        more["reasons"] = list(holding.unknown_reasons)
    if holding.stale_value:
        more["stale"] = to_text(holding.stale_value)
    return {
        "asset": holding.asset,
        "state": holding.price_state,
        "at": None if holding.price_as_of is None else to_ms(holding.price_as_of),
        "figures": _known(holding, _HOLDING),
        "wallets": [kept_wallet(one) for one in holding.wallets],
        **more,
    }


# --- restoring a snapshot -------------------------------------------------------------------------


def is_whole(snapshot: Snapshot, accounts: Collection[str]) -> bool:
    """Whether the snapshot contains all of these accounts with their wallets."""
    return "holdings" in snapshot.details and set(snapshot.details.get("accounts", ())) >= set(
        accounts
    )


def was_read(snapshot: Snapshot, account: str) -> bool:
    """Whether the snapshot contains known balances of the account."""
    unread = snapshot.details.get("missing", ())
    return is_whole(snapshot, (account,)) and f"{account} {DataType.BALANCES}" not in unread


def reading_of(snapshot: Snapshot, accounts: Sequence[str] | None = None) -> PortfolioReading:
    """The reading as it was shown; for some of its accounts only quantities and values."""
    details = snapshot.details
    known = tuple(str(name) for name in details.get("accounts", ()))
    with localcontext(EXACT):
        whole = PortfolioReading(
            as_of=snapshot.taken_at,
            reporting_asset=snapshot.reporting_asset,
            totals=Totals(
                value=snapshot.value,
                priced_value=snapshot.value - snapshot.stale_value,
                stale_value=snapshot.stale_value,
                unpriced_assets=tuple(details["unpriced"]),
                **_figures(details["totals"], _TOTALS),
            ),
            holdings=tuple(_to_holding(one, snapshot) for one in details["holdings"]),
            positions=tuple(position_of(one) for one in details["positions"]),
            freshness=(),
            warnings=tuple(_warnings(details, snapshot.taken_at)),
            accounts=known,
            oldest=None,
        )
        return (
            whole
            if accounts is None or set(accounts) >= set(known)
            else _of_accounts(whole, frozenset(accounts))
        )


def _warnings(details: Mapping[str, Any], taken_at: datetime) -> Iterable[Finding]:
    for word in INCOMPLETE:
        if details.get(word):
            named = ", ".join(details[word])
            yield Finding(
                code=f"snapshot_{word}",
                message=f"{word} in the snapshot of {taken_at:%Y-%m-%d %H:%M} UTC: {named}",
            )


def _to_holding(row: Mapping[str, Any], snapshot: Snapshot) -> Holding:
    figures = _figures(row["figures"], _HOLDING)
    wallets = tuple(wallet_of(one) for one in row["wallets"])
    quantity = sum((one.total for one in wallets), ZERO)
    price, explained, cost = (
        figures["price"],
        figures["explained_quantity"] or ZERO,
        figures["cost"],
    )
    value = None if price is None else quantity * price
    known = (
        price is not None
        and explained != 0
        and cost is not None
        and row["asset"] != snapshot.reporting_asset
    )
    unrealised = explained * price - cost if known else None
    at_home = row["asset"] == snapshot.reporting_asset
    return Holding(
        asset=row["asset"],
        quantity=quantity,
        price=price,
        price_as_of=None if row["at"] is None else from_ms(row["at"]),
        price_route=(),
        price_state=row["state"],
        value=value,
        share=published(value / snapshot.value)
        if value is not None and snapshot.value > 0
        else None,
        average_entry_price=Decimal(1)
        if at_home
        else published(cost / explained)
        if explained and cost is not None
        else None,
        explained_quantity=explained,
        unknown_quantity=quantity - explained,
        unknown_reasons=tuple(row.get("reasons", ())),
        unrealised_pnl=unrealised,
        unrealised_fraction=published(unrealised / abs(cost))
        if unrealised is not None and cost
        else None,
        realised_pnl=figures["realised_pnl"],
        change_24h=figures["change_24h"],
        wallets=wallets,
        cost=cost,
        fees_paid=figures["fees_paid"],
        stale_value=None if price is None else to_decimal_or_none(row.get("stale")) or ZERO,
    )


def _of_accounts(whole: PortfolioReading, accounts: frozenset[str]) -> PortfolioReading:
    holdings = tuple(
        part for holding in whole.holdings if (part := _part(holding, accounts)) is not None
    )
    positions = tuple(own for own in whole.positions if own.position.account in accounts)
    value = sum((holding.value for holding in holdings if holding.value is not None), ZERO)
    value += sum(
        (
            own.unrealised_value
            for own in positions
            if own.unrealised_value is not None and not own.in_wallet
        ),
        ZERO,
    )
    stale = sum(
        (holding.stale_value for holding in holdings if holding.stale_value is not None), ZERO
    )
    totals = Totals(
        value=value,
        priced_value=value - stale,
        stale_value=stale,
        unpriced_assets=tuple(
            sorted(holding.asset for holding in holdings if holding.value is None)
        ),
        realised_pnl=None,
        unrealised_pnl=None,
        change_24h=None,
        change_24h_value=None,
    )
    shares = [
        replace(holding, share=published(holding.value / value))
        if holding.value is not None and value > 0
        else holding
        for holding in holdings
    ]
    kept = tuple(account for account in whole.accounts if account in accounts)
    return replace(whole, totals=totals, holdings=tuple(shares), positions=positions, accounts=kept)


def _part(holding: Holding, accounts: frozenset[str]) -> Holding | None:
    """The part of a holding in some accounts, without averages, which belong to the whole."""
    wallets = tuple(one for one in holding.wallets if one.account in accounts)
    if not wallets:
        return None
    quantity = sum((one.total for one in wallets), ZERO)
    value = None if holding.price is None else quantity * holding.price
    return replace(
        holding,
        quantity=quantity,
        value=value,
        stale_value=None if value is None else value if holding.price_state == "stale" else ZERO,
        explained_quantity=ZERO,
        unknown_quantity=quantity,
        unknown_reasons=(),
        wallets=wallets,
        average_entry_price=None,
        unrealised_pnl=None,
        unrealised_fraction=None,
        realised_pnl=None,
        cost=None,
        fees_paid=None,
        share=None,
    )
