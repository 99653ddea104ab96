"""Which histories are due, and when an expensive request is worth it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.due import Due, RunOptions, stream_index
from tests.builders import NOW, T0, order, transfer
from tests.sync.fake_port import DAY, policy, stream

NOW_MS = to_ms(NOW)
FILLS = stream()
OLD = stream(scope="pre-upgrade", recheck=7 * DAY)
ORDERS = stream(DataType.ORDERS, at_most_every=DAY)
DEPOSITS = stream(DataType.TRANSFERS, "deposits")


def due(repository: ExchangeCacheRepository, *, full: bool = False) -> Due:
    streams = policy(FILLS, OLD, ORDERS, DEPOSITS)
    return Due(repository, streams, "main", RunOptions(full=full), NOW_MS)


def whole(state: StreamState) -> StreamState:
    return replace(
        state,
        covered=Ranges.of((to_ms(T0), NOW_MS)),
        floor_ms=to_ms(T0),
        asked_ms=NOW_MS - 1000,
        completed_ms=NOW_MS - 1000,
        settled_ms=NOW_MS - 1000,
        state="ok",
    )


def test_a_history_that_no_longer_grows_rests_after_it_was_read(
    repository: ExchangeCacheRepository,
) -> None:
    made = due(repository)
    repository.ledger.save_state(whole(made.blank(OLD, "")))
    repository.ledger.save_state(whole(made.blank(FILLS, "")))
    ready, _, resting = made.of([FILLS, OLD])
    assert [one.scope for one, _ in ready] == ["spot"]
    assert [(one.scope, state.state) for one, state in resting] == [("pre-upgrade", "ok")]
    assert due(repository, full=True).of([OLD]).resting == []


@pytest.mark.parametrize(
    ("hours", "more", "filled", "worth"),
    [
        (48, {}, False, True),
        (1, {}, False, False),
        (1, {}, True, True),
        (1, {"state": "failed"}, False, True),
        (1, {"open": Span(0, 1), "cursor": {"x": 1}}, False, True),
        (1, {"completed_ms": None}, False, True),
    ],
)
def test_an_expensive_request_is_worth_it_by_age_news_or_a_gap(
    repository: ExchangeCacheRepository,
    hours: int,
    more: dict[str, Any],
    filled: bool,
    worth: bool,
) -> None:
    made = due(repository)
    values = {"completed_ms": NOW_MS - hours * 3_600_000, **more}
    state = replace(whole(made.blank(ORDERS, "BTC/USDT")), **values)
    news = {("spot", "BTC/USDT")} if filled else set()
    assert made.is_worth_it(ORDERS, "BTC/USDT", state, news) is worth


def test_unsettled_orders_and_transfers_move_the_head_back(
    repository: ExchangeCacheRepository,
) -> None:
    made = due(repository)
    since = NOW - 3 * DAY
    keys = [whole(made.blank(one, "")) for one in (ORDERS, DEPOSITS)]
    repository.ledger.save_page(keys[0], [order("1", "open", created_at=since)], NOW)
    repository.ledger.save_page(keys[1], [transfer("1", status="pending", time=since)], NOW)
    for one in (ORDERS, DEPOSITS):
        state = made.states()[stream_index(one, "")]
        (head,) = made.plan(one, state).head
        assert head.span == Span(to_ms(since), NOW_MS)
