"""A history served as documented arrives whole, whatever its pages and wherever the run is broken
off; once more brings nothing new.

Seven exchanges whose policies are otherwise tested answer by answer: here each of their histories
is walked by the real walk, over HTTP, through ccxt, into a real cache, over several pages, from an
exchange that caps its pages far below what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from exchange_cache.adapter.policy import OnePage, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import Interrupted
from exchange_cache.exchanges import policy_for
from exchange_cache.records import DataType
from exchange_cache.sync.history import Walk
from exchange_cache.sync.plan import gaps, plan_stream
from tests.exchanges.builders import NOW, NOW_MS, adapter_for, stream
from tests.exchanges.scripted import FILLS, ORDERS, TRANSFERS, Case
from tests.exchanges.test_bitfinex_requests import BITFINEX
from tests.exchanges.test_bitget_requests import CASES as BITGET
from tests.exchanges.test_bitstamp_requests import BITSTAMP
from tests.exchanges.test_gate_requests import GATE
from tests.exchanges.test_htx_requests import HTX
from tests.exchanges.test_krakenfutures_requests import CASES as KRAKENFUTURES
from tests.exchanges.test_mexc_requests import MEXC
from tests.exchanges.venues import DAY_MS, Served, Venue

CASES = (*BITGET, *GATE, *HTX, *MEXC, *BITFINEX, *KRAKENFUTURES, *BITSTAMP)
Key = tuple[str, DataType, str]

MS: dict[str, Any] = {"start": "startTime", "end": "endTime"}
SNAKE: dict[str, Any] = {"start": "start_time", "end": "end_time"}
DASHES: dict[str, Any] = {"start": "start-time", "end": "end-time"}
SECONDS: dict[str, Any] = {"start": "from", "end": "to", "unit": "s"}
BEFORE: dict[str, Any] = {"cursor": "before", "param": "idLessThan"}
END_ID: dict[str, Any] = {"cursor": "last", "param": "idLessThan", "reported": "data.endId"}
UTA: dict[str, Any] = {"cursor": "last", "param": "cursor", "reported": "data.cursor"}
PAGE: dict[str, Any] = {"cursor": "page", "param": "page"}
OFFSET: dict[str, Any] = {"cursor": "offset", "param": "offset"}

BITGET_SERVED: dict[Key, Served] = {
    **{
        key: Served(id=name, at="cTime", **MS, **BEFORE)
        for wallet in ("margin", "margin-isolated")
        for key, name in (
            (("bitget", FILLS, wallet), "tradeId"),
            (("bitget", ORDERS, wallet), "orderId"),
            (("bitget", TRANSFERS, f"{wallet}-interest"), "interestId"),
        )
    },
    ("bitget", TRANSFERS, "margin-moves"): Served(id="marginId", at="cTime", **MS, **BEFORE),
    ("bitget", FILLS, "spot"): Served(id="tradeId", at="cTime", **MS, **BEFORE),
    ("bitget", ORDERS, "spot"): Served(id="orderId", at="cTime", **MS, **BEFORE),
    ("bitget", FILLS, "converts"): Served(id="id", at="ts", **MS, **END_ID),
    ("bitget", FILLS, "dust"): Served(id="orderId", at="ctime", **MS, **BEFORE),
    ("bitget", TRANSFERS, "moves"): Served(id="billId", at="cTime", **MS, **BEFORE),
    ("bitget", TRANSFERS, "earn"): Served(id="billId", at="cTime", **MS, **BEFORE),
    ("bitget", TRANSFERS, "bills-rest"): Served(id="billId", at="cTime", **MS, **BEFORE),
    **{
        ("bitget", FILLS, name): Served(id="tradeId", at="cTime", **MS, **END_ID)
        for name in ("usdt-futures", "coin-futures")
    },
    **{
        key: Served(id=name, at="cTime", **MS, **END_ID)
        for product in ("usdt-futures", "usdc-futures", "coin-futures")
        for key, name in (
            (("bitget", ORDERS, product), "orderId"),
            (("bitget", TRANSFERS, f"funding-{product}"), "billId"),
            (("bitget", TRANSFERS, f"bills-{product}"), "billId"),
        )
    },
    **{
        key: Served(id=name, at="createdTime", **MS, **UTA)
        for part in ("spot", "margin", "usdt-futures", "usdc-futures", "coin-futures")
        for key, name in (
            (("bitget", FILLS, f"uta-{part}"), "execId"),
            (("bitget", ORDERS, f"uta-{part}"), "orderId"),
        )
    },
    **{
        ("bitget", TRANSFERS, f"uta-{part}"): Served(id="id", at="ts", **MS, **UTA)
        for part in (
            *(f"funding-{product}-futures" for product in ("usdt", "usdc", "coin")),
            *("records-spot", "records-margin"),
        )
    },
    **{
        ("bitget", TRANSFERS, name): Served(id="orderId", at="cTime", **MS, **BEFORE)
        for name in ("deposits", "withdrawals")
    },
    **{
        ("bitget", TRANSFERS, f"uta-{name}"): Served(
            id="orderId", at="createdTime", **MS, cursor="before", param="cursor"
        )
        for name in ("deposits", "withdrawals")
    },
}

GATE_SERVED: dict[Key, Served] = {
    ("gate", FILLS, "spot"): Served(
        id="id", at="create_time_ms", also_at=("create_time",), **SECONDS, **PAGE
    ),
    ("gate", ORDERS, "spot"): Served(id="id", at="create_time_ms", **SECONDS, **PAGE),
    ("gate", FILLS, "converts"): Served(id="id", at="create_time", **PAGE),
    ("gate", TRANSFERS, "ledger"): Served(id="id", at="time", **SECONDS, **PAGE),
    **{
        ("gate", TRANSFERS, name): Served(
            id="id", at="timestamp", row_unit="s", **SECONDS, **OFFSET
        )
        for name in ("deposits", "withdrawals")
    },
    **{
        ("gate", FILLS, f"futures-{name}"): Served(
            id="trade_id", at="create_time", row_unit="s", **SECONDS, **OFFSET
        )
        for name in ("usdt", "btc")
    },
    **{
        ("gate", ORDERS, f"futures-{name}"): Served(
            id="id", at="create_time", row_unit="s", **SECONDS, **OFFSET
        )
        for name in ("usdt", "btc")
    },
    ("gate", TRANSFERS, "funding-usdt"): Served(
        id="id", at="time", row_unit="s", **SECONDS, **OFFSET
    ),
    ("gate", FILLS, "delivery-usdt"): Served(id="id", at="create_time", row_unit="s", **OFFSET),
    ("gate", ORDERS, "delivery-usdt"): Served(id="id", at="create_time", row_unit="s", **OFFSET),
}

HTX_COIN: dict[str, Any] = {
    **SNAKE,
    "cursor": "before",
    "param": "from_id",
    "turned_by": ("direct", "next"),
}
HTX_SERVED: dict[Key, Served] = {
    ("htx", FILLS, "spot"): Served(
        id="id",
        record="trade-id",
        at="created-at",
        **DASHES,
        cursor="from",
        param="from",
        shuffled_ids=True,
    ),
    ("htx", ORDERS, "spot"): Served(id="id", at="created-at", **DASHES),
    **{
        ("htx", TRANSFERS, name): Served(
            id="id", at="created-at", turned_by=("direct", "prev"), cursor="from", param="from"
        )
        for name in ("deposits", "withdrawals")
    },
    ("htx", TRANSFERS, "moves"): Served(id="transfer_id", at="transfer_time", **SNAKE),
    ("htx", TRANSFERS, "ledger"): Served(
        id="transactId", at="transactTime", **MS, cursor="token", param="fromId", reported="nextId"
    ),
    ("htx", FILLS, "linear"): Served(id="id", at="created_time", **SNAKE),
    ("htx", ORDERS, "linear"): Served(id="order_id", at="created_time", **SNAKE),
    ("htx", TRANSFERS, "funding-linear"): Served(id="id", at="created_time", **SNAKE),
    ("htx", FILLS, "inverse"): Served(id="query_id", record="id", at="create_date", **HTX_COIN),
    ("htx", ORDERS, "inverse"): Served(
        id="query_id", record="order_id_str", at="create_date", **HTX_COIN
    ),
    ("htx", TRANSFERS, "funding-inverse"): Served(id="query_id", record="id", at="ts", **HTX_COIN),
}

OTHERS_SERVED: dict[Key, Served] = {
    ("mexc", FILLS, "spot"): Served(id="id", at="time", **MS),
    ("mexc", ORDERS, "spot"): Served(id="orderId", at="time", **MS),
    ("mexc", FILLS, "dust"): Served(
        id="convertDetails.0.id",
        at="convertDetails.0.time",
        also_at=("convertTime",),
        **MS,
        **PAGE,
        total="totalRecords",
    ),
    ("mexc", TRANSFERS, "deposits"): Served(id="txId", at="insertTime", **MS),
    ("mexc", TRANSFERS, "withdrawals"): Served(id="id", at="applyTime", **MS),
    **{
        ("mexc", TRANSFERS, f"moves-{name}"): Served(
            id="tranId", at="timestamp", **MS, **PAGE, total="total"
        )
        for name in ("spot-futures", "futures-spot")
    },
    ("mexc", TRANSFERS, "funding"): Served(
        id="id", at="settleTime", cursor="page", param="page_num", total="data.totalCount"
    ),
    ("mexc", FILLS, "contracts"): Served(
        id="id", at="timestamp", **SNAKE, cursor="page", param="page_num"
    ),
    ("mexc", ORDERS, "contracts"): Served(
        id="orderId", at="createTime", **SNAKE, cursor="page", param="page_num"
    ),
    ("bitfinex", FILLS, "trades"): Served(id="0", at="2", start="start", end="end"),
    ("bitfinex", ORDERS, "orders"): Served(id="0", at="4", start="start", end="end"),
    ("bitfinex", TRANSFERS, "movements"): Served(id="0", at="5", start="start", end="end"),
    ("bitfinex", TRANSFERS, "ledger"): Served(id="0", at="3", start="start", end="end"),
    ("krakenfutures", FILLS, "fills"): Served(
        id="fill_id", at="fillTime", row_unit="iso", unit="iso", end="lastFillTime", open_end=True
    ),
    ("krakenfutures", ORDERS, "orders"): Served(
        id="event.OrderCancelled.order.uid",
        at="event.OrderCancelled.order.timestamp",
        also_at=("timestamp",),
        start="since",
        end="before",
        open_end=True,
        newest_first=False,
        cursor="token",
        param="continuation_token",
        reported="continuationToken",
    ),
    ("krakenfutures", TRANSFERS, "log"): Served(
        id="id",
        at="date",
        row_unit="iso",
        start="since",
        end="before",
        open_end=True,
        newest_first=False,
    ),
    ("bitstamp", FILLS, "spot"): Served(id="id", at="datetime", row_unit="iso", **OFFSET),
    ("bitstamp", TRANSFERS, "transactions"): Served(
        id="id", at="datetime", row_unit="iso", **OFFSET
    ),
}

SERVED = {**BITGET_SERVED, **GATE_SERVED, **HTX_SERVED, **OTHERS_SERVED}
#: Histories that share the interface of another one above, whose cases tell no row of their own, or
#: none with an id.
REPORTED_ELSEWHERE = {
    ("bitget", FILLS, "usdc-futures"),
    ("gate", TRANSFERS, "funding-btc"),
    ("htx", ORDERS, "linear-isolated"),
}


def case_of(key: Key) -> Case:
    return next(
        case
        for case in CASES
        if (case.exchange, case.data_type) == key[:2] and key[2] in case.scopes
    )


def fitted(policy: StreamPolicy, served: Served) -> StreamPolicy:
    """The stream over a hundred days at most; where one page is all, its documented size is that of
    the small exchange."""
    start = max(policy.history_start_ms, NOW_MS - 101 * DAY_MS)
    sized = replace(policy, page_size=served.cap) if isinstance(policy.paging, OnePage) else policy
    return replace(sized, history_start_ms=start, proven=None)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    made = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    made._database.peewee.execute_sql("PRAGMA synchronous = OFF")
    yield made
    made.close()


def sync(
    repository: ExchangeCacheRepository,
    adapter: Any,
    policy: StreamPolicy,
    symbol: str | None,
    breaks: Random | None,
) -> int:
    """Runs until one is not broken off; the new rows of all of them."""
    key, new = (
        StreamKey(
            account="main", data_type=policy.data_type, scope=policy.scope, symbol=symbol or ""
        ),
        0,
    )
    while True:
        state = repository.ledger.state(key)
        plan = plan_stream(policy, state, NOW_MS)
        stop = (lambda: breaks.random() < 0.2) if breaks else (lambda: False)
        walk = Walk(adapter, repository.ledger, SetClock(NOW), policy, state, stop=stop)
        try:
            walk.run(plan.windows, NOW_MS)
            walk.finish(plan.floor_ms, NOW_MS)
            return new + walk.tally.new_rows
        except Interrupted:
            new += walk.tally.new_rows


def stored(repository: ExchangeCacheRepository) -> list[tuple[str, int]]:
    ledger = repository.ledger
    found = [(fill.fill_id, to_ms(fill.time)) for fill in ledger.fills()]
    found += [(order.order_id, to_ms(order.created_at)) for order in ledger.orders()]
    found += [(transfer.transfer_id, to_ms(transfer.time)) for transfer in ledger.transfers()]
    return sorted(found)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("key", sorted(SERVED), ids="-".join)
@pytest.mark.parametrize("broken_off", [False, True], ids=["in one run", "broken off"])
def test_a_history_arrives_whole(
    key: Key, broken_off: bool, repository: ExchangeCacheRepository
) -> None:
    case, served = case_of(key), SERVED[key]
    declared = next(
        item for item in policy_for(key[0]).streams if (item.data_type, item.scope) == key[1:]
    )
    venue = Venue(case, fitted(declared, served), served, seed=len("".join(key)))
    with adapter_for(key[0], venue) as (adapter, _stub):
        policy = fitted(stream(adapter, key[1], key[2]), served)
        new = sync(repository, adapter, policy, case.symbol, Random(7) if broken_off else None)
        assert stored(repository) == venue.truth
        assert new == len(venue.events), "no row is new twice"
        assert venue.requests > 3
        (state,) = repository.ledger.states("main")
        assert not gaps(state, NOW_MS) and state.open is None
        assert sync(repository, adapter, policy, case.symbol, None) == 0
    assert stored(repository) == venue.truth


def test_every_history_of_the_seven_exchanges_is_served() -> None:
    declared = {
        (exchange, item.data_type, item.scope)
        for exchange in ("bitfinex", "bitget", "bitstamp", "gate", "htx", "krakenfutures", "mexc")
        for item in policy_for(exchange).streams
    }
    assert declared == set(SERVED) | REPORTED_ELSEWHERE and not set(SERVED) & REPORTED_ELSEWHERE
