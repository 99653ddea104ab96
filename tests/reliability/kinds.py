"""The kinds of faults that are tried, and when an account is synced under them.

A kind returns the faults for one exchange and data type, or none where they have no meaning there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from exchange_cache.clock import to_ms
from exchange_cache.simulator.misbehaviour import (
    Amended,
    Busted,
    EmptyPage,
    FilterIgnored,
    Growing,
    KeyRefused,
    Late,
    LoopingCursor,
    Misbehaviour,
    NullList,
    OtherClock,
    Refusal,
    TooManyRequests,
    Unlisted,
    WrongTotal,
)
from tests.reliability.ground import START, Ground

DATA = ("fills", "orders", "transfers", "moves")
#: Where the data types are read; moves are the internal ones and the ledgers.
PATHS = {
    ("binance", "fills"): "/api/v3/myTrades",
    ("binance", "orders"): "/api/v3/allOrders",
    ("binance", "transfers"): "/capital/deposit/hisrec",
    ("binance", "moves"): "/sapi/v1/asset/transfer",
    ("bybit", "fills"): "/v5/execution/list",
    ("bybit", "orders"): "/v5/order/history",
    ("bybit", "transfers"): "/deposit/query-record",
    ("bybit", "moves"): "/query-inter-transfer-list",
    ("coinbase", "fills"): "/historical/fills",
    ("coinbase", "orders"): "/historical/batch",
    ("coinbase", "transfers"): "/transactions",
    ("kraken", "fills"): "/TradesHistory",
    ("kraken", "orders"): "/ClosedOrders",
    ("kraken", "transfers"): "/Ledgers",
    ("kucoin", "fills"): "/api/v1/hf/fills",
    ("kucoin", "orders"): "/hf/orders/done",
    ("kucoin", "transfers"): "/api/v1/deposits",
    ("kucoin", "moves"): "/api/v1/accounts/ledgers",
    ("okx", "fills"): "/trade/fills-history",
    ("okx", "orders"): "/trade/orders-history",
    ("okx", "transfers"): "/asset/deposit-history",
    ("okx", "moves"): "/asset/bills",
}
#: Lists that are narrowed by a parameter, as documented; the other requests send none.
FILTERS = {
    ("binance", "moves"): ("/sapi/v1/asset/transfer", "type"),
    ("bybit", "moves"): ("/v5/account/transaction-log", "type"),
    ("coinbase", "orders"): ("/historical/batch", "order_status"),
    ("kucoin", "orders"): ("/api/v1/orders", "status"),
    ("okx", "fills"): ("/trade/fills-history", "instType"),
    ("okx", "orders"): ("/trade/orders-history", "instType"),
    ("okx", "moves"): ("/account/bills-archive", "type"),
}
#: Lists whose answers state a total.
TOTALS = frozenset(
    {
        ("binance", "moves"),
        ("kraken", "fills"),
        ("kraken", "orders"),
        ("kraken", "transfers"),
        ("kucoin", "transfers"),
        ("kucoin", "moves"),
    }
)
_NOW, _HOUR = to_ms(START), 3_600_000
Maker = Callable[[Ground, str], tuple[Misbehaviour, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`runs`: hours after START at which the account is synced. The fault is on from the first; it
    ends before the second unless it `lasts` (rows that changed stay changed)."""

    name: str
    says: str
    faults: Maker
    data: tuple[str, ...] = DATA
    runs: tuple[float, ...] = (0, 1)
    lasts: bool = False
    local: timedelta = timedelta()
    ended: bool = False
    where: Callable[[tuple[str, str]], bool] = lambda place: True


def _page(fault: type, page: int) -> Maker:
    def make(ground: Ground, data: str) -> tuple[Misbehaviour, ...]:
        path = PATHS[ground.exchange, data]
        made: Misbehaviour = fault(exchange=ground.exchange, path=path, page=page)
        return (made,)

    return make


def _path(fault: type, **fields: object) -> Maker:
    def make(ground: Ground, data: str) -> tuple[Misbehaviour, ...]:
        path = PATHS[ground.exchange, data]
        made: Misbehaviour = fault(exchange=ground.exchange, path=path, **fields)
        return (made,)

    return make


def _rows(fault: type, hours: float, since: float, **fields: float) -> Maker:
    """Rows of the last `hours`, every second one; `fields` are hours after START."""

    def make(ground: Ground, data: str) -> tuple[Misbehaviour, ...]:
        times = {name: _NOW + int(at * _HOUR) for name, at in fields.items()}
        where = {"account": ground.exchange, "from_ms": _NOW - int(hours * _HOUR), "to_ms": _NOW}
        every = 1 if since else 2
        made: Misbehaviour = fault(data=data, every=every, **where, **times)
        return (made,)

    return make


def _whole(make: Callable[[Ground], Misbehaviour]) -> Maker:
    return lambda ground, data: (make(ground),)


_ROWS = ("fills", "orders", "transfers")
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="quiet",
            says="nothing goes wrong for three days: walking the settling time again costs no row",
            faults=lambda ground, data: (),
            data=("fills",),
            runs=(0, 1, 24, 25, 48, 49, 72, 73),
            lasts=True,
        ),
        Kind(
            name="empty-page",
            says="the second page of a walk is empty once, its total and cursor are not",
            faults=_page(EmptyPage, 2),
        ),
        Kind(
            name="empty-first-page",
            says="the first page of a walk is empty once",
            faults=_page(EmptyPage, 1),
        ),
        Kind(
            name="null-list",
            says="`null` once where a list is documented",
            faults=_page(NullList, 1),
        ),
        Kind(
            name="wrong-total",
            says="totals count ten rows more than there are",
            faults=_path(WrongTotal),
            where=TOTALS.__contains__,
        ),
        Kind(
            name="looping-cursor",
            says="pages A, B, A, B …",
            faults=_path(LoopingCursor),
        ),
        Kind(
            name="filter-ignored",
            says="the type asked for is not heeded",
            faults=lambda ground, data: (
                FilterIgnored(
                    exchange=ground.exchange,
                    path=FILTERS[ground.exchange, data][0],
                    names=FILTERS[ground.exchange, data][1:],
                ),
            ),
            where=FILTERS.__contains__,
        ),
        Kind(
            name="late-3h",
            says="half of the rows appear three hours late",
            faults=_rows(Late, 2, 0, shown_ms=3),
            data=_ROWS,
            runs=(0, 4, 26),
            lasts=True,
        ),
        Kind(
            name="late-3d",
            says="half of the rows appear almost three days late",
            faults=_rows(Late, 1, 0, shown_ms=70),
            data=_ROWS,
            runs=(0, 24, 48, 71, 72),
            lasts=True,
        ),
        Kind(
            name="growing",
            says="ended orders get their last fill three hours later",
            faults=_rows(Growing, 2, 0, grown_ms=3),
            data=("orders",),
            runs=(0, 4, 26),
            lasts=True,
        ),
        Kind(
            name="amended",
            says="prices and amounts are corrected a day later",
            faults=_rows(Amended, 2, 0, changed_ms=20),
            data=_ROWS,
            runs=(0, 26),
            lasts=True,
        ),
        Kind(
            name="busted",
            says="rows are taken back a day later",
            faults=_rows(Busted, 2, 0, gone_ms=20),
            data=_ROWS,
            runs=(0, 26, 27, 51, 52),
            lasts=True,
        ),
        Kind(
            name="refused-page",
            says="the exchange is down from the second page of a walk on",
            faults=_path(Refusal, kind="503", after=1),
            data=("fills", "transfers"),
        ),
        Kind(
            name="key-refused",
            says="the key is refused after 15 requests",
            faults=_whole(lambda ground: KeyRefused(exchange=ground.exchange, after=15)),
            data=("fills",),
        ),
        Kind(
            name="lasting-429",
            says="every request for the list is answered with 429",
            faults=_path(TooManyRequests),
            data=("fills",),
        ),
        Kind(
            name="clock-ahead",
            says="the exchange's clock is five hours ahead in the first run",
            faults=_whole(lambda ground: OtherClock(exchange=ground.exchange, by_ms=5 * _HOUR)),
            data=("fills",),
        ),
        Kind(
            name="local-clock-ahead",
            says="the own clock is three days ahead in the first run, and rows happen after it",
            faults=_rows(Late, 1, 1, shown_ms=0),
            data=("fills", "transfers"),
            runs=(-1.01, 1),
            local=timedelta(days=3),
            lasts=True,
        ),
        Kind(
            name="ended-market",
            says="a market with fills is in no list any more",
            faults=_whole(
                lambda ground: Unlisted(
                    exchange=ground.exchange,
                    symbol=ground.ended.symbol if ground.ended else "",
                )
            ),
            data=("fills", "orders"),
            lasts=True,
            ended=True,
        ),
    )
}


def cases() -> list[tuple[str, str, str]]:
    """(kind, exchange, data type) of all that can be tried."""
    return [
        (kind.name, exchange, data)
        for kind in KINDS.values()
        for exchange, data in PATHS
        if data in kind.data and kind.where((exchange, data))
    ]
