"""One builder per record, every number as text; and the rates that tests know."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from exchange_cache.cost.averages import BasisBook, compute_basis
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.ledger.rates import Rate
from exchange_cache.records import (
    Balance,
    Fee,
    Fill,
    FillKind,
    Position,
    Price,
    Side,
    Transfer,
    TransferKind,
)

D = Decimal
T0 = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
_ids = itertools.count(1)


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def dec(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def fees(*pairs: str) -> tuple[Fee, ...]:
    """``fees("0.1 BNB", "-2 USDT")``"""
    return tuple(Fee(amount=Decimal(pair.split()[0]), asset=pair.split()[1]) for pair in pairs)


def fill(
    side: str,
    quantity: str,
    price: str,
    *fee: str,
    symbol: str = "BTC/USDT",
    hour: float = 0,
    account: str = "main",
    fill_id: str | None = None,
    fees_known: bool = True,
    kind: FillKind = FillKind.TRADE,
    category: str = "spot",
) -> Fill:
    base, quote = symbol.split("/")
    return Fill(
        account=account,
        category=category,
        symbol=symbol,
        fill_id=fill_id or str(next(_ids)),
        order_id=None,
        time=at(hour),
        side=Side(side),
        base=base,
        quote=quote,
        quantity=Decimal(quantity),
        price=Decimal(price),
        cost=Decimal(quantity) * Decimal(price),
        fees=fees(*fee),
        fees_known=fees_known,
        kind=kind,
    )


def contract(
    side: str,
    contracts: str,
    price: str,
    *fee: str,
    symbol: str = "BTC/USDT:USDT",
    size: str = "1",
    hour: float = 0,
    account: str = "main",
    fill_id: str | None = None,
    pnl: str | None = None,
) -> Fill:
    pair, settle = symbol.split(":")
    base, quote = pair.split("/")
    face = Decimal(contracts) * Decimal(size)
    inverse = settle == base
    return Fill(
        account=account,
        category="inverse" if inverse else "linear",
        symbol=symbol,
        fill_id=fill_id or str(next(_ids)),
        order_id=None,
        time=at(hour),
        side=Side(side),
        base=base,
        quote=quote,
        quantity=face / Decimal(price) if inverse else face,
        price=Decimal(price),
        cost=face if inverse else face * Decimal(price),
        fees=fees(*fee),
        settle=settle,
        contracts=Decimal(contracts),
        contract_size=Decimal(size),
        realised_pnl=dec(pnl),
    )


def transfer(
    kind: str,
    quantity: str,
    asset: str = "BTC",
    *,
    hour: float = 0,
    account: str = "main",
    fee: str | None = None,
    tx: str | None = None,
    status: str = "ok",
    transfer_id: str | None = None,
    symbol: str | None = None,
    wallet: str | None = None,
) -> Transfer:
    return Transfer(
        account=account,
        scope=f"{kind}s",
        transfer_id=transfer_id or str(next(_ids)),
        kind=TransferKind(kind),
        time=at(hour),
        asset=asset,
        quantity=Decimal(quantity),
        fee=None if fee is None else fees(fee)[0],
        tx_id=tx,
        status=status,
        symbol=symbol,
        from_wallet=wallet,
    )


def balance(
    total: str,
    asset: str = "BTC",
    *,
    account: str = "main",
    wallet: str = "spot",
    code: str | None = None,
    earn: bool = False,
    includes_unrealised: bool = False,
    fetched_at: datetime = NOW,
) -> Balance:
    return Balance(
        account=account,
        wallet=wallet,
        code=code or asset,
        asset=asset,
        free=None,
        used=None,
        total=Decimal(total),
        earn=earn,
        includes_unrealised=includes_unrealised,
        fetched_at=fetched_at,
    )


def price(
    symbol: str,
    last: str | None,
    *,
    account: str = "main",
    fetched_at: datetime = NOW,
    as_of: datetime | None = None,
    bid: str | None = None,
    ask: str | None = None,
    open_24h: str | None = None,
    category: str = "spot",
) -> Price:
    base, quote = symbol.split(":")[0].split("/")
    return Price(
        account=account,
        symbol=symbol,
        base=base,
        quote=quote,
        category=category,
        last=dec(last),
        bid=dec(bid),
        ask=dec(ask),
        open_24h=dec(open_24h),
        fetched_at=fetched_at,
        as_of=as_of,
    )


def position(
    symbol: str = "BTC/USDT:USDT",
    side: str = "long",
    contracts: str = "1",
    *,
    size: str = "1",
    entry: str | None = "100",
    mark: str | None = "110",
    pnl: str | None = "10",
    account: str = "main",
    wallet: str = "swap",
    liquidation: str | None = None,
) -> Position:
    pair, settle = symbol.split(":")
    return Position(
        account=account,
        wallet=wallet,
        category="inverse" if settle == pair.split("/")[0] else "linear",
        symbol=symbol,
        side=side,
        contracts=Decimal(contracts),
        contract_size=Decimal(size),
        base_quantity=Decimal(contracts) * Decimal(size),
        entry_price=dec(entry),
        mark_price=dec(mark),
        notional=None,
        unrealised_pnl=dec(pnl),
        settle_asset=settle,
        liquidation_price=dec(liquidation),
        fetched_at=NOW,
    )


class Rates:
    """Constant rates by asset, or by asset and hour (the last one that is not later)."""

    def __init__(self, rates: Mapping[str, str | Mapping[int, str]] | None = None) -> None:
        self.rates = rates or {}

    def rate(self, asset: str, moment: datetime) -> Rate | None:
        found = self.rates.get(asset)
        if found is None:
            return None
        if isinstance(found, str):
            return Rate(value=Decimal(found), route=(f"{asset}/USDT@main",), resolution=60)
        known = [value for hour, value in sorted(found.items()) if at(hour) <= moment]
        return (
            Rate(value=Decimal(known[-1]), route=(f"{asset}/USDT@main",), resolution=60)
            if known
            else None
        )


def basis_book(
    *events: Fill | Transfer,
    rates: Mapping[str, str | Mapping[int, str]] | None = None,
    **options: object,
) -> BasisBook:
    fills = [event for event in events if isinstance(event, Fill)]
    moves = [event for event in events if isinstance(event, Transfer)]
    options.setdefault("reporting_asset", "USDT")
    return compute_basis(fills, moves, rates=Rates(rates), **options)  # type: ignore[arg-type]


def codes(*events: object, **options: object) -> list[str]:
    return [finding.code for finding in basis_book(*events, **options).findings]  # type: ignore[arg-type]


def pooled(*events: object, asset: str = "BTC", **options: object) -> AssetBasis:
    return basis_book(*events, **options).pooled[asset]  # type: ignore[arg-type]
