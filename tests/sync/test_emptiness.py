"""Which empty answers are requested a second time before their time counts as covered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from exchange_cache.adapter.port import Cursor, ExchangePort, Page
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.emptiness import believable_page
from tests.builders import fill
from tests.sync.fake_port import stream

KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
NEW = StreamState(key=KEY)
READ = Ranges.of((1_000, 2_000))
WITH_ROWS = StreamState(key=KEY, covered=READ, completed_ms=2_000, rows=5)
WITHOUT = replace(WITH_ROWS, rows=0)
BEHIND, HEAD = Span(0, 1_000), Span(1_900, 3_000)
EMPTY = Page(records=(), next=None, row_count=0)
ROWS = Page(records=(fill("1", "1"),), next=None, row_count=1)


class Answers:
    """Answers in turn."""

    def __init__(self, *pages: Page) -> None:
        self.pages = list(pages)

    def page(self, *asked: Any) -> Page:
        return self.pages.pop(0)


def asked(
    state: StreamState, span: Span | None, *pages: Page, cursor: Cursor | None = None, **more: Any
) -> tuple[Page, int]:
    port = cast(ExchangePort, Answers(*pages))
    return believable_page(port, stream(**more), state, span, cursor or {})


@pytest.mark.parametrize(("state", "span"), [(NEW, HEAD), (WITH_ROWS, BEHIND)])
def test_time_never_read_before_is_requested_twice_where_it_is_empty(
    state: StreamState, span: Span
) -> None:
    assert asked(state, span, EMPTY, ROWS) == (ROWS, 2)
    assert asked(state, span, EMPTY, EMPTY) == (EMPTY, 2)
    assert asked(state, span, ROWS) == (ROWS, 1)


def test_an_hour_without_news_costs_one_request() -> None:
    assert asked(WITH_ROWS, HEAD, EMPTY) == (EMPTY, 1)


def test_a_history_that_has_never_had_a_row_is_doubted_once() -> None:
    assert asked(WITHOUT, BEHIND, EMPTY) == (EMPTY, 1)


def test_a_symbol_that_was_never_traded_costs_one_request() -> None:
    assert asked(NEW, HEAD, EMPTY, needs_symbol=True) == (EMPTY, 1)
    assert asked(NEW, None, EMPTY, needs_symbol=True) == (EMPTY, 1)


def test_the_last_page_of_a_walk_may_be_empty() -> None:
    assert asked(WITH_ROWS, BEHIND, EMPTY, cursor={"cursor": "b"}) == (EMPTY, 1)
    follows = replace(EMPTY, next={"cursor": "b", "again": 1})
    assert asked(WITH_ROWS, BEHIND, follows) == (follows, 1), "paging requests it again"


def test_every_target_of_a_fanned_history_is_doubted_and_their_list_is_not() -> None:
    targets = replace(EMPTY, next={"targets": ["a", "b"], "at": 0})
    assert asked(WITH_ROWS, BEHIND, targets) == (targets, 1)
    first = {"targets": ["a", "b"], "at": 0}
    left = replace(EMPTY, next={"targets": ["a", "b"], "at": 1})
    begun = StreamState(key=KEY, open=BEHIND)
    assert asked(begun, BEHIND, left, ROWS, cursor=first) == (ROWS, 2)
    inner = {**first, "inner": {"cursor": "x"}}
    assert asked(WITH_ROWS, BEHIND, left, cursor=inner) == (left, 1)
