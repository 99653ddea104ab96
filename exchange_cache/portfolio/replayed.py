"""Replayed holdings as records, and the warnings of a replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from exchange_cache.cost.derivatives import DerivativeBasis
from exchange_cache.findings import Finding
from exchange_cache.ledger.replay import Place
from exchange_cache.records import Balance, Position
from exchange_cache.value.reading import PortfolioReading

#: Replayed quantities have no known wallet.
REPLAYED_WALLET = "replayed"


def of_the_past(reading: PortfolioReading, moment: datetime) -> Iterator[Finding]:
    """The warnings of a replay; those about prices concern that day."""
    missing = [holding.asset for holding in reading.holdings if holding.price_state != "fresh"]
    if missing:
        some = ", ".join(missing[:6]) + (
            f" and {len(missing) - 6} more" if len(missing) > 6 else ""
        )
        hint = f"excache portfolio --at {moment:%Y-%m-%dT%H:%M} --wait"
        yield Finding(
            code="past_prices", message=f"no price of that day is stored for {some}", hint=hint
        )
    yield from (
        one
        for one in reading.warnings
        if one.code not in ("unpriced", "stale_price", "position_unpriced")
    )


def balance_of(place: Place, quantity: Decimal, moment: datetime) -> Balance:
    return Balance(
        account=place[0],
        wallet=REPLAYED_WALLET,
        code=place[1],
        asset=place[1],
        free=None,
        used=None,
        total=quantity,
        fetched_at=moment,
    )


def position_of(basis: DerivativeBasis, moment: datetime) -> Position:
    """A position that was open at a moment, by its fills, without its unrealised result."""
    contracts = basis.contracts if basis.contracts else basis.quantity
    return Position(
        account=basis.account,
        wallet=REPLAYED_WALLET,
        category=basis.category,
        symbol=basis.symbol,
        side=basis.side,
        contracts=contracts,
        contract_size=basis.quantity / contracts,
        base_quantity=None if basis.inverse else basis.quantity,
        entry_price=basis.entry_price,
        mark_price=None,
        notional=None,
        unrealised_pnl=None,
        settle_asset=basis.settle,
        fetched_at=moment,
    )


def open_results(positions: Iterable[Position]) -> Iterator[Finding]:
    named = [f"{one.account} {one.symbol} {one.side}" for one in positions]
    if named:
        some = ", ".join(named[:4]) + (f" and {len(named) - 4} more" if len(named) > 4 else "")
        yield Finding(
            code="past_open_result",
            message=f"results of positions open then are not stored and in no total: {some}",
        )
