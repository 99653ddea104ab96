"""Balances that move away from their events: since when, what is requested again, and when a
difference is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.policy import IdPaging, StreamPolicy
from exchange_cache.cache import derived
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from exchange_cache.sync.differences import (
    BELIEVED_AFTER,
    DIFFERENCES,
    Agreed,
    Difference,
    Doubt,
    Verdict,
    jobs_of,
    judged,
    note_differences,
    remembered,
    requested,
    stored,
)
from exchange_cache.sync.plan import Window
from exchange_cache.sync.revisits import Revisited
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, balance
from tests.sync.fake_port import DAY, HOUR, policy, stream

NOW_MS = to_ms(NOW)
HOUR_MS, DAY_MS = HOUR // timedelta(milliseconds=1), DAY // timedelta(milliseconds=1)


def differs(**amounts: str) -> list[Difference]:
    return [
        Difference(asset=asset, amount=Decimal(text), rounding=Decimal("0.000001"))
        for asset, text in amounts.items()
    ]


def test_what_agrees_is_no_doubt_and_rounding_is_none_either() -> None:
    first = judged(Verdict(), differs(BTC="0", ETH="0.0000001"), NOW_MS)
    assert first.doubt is None
    assert first.agreed["BTC"] == Agreed(at_ms=NOW_MS)


def test_a_difference_that_changes_is_doubted_since_both_last_agreed() -> None:
    calm = judged(Verdict(), differs(BTC="0", ETH="0"), NOW_MS - 3 * DAY_MS)
    calm = judged(calm, differs(BTC="0", ETH="0"), NOW_MS - 2 * DAY_MS)
    moved = judged(calm, differs(BTC="0.5", ETH="0"), NOW_MS - DAY_MS)
    assert moved.doubt == Doubt(assets=("BTC",), since_ms=NOW_MS - 2 * DAY_MS)
    still = judged(moved, differs(BTC="0.5", ETH="0"), NOW_MS)
    assert still.doubt == moved.doubt, "it does not creep forward"
    assert judged(still, differs(BTC="0", ETH="0"), NOW_MS).doubt is None, "explained"


def test_an_asset_that_appears_without_events_is_doubted_since_the_last_comparison() -> None:
    calm = judged(Verdict(), differs(BTC="0"), NOW_MS - DAY_MS)
    moved = judged(calm, differs(BTC="0", SOL="7"), NOW_MS)
    assert moved.doubt == Doubt(assets=("SOL",), since_ms=NOW_MS - DAY_MS)


def test_a_difference_that_several_requests_do_not_explain_is_believed() -> None:
    verdict = judged(Verdict(), differs(BTC="0.5"), NOW_MS - 9 * DAY_MS)
    for number in range(BELIEVED_AFTER):
        assert verdict.doubt is not None and verdict.doubt.since_ms == 0
        verdict = requested(verdict, NOW_MS - (8 - number) * DAY_MS)
        verdict = judged(verdict, differs(BTC="0.5"), NOW_MS - (8 - number) * DAY_MS)
    assert verdict.doubt is None
    assert judged(verdict, differs(BTC="0.5"), NOW_MS).doubt is None
    assert judged(verdict, differs(BTC="0.4"), NOW_MS).doubt == Doubt(
        assets=("BTC",), since_ms=NOW_MS - 5 * DAY_MS
    )


def test_a_first_difference_is_believed_where_the_histories_do_not_reach_back() -> None:
    first = judged(Verdict(), differs(BTC="0.5"), NOW_MS - DAY_MS, whole=False)
    assert first.doubt is None
    assert judged(first, differs(BTC="0.5"), NOW_MS, whole=False).doubt is None
    assert judged(first, differs(BTC="0.4"), NOW_MS, whole=False).doubt is not None


def test_a_verdict_survives_the_memory_of_an_account() -> None:
    verdict = requested(judged(Verdict(), differs(BTC="0.5", ETH="0"), NOW_MS), NOW_MS)
    assert remembered({DIFFERENCES: stored(verdict)}) == verdict
    assert remembered({}) == Verdict()


def doubted(since_ms: int, **more: Any) -> Verdict:
    doubt = Doubt(assets=("BTC",), since_ms=since_ms, revisited=Revisited())
    return Verdict(doubt=doubt, checked_ms=more.get("checked_ms", NOW_MS))


def state(symbol: str = "", rows: int = 5, scope: str = "spot") -> StreamState:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope=scope, symbol=symbol)
    return StreamState(key=key, rows=rows)


def jobs(one: StreamPolicy, verdict: Verdict, *states: StreamState) -> Any:
    return jobs_of(one, states, verdict, NOW_MS, lambda symbol, before_ms: f"{symbol} 41")


def test_a_doubt_requests_the_time_since_both_agreed_with_an_overlap() -> None:
    since = NOW_MS - 2 * DAY_MS
    assert jobs(stream(window=None), doubted(since), state(), state(scope="other")) == [
        ("", (Window(span=Span(since - HOUR_MS, NOW_MS)),))
    ]


def test_of_histories_by_symbol_those_of_the_asset_are_requested() -> None:
    since = NOW_MS - 2 * DAY_MS
    by_id = stream(
        needs_symbol=True, paging=IdPaging(param="fromId", step=1, start="0", whole_history=True)
    )
    made = jobs(by_id, doubted(since), state("BTC/USDT"), state("ETH/USDT"), state("BTC/EUR", 0))
    assert made == [("BTC/USDT", (Window(span=None, cursor={"last_id": "BTC/USDT 41"}),))]


def test_where_nothing_ever_agreed_only_short_histories_without_a_row_are_requested() -> None:
    whole, pieces = stream(window=None), stream(window=DAY)
    assert jobs(whole, doubted(0), state(rows=5)) == []
    assert [len(made) for _, made in jobs(whole, doubted(0), state(rows=0))] == [1]
    assert jobs(pieces, doubted(0), state(rows=0)) == [], "thirty windows are too many"


def test_what_every_run_requests_anyway_is_not_requested_twice() -> None:
    assert jobs(stream(window=None), doubted(NOW_MS - HOUR_MS // 2), state()) == []
    assert jobs(stream(window=None), Verdict(), state()) == []


def read(repository: ExchangeCacheRepository, *data_types: DataType, hours_ago: int = 0) -> None:
    for data_type in data_types:
        at = NOW - hours_ago * HOUR
        repository.progress.record(
            SyncStatus(
                account="main", data_type=data_type, attempted_at=at, succeeded_at=at, state="ok"
            )
        )


def basis(asset: str, quantity: str) -> AssetBasis:
    amount = Decimal(quantity)
    return AssetBasis(
        asset=asset,
        account="main",
        quantity=amount,
        explained_quantity=amount,
        unknown_quantity=Decimal(0),
        cost=Decimal(0),
        average_entry_price=None,
        realised_pnl=None,
        fees_paid=None,
    )


def noted(repository: ExchangeCacheRepository, clock: SetClock, *streams: StreamPolicy) -> Verdict:
    served = policy(*(streams or (stream(),)))
    note_differences(repository, "main", served, clock, method="average", reporting_asset="USDT")
    return remembered(repository.progress.memory("main"))


def test_balances_are_compared_with_events_where_both_were_just_read(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    held = (
        balance("1.5"),
        replace(balance("9", "USDT", wallet="swap"), includes_unrealised=True),
    )
    repository.mirror.replace_balances("main", "spot", held[:1])
    repository.mirror.replace_balances("main", "swap", held[1:])
    repository.derived.replace_bases("average", "USDT", [basis("BTC", "1")], NOW)
    read(repository, DataType.BALANCES, DataType.TRANSFERS)
    read(repository, DataType.FILLS, hours_ago=1)
    assert noted(repository, clock) == Verdict(), "the fills are older"

    read(repository, DataType.FILLS)
    verdict = noted(repository, clock)
    assert verdict.doubt == Doubt(assets=("BTC",), since_ms=0)
    repository.derived.replace_bases("average", "USDT", [basis("BTC", "1.5")], NOW)
    assert noted(repository, clock) == Verdict(
        agreed={"BTC": Agreed(difference=Decimal("0.0"), at_ms=NOW_MS)}, checked_ms=NOW_MS
    )


def test_what_an_exchange_forgets_or_the_user_left_out_raises_no_doubt(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1.5")])
    read(repository, DataType.BALANCES, DataType.TRANSFERS, DataType.FILLS)
    assert noted(repository, clock, stream(retention=DAY)).doubt is None

    repository.progress.forget("main", DIFFERENCES)
    later = replace(state(), history_start_ms=NOW_MS)
    repository.ledger.save_state(later)
    assert noted(repository, clock).doubt is None

    repository.progress.forget("main", DIFFERENCES)
    repository.ledger.save_state(replace(later, history_start_ms=stream().history_start_ms))
    assert noted(repository, clock).doubt == Doubt(assets=("BTC",), since_ms=0)


def test_the_costs_of_one_account_are_read_and_of_no_other(
    repository: ExchangeCacheRepository, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1.5")])
    rows = [replace(basis("BTC", "1"), account=name) for name in ("main", "second", None)]
    repository.derived.replace_bases("average", "USDT", rows, NOW)
    read(repository, DataType.BALANCES, DataType.TRANSFERS, DataType.FILLS)
    decoded: list[Any] = []
    known = derived.unpacked
    monkeypatch.setattr(derived, "unpacked", lambda row: decoded.append(row) or known(row))
    assert noted(repository, clock).doubt is not None
    assert len(decoded) == 1
