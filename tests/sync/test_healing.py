"""Orders and fills that contradict each other are requested again: which histories, which windows,
how often, and what is noted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange_cache.adapter.policy import IdPaging, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType, Fill, Order
from exchange_cache.sync.crosscheck import BEYOND_REPAIR, MISSING_FILLS
from exchange_cache.sync.findings import history_findings
from exchange_cache.sync.healing import Healing
from exchange_cache.sync.plan import Window
from tests.builders import NOW, fill, order
from tests.sync.fake_port import DAY, HOUR, policy, stream

FILLS, ORDERS = stream(), stream(DataType.ORDERS)
BY_ID = stream(
    needs_symbol=True, paging=IdPaging(param="fromId", step=1, start="0", whole_history=True)
)
ALL = frozenset(DataType)
OLD = NOW - 5 * DAY
LIFE = Span(to_ms(OLD), to_ms(OLD + HOUR))


class Scene:
    """A cache, and an exchange that is asked through ``asked``; ``answers`` are stored when it
    is."""

    def __init__(self, repository: ExchangeCacheRepository, clock: SetClock) -> None:
        self.repository, self.clock = repository, clock
        self.asked: list[tuple[str, str, str, tuple[Window, ...]]] = []
        self.answers: list[Fill | Order] = []
        self.well = True
        self.streams: tuple[StreamPolicy, ...] = (FILLS, ORDERS)

    def keep(self, *records: Fill | Order, symbol: str = "") -> None:
        month = Ranges.of((to_ms(NOW - 30 * DAY), to_ms(NOW)))
        for data_type, kind in ((DataType.FILLS, Fill), (DataType.ORDERS, Order)):
            key = StreamKey(account="main", data_type=data_type, scope="spot", symbol=symbol)
            own = [item for item in records if isinstance(item, kind)]
            self.repository.ledger.save_page(StreamState(key=key, covered=month), own, NOW)

    def heal(self, *, only: frozenset[DataType] = ALL, whole: bool = False, **more: Any) -> None:
        def ask(one: StreamPolicy, jobs: list[tuple[str, tuple[Window, ...]]]) -> bool:
            self.asked += [(str(one.data_type), one.scope, *job) for job in jobs]
            if self.answers:
                self.keep(*self.answers)
            return self.well

        Healing(
            account="main",
            policy=policy(*self.streams),
            repository=self.repository,
            clock=self.clock,
            now_ms=to_ms(self.clock.now()),
            ask=ask,
            anew=more.get("anew", True),
        ).run(only, whole=whole)

    def hints(self) -> list[str | None]:
        found = history_findings(self.repository, "main", NOW)
        return [item.hint for item in found if item.code == "orders_without_fills"]


@pytest.fixture
def scene(repository: ExchangeCacheRepository, clock: SetClock) -> Scene:
    return Scene(repository, clock)


def filled(order_id: str = "1", **more: Any) -> Order:
    return order(order_id, filled="1", amount="1", created_at=OLD, **more)


def part(fill_id: str, amount: str = "1", order_id: str = "1", **more: Any) -> Fill:
    return fill(fill_id, amount, time=more.pop("time", OLD), order_id=order_id, **more)


def test_fills_that_an_order_reports_are_requested_again_at_once_and_nothing_is_said(
    scene: Scene,
) -> None:
    scene.keep(filled())
    scene.answers = [part("1")]
    scene.heal()
    assert scene.asked == [("fills", "spot", "", (Window(span=LIFE),))]
    assert scene.hints() == []


def test_what_stays_missing_is_said_requested_by_the_next_run_and_then_daily(scene: Scene) -> None:
    scene.keep(filled())
    scene.heal()
    assert scene.hints() == ["excache sync --account main"]
    scene.heal()
    assert scene.hints() == ["excache sync --account main --only fills --full"]
    scene.heal()
    assert len(scene.asked) == 2
    scene.clock.at += DAY
    scene.heal()
    assert len(scene.asked) == 3
    scene.clock.at += DAY
    scene.answers = [part("1")]
    scene.heal()
    assert scene.hints() == []
    memory = scene.repository.progress.memory("main")
    assert (memory[MISSING_FILLS], memory[BEYOND_REPAIR]) == ({}, {})
    scene.clock.at += DAY
    scene.heal()
    assert len(scene.asked) == 4, "what is healed is not requested any more"


def test_a_request_that_failed_does_not_count(scene: Scene) -> None:
    scene.keep(filled())
    scene.well = False
    for _ in range(3):
        scene.heal()
    assert scene.hints() == ["excache sync --account main"]
    assert len(scene.asked) == 3


def test_all_of_a_history_is_suggested_only_where_the_exchange_serves_it(scene: Scene) -> None:
    scene.streams = (replace(FILLS, retention=2 * DAY), ORDERS)
    scene.keep(filled())
    scene.heal()
    scene.heal()
    assert [windows for *_, windows in scene.asked] == [(), ()]
    assert scene.hints() == ["excache status --coverage --account main"]


def test_a_run_that_requested_everything_does_not_request_it_again(scene: Scene) -> None:
    scene.keep(filled())
    scene.heal(anew=False)
    assert (scene.asked, scene.hints()) == ([], ["excache sync --account main"])


def test_an_order_stored_as_half_filled_beside_all_its_fills_is_requested_again(
    scene: Scene,
) -> None:
    half = order("1", filled="0.5", amount="1", created_at=OLD)
    scene.keep(half, part("1", "0.5"), part("2", "0.5"))
    scene.answers = [filled()]
    scene.heal()
    assert scene.asked == [("orders", "spot", "", (Window(span=LIFE),))]
    scene.heal()
    assert len(scene.asked) == 1


def test_an_order_that_only_its_fills_name_is_requested_again(scene: Scene) -> None:
    scene.keep(part("1", "0.5"), part("2", "0.5", time=OLD + HOUR), part("3", order_id=None))
    scene.answers = [filled()]
    scene.heal()
    life = Span(to_ms(OLD - DAY), to_ms(OLD + 2 * HOUR))
    assert scene.asked == [("orders", "spot", "", (Window(span=life),))]
    scene.heal()
    assert (len(scene.asked), scene.hints()) == (1, [])


def test_an_order_that_no_history_has_to_list_is_not_requested(scene: Scene) -> None:
    month_ago = part("1", time=NOW - 40 * DAY)
    scene.keep(month_ago)
    scene.heal()
    scene.streams = (FILLS, replace(ORDERS, newest_rows=100))
    scene.keep(part("2"))
    scene.heal()
    assert scene.asked == []


def test_a_history_by_id_is_walked_from_the_fill_before_the_order(scene: Scene) -> None:
    scene.streams = (BY_ID, ORDERS)
    scene.keep(filled("7"), symbol="BTC/USDT")
    scene.heal()
    assert scene.asked == [("fills", "spot", "BTC/USDT", (Window(span=None),))]
    earlier = order("1", filled="1", amount="1", created_at=OLD - HOUR)
    before = (part("40", time=OLD - HOUR), part("41", order_id="8"))
    scene.keep(earlier, filled("8"), *before, symbol="BTC/USDT")
    scene.heal()
    assert scene.asked[1:] == [
        ("fills", "spot", "BTC/USDT", (Window(span=None, cursor={"last_id": "40"}),))
    ]


def test_a_run_of_other_data_requests_nothing_and_keeps_what_is_known(scene: Scene) -> None:
    scene.keep(filled())
    scene.heal()
    scene.heal(only=frozenset({DataType.TRANSFERS}))
    assert len(scene.asked) == 1
    scene.heal()
    assert scene.hints() == ["excache sync --account main --only fills --full"]
