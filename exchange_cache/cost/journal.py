"""What an asset's state realised, one by one: its lots as they were closed, and other results.

Kept only where ``excache gains`` asks for it (``FoldSettings.journal``); the sums are those of the
state: gains of disposals are its trading result, and entries are its other results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cost.event_place import moment_at
from exchange_cache.cost.lots import Piece
from exchange_cache.cost.shorts import Covered, shares
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.money import EXACT

#: What closes a lot besides the kinds of events.
DUST = "dust_written_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """A lot, or the part of one, that was closed.

    ``opened``: the place of the event that added it (of a short, of its sale); None where it is
    unknown or units are alike. ``cost`` None: unknown; ``proceeds`` None: given for something
    without a rate.
    """

    place: int
    closed_at: datetime
    opened: int | None
    account: str
    asset: str
    kind: str
    symbol: str | None
    source_id: str
    quantity: Decimal
    proceeds: Decimal | None
    cost: Decimal | None
    short: bool = False

    @property
    def opened_at(self) -> datetime | None:
        return moment_at(self.opened)

    @property
    def held(self) -> timedelta | None:
        """How long the lot was open."""
        opened = self.opened_at
        return None if opened is None else self.closed_at - opened

    @property
    def gain(self) -> Decimal | None:
        if self.proceeds is None or self.cost is None:
            return None
        with localcontext(EXACT):
            return self.proceeds - self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A closed result that disposes of no lot: of a derivative, funding, income, an expense."""

    place: int
    closed_at: datetime
    account: str
    asset: str
    flow: str
    value: Decimal


Entry = Disposal | Result


class Journal:
    """The entries of one state. ``dated``: its lots have an age."""

    __slots__ = ("_asset", "_dated", "entries")

    def __init__(self, asset: str, *, dated: bool) -> None:
        self._asset, self._dated = asset, dated
        self.entries: list[Entry] = []

    def closed(
        self,
        event: LedgerEvent,
        place: int,
        account: str,
        pieces: Sequence[Piece],
        proceeds: Decimal | None,
        *,
        kind: str | None = None,
    ) -> None:
        """Pieces removed together, for what they brought."""
        sizes = [piece.quantity for piece in pieces]
        parts = [None] * len(sizes) if proceeds is None else shares(proceeds, sizes)
        for piece, share in zip(pieces, parts, strict=True):
            self._add(event, place, account, piece, share, kind=kind)

    def covered(
        self, event: LedgerEvent, place: int, account: str, units: Sequence[Covered]
    ) -> None:
        """Units of a short that were covered."""
        for one in units:
            piece = Piece(-1 if one.order is None else one.order, one.quantity, one.cost)
            self._add(event, place, account, piece, one.proceeds, short=True)

    def result(
        self, event: LedgerEvent, place: int, account: str, flow: str, value: Decimal
    ) -> None:
        if not value:
            return
        self.entries.append(
            Result(
                place=place,
                closed_at=event.time,
                account=account,
                asset=self._asset,
                flow=flow,
                value=value,
            )
        )

    def _add(
        self,
        event: LedgerEvent,
        place: int,
        account: str,
        piece: Piece,
        proceeds: Decimal | None,
        *,
        kind: str | None = None,
        short: bool = False,
    ) -> None:
        self.entries.append(
            Disposal(
                place=place,
                closed_at=event.time,
                opened=piece.order if self._dated and piece.order >= 0 else None,
                account=account,
                asset=self._asset,
                kind=kind or event.kind,
                symbol=event.symbol,
                source_id=event.source_id,
                quantity=piece.quantity,
                proceeds=proceeds,
                cost=piece.cost,
                short=short,
            )
        )

    def drained(self) -> Iterator[Entry]:
        """The entries since the last time."""
        entries, self.entries = self.entries, []
        return iter(entries)
