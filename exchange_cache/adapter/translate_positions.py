"""Translates ccxt's dicts for positions into the project's records."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from exchange_cache.adapter.contracts import category, contract_size, contracts_of, sizes
from exchange_cache.adapter.values import (
    Origin,
    Row,
    moment_or_none,
    number,
    positive,
    required_number,
    text,
    text_or_empty,
)
from exchange_cache.money import EXACT
from exchange_cache.records import Position


def position(origin: Origin, row: Row, market: Row) -> Position | None:
    """One ccxt position structure as a position; None when it is empty. ``notional`` is in
    quote."""
    contracts = required_number(origin, row, "contracts")
    if contracts == 0:
        return None
    size = contract_size(origin, market)
    mark, entry = (
        positive(number(origin, row, "markPrice")),
        positive(number(origin, row, "entryPrice")),
    )
    price = mark if mark is not None else entry
    base, notional = _exposure(origin, market, contracts.copy_abs(), price)
    return Position(
        account=origin.account,
        wallet=origin.wallet,
        category=category(origin, market),
        symbol=str(market["symbol"]),
        side=_position_side(origin, row, contracts),
        contracts=contracts_of(origin, contracts.copy_abs(), size),
        contract_size=size,
        base_quantity=base,
        entry_price=entry,
        mark_price=mark,
        notional=notional,
        unrealised_pnl=_unrealised(origin, row),
        settle_asset=str(market["settle"]),
        leverage=positive(number(origin, row, "leverage")),
        liquidation_price=positive(number(origin, row, "liquidationPrice")),
        margin=positive(number(origin, row, "initialMargin")),
        margin_mode=text(row, "marginMode"),
        fetched_at=origin.fetched_at,
        as_of=moment_or_none(origin, row, "lastUpdateTimestamp")
        or moment_or_none(origin, row, "timestamp"),
    )


def _exposure(
    origin: Origin, market: Row, contracts: Decimal, price: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    if price is not None:
        base, notional, _, _ = sizes(origin, market, contracts, price)
        return base, notional
    units = (
        contracts
        if origin.contract_amounts != "contracts"
        else EXACT.multiply(contracts, contract_size(origin, market))
    )
    return (
        (None, units)
        if market.get("inverse") and origin.contract_amounts != "base"
        else (units, None)
    )


def _position_side(origin: Origin, row: Row, contracts: Decimal) -> str:
    stated = text_or_empty(row, "side").lower()
    if stated in {"long", "short"}:
        return stated
    if stated in {"buy", "sell"}:
        return "long" if stated == "buy" else "short"
    if contracts < 0:
        return "short"
    raise origin.bad("has no side", row)


#: Fields of raw rows for the unrealised PnL; ccxt drops a zero and derives another figure.
UNREALISED_FIELDS = ("unrealisedPnl", "unRealizedProfit", "upl", "unrealizedPnl")


def _unrealised(origin: Origin, row: Row) -> Decimal | None:
    info = row.get("info")
    stated = info if isinstance(info, Mapping) else {}
    field = next((name for name in UNREALISED_FIELDS if stated.get(name) not in (None, "")), None)
    return number(origin, row, "unrealizedPnl") if field is None else number(origin, stated, field)
