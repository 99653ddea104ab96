"""A history served as documented arrives whole: every page cap, order and bound, several windows,
killed and resumed anywhere.

Each venue below is a small server that cuts its pages as the exchange's documentation says (which
end of a window a capped page keeps, how the next page is named), whatever the policy believes. Its
rows carry their number as price or amount, so that the set that arrived through ccxt, the adapter
and the walk is compared with the set that is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from exchange_cache.adapter.policy import OnePage, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import Interrupted
from exchange_cache.records import Fill, Order
from exchange_cache.sync.history import Walk
from exchange_cache.sync.plan import plan_stream
from tests.exchanges import (
    test_bingx,
    test_bitvavo,
    test_cryptocom_requests as cryptocom,
    test_deribit,
    test_hyperliquid,
    test_phemex,
)
from tests.exchanges.builders import DAY_MS, NOW, NOW_MS, adapter_for, stream
from tests.exchanges.scripted import FILLS, ORDERS, TRANSFERS
from tests.exchanges.stub import Asked
from tests.exchanges.test_gemini_requests import GEMINI_MOVE, gemini_fill, iso

LENGTH = timedelta(days=6)
CAP = 4  # rows a page, whatever is asked
Row = dict[str, Any]


class Cut(list[Row]):
    """A page, which knows how many rows it is a part of, and whether more follow."""

    def __init__(self, rows: list[Row], *, total: int, more: bool) -> None:
        super().__init__(rows)
        self.total, self.more = total, more


Params = Mapping[str, Any]
Pages = Callable[[list[tuple[int, Row]], Params], Any]


@dataclass(frozen=True, kw_only=True)
class Venue:
    """One stream: how its rows look (number, time in ns), how they are wrapped, and how its pages
    are cut."""

    exchange: str
    data_type: Any
    scope: str
    row: Callable[[int, int], Row]
    wrap: Callable[[Any, Params], Any]
    pages: Pages
    symbol: str = ""
    listing: Any = None  # the answer to what is asked first: the targets of a fan-out
    share: Callable[[int, Params], bool] = lambda number, params: True  # which rows a target has
    crowd: int = 3  # rows of one millisecond


# --- how pages are cut ----------------------------------------------------------------------------


def span(
    start: str | None, end: str | None, *, unit: int = 1_000_000, open_end: bool = False
) -> Callable[[int, Params], bool]:
    """Whether a time (ns) lies in the bounds of a request."""

    def inside(at: int, params: Params) -> bool:
        low = int(params.get(start or "", 0)) * unit
        high = int(params.get(end or "", 1 << 60)) * unit
        return low <= at and (at < high if open_end else at // unit * unit <= high)

    return inside


def by_time(
    inside: Callable[[int, Params], bool], *, keep: str, newest_first: bool = False
) -> Pages:
    """A capped page keeps the oldest or the newest rows in the bounds."""

    def cut(rows: list[tuple[int, Row]], params: Params) -> list[Row]:
        found = [row for at, row in rows if inside(at, params)]
        size = min(CAP, int(params.get("limit", CAP)))
        page = found[:size] if keep == "oldest" else found[-size:]
        turned = page[::-1] if newest_first else page
        return Cut(turned, total=len(found), more=len(found) > size)

    return cut


def by_offset(
    inside: Callable[[int, Params], bool], param: str, *, first: int | None = None
) -> Pages:
    """Newest first; ``first`` is the number of the first page, None where rows are counted."""

    def cut(rows: list[tuple[int, Row]], params: Params) -> list[Row]:
        found = [row for at, row in rows if inside(at, params)][::-1]
        passed = int(params.get(param, 0)) if first is None else (int(params[param]) - first) * CAP
        page = found[passed : passed + CAP]
        return Cut(page, total=len(found), more=passed + CAP < len(found))

    return cut


# --- what the exchanges answer --------------------------------------------------------------------


def bare(rows: list[Row], params: Params) -> Any:
    return rows


def cro(name: str) -> Callable[[list[Row], Params], Any]:
    return lambda rows, params: cryptocom.cro(name, *rows)


def bx(name: str) -> Callable[[list[Row], Params], Any]:
    return lambda rows, params: test_bingx.bx({name: rows})


def px(rows: list[Row], params: Params) -> Any:
    return test_phemex.px({"total": len(rows), "rows": rows})


def coin(number: int, params: Params) -> bool:
    return ("BTC", "USDC")[number % 2] == params["currency"]


def deribit_log(rows: list[tuple[int, Row]], params: Params) -> list[Row]:
    start = int(params.get("continuation", 0))
    found = [row for at, row in rows if span("start_timestamp", "end_timestamp")(at, params)][::-1]
    return found[start : start + CAP]


def deribit_logs(rows: list[Row], params: Params) -> Any:
    after = int(params.get("continuation", 0)) + len(rows)
    return test_deribit.deri({"logs": rows, "continuation": after if rows else None})


def ms(at: int) -> int:
    return at // 1_000_000


CRO_SPAN = span("start_time", "end_time", unit=1, open_end=True)
CRO = [
    Venue(
        exchange="cryptocom",
        data_type=kind,
        scope=scope,
        wrap=cro("data"),
        pages=by_time(CRO_SPAN, keep="newest", newest_first=True),
        row=row,
        crowd=9,
    )
    for kind, scope, row in (
        (
            FILLS,
            "trades",
            lambda n, at: (
                cryptocom.CRO_FILL
                | {
                    "trade_id": str(n),
                    "traded_price": str(n),
                    "create_time": ms(at),
                    "create_time_ns": str(at),
                }
            ),
        ),
        (
            ORDERS,
            "orders",
            lambda n, at: (
                cryptocom.CRO_ORDER
                | {
                    "order_id": str(n),
                    "limit_price": str(n),
                    "create_time": ms(at),
                    "create_time_ns": str(at),
                }
            ),
        ),
        (
            TRANSFERS,
            "journal",
            lambda n, at: (
                cryptocom.CRO_JOURNAL[2]
                | {
                    "journal_id": str(n),
                    "transaction_qty": str(n),
                    "event_timestamp_ms": ms(at),
                    "event_timestamp_ns": str(at),
                }
            ),
        ),
    )
] + [
    Venue(
        exchange="cryptocom",
        data_type=TRANSFERS,
        scope="deposits",
        wrap=cro("deposit_list"),
        pages=by_offset(span("start_ts", "end_ts"), "page", first=0),
        row=lambda n, at: (
            cryptocom.CRO_DEPOSIT | {"id": str(n), "amount": str(n), "create_time": ms(at)}
        ),
    ),
]
DERIBIT = [
    Venue(
        exchange="deribit",
        data_type=kind,
        scope=scope,
        wrap=wrap,
        pages=pages,
        row=row,
        listing=test_deribit.CURRENCIES,
        share=coin,
    )
    for kind, scope, wrap, pages, row in (
        (
            FILLS,
            "trades",
            lambda rows, params: test_deribit.deri({"trades": rows, "has_more": rows.more}),
            by_time(span("start_timestamp", "end_timestamp"), keep="oldest"),
            lambda n, at: (
                test_deribit.DERI_FILL | {"trade_id": str(n), "price": n, "timestamp": ms(at)}
            ),
        ),
        (
            ORDERS,
            "orders",
            lambda rows, params: test_deribit.deri(rows),
            by_offset(span(None, None), "offset"),
            lambda n, at: (
                test_deribit.DERI_ORDER
                | {
                    "order_id": str(n),
                    "price": n,
                    "creation_timestamp": ms(at),
                    "last_update_timestamp": ms(at),
                }
            ),
        ),
        (
            TRANSFERS,
            "deposits",
            lambda rows, params: test_deribit.deri_data(*rows, count=rows.total),
            by_offset(span(None, None), "offset"),
            lambda n, at: (
                test_deribit.DERI_DEPOSIT
                | {"transaction_id": str(n), "amount": n, "received_timestamp": ms(at)}
            ),
        ),
        (
            TRANSFERS,
            "log",
            deribit_logs,
            deribit_log,
            lambda n, at: test_deribit.DERI_LOG[3] | {"id": n, "change": n, "timestamp": ms(at)},
        ),
    )
]
HYPERLIQUID = [
    Venue(
        exchange="hyperliquid",
        data_type=kind,
        scope=scope,
        wrap=bare,
        pages=by_time(span("startTime", "endTime"), keep="oldest"),
        row=row,
    )
    for kind, scope, row in (
        (FILLS, "fills", lambda n, at: test_hyperliquid.hl_fill(n, "ETH", px=str(n), time=ms(at))),
        (
            TRANSFERS,
            "ledger",
            lambda n, at: test_hyperliquid.hl_update(n, "deposit", usdc=str(n)) | {"time": ms(at)},
        ),
    )
] + [
    Venue(
        exchange="hyperliquid",
        data_type=ORDERS,
        scope="orders",
        wrap=bare,
        pages=lambda rows, params: [row for _, row in rows][::-1],
        row=lambda n, at: {
            **test_hyperliquid.hl_state(n, "canceled", "0.2"),
            "order": {
                **test_hyperliquid.hl_state(n, "canceled", "0.2")["order"],
                "limitPx": str(n),
                "timestamp": ms(at),
            },
        },
    ),
]
GEMINI = [
    Venue(
        exchange="gemini",
        data_type=kind,
        scope=scope,
        symbol=symbol,
        wrap=bare,
        pages=by_time(span("timestamp", None), keep="oldest", newest_first=True),
        row=row,
    )
    for kind, scope, symbol, row in (
        (FILLS, "spot", "BTC/USD", lambda n, at: gemini_fill(n, ms(at)) | {"price": str(n)}),
        (
            TRANSFERS,
            "transfers",
            "",
            lambda n, at: GEMINI_MOVE | {"eid": n, "amount": str(n), "timestampms": ms(at)},
        ),
    )
]
BITVAVO = [
    Venue(
        exchange="bitvavo",
        data_type=kind,
        scope=scope,
        symbol=symbol,
        wrap=bare,
        pages=by_time(span("start", "end"), keep="newest", newest_first=True),
        row=row,
    )
    for kind, scope, symbol, row in (
        (
            FILLS,
            "spot",
            "BTC/EUR",
            lambda n, at: (
                test_bitvavo.BV_FILL | {"id": str(n), "price": str(n), "timestamp": ms(at)}
            ),
        ),
        (
            ORDERS,
            "spot",
            "BTC/EUR",
            lambda n, at: (
                test_bitvavo.BV_ORDER | {"orderId": str(n), "price": str(n), "created": ms(at)}
            ),
        ),
        (
            TRANSFERS,
            "deposits",
            "",
            lambda n, at: (
                test_bitvavo.BV_DEPOSIT | {"txId": f"0x{n}", "amount": str(n), "timestamp": ms(at)}
            ),
        ),
        (
            TRANSFERS,
            "withdrawals",
            "",
            lambda n, at: (
                test_bitvavo.BV_WITHDRAWAL
                | {"txId": f"0x{n}", "amount": str(n), "timestamp": ms(at)}
            ),
        ),
    )
] + [
    Venue(
        exchange="bitvavo",
        data_type=TRANSFERS,
        scope="history",
        pages=by_offset(span("fromDate", "toDate"), "page", first=1),
        wrap=lambda rows, params: {
            "items": rows,
            "currentPage": int(params["page"]),
            "maxItems": CAP,
        },
        row=lambda n, at: (
            test_bitvavo.BV_HISTORY[0]
            | {"transactionId": str(n), "receivedAmount": str(n), "executedAt": iso(ms(at))}
        ),
    ),
]
MS_SPAN = span("startTime", "endTime")
BINGX = [
    Venue(
        exchange="bingx",
        data_type=kind,
        scope=scope,
        symbol=symbol,
        wrap=wrap,
        pages=pages,
        row=row,
    )
    for kind, scope, symbol, wrap, pages, row in (
        (
            FILLS,
            "spot",
            "",
            bx("fills"),
            by_time(MS_SPAN, keep="oldest"),
            lambda n, at: test_bingx.BX_FILL | {"id": n, "price": str(n), "time": ms(at)},
        ),
        (
            ORDERS,
            "spot",
            "",
            bx("orders"),
            by_offset(MS_SPAN, "pageIndex", first=1),
            lambda n, at: test_bingx.BX_ORDER | {"orderId": n, "price": str(n), "time": ms(at)},
        ),
        (
            FILLS,
            "linear",
            "BTC/USDT:USDT",
            bx("fill_history_orders"),
            by_offset(span("startTs", "endTs"), "pageIndex", first=1),
            lambda n, at: (
                test_bingx.BX_SWAP | {"tradeId": str(n), "price": str(n), "filledTm": iso(ms(at))}
            ),
        ),
        (
            ORDERS,
            "linear",
            "",
            bx("orders"),
            by_time(MS_SPAN, keep="newest", newest_first=True),
            lambda n, at: (
                test_bingx.BX_SWAP_ORDER | {"orderId": n, "price": str(n), "time": ms(at)}
            ),
        ),
        (
            TRANSFERS,
            "income",
            "",
            lambda rows, params: test_bingx.bx(rows),
            by_time(MS_SPAN, keep="newest", newest_first=True),
            lambda n, at: (
                test_bingx.BX_INCOME[0] | {"tranId": str(n), "income": str(n), "time": ms(at)}
            ),
        ),
        (
            TRANSFERS,
            "deposits",
            "",
            bare,
            by_offset(MS_SPAN, "offset"),
            lambda n, at: (
                test_bingx.BX_DEPOSIT | {"txId": str(n), "amount": str(n), "insertTime": ms(at)}
            ),
        ),
    )
]
PX_SPAN = span("start", "end")
PHEMEX = [
    Venue(
        exchange="phemex",
        data_type=kind,
        scope=scope,
        symbol=symbol,
        wrap=wrap,
        pages=by_offset(inside, "offset"),
        row=row,
    )
    for kind, scope, symbol, wrap, inside, row in (
        (
            FILLS,
            "spot",
            "BTC/USDT",
            px,
            PX_SPAN,
            lambda n, at: (
                test_phemex.PX_SPOT
                | {
                    "execId": str(n),
                    "execPriceEp": n * 10**8,
                    "execQuoteQtyEv": 1,
                    "transactTimeNs": at,
                }
            ),
        ),
        (
            ORDERS,
            "spot",
            "BTC/USDT",
            px,
            PX_SPAN,
            lambda n, at: (
                test_phemex.PX_SPOT_ORDER
                | {"orderID": str(n), "priceEp": n * 10**8, "createTimeNs": at}
            ),
        ),
        (
            FILLS,
            "inverse",
            "BTC/USD:BTC",
            px,
            PX_SPAN,
            lambda n, at: (
                test_phemex.PX_INVERSE
                | {"execID": str(n), "execPriceEp": n * 10**4, "transactTimeNs": at}
            ),
        ),
        (
            FILLS,
            "linear-usdt",
            "",
            px,
            span(None, None),
            lambda n, at: (
                test_phemex.PX_LINEAR
                | {"execId": str(n), "execPriceRp": str(n), "createdAt": ms(at)}
            ),
        ),
        (
            ORDERS,
            "linear-usdt",
            "",
            px,
            span(None, None),
            lambda n, at: (
                test_phemex.PX_LINEAR_ORDER
                | {"orderId": str(n), "priceRp": str(n), "createdAt": ms(at)}
            ),
        ),
        (
            TRANSFERS,
            "deposits",
            "",
            lambda rows, params: test_phemex.px(rows),
            span(None, None),
            lambda n, at: (
                test_phemex.PX_DEPOSIT | {"id": n, "amountEv": n * 10**8, "createdAt": ms(at)}
            ),
        ),
        (
            FILLS,
            "converts",
            "",
            px,
            MS_SPAN,
            lambda n, at: (
                test_phemex.PX_CONVERT
                | {
                    "linkKey": str(n),
                    "createTime": ms(at),
                    "fromAmountEv": n * 10**8,
                    "toAmountEv": 10**8,
                }
            ),
        ),
    )
] + [
    Venue(
        exchange="phemex",
        data_type=TRANSFERS,
        scope="moves",
        wrap=px,
        pages=by_offset(PX_SPAN, "offset"),
        listing=test_phemex.px(
            [{"currency": "BTC", "balanceEv": 1}, {"currency": "USDC", "balanceEv": 0}]
        ),
        share=coin,
        row=lambda n, at: (
            test_phemex.PX_MOVE | {"linkKey": str(n), "amountEv": n * 10**8, "createTime": ms(at)}
        ),
    ),
]
VENUES = [*CRO, *DERIBIT, *HYPERLIQUID, *GEMINI, *BITVAVO, *BINGX, *PHEMEX]


# --- the walk -------------------------------------------------------------------------------------


def history(venue: Venue, random: Random) -> list[tuple[int, int]]:
    """(number, time in ns), oldest first: crowds of one millisecond, both edges of the history, a
    pause of two days."""
    moments = sorted(
        {random.randrange(NOW_MS - 6 * DAY_MS + 120_000, NOW_MS - 4 * DAY_MS) for _ in range(6)}
    )
    moments += sorted({random.randrange(NOW_MS - 2 * DAY_MS, NOW_MS - 60_000) for _ in range(5)})
    times = []
    for moment in moments:
        times += [moment * 1_000_000 + step for step in range(random.choice((1, 1, venue.crowd)))]
    return list(enumerate(times, start=1))


def served(venue: Venue, found: list[tuple[int, int]]) -> Callable[[Asked], Any]:
    def script(asked: Asked) -> Any:
        params: Params = asked.params.get("params", asked.params)  # type: ignore[assignment]
        if venue.listing is not None and "currency" not in params:
            return venue.listing
        rows = [(at, venue.row(number, at)) for number, at in found if venue.share(number, params)]
        return venue.wrap(venue.pages(rows, params), params)

    return script


def number_of(record: Any) -> int:
    """The number that a row was made with."""
    if isinstance(record, Fill):
        return int(record.price)
    return int(record.price or 0) if isinstance(record, Order) else int(abs(record.quantity))


def shortened(policy: StreamPolicy) -> StreamPolicy:
    """The policy over six days; one that halves full pages is reported the page size that is
    served."""
    kept = min(policy.retention or LENGTH, LENGTH)
    page_size = CAP if isinstance(policy.paging, OnePage) else policy.page_size
    window = {} if policy.window is None else {"window": min(policy.window, timedelta(days=1))}
    retention = None if policy.retention is None else kept
    return replace(
        policy,
        retention=retention,
        history_start_ms=NOW_MS - 6 * DAY_MS,
        page_size=page_size,
        proven=None,
        **window,
    )


def arrived(
    venue: Venue, found: list[tuple[int, int]], folder: Path, random: Random, *, kills: int
) -> tuple[list[int], int]:
    """The numbers stored, in their order, after a run that was stopped and resumed by another
    process as often as said, and the requests."""
    asked = 0
    with closing(ExchangeCacheRepository.open(folder / "cache.sqlite3")) as repository:
        for left in reversed(range(kills + 1)):
            with adapter_for(venue.exchange, served(venue, found)) as (adapter, stub):
                way = shortened(stream(adapter, venue.data_type, venue.scope))
                state = repository.ledger.state(
                    StreamKey(
                        account="main",
                        data_type=way.data_type,
                        scope=way.scope,
                        symbol=venue.symbol,
                    )
                )
                stop_after = random.randrange(1, 6) if left else 1 << 30
                walk = Walk(
                    adapter,
                    repository.ledger,
                    SetClock(NOW),
                    way,
                    state,
                    stop=lambda at=stop_after, stub=stub: len(stub.asked) >= at,
                )
                plan = plan_stream(way, state, to_ms(NOW))
                with suppress(Interrupted):
                    walk.run(plan.windows, to_ms(NOW))
                    walk.finish(plan.floor_ms, to_ms(NOW))
                asked += len(stub.asked)
        ledger = repository.ledger
        records = [*ledger.fills(), *ledger.orders(), *ledger.transfers()]
    return [number_of(record) for record in records], asked


def named(venue: Venue) -> str:
    return f"{venue.exchange}-{venue.data_type}-{venue.scope}"


@pytest.mark.sampled(2, each="venue")
@pytest.mark.parametrize("kills", [0, 3])
@pytest.mark.parametrize("venue", VENUES, ids=named)
def test_a_history_arrives_whole(venue: Venue, kills: int, tmp_path: Path) -> None:
    random = Random(f"{named(venue)} {kills}")
    found = history(venue, random)
    stored, asked = arrived(venue, found, tmp_path, random, kills=kills)
    assert Counter(stored) == Counter(number for number, _ in found)
    if venue.data_type is FILLS:
        assert stored == [number for number, _ in found], "as they happened, in a millisecond too"
    assert asked >= (3 if venue.scope != "orders" or venue.exchange != "hyperliquid" else 1)
