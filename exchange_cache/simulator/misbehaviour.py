"""What a simulated exchange can be made to do wrong: one dataclass for each fault, applied by the
server until it is switched off.

    simulator.inflict(EmptyPage(exchange="kraken", path="TradesHistory", page=3))
    simulator.inflict(Late(account="kraken", data="fills", from_ms=…, to_ms=…, shown_ms=…))
    simulator.faults.clear()                                   # the exchange is well again

Three families. *Refusals* answer in place of the exchange. *Page faults* spoil the answers of one
path: `lists` knows where each exchange keeps rows, totals and cursors. *Row faults* change what the
venue shows of an account (`shown`), so every list of the exchange agrees on them; the venue's own
books, and `truth_of`, stay as they are. `data` is fills | orders | transfers (moves, incomes and
their ledger lines).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar
from zlib import crc32

from exchange_cache.simulator.venue import Conversion, Entry, Fill, Income, Order, Transfer

ALWAYS = 10**9
_DATA: dict[str, tuple[type, ...]] = {
    "fills": (Fill,),
    "orders": (Order,),
    "transfers": (Transfer, Income),
}
Row = TypeVar("Row", Fill, Order, Transfer, Income, Conversion, Entry)


# -- refusals
#   -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Requests to `path` are refused after `after` good ones, `times` times, in the words of the
    exchange: `kind` is one of `faults.KINDS`."""

    exchange: str
    path: str = ""
    kind: str = "bad_key"
    after: int = 0
    times: int = ALWAYS
    signed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRefused:
    """The key is withdrawn in the middle of a run: every signed request after `after` good ones is
    refused."""

    exchange: str
    after: int = 0

    def refusal(self) -> Refusal:
        return Refusal(exchange=self.exchange, after=self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyRequests:
    """A rate limit that does not end: every signed request to `path` is answered with 429."""

    exchange: str
    path: str = ""

    def refusal(self) -> Refusal:
        return Refusal(exchange=self.exchange, path=self.path, kind="429")


# -- pages
#   -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFault:
    """`times` answers for page number `page` (the first is 1) of walks over paths that contain
    `path`; a walk is the same request but for its page."""

    exchange: str
    path: str
    page: int = 2
    times: int = 1


class EmptyPage(PageFault):
    """No rows, while totals and cursors are those of the true page (Kraken's `count`, seen in
    TradesHistory)."""


class NullList(PageFault):
    """`null` where a list is documented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTotal(PageFault):
    """Every total of the page counts `by` rows more than there are."""

    page: int = 1
    times: int = ALWAYS
    by: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopingCursor(PageFault):
    """Pages A, B, A, B: from the third page on, each answer is that of two pages before, its cursor
    as well."""

    page: int = 3
    times: int = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterIgnored:
    """The parameters `names` are not heeded: rows of every type, symbol or status are sent."""

    exchange: str
    path: str
    names: tuple[str, ...]


# -- rows
#   -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One in `every` rows of an account, chosen by chance but always the same, from `from_ms` to
    `to_ms`, both inclusive; orders by the time they were placed."""

    account: str
    data: str
    from_ms: int
    to_ms: int
    every: int = 1

    def concerns(self, row: Fill | Order | Transfer | Income | Conversion | Entry) -> bool:
        subject: Any = row.source if isinstance(row, Entry) and self.data == "transfers" else row
        if row.account != self.account or type(subject) not in _DATA[self.data]:
            return False
        at = subject.created_ms if self.data == "orders" else subject.time_ms
        chosen = crc32(str(subject.seq).encode()) % self.every == 0
        return bool(self.from_ms <= at <= self.to_ms and chosen)

    def shown(self, row: Row, now_ms: int) -> Row | None:
        """The row as the exchange shows it at a time, None where it does not."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Late(RowFault):
    """Rows that appear at `shown_ms`, hours or days after they happened."""

    shown_ms: int

    def shown(self, row: Row, now_ms: int) -> Row | None:
        return row if now_ms >= self.shown_ms else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Busted(RowFault):
    """Rows that the exchange takes back at `gone_ms`."""

    gone_ms: int

    def shown(self, row: Row, now_ms: int) -> Row | None:
        return row if now_ms < self.gone_ms else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended(RowFault):
    """Rows whose price (fills, orders) or amount (transfers) is `factor` times as much from
    `changed_ms` on."""

    changed_ms: int
    factor: Decimal = Decimal("1.01")

    def shown(self, row: Row, now_ms: int) -> Row | None:
        return row if now_ms < self.changed_ms else _scaled(row, self.factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing(RowFault):
    """Orders that are shown as ended without their last fill until `grown_ms`."""

    grown_ms: int
    data: str = "orders"

    def shown(self, row: Row, now_ms: int) -> Row | None:
        if now_ms >= self.grown_ms or not isinstance(row, Order) or row.status == "open":
            return row
        whole = len(row.fill_ids)
        if whole < 2:
            return row
        part = Decimal(whole - 1) / whole
        return replace(
            row,
            filled=(row.filled * part).quantize(row.market.lot),
            cost=row.cost * part,
            fees={asset: fee * part for asset, fee in row.fees.items()},
            fill_ids=row.fill_ids[:-1],
        )


def _scaled(row: Row, factor: Decimal) -> Row:
    if isinstance(row, Fill):
        return replace(row, price=row.price * factor, cost=row.cost * factor)
    if isinstance(row, Order):
        return replace(row, cost=row.cost * factor)
    if isinstance(row, Transfer | Income | Entry):
        return replace(row, amount=row.amount * factor)
    return row


# -- the exchange as a whole
#   -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClock:
    """The exchange's clock is `by_ms` ahead (negative: behind): its time endpoint, its `Date`, and
    its check of timestamps. Rows keep their times."""

    exchange: str
    by_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A market left the lists at `at_ms`: as delisted where the exchange lists such ones, or
    (`purged`) as one that no list knows any more. Its history is served as before."""

    exchange: str
    symbol: str
    at_ms: int = 0
    purged: bool = True


Misbehaviour = (
    Refusal
    | KeyRefused
    | TooManyRequests
    | PageFault
    | FilterIgnored
    | RowFault
    | OtherClock
    | Unlisted
)
#: The vocabulary by name, for `POST misbehave` (see `control`).
VOCABULARY: dict[str, type] = {
    each.__name__: each
    for each in (
        Refusal,
        KeyRefused,
        TooManyRequests,
        EmptyPage,
        NullList,
        WrongTotal,
        LoopingCursor,
        FilterIgnored,
        Late,
        Busted,
        Amended,
        Growing,
        OtherClock,
        Unlisted,
    )
}
