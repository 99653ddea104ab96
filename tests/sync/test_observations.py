"""Exchanges that nobody reviewed: real ccxt over HTTP to servers that honour what they like. All
fills arrive in a bounded number of requests, or what is missing is not called covered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal as Dec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import SetClock
from exchange_cache.ledger.coverage import Grade, Ranges
from exchange_cache.records import DataType, Fee
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.findings import history_findings
from exchange_cache.sync.observations import kept
from exchange_cache.sync.report import PartResult
from tests.effort import examples
from tests.exchanges.builders import NOW, NOW_MS, open_stubbed
from tests.exchanges.stub import Answer, Asked, StubServer
from tests.sync.served import (
    DAY_MS,
    Done,
    Served,
    binanceus,
    fills,
    hashkey,
    hollaex,
    latoken,
    poloniex,
    refusing,
    upbit,
)

START_MS = 1_483_228_800_000


@dataclass
class Account:
    """One account at a served history, and what its cache holds."""

    repository: ExchangeCacheRepository
    stub: StubServer
    exchange: str
    clock: SetClock
    wallet: str = "spot"

    def sync(self, **options: Any) -> PartResult:
        wallets = (self.wallet,)
        port = open_stubbed(self.exchange, self.stub.url, wallets=wallets, clock=self.clock)
        options.setdefault("only", frozenset({DataType.FILLS}))
        report = AccountRun(port, self.repository, self.clock, RunOptions(**options)).run()
        port.close()
        return next((part for part in report.parts if part.state != "ok"), report.parts[-1])

    @property
    def state(self) -> StreamState:
        return self.repository.ledger.states("main", DataType.FILLS)[0]

    @property
    def numbers(self) -> list[int]:
        """The stored fills by what distinguishes them: their price."""
        return sorted(int(fill.price) - 100 for fill in self.repository.ledger.fills())

    def covers(self, done: Done) -> bool:
        return any(span.start_ms <= done.at_ms < span.end_ms for span in self.state.covered)

    def observed(self, scope: str = "spot") -> Any:
        return kept(self.repository.progress.memory("main"))[DataType.FILLS, scope].seen


@contextmanager
def account_at(
    repository: ExchangeCacheRepository, exchange: str, script: Callable[[Asked], Any]
) -> Iterator[Account]:
    with StubServer(script) as stub:
        yield Account(repository, stub, exchange, SetClock(NOW))


def bound(count: int, cap: int) -> int:
    """So many requests are enough for a history."""
    return 3 * count // cap + 20


def test_where_the_end_is_ignored_the_walk_goes_forward_from_the_last_row(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(350), until=False, cap=100)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 351))
        assert len(served.requests) <= bound(350, 100)
        assert (account.state.grade, account.state.covered) == (
            Grade.OBSERVED,
            Ranges.of((START_MS, NOW_MS)),
        )
        seen = account.observed()
        assert (seen.since, seen.until, seen.limit, seen.order) == (
            "honoured",
            "ignored",
            "honoured",
            "oldest first",
        )
        asked = len(served.requests)
        assert account.sync().new_rows == 0
        assert len(served.requests) - asked <= 2, "what is known is not observed again"


def test_a_cap_below_the_limit_that_ccxt_names_loses_no_fill(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(350), cap=20)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 351))
        assert len(served.requests) <= bound(350, 20)
        assert account.observed().cap == 20
        assert account.state.grade is Grade.OBSERVED


def test_where_the_start_is_ignored_only_the_newest_rows_are_covered(
    repository: ExchangeCacheRepository,
) -> None:
    done = fills(350)
    served = Served(done, cap=100, newest_first=True)
    with account_at(repository, "latoken", latoken(served)) as account:
        account.sync()
        assert account.numbers == list(range(251, 351))
        assert len(served.requests) <= bound(350, 100)
        assert account.state.covered == Ranges.of((done[250].at_ms, NOW_MS))
        assert account.state.grade is Grade.ASSUMED
        assert account.state.floor_ms == done[250].at_ms, "what is before is not served"
        (found,) = history_findings(repository, "main", NOW)
        assert (found.code, found.message) == (
            "newest_rows_only",
            "fills of spot before 2025-05-19 are missing: the exchange serves only the newest rows",
        )


def test_newest_first_pages_are_walked_backward(repository: ExchangeCacheRepository) -> None:
    served = Served(fills(350), cap=20, newest_first=True)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 351))
        assert len(served.requests) <= bound(350, 20)
        assert account.observed().order == "newest first"
        assert account.state.grade is Grade.OBSERVED


def test_rows_without_an_id_are_stored_once(repository: ExchangeCacheRepository) -> None:
    at = fills(40)[-1].at_ms
    twins = [Done(41, at), Done(42, at), Done(42, at)]  # two rows that say the same
    served = Served([*fills(40), *twins], cap=10)
    with account_at(repository, "hollaex", hollaex(served)) as account:
        account.sync()
        assert account.numbers == [*range(1, 43), 42]
        assert account.sync(full=True).new_rows == 0
        assert account.observed().ids == "missing"


def test_fills_that_have_the_id_of_their_order_are_all_stored(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(60), cap=25, ids="repeated")
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 61))
        assert account.sync(full=True).new_rows == 0


def test_fills_stored_under_ids_that_turn_out_to_be_shared_get_ids_of_their_own(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(40), cap=25)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.observed().ids == "unique"
        shared = [Done(number, NOW_MS - number, shared_id=True) for number in (41, 42)]
        served.fills = [*served.fills, *shared]
        part = account.sync()
        assert part.state == "failed" and "rows that differ have one id" in str(part.error)
        assert account.sync().state == "ok"
        assert account.numbers == list(range(1, 43))
        assert account.sync(full=True).new_rows == 0


def test_windows_are_as_wide_as_the_exchange_answers(repository: ExchangeCacheRepository) -> None:
    served = Served(fills(60, every_ms=DAY_MS), window_ms=30 * DAY_MS, cap=25)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 61))
        assert len(served.requests) <= bound(60, 25)
        assert account.observed().window_ms == 30 * DAY_MS
        assert not account.state.completed_ms, "older windows are left to the next runs"
        assert account.state.covered.end_ms == NOW_MS
        covered = account.state.covered
        account.sync()
        assert account.state.covered.plus(covered) != covered


def test_an_excluded_start_loses_no_row_of_its_instant(
    repository: ExchangeCacheRepository,
) -> None:
    done = [
        replace(one, at_ms=NOW_MS - 10 * DAY_MS + one.number // 4 * 60_000) for one in fills(90)
    ]
    served = Served(done, until=False, cap=10, excludes_since=True)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 91))
        assert len(served.requests) <= bound(90, 10)


def test_more_fills_in_an_instant_than_a_page_holds_are_not_called_covered(
    repository: ExchangeCacheRepository,
) -> None:
    at = NOW_MS - 10 * DAY_MS
    served = Served(
        [*fills(30), *(Done(number, at) for number in range(31, 61))], until=False, cap=10
    )
    with account_at(repository, "poloniex", poloniex(served)) as account:
        assert account.sync().state == "failed"
        assert not any(span.start_ms <= at < span.end_ms for span in account.state.covered)


def test_a_history_without_a_row_is_assumed_to_be_empty_and_observed_with_its_first_row(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served([], until=False)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.state.grade is Grade.ASSUMED
        assert len(served.requests) <= 20
        asked = len(served.requests)
        account.sync()
        assert len(served.requests) == asked + 1
        account.clock.sleep(86_400)
        served.now_ms += DAY_MS
        served.fills = fills(30)
        account.sync()
        assert account.numbers == list(range(1, 31))
        assert account.state.grade is Grade.OBSERVED


def test_an_answer_that_contradicts_what_was_observed_is_observed_again(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(150), cap=50)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        assert account.state.grade is Grade.OBSERVED
        served.since, served.newest_first = False, True
        part = account.sync()
        assert part.state == "failed" and "against what was observed" in str(part.error)
        account.sync()
        assert account.observed().since == "ignored"


def test_what_an_earlier_version_called_covered_is_walked_again_when_it_is_first_observed(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(120), until=False, cap=50)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        repository.progress.forget("main", "observed fills spot")
        before = len(served.requests)
        account.sync()
        assert len(served.requests) - before > 4, "it is walked, not only observed"
        assert account.state.grade is Grade.OBSERVED


def test_another_version_of_ccxt_is_observed_anew_without_a_second_walk(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served(fills(120), until=False, cap=50)
    with account_at(repository, "poloniex", poloniex(served)) as account:
        account.sync()
        covered = account.state.covered
        monkeypatch.setattr("exchange_cache.sync.observations.ccxt_version", lambda: "99.0")
        before = len(served.requests)
        account.sync()
        assert 5 <= len(served.requests) - before <= 7
        assert account.state.covered.start_ms == covered.start_ms


def test_a_history_that_is_asked_by_symbol_is_observed_once(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served([replace(one, market="BTCUSDT") for one in fills(250)], cap=100)
    with account_at(repository, "binanceus", binanceus(served)) as account:
        account.sync()
        assert account.numbers == list(range(1, 251))
        empty = [asked for asked in served.requests if asked.params["symbol"] == "ETHUSDT"]
        assert len(served.requests) - len(empty) <= bound(250, 100)
        assert len(empty) == 1, "what one symbol showed holds for the others"
        states = {one.key.symbol: one.grade for one in repository.ledger.states("main")}
        assert states == {"BTC/USDT": Grade.OBSERVED, "ETH/USDT": Grade.OBSERVED}


def test_rows_of_another_symbol_than_was_asked_are_stored_under_their_own(
    repository: ExchangeCacheRepository,
) -> None:
    markets = ("BTCUSDT", "ETHUSDT")
    served = Served([replace(one, market=markets[one.number % 2]) for one in fills(90)], cap=20)
    with account_at(repository, "binanceus", binanceus(served, heeds_symbol=False)) as account:
        account.sync()
        found = {int(fill.price) - 100: fill.symbol for fill in repository.ledger.fills()}
        assert found == {n: ("ETH/USDT" if n % 2 else "BTC/USDT") for n in range(1, 91)}
        assert account.observed().symbol == "ignored"


def test_a_symbol_that_ccxt_demands_unannounced_is_given(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(120), cap=50)
    with account_at(repository, "hashkey", hashkey(served)) as account:
        account.wallet = "swap"
        account.sync(symbols=("BTC/USDT:USDT",))
        assert account.numbers == list(range(1, 121))
        assert account.observed("linear").symbol == "required"
        asked = len(served.requests)
        account.sync(symbols=("BTC/USDT:USDT",))
        later = served.requests[asked:]
        assert later and all("startTime" in one.params for one in later), "only a walk"


@pytest.mark.parametrize(
    ("refused", "verdict"),
    [("limit", {"limit": "refused"}), ("endTime", {"until": "refused"})],
)
def test_what_a_server_refuses_is_not_sent_again(
    repository: ExchangeCacheRepository, refused: str, verdict: dict[str, str]
) -> None:
    served = Served(fills(120), usual=50, newest_first=refused == "limit")
    script = refusing(poloniex(served), refused)
    with account_at(repository, "poloniex", script) as account:
        account.sync()
        assert account.numbers == list(range(1, 121))
        seen = account.observed()
        assert {name: getattr(seen, name) for name in verdict} == verdict
        account.stub.asked.clear()
        assert account.sync().state == "ok"
        assert not any(refused in asked.params for asked in account.stub.asked)


def test_where_a_start_is_refused_only_the_newest_rows_are_covered(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(120), until=False, cap=50, newest_first=True)
    with account_at(repository, "poloniex", refusing(poloniex(served), "startTime")) as account:
        assert account.sync().state == "ok"
        assert account.numbers == list(range(71, 121))
        assert account.state.covered.start_ms == served.fills[70].at_ms


def test_a_server_that_refuses_everything_is_a_failed_history(
    repository: ExchangeCacheRepository,
) -> None:
    def script(asked: Asked) -> Any:
        return Answer({"code": 400, "message": "not today"}, status=400)

    with account_at(repository, "poloniex", script) as account:
        part = account.sync()
        assert (part.state, account.state.state) == ("failed", "failed")
        assert "not today" in str(account.state.error)


def test_where_there_are_no_fills_each_order_is_one_at_its_average(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(60), cap=20)
    with account_at(repository, "upbit", upbit(served, canceled=10)) as account:
        account.sync()
        assert account.numbers == list(range(1, 61))
        made = {fill.order_id: fill for fill in repository.ledger.fills()}
        whole, part = made["order-59"], made["order-60"]
        assert (whole.quantity, whole.price, whole.cost) == (Dec("0.5"), 159, Dec("79.5"))
        assert (part.quantity, part.price, part.cost) == (Dec("0.2"), 160, 32)
        assert (whole.fill_id, whole.fees) == (
            "order order-59",
            (Fee(asset="USDT", amount=Dec("0.01")),),
        )


def test_a_rate_limit_while_observing_concludes_nothing(
    repository: ExchangeCacheRepository,
) -> None:
    served = Served(fills(60), cap=20)
    answer = poloniex(served)

    def script(asked: Asked) -> Any:
        slow = len(served.requests) == 3
        return Answer({"code": 429, "message": "slow down"}, status=429) if slow else answer(asked)

    with account_at(repository, "poloniex", script) as account:
        assert account.sync().state == "failed"
        assert not kept(repository.progress.memory("main"))
        account.stub.script = answer
        account.sync()
        assert account.numbers == list(range(1, 61))


# --- servers drawn at random ----------------------------------------------------------------------


@st.composite
def servers(draw: Any) -> Served:
    count = draw(st.integers(0, 160))
    every = draw(st.sampled_from([700, 60_000, 3_600_000, DAY_MS]))
    together = draw(st.integers(1, 3))  # fills of one instant
    end = NOW_MS - draw(st.sampled_from([90, 86_400, 40 * 86_400])) * 1000
    return Served(
        [
            Done(number, end - (count - number) // together * every)
            for number in range(1, count + 1)
        ],
        since=draw(st.booleans()),
        until=draw(st.booleans()),
        limit=draw(st.booleans()),
        cap=draw(st.integers(8, 60)),
        usual=draw(st.integers(8, 60)),
        newest_first=draw(st.booleans()),
        excludes_since=draw(st.booleans()),
        ids=draw(st.sampled_from(["unique", "missing", "repeated"])),
        window_ms=draw(st.sampled_from([None, None, 30 * DAY_MS, 7 * DAY_MS])),
    )


def reaches_all(served: Served) -> bool:
    """Whether there is a way to every row: on from the last one, or back from the first one."""
    if served.window_ms is not None:
        return False  # not in one run
    if len(served.fills) <= page_of(served):
        return True
    return served.until if served.newest_first else served.since


def page_of(served: Served) -> int:
    return min(served.cap, 1000 if served.limit else served.usual)


@settings(max_examples=examples(20), deadline=None)
@given(served=servers())
def test_of_any_server_all_fills_are_stored_or_what_is_missing_is_not_called_observed(
    served: Served,
) -> None:
    with (
        TemporaryDirectory() as folder,
        closing(ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")) as repository,
        account_at(repository, "poloniex", poloniex(served)) as account,
    ):
        account.sync()
        everything = [done.number for done in served.fills]
        assert len(served.requests) <= bound(len(everything), page_of(served))
        assert len(set(account.numbers)) == len(account.numbers), "nothing is stored twice"
        if reaches_all(served):
            assert account.numbers == everything
        stored = set(account.numbers)
        missing = [done for done in served.fills if done.number not in stored]
        covered = [done for done in missing if account.covers(done)]
        assert not covered or account.state.grade is Grade.ASSUMED
        asked = len(served.requests)
        again = account.sync()
        assert again.state == "ok"
        assert again.new_rows == 0 or served.window_ms is not None
        assert len(served.requests) - asked <= bound(len(everything), page_of(served))
