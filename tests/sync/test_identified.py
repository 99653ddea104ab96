"""Rows that wait for their market: they block nothing, are named, and move once to their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import CallPolicy, CursorPaging
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, from_ms, to_ms
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.findings import history_findings
from exchange_cache.sync.identified import move_identified
from exchange_cache.sync.report import AccountReport
from exchange_cache.unidentified import UnidentifiedRow
from tests.adapter.raw_answers import bybit
from tests.adapter.test_market_list import INSTRUMENTS, Bybit, instrument
from tests.builders import NOW, fill, order, position
from tests.exchanges.builders import DAY_MS, NOW_MS as EXCHANGE_MS, open_stubbed
from tests.exchanges.stub import Asked, StubServer
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, policy, stream

FILLS = stream(paging=CursorPaging(path="next"), page_size=2, window=4 * DAY)
POSITIONS = CallPolicy(category="linear", method="fake")
OPEN = CallPolicy(category="spot", method="fake")


def waiting(number: int = 5, **more: Any) -> UnidentifiedRow:
    values: dict[str, Any] = {
        "account": "main",
        "data_type": DataType.FILLS,
        "scope": "spot",
        "row_id": f"NEW:{number}",
        "symbol": "",
        "market_id": "NEW",
        "reason": "fake does not list the market 'NEW'",
        "time": NOW - DAY,
        "row": f'{{"id":{number}}}',
    }
    return UnidentifiedRow(**(values | more))


def _exchange(clock: SetClock, *records: Any) -> FakeExchange:
    made = FakeExchange(policy(FILLS, positions=(POSITIONS,), open_orders=(OPEN,)), clock=clock)
    made.listed = {}
    for number, record in enumerate(records):
        made.add(DataType.FILLS, "spot", Event(number, to_ms(record.time), record))
    return made


def _run(port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock) -> AccountReport:
    return AccountRun(port, repository, clock, RunOptions()).run()


def _found(repository: ExchangeCacheRepository) -> dict[str, str]:
    return {item.code: item.message for item in history_findings(repository, "main", NOW)}


def test_a_row_that_waits_blocks_no_neighbour_no_hour_and_no_stream(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    rows = [waiting(number, time=NOW - number * HOUR) for number in range(2, 40)]
    port = _exchange(clock, fill("1", time=NOW - HOUR), *rows, fill("2", time=NOW - 60 * HOUR))
    report = _run(port, repository, clock)
    assert report.ok
    assert [item.fill_id for item in repository.ledger.fills()] == ["2", "1"]
    assert set(repository.unidentified.rows("main")) == set(rows)
    assert _found(repository) == {
        "market_unidentified": (
            "38 fills of markets that the exchange does not list and whose ids do not say what they"
            " are (NEW): kept as they were sent, and counted as nothing"
        )
    }


def test_a_row_moves_to_its_place_when_its_market_is_known_without_being_fetched_again(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = _exchange(clock, fill("1", time=NOW - HOUR), waiting(5), waiting(6))
    _run(port, repository, clock)
    port.events.clear()
    port.identified["NEW:5"] = (fill("5", symbol="NEW/USDT", time=NOW - DAY),)
    clock.at += HOUR
    _run(port, repository, clock)
    assert [item.symbol for item in repository.ledger.fills()] == ["NEW/USDT", "BTC/USDT"]
    assert [row.row_id for row in repository.unidentified.rows()] == ["NEW:6"]
    _run(port, repository, clock)
    assert len(repository.ledger.fills()) == 2


def test_a_row_that_was_fetched_under_its_identity_in_the_meantime_is_not_doubled(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    known = fill("5", symbol="NEW/USDT", time=NOW - HOUR)
    port = _exchange(clock, waiting(5))
    _run(port, repository, clock)
    port.events.clear()
    port.add(DataType.FILLS, "spot", Event(5, to_ms(known.time), known))
    port.identified["NEW:5"] = (known,)
    clock.at += HOUR
    _run(port, repository, clock)
    assert repository.ledger.fills() == (known,)
    assert repository.unidentified.rows() == ()
    assert _found(repository) == {}


def test_without_a_market_list_rows_go_on_waiting(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    class Down(FakeExchange):
        def identify(self, stream: Any, rows: Any) -> Any:
            raise ExchangeUnavailable("fake is down")

    port = Down(policy(FILLS), clock=clock)
    state = repository.ledger.state(_key())
    repository.ledger.save_page(state, [waiting(5)], NOW)
    assert move_identified(port, repository, [FILLS], clock) == 0
    assert repository.unidentified.rows() == (waiting(5),)


@pytest.mark.parametrize("time", [NOW - DAY, None], ids=["dated", "without a time"])
def test_what_a_kept_row_of_a_garbled_answer_stands_for_is_requested_again(
    repository: ExchangeCacheRepository, clock: SetClock, time: datetime | None
) -> None:
    """Earlier versions kept such a row as one of an unknown market."""
    port = _exchange(clock)
    port.add(DataType.FILLS, "spot", Event(1, to_ms(NOW - DAY), waiting(5, time=time)))
    _run(port, repository, clock)
    assert _found(repository).keys() == {"market_unidentified"}
    port.events.clear()
    true = fill("5", time=NOW - DAY)
    port.add(DataType.FILLS, "spot", Event(5, to_ms(true.time), true))
    port.identified["NEW:5"] = None
    clock.at += HOUR
    assert _run(port, repository, clock).ok
    assert repository.ledger.fills() == (true,)
    assert repository.unidentified.rows() == ()
    assert _found(repository) == {}


def test_a_kept_row_that_only_its_whole_answer_makes_readable_is_requested_once(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = _exchange(clock, waiting(5))
    port.identified["NEW:5"] = None
    served = []
    for _ in range(4):
        port.asked.clear()
        assert _run(port, repository, clock).ok
        served.append(any(span.start_ms <= to_ms(NOW - DAY) for span in _spans(port)))
        clock.at += 3 * DAY
    assert repository.unidentified.rows() == (waiting(5),)
    assert served == [True, True, False, False]


def _spans(port: FakeExchange) -> list[Any]:
    return [span for _, _, span in port.asked if span is not None]


def test_a_garbled_row_that_the_exchange_no_longer_serves_stays(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    short = replace(FILLS, retention=12 * HOUR)
    port = _exchange(clock)
    port.policy = policy(short)
    repository.ledger.save_page(repository.ledger.state(_key()), [waiting(5)], NOW)
    port.identified["NEW:5"] = None
    assert move_identified(port, repository, [short], clock) == 0
    assert repository.unidentified.rows() == (waiting(5),)


def _key() -> Any:
    from exchange_cache.cache.streams import StreamKey

    return StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def test_an_open_position_of_an_unknown_market_is_named_until_it_is_gone(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = _exchange(clock)
    unknown = waiting(7, data_type=DataType.POSITIONS, scope="open linear")
    port.open_positions = {"linear": (position(), unknown)}
    port.open_lists = {"spot": (order("9", "open", created_at=NOW - HOUR),)}
    assert _run(port, repository, clock).ok
    assert repository.mirror.positions() == (position(),)
    assert "1 position of markets" in _found(repository)["market_unidentified"]
    port.open_positions = {"linear": (position(),)}
    _run(port, repository, clock)
    assert _found(repository) == {}


def test_a_contract_of_a_month_is_the_one_of_its_day_when_that_is_known(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    """Its id states the month alone, its listing the day; each fill is stored once."""
    month, day = "BTC/USD:BTC-2406", "BTC/USD:BTC-240628"
    both, one = (fill(name, symbol=month, category="inverse") for name in ("1", "2"))
    known = [fill(name, symbol=day, category="inverse") for name in ("1", "3")]
    perpetual = fill("4", symbol="BTC/USD:BTC", category="inverse")
    state = repository.ledger.state(_key())
    repository.ledger.save_page(state, [both, one, *known, perpetual], NOW)
    assert move_identified(FakeExchange(policy(FILLS), clock=clock), repository, [FILLS], clock)
    assert {(item.symbol, item.fill_id) for item in repository.ledger.fills()} == {
        *((day, name) for name in "123"),
        ("BTC/USD:BTC", "4"),
    }


# --- over the wire, with the real exchange layer --------------------------------------------------


class Served(Bybit):
    """Bybit with executions in one category; what it serves may end."""

    over = False

    def __call__(self, asked: Asked) -> Any:
        if asked.path == INSTRUMENTS:
            return super().__call__(asked)
        ours = asked.path.endswith("/v5/execution/list") and asked.params["category"] == "linear"
        return super().__call__(asked) if ours and not self.over else bybit([])


def _synced(
    exchange: Served, repository: ExchangeCacheRepository, clock: SetClock
) -> tuple[AccountReport, int]:
    """A run of the fills alone; its report, and how many requests asked for executions."""
    with StubServer(exchange) as stub:
        memory = repository.progress.memory("main") or None
        known = {} if memory is None else {"memory": memory}
        adapter = open_stubbed("bybit", stub.url, clock=clock, **known)
        options = RunOptions(only=frozenset({DataType.FILLS}), start_ms=EXCHANGE_MS - DAY_MS)
        report = AccountRun(adapter, repository, clock, options).run()
        repository.progress.remember("main", adapter.memory(), clock.now())
        return report, sum("/execution/" in asked.path for asked in stub.asked)


def test_a_fill_of_a_contract_listed_today_is_in_its_place_the_next_day_without_being_served_again(
    repository: ExchangeCacheRepository,
) -> None:
    clock = SetClock(from_ms(EXCHANGE_MS))
    exchange = Served("QQZZ", "BTCUSDT")
    report, _ = _synced(exchange, repository, clock)
    assert report.ok
    assert [item.symbol for item in repository.ledger.fills()] == ["BTC/USDT:USDT"]
    assert [row.market_id for row in repository.unidentified.rows()] == ["QQZZ"]
    exchange.over = True
    exchange.lists["linear", "Trading"].append(instrument("QQZZ", baseCoin="NEW"))
    clock.at += timedelta(hours=25)
    report, _ = _synced(exchange, repository, clock)
    assert report.ok
    assert {item.symbol for item in repository.ledger.fills()} == {"BTC/USDT:USDT", "NEW/USDT:USDT"}
    assert repository.unidentified.rows() == ()
    assert len(repository.ledger.fills()) == 2
