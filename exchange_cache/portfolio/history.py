"""The past of the portfolio: what a snapshot keeps of a reading, the reading that comes back from
it, and snapshots as a series.

A snapshot holds everything that was printed (quantities per wallet, prices, values, averages,
results, positions, what was stale), but not where prices came from: routes and freshness are of
their day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from exchange_cache.cache.derived import Snapshot
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
from exchange_cache.records import DataType, Position
from exchange_cache.value.freshness import Freshness, State
from exchange_cache.value.reading import (
    Holding,
    PortfolioReading,
    PositionReading,
    Totals,
    WalletShare,
)

#: The figures of a row, in this order, empty where unknown; what follows from them (value, share,
#: average) is computed again.
_HOLDING = ("price", "explained_quantity", "cost", "realised_pnl", "change_24h", "fees_paid")
_POSITION_WORDS = ("account", "wallet", "category", "symbol", "side", "settle_asset", "margin_mode")
_POSITION = (
    "contracts",
    "contract_size",
    "base_quantity",
    "entry_price",
    "mark_price",
    "notional",
    "unrealised_pnl",
    "leverage",
    "liquidation_price",
    "margin",
)
_OWN = ("unrealised_value", "unrealised_fraction", "liquidation_distance")
_SHOWN = (DataType.BALANCES, DataType.POSITIONS, DataType.PRICES)
_LACKS = ("missing", "failed", "stale")
_TOTALS = ("realised_pnl", "unrealised_pnl", "change_24h", "change_24h_value")


def snapshot_details(reading: PortfolioReading) -> dict[str, Any]:
    """What a snapshot keeps of a reading, JSON-able and small (one is taken every hour, and
    kept)."""
    return {
        "accounts": list(reading.accounts),
        "totals": _texts(reading.totals, _TOTALS),
        "holdings": [_holding(holding) for holding in reading.holdings],
        "positions": [_position(own) for own in reading.positions],
        "unpriced": list(reading.totals.unpriced_assets),
        "stale": _parts(reading, State.STALE),
        "missing": _parts(reading, State.MISSING),
        "failed": sorted(
            f"{item.account} {item.data_type}" for item in _shown(reading) if item.error is not None
        ),
    }


def _shown(reading: PortfolioReading) -> Iterable[Freshness]:
    return (item for item in reading.freshness if item.data_type in _SHOWN)


def _parts(reading: PortfolioReading, state: State) -> list[str]:
    return sorted(
        f"{item.account} {item.data_type}" for item in _shown(reading) if item.state is state
    )


def is_known(reading: PortfolioReading) -> bool:
    """Whether any account's balances were ever read."""
    known = [
        item
        for item in reading.freshness
        if item.data_type is DataType.BALANCES and item.state is not State.MISSING
    ]
    return bool(known or reading.holdings)


def _texts(value: object, names: Iterable[str]) -> list[str]:
    return [to_text_or_none(getattr(value, name)) or "" for name in names]


def _figures(texts: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    return {name: to_decimal_or_none(text) for name, text in zip(names, texts, strict=True)}


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
        "figures": _texts(holding, _HOLDING),
        "wallets": [_wallet(one) for one in holding.wallets],
        **more,
    }


def _wallet(one: WalletShare) -> list[Any]:
    free, used = to_text_or_none(one.free), to_text_or_none(one.used)
    code = one.code if one.earn else [one.code]  # a list of one: not earn
    parts = [free, used] if one.used or one.free is None else []
    return [one.account, one.wallet, code, to_text(one.total), to_ms(one.fetched_at), *parts]


def _position(own: PositionReading) -> list[Any]:
    position = own.position
    words = [getattr(position, name) for name in _POSITION_WORDS]
    flags = [own.in_wallet, own.stale]
    return [
        words,
        _texts(position, _POSITION),
        to_ms(position.fetched_at),
        _texts(own, _OWN),
        flags,
    ]


# --- back from a snapshot -------------------------------------------------------------------------


def is_whole(snapshot: Snapshot, accounts: Collection[str]) -> bool:
    """Whether the snapshot holds all of these accounts with their wallets."""
    return "holdings" in snapshot.details and set(snapshot.details.get("accounts", ())) >= set(
        accounts
    )


def was_read(snapshot: Snapshot, account: str) -> bool:
    """Whether the snapshot holds an account of which the balances were known."""
    unread = snapshot.details.get("missing", ())
    return is_whole(snapshot, (account,)) and f"{account} {DataType.BALANCES}" not in unread


def reading_of(snapshot: Snapshot, accounts: Sequence[str] | None = None) -> PortfolioReading:
    """The reading as it was printed; of some of its accounts, with their quantities and values
    only."""
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
            positions=tuple(_to_position(one) for one in details["positions"]),
            freshness=(),
            warnings=tuple(_lacks(details, snapshot.taken_at)),
            accounts=known,
            oldest=None,
        )
        return (
            whole
            if accounts is None or set(accounts) >= set(known)
            else _of_accounts(whole, frozenset(accounts))
        )


def _lacks(details: Mapping[str, Any], taken_at: datetime) -> Iterable[Finding]:
    for word in _LACKS:
        if details.get(word):
            named = ", ".join(details[word])
            yield Finding(
                code=f"snapshot_{word}",
                message=f"{word} when it was printed ({taken_at:%Y-%m-%d %H:%M} UTC): {named}",
            )


def _to_holding(row: Mapping[str, Any], snapshot: Snapshot) -> Holding:
    figures = _figures(row["figures"], _HOLDING)
    wallets = tuple(_to_wallet(one) for one in row["wallets"])
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


def _to_wallet(row: Sequence[Any]) -> WalletShare:
    account, wallet, code, total, fetched, *rest = row
    free, used = (to_decimal_or_none(text) for text in rest) if rest else (Decimal(total), ZERO)
    return WalletShare(
        account=account,
        wallet=wallet,
        code=code if isinstance(code, str) else code[0],
        free=free,
        used=used,
        total=Decimal(total),
        earn=isinstance(code, str),
        fetched_at=from_ms(fetched),
    )


def _to_position(row: Sequence[Any]) -> PositionReading:
    words, figures, fetched, own, flags = row
    named = dict(zip(_POSITION_WORDS, words, strict=True))
    position = Position(**named, **_figures(figures, _POSITION), fetched_at=from_ms(fetched))
    return PositionReading(
        position=position, **_figures(own, _OWN), in_wallet=flags[0], stale=flags[1]
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
    """What some accounts held of it; averages belong to the whole."""
    wallets = tuple(one for one in holding.wallets if one.account in accounts)
    if not wallets:
        return None
    quantity = sum((one.total for one in wallets), ZERO)
    unknown = dict.fromkeys(
        (
            "average_entry_price",
            "unrealised_pnl",
            "unrealised_fraction",
            "realised_pnl",
            "cost",
            "fees_paid",
            "share",
        )
    )
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
        **unknown,  # type: ignore[arg-type]
    )


# --- the series -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Net worth at one moment, and the values it is made of: by asset or by account."""

    at: datetime
    value: Decimal
    parts: Mapping[str, Decimal]
    lacks: tuple[str, ...] = ()  # what was missing, failed or stale then


def series(
    snapshots: Iterable[Snapshot], *, by: str | None = None, accounts: Collection[str] | None = None
) -> tuple[Worth, ...]:
    """Net worth over time. ``by`` None leaves the parts empty; ``accounts`` (None: all) narrows
    what is counted."""
    return tuple(_worth(snapshot, by, accounts) for snapshot in snapshots)


def _worth(snapshot: Snapshot, by: str | None, accounts: Collection[str] | None) -> Worth:
    lacks = tuple(dict.fromkeys(name for word in _LACKS for name in snapshot.details.get(word, ())))
    if by is None and accounts is None:
        return Worth(at=snapshot.taken_at, value=snapshot.value, parts={}, lacks=lacks)
    parts: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for account, asset, value in _values(snapshot.details):
            if accounts is None or account in accounts:
                name = asset if by == "asset" else account
                parts[name] = parts.get(name, ZERO) + value
        value = sum(parts.values(), ZERO)
    return Worth(
        at=snapshot.taken_at, value=value, parts=parts if by is not None else {}, lacks=lacks
    )


def _values(details: Mapping[str, Any]) -> Iterable[tuple[str, str, Decimal]]:
    """(account, asset, value) of everything priced, open positions that no balance contains
    included."""
    for holding in details.get("holdings", ()):
        price = to_decimal_or_none(holding["figures"][0])
        if price is not None:
            yield from (
                (row[0], holding["asset"], Decimal(row[3]) * price) for row in holding["wallets"]
            )
    for words, _, _, own, flags in details.get("positions", ()):
        result = to_decimal_or_none(own[0])
        if result is not None and not flags[0]:
            yield words[0], words[5], result


def printed_prices(snapshot: Snapshot) -> Iterable[tuple[str, datetime, Decimal]]:
    """(asset, when, price) of everything that had a fresh price, in the snapshot's reporting
    asset."""
    for holding in snapshot.details.get("holdings", ()):
        price = to_decimal_or_none(holding["figures"][0])
        if price is not None and holding["at"] is not None and holding["state"] == "fresh":
            yield holding["asset"], from_ms(holding["at"]), price
