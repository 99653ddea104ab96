"""Binance's statement of all wallets: one row for each leg, without ids, to the second.

Partial fills are merged by side, and trades of one second interleave: a trade is the sum by asset
and operation. Where several assets were bought or sold in one second, which of them belong together
is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.adapter.meanings import UNKNOWN, Meaning
from exchange_cache.exchanges.binance.file_words import (
    CONTRACTS,
    COPIED,
    CREDITED,
    EXCHANGES,
    FEES,
    LEGS,
    MOVED,
    NOWHERE,
    OPERATIONS,
    WALLETS,
    histories_of,
)
from exchange_cache.exchanges.file_records import (
    Ids,
    Part,
    exchanged,
    fee,
    moved,
    net,
    swapped,
)
from exchange_cache.exchanges.file_rows import moment, moments, needed, required
from exchange_cache.records import MARGIN_WALLETS, Fee, FillKind, Transfer, TransferKind
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated

SCOPE = "statement"
#: So far apart are a bonus of Earn and its credit.
_APART = timedelta(minutes=1)
#: Codes that begin like those of flexible Earn (LDBTC) and are assets of their own.
_REAL_CODES = frozenset({"LDO", "LD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    row: Row
    time: datetime
    wallet: str
    operation: str  # in lower case, with single blanks
    code: str  # as the file writes it
    asset: str
    change: Decimal

    @property
    def may_be_copy(self) -> bool:
        return self.operation == COPIED and self.wallet == "earn"

    @property
    def part(self) -> Part:
        return Part(line=self.row.line, asset=self.asset, change=self.change)


def statement(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Rows of one second together, by what they are: trades, exchanges, moves, and all else."""
    at = "Time" if "Time" in context.columns else "UTC_Time"
    ids, copies = Ids(), _Copies()
    for time, held in moments(rows, lambda row: moment(row, at, context.zone)):
        legs = [_leg(row, time, context) for row in held]
        for leg in copies.unpaired(time):
            yield _single(leg, context, ids)
        yield from copies.found(legs)
        sorted_legs = _sorted([leg for leg in legs if not leg.may_be_copy])
        yield from _trades(sorted_legs.trades, sorted_legs.fees, context, ids)
        yield from _exchanges(sorted_legs.exchanges, context, ids)
        yield from _moves(sorted_legs.moves, context, ids)
        for leg in sorted_legs.others:
            yield _single(leg, context, ids)
    for leg in copies.waiting:
        yield _single(leg, context, ids)


def _leg(row: Row, time: datetime, context: FileContext) -> _Leg:
    code, account = needed(row, "Coin"), " ".join(needed(row, "Account").lower().split())
    account = account.removesuffix(" wallet").removesuffix(" account")
    flexible = code.startswith("LD") and len(code) > 3 and code not in _REAL_CODES
    return _Leg(
        row=row,
        time=time,
        wallet=WALLETS.get(account, account),
        operation=" ".join(needed(row, "Operation").lower().split()),
        code=code,
        asset=context.names.asset(code[2:] if flexible else code),
        change=required(row, "Change"),
    )


class _Copies:
    """Finds lines that repeat another one of nearly the same time: a bonus in Earn, and its credit
    in another wallet. Those whose credit may still come are ``waiting``."""

    def __init__(self) -> None:
        self.waiting: list[_Leg] = []
        self._credits: list[_Leg] = []

    def found(self, legs: Iterable[_Leg]) -> Iterator[LeftOut]:
        """The lines that are copies, as soon as both are read."""
        for leg in legs:
            if leg.may_be_copy:
                credit = _taken(leg, self._credits)
                if credit is None:
                    self.waiting.append(leg)
                else:
                    yield _copy(leg, credit)
            elif leg.operation == CREDITED and leg.wallet != "earn":
                copied = _taken(leg, self.waiting)
                if copied is None:
                    self._credits.append(leg)
                else:
                    yield _copy(copied, leg)

    def unpaired(self, now: datetime) -> list[_Leg]:
        """Those that no credit followed; what is too old to be one of a pair is forgotten."""
        self._credits = [one for one in self._credits if abs(now - one.time) <= _APART]
        late = [one for one in self.waiting if abs(now - one.time) > _APART]
        self.waiting = [one for one in self.waiting if abs(now - one.time) <= _APART]
        return late


def _taken(leg: _Leg, among: list[_Leg]) -> _Leg | None:
    """The nearest one of equal amount, which is used up."""
    same = [one for one in among if (one.asset, one.change) == (leg.asset, leg.change)]
    near = min(same, key=lambda one: abs(one.time - leg.time), default=None)
    if near is not None:
        among.remove(near)
    return near


def _copy(leg: _Leg, credit: _Leg) -> LeftOut:
    return LeftOut(line=leg.row.line, reason=f"a copy of line {credit.row.line}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    trades: list[_Leg]
    fees: list[_Leg]
    exchanges: list[_Leg]
    moves: list[_Leg]
    others: list[_Leg]


def _sorted(legs: list[_Leg]) -> _Sorted:
    found = _Sorted(trades=[], fees=[], exchanges=[], moves=[], others=[])
    for leg in legs:
        if leg.operation in LEGS and leg.wallet not in CONTRACTS:
            found.trades.append(leg)
        elif leg.operation in FEES and leg.wallet not in CONTRACTS:
            found.fees.append(leg)
        elif leg.operation in EXCHANGES:
            found.exchanges.append(leg)
        elif OPERATIONS.get(leg.operation, UNKNOWN).kind is TransferKind.INTERNAL:
            found.moves.append(leg)
        else:
            found.others.append(leg)
    return found


# --- trades ---------------------------------------------------------------------------------------


def _trades(
    legs: list[_Leg], charges: list[_Leg], context: FileContext, ids: Ids
) -> Iterator[Found]:
    """The trades of a second. A fee belongs to the only trade of its wallet, or to the only one
    that received its asset; any other one is a charge by itself."""
    groups: dict[tuple[str, str], list[_Leg]] = {}
    for leg in legs:
        groups.setdefault((leg.wallet, LEGS[leg.operation]), []).append(leg)
    paid: dict[tuple[str, str], list[_Leg]] = {key: [] for key in groups}
    for charge in charges:
        own = [key for key in groups if key[0] == charge.wallet]
        if len(own) > 1:
            own = [key for key in own if _received(groups[key]) == charge.asset]
        if len(own) == 1:
            paid[own[0]].append(charge)
        else:
            yield _single(charge, context, ids)
    for (wallet, _), group in groups.items():
        charged = paid[wallet, LEGS[group[0].operation]]
        yield from _traded(group, charged, wallet, context, ids)


def _received(legs: Iterable[_Leg]) -> str | None:
    sides = exchanged(net((leg.asset, leg.change) for leg in legs))
    return None if sides is None else sides[1][0]


def _traded(
    legs: list[_Leg], charges: list[_Leg], wallet: str, context: FileContext, ids: Ids
) -> Iterator[Found]:
    yield from swapped(
        context,
        SCOPE,
        parts=[leg.part for leg in legs],
        time=legs[0].time,
        ids=ids,
        kind=FillKind.TRADE,
        fees=_fees(charges),
        word=legs[0].operation,
        category="margin" if wallet in MARGIN_WALLETS else "spot",
        charged=tuple(leg.row.line for leg in charges),
    )


def _fees(charges: Iterable[_Leg]) -> tuple[Fee, ...]:
    paid = net((leg.asset, -leg.change) for leg in charges)
    return tuple(part for asset, amount in paid.items() for part in fee(asset, amount))


# --- everything else ------------------------------------------------------------------------------


def _exchanges(legs: list[_Leg], context: FileContext, ids: Ids) -> Iterator[Found]:
    groups: dict[str, list[_Leg]] = {}
    for leg in legs:
        groups.setdefault(leg.operation, []).append(leg)
    for operation, group in groups.items():
        for one in swapped(
            context,
            SCOPE,
            parts=[leg.part for leg in group],
            time=group[0].time,
            ids=ids,
            kind=EXCHANGES[operation],
            word=operation,
        ):
            assert isinstance(one, Stated)
            yield replace(one, histories=histories_of(operation, group[0].wallet))


def _moves(legs: list[_Leg], context: FileContext, ids: Ids) -> Iterator[Found]:
    """Both ends of a move are one; an end without the other is a move from or to what its operation
    names."""
    arrived = [leg for leg in legs if leg.change > 0]
    for left in (leg for leg in legs if leg.change <= 0):
        ends = [
            leg
            for leg in arrived
            if (leg.asset, leg.change) == (left.asset, -left.change)
            and (leg.wallet, leg.code) != (left.wallet, left.code)
        ]
        if not ends:
            yield _single(left, context, ids)
            continue
        arrived.remove(ends[0])
        yield Stated(
            lines=(left.row.line, ends[0].row.line),
            record=Transfer(
                account=context.account,
                scope=SCOPE,
                transfer_id=ids.of(
                    left.time, left.operation, left.wallet, ends[0].wallet, left.asset, left.change
                ),
                kind=TransferKind.INTERNAL,
                time=left.time,
                asset=left.asset,
                quantity=-left.change,
                from_wallet=left.wallet,
                to_wallet=ends[0].wallet,
                word=left.row.cells["Operation"],
            ),
            exact=False,
            histories=MOVED.get((left.wallet, ends[0].wallet), NOWHERE),
        )
    for leg in arrived:
        yield _single(leg, context, ids)


def _single(leg: _Leg, context: FileContext, ids: Ids) -> Found:
    """A row by itself, under the word of its operation."""
    if not leg.change:
        return LeftOut(line=leg.row.line, reason="changes no balance")
    meaning = OPERATIONS.get(leg.operation, UNKNOWN)
    if meaning.kind is TransferKind.INTERNAL and meaning.outside == leg.wallet:
        meaning = Meaning(kind=TransferKind.INTERNAL)
    record = moved(
        context,
        SCOPE,
        transfer_id=ids.of(leg.time, leg.wallet, leg.operation, leg.asset, leg.change),
        meaning=meaning,
        time=leg.time,
        asset=leg.asset,
        amount=leg.change,
        word=leg.row.cells["Operation"].strip(),
        wallet=leg.wallet,
    )
    return Stated(
        lines=(leg.row.line,),
        record=record,
        exact=False,
        histories=histories_of(leg.operation, leg.wallet),
    )
