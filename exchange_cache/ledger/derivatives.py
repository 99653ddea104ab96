"""Entry prices and results of derivatives from their fills: long and short, linear and inverse,
one-way and hedged.

The entry price is the one that exchanges show (fees outside of it), so that the two can be
compared; fees and funding stand beside the realised result. Linear contracts settle in the quote:
the entry is the mean by quantity. Inverse contracts are worth a fixed amount of the quote and
settle in the base: the entry is the mean by value (harmonic).

A fill does not say which of a hedged symbol's two rows it belongs to; ``hedged`` names such
symbols, and there a fill with a realised result closes and one without opens, whatever its size.
Options are cash: premium paid or received.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, ZERO, rounded, to_text
from exchange_cache.records import Fee, Fill, Position, Side, Transfer, TransferKind

#: The difference between our entry price and the exchange's that is still rounding: one part in ten
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
    exchange_realised_pnl: (
        Decimal | None
    )  # as the exchange told it, where every closing fill told it
    fees: tuple[Fee, ...]  # summed by asset
    funding: Decimal  # of the symbol, both sides; received is positive
    fills_count: int
    first_event: datetime
    last_event: datetime

    @property
    def realised_net(self) -> Decimal:
        """The realised result less the fees charged in the settle asset."""
        with localcontext(EXACT):
            return self.realised_pnl - sum(
                (fee.amount for fee in self.fees if fee.asset == self.settle), ZERO
            )


class _Row:
    """One side of one symbol while its fills go by: ``size`` held, and its worth at entry
    (``opened``)."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.size = ZERO  # linear: base units; inverse: quote units
        self.opened = ZERO  # linear: quote paid; inverse: base equivalent
        self.contracts: Decimal | None = ZERO
        self.realised = ZERO
        self.told: Decimal | None = ZERO
        self.fees: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.times: list[datetime] = []
        self.count = 0

    def touch(self, fill: Fill) -> None:
        self.count += 1
        self.times = [*self.times[:1], fill.time]

    def open(self, size: Decimal, worth: Decimal, contracts: Decimal | None) -> None:
        self.size += size
        self.opened += worth
        self.contracts = (
            None if contracts is None or self.contracts is None else self.contracts + contracts
        )

    def close(
        self, size: Decimal, worth: Decimal, contracts: Decimal | None, *, inverse: bool
    ) -> Decimal:
        """Take ``size`` off; the result is what it is worth now against what it was worth at
        entry."""
        whole = size == self.size
        at_entry = self.opened if whole else rounded(self.opened * size / self.size)
        self.size -= size
        self.opened -= at_entry
        self.contracts = (
            ZERO
            if whole
            else None
            if contracts is None or self.contracts is None
            else self.contracts - contracts
        )
        gained = worth - at_entry
        result = gained if (self.side == "long") != inverse else -gained
        self.realised += result
        return result


def is_inverse(fill: Fill) -> bool:
    return fill.settle == fill.base and fill.category != "option"


def _size_and_worth(fill: Fill) -> tuple[Decimal, Decimal]:
    """Linear: base units and their quote; inverse: quote units (contracts x size) and their
    base."""
    if not is_inverse(fill):
        return fill.quantity, fill.cost
    if fill.contracts is not None and fill.contract_size is not None:
        size = fill.contracts * fill.contract_size
        return size, rounded(size / fill.price) if fill.price else fill.quantity
    return fill.cost, fill.quantity


def _closes(fill: Fill) -> str | None:
    """In hedge mode: the side that the fill closes, when it tells a result."""
    if not fill.realised_pnl:
        return None
    return "short" if fill.side is Side.BUY else "long"


class _Symbol:
    """All fills of one account and symbol, oldest first."""

    def __init__(self, hedged: bool) -> None:
        self.hedged = hedged
        self.rows = {"long": _Row("long"), "short": _Row("short")}

    def apply(self, fill: Fill) -> Decimal:
        """Book one fill; returns the result that it realised, in the settle asset."""
        size, worth = _size_and_worth(fill)
        opens, against = ("long", "short") if fill.side is Side.BUY else ("short", "long")
        closing = self.rows[against] if not self.hedged or _closes(fill) == against else None
        closed = min(size, closing.size) if closing is not None else ZERO
        result = ZERO
        if closing is not None and closed:
            share = worth if closed == size else rounded(worth * closed / size)
            result = closing.close(
                closed, share, _part(fill.contracts, closed, size), inverse=is_inverse(fill)
            )
            self._tell(closing, fill)
            worth -= share
        if size > closed and not (self.hedged and closing is not None):
            self.rows[opens].open(size - closed, worth, _part(fill.contracts, size - closed, size))
            if closed:
                self.rows[opens].touch(fill)
        home = closing if closing is not None and closed else self.rows[opens]
        home.touch(fill)
        for fee in fill.fees:
            home.fees[fee.asset] += fee.amount
        return result

    @staticmethod
    def _tell(row: _Row, fill: Fill) -> None:
        row.told = (
            None if row.told is None or fill.realised_pnl is None else row.told + fill.realised_pnl
        )


def _part(contracts: Decimal | None, part: Decimal, whole: Decimal) -> Decimal | None:
    if contracts is None or part == whole:
        return contracts
    return rounded(contracts * part / whole)


def _sorted(fills: Iterable[Fill]) -> list[Fill]:
    unique = {fill.key: fill for fill in fills}
    return sorted(
        unique.values(),
        key=lambda fill: (
            fill.time,
            fill.account,
            fill.category,
            fill.symbol,
            len(fill.fill_id),
            fill.fill_id,
        ),
    )


def realised_by_fill(
    fills: Iterable[Fill], *, hedged: Collection[tuple[str, str]] = ()
) -> dict[tuple[str, str, str, str], Decimal]:
    """What every derivative's fill brought into the settle asset before fees: as the exchange tells
    it, else computed."""
    symbols: dict[tuple[str, str, str], _Symbol] = {}
    results: dict[tuple[str, str, str, str], Decimal] = {}
    for fill in _sorted(fills):
        place = (fill.account, fill.category, fill.symbol)
        symbol = symbols.setdefault(place, _Symbol((fill.account, fill.symbol) in hedged))
        computed = (
            (fill.cost if fill.side is Side.SELL else -fill.cost)
            if fill.category == "option"
            else symbol.apply(fill)
        )
        results[fill.key] = computed if fill.realised_pnl is None else fill.realised_pnl
    return results


def derivative_basis(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer] = (),
    *,
    hedged: Collection[tuple[str, str]] = (),
) -> tuple[DerivativeBasis, ...]:
    """One answer per account, symbol and side that ever had a fill. ``hedged``: (account, symbol)
    with two rows."""
    with localcontext(EXACT):
        symbols: dict[tuple[str, str, str], tuple[_Symbol, Fill]] = {}
        for fill in _sorted(fills):
            if fill.category != "option":
                place = (fill.account, fill.category, fill.symbol)
                found = symbols.setdefault(
                    place, (_Symbol((fill.account, fill.symbol) in hedged), fill)
                )
                found[0].apply(fill)
        funding = _funding(transfers)
        return tuple(
            basis
            for symbol, sample in symbols.values()
            for basis in _answers(symbol, sample, funding[sample.account, sample.symbol])
        )


def _funding(transfers: Iterable[Transfer]) -> dict[tuple[str, str], Decimal]:
    paid: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    unique = {
        transfer.key: transfer for transfer in transfers if transfer.kind is TransferKind.FUNDING
    }
    for transfer in unique.values():
        if transfer.symbol is not None:
            paid[transfer.account, transfer.symbol] += transfer.quantity
    return paid


def _answers(symbol: _Symbol, sample: Fill, funding: Decimal) -> Iterator[DerivativeBasis]:
    inverse = is_inverse(sample)
    for row in symbol.rows.values():
        if not row.times:
            continue
        yield DerivativeBasis(
            account=sample.account,
            category=sample.category,
            symbol=sample.symbol,
            side=row.side,
            settle=sample.settle or sample.quote,
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
            exchange_realised_pnl=row.told,
            fees=tuple(
                Fee(asset=asset, amount=amount) for asset, amount in sorted(row.fees.items())
            ),
            funding=funding,
            fills_count=row.count,
            first_event=row.times[0],
            last_event=row.times[-1],
        )


def hedged_symbols(positions: Iterable[Position]) -> frozenset[tuple[str, str]]:
    """Symbols that are long and short at once: only hedge mode allows it."""
    sides: dict[tuple[str, str], set[str]] = defaultdict(set)
    for position in positions:
        sides[position.account, position.symbol].add(position.side)
    return frozenset(place for place, found in sides.items() if len(found) == 2)


def entry_price_findings(
    bases: Iterable[DerivativeBasis], positions: Iterable[Position]
) -> tuple[Finding, ...]:
    """The trip-wire: positions whose entry price or size differs from what their fills say."""
    own = {(basis.account, basis.category, basis.symbol, basis.side): basis for basis in bases}
    with localcontext(EXACT):
        return tuple(
            finding
            for position in positions
            for finding in _compare(position, own.get(position.key))
            if finding is not None
        )


def _compare(position: Position, basis: DerivativeBasis | None) -> Iterator[Finding | None]:
    """At most one finding: without all the fills, the entry price cannot agree and the size says so
    first."""
    told, size = position.entry_price, position.contracts * position.contract_size
    if basis is None or (basis.quantity != size and basis.contracts != position.contracts):
        have = ZERO if basis is None else basis.quantity
        yield Finding(
            code="position_not_explained",
            account=position.account,
            asset=position.settle_asset,
            message=(
                f"{position.symbol} {position.side}: the fills add up to {to_text(have)}, the"
                f" exchange says {to_text(size)}"
            ),
            hint=f"excache sync --account {position.account} --only fills --full",
        )
    elif (
        told
        and basis.entry_price is not None
        and abs(basis.entry_price - told) > told * ENTRY_TOLERANCE
    ):
        yield Finding(
            code="entry_price_differs",
            account=position.account,
            asset=position.settle_asset,
            message=(
                f"{position.symbol} {position.side}: entry price"
                f" {to_text(rounded(basis.entry_price).normalize())} by fills, {to_text(told)} by"
                " the exchange"
            ),
            hint=f"excache fills --account {position.account} --symbol {position.symbol}",
        )
