"""Positions from their fills: entry price, size, realised result, fees and funding of each side.

The entry price excludes fees, as exchanges show it, so that the two can be compared; fees and
funding are separate from the realised result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.findings import Finding
from exchange_cache.ledger.results import SymbolExposure, expires_on, exposures, is_inverse
from exchange_cache.money import EXACT, ZERO, grouped, rounded
from exchange_cache.records import MARGIN, Fee, Fill, Position, Transfer, TransferKind

#: The largest difference from the exchange's entry price that is rounding: one part in ten
#: thousand.
ENTRY_TOLERANCE = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivativeBasis:
    """One row of exposure: ``quantity`` in base units (inverse: in quote units), never negative;
    results in ``settle``."""

    account: str
    category: str
    symbol: str
    side: str  # long | short
    settle: str
    inverse: bool
    quantity: Decimal
    contracts: Decimal | None
    entry_price: Decimal | None
    realised_pnl: Decimal  # without fees and funding
    exchange_realised_pnl: Decimal | None  # None unless every closing fill reports a result
    fees: tuple[Fee, ...]  # summed by asset
    funding: Decimal  # of the symbol, both sides; received is positive
    fills_count: int
    first_event: datetime
    last_event: datetime


def derivative_basis(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer] = (),
    *,
    hedged: Collection[tuple[str, str]] = (),
) -> tuple[DerivativeBasis, ...]:
    """One answer per account, symbol and side that ever had a fill. ``hedged``: (account, symbol)
    with two sides. A dated contract is closed by the settlement that its exchange booked on or
    after the day of its expiry; where exchanges list the close as a fill, that has closed it.
    """
    with localcontext(EXACT):
        symbols: dict[tuple[str, str, str], tuple[SymbolExposure, Fill]] = {}
        for fill, symbol, _ in exposures(fills, hedged=hedged):
            if fill.category != "option":
                symbols.setdefault((fill.account, fill.category, fill.symbol), (symbol, fill))
        moved = tuple(transfers)
        for transfer in deliveries(moved):
            for symbol, sample in symbols.values():
                if (sample.account, sample.symbol) == (transfer.account, transfer.symbol):
                    symbol.deliver(transfer.quantity, transfer.time)
        funding = _funding(moved)
        return tuple(
            basis
            for symbol, sample in symbols.values()
            for basis in answers(
                symbol,
                (sample.account, sample.category, sample.symbol),
                sample.settle or sample.quote,
                is_inverse(sample),
                funding[sample.account, sample.symbol],
            )
        )


def deliveries(transfers: Iterable[Transfer]) -> list[Transfer]:
    """The settlements of dated contracts from the day of their expiry on, oldest first."""
    unique = {one.key: one for one in transfers if one.kind is TransferKind.SETTLEMENT}
    found = [one for one in unique.values() if has_expired(one.symbol or "", one.time)]
    return sorted(found, key=lambda one: (one.time, one.key))


def has_expired(symbol: str, at: datetime) -> bool:
    """Whether a moment is on the day of expiry of a dated contract, or later."""
    day = expires_on(symbol)
    return day is not None and at.date() >= day


def _funding(transfers: Iterable[Transfer]) -> dict[tuple[str, str], Decimal]:
    paid: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    unique = {
        transfer.key: transfer for transfer in transfers if transfer.kind is TransferKind.FUNDING
    }
    for transfer in unique.values():
        if transfer.symbol is not None:
            paid[transfer.account, transfer.symbol] += transfer.quantity
    return paid


def answers(
    symbol: SymbolExposure,
    place: tuple[str, str, str],
    settle: str,
    inverse: bool,
    funding: Decimal = ZERO,
) -> Iterator[DerivativeBasis]:
    """The sides of one symbol that ever had a fill; ``place``: account, category and symbol."""
    account, category, name = place
    for row in symbol.sides.values():
        if not row.times:
            continue
        yield DerivativeBasis(
            account=account,
            category=category,
            symbol=name,
            side=row.side,
            settle=settle,
            inverse=inverse,
            quantity=row.size,
            contracts=row.contracts,
            entry_price=(
                None
                if not row.size
                else row.size / row.opened
                if inverse
                else row.opened / row.size
            ),
            realised_pnl=row.realised,
            exchange_realised_pnl=row.reported,
            fees=tuple(
                Fee(asset=asset, amount=amount) for asset, amount in sorted(row.fees.items())
            ),
            funding=funding,
            fills_count=row.count,
            first_event=row.times[0],
            last_event=row.times[-1],
        )


def hedged_symbols(positions: Iterable[Position]) -> frozenset[tuple[str, str]]:
    """Symbols that are both long and short: only hedge mode allows that."""
    sides: dict[tuple[str, str], set[str]] = defaultdict(set)
    for position in positions:
        sides[position.account, position.symbol].add(position.side)
    return frozenset(place for place, found in sides.items() if len(found) == 2)


def entry_price_findings(
    bases: Iterable[DerivativeBasis], positions: Iterable[Position]
) -> tuple[Finding, ...]:
    """Positions of contracts whose entry price or size differs from their fills.

    No fills of their own add up to a margin position: its trades are spot trades as well.
    """
    own = {(basis.account, basis.category, basis.symbol, basis.side): basis for basis in bases}
    with localcontext(EXACT):
        return tuple(
            finding
            for position in positions
            if position.category != MARGIN
            for finding in _compare(position, own.get(position.key), own.get(_other_side(position)))
            if finding is not None
        )


def _other_side(position: Position) -> tuple[str, str, str, str]:
    side = "short" if position.side == "long" else "long"
    return (position.account, position.category, position.symbol, side)


def _compare(
    position: Position, basis: DerivativeBasis | None, other: DerivativeBasis | None
) -> Iterator[Finding | None]:
    """At most one finding: if fills are missing, the entry price cannot agree either. Where the
    fills add up to the other side (``other``), both quantities have a sign."""
    entry, size = position.entry_price, position.contracts * position.contract_size
    if basis is None or (basis.quantity != size and basis.contracts != position.contracts):
        have, reported = grouped(ZERO if basis is None else basis.quantity), grouped(size)
        if other is not None and other.quantity and (basis is None or not basis.quantity):
            ours, theirs = ("-", "+") if position.side == "long" else ("+", "-")
            have, reported = f"{ours}{grouped(other.quantity)}", f"{theirs}{reported}"
        yield Finding(
            code="position_not_explained",
            account=position.account,
            asset=position.settle_asset,
            message=(
                f"{position.symbol} {position.side}: the fills add up to {have}, the exchange"
                f" reports {reported}"
            ),
            hint=f"excache sync --account {position.account} --only fills --full",
        )
    elif (
        entry
        and basis.entry_price is not None
        and abs(basis.entry_price - entry) > entry * ENTRY_TOLERANCE
    ):
        yield Finding(
            code="entry_price_differs",
            account=position.account,
            asset=position.settle_asset,
            message=(
                f"{position.symbol} {position.side}: entry price"
                f" {grouped(rounded(basis.entry_price))} by fills, {grouped(entry)} at"
                " the exchange"
            ),
            hint=f"excache fills --account {position.account} --symbol {position.symbol}",
        )
