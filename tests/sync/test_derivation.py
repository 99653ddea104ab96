"""Stored states of cost are those of a computation from nothing: however rows arrive, whatever is
interrupted, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredRate
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cost.averages import compute_basis
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.money import FIAT
from exchange_cache.records import DataType, Fill, Transfer, TransferKind
from exchange_cache.sync import derivation
from exchange_cache.sync.derivation import Ledger
from exchange_cache.sync.known_rates import KnownRates
from exchange_cache.sync.ledger_inputs import Inputs
from exchange_cache.sync.rates import StoredRates
from tests.cost.builders import NOW, D, at, fill, transfer
from tests.cost.test_fold import DUST, RENAMES, STATED, UNREAD, differences, placed
from tests.cost.test_properties import histories
from tests.effort import examples

Record = Fill | Transfer
NONE = AssetEvents()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "STEP", 3)


def keep(repository: ExchangeCacheRepository, *records: Record) -> None:
    for account in {one.account for one in records}:
        own = [one for one in records if one.account == account]
        key = StreamKey(account=account, data_type=DataType.FILLS, scope="all", symbol="")
        state = repository.ledger.state(key)
        repository.ledger.save_page(state, own, NOW, refresh=True)


def keep_rate(repository: ExchangeCacheRepository, asset: str, hour: int, value: str) -> None:
    rate = StoredRate(
        asset=asset, quote="USDT", at=at(hour), resolution_s=3600, value=D(value), route=("x",)
    )
    repository.derived.save_rates([rate], NOW)


def ledger(
    repository: ExchangeCacheRepository,
    assets: AssetEvents = NONE,
    stated: tuple[StatedBasis, ...] = (),
) -> Ledger:
    rates = KnownRates(repository.derived, "USDT")
    inputs = Inputs(reporting_asset="USDT", rates=rates, assets=assets, dust=DUST, stated=stated)
    return Ledger(repository, inputs)


def derive(repository: ExchangeCacheRepository, *more: Any) -> None:
    own = ledger(repository, *more)
    player = own.bring_up_to_date()
    own.answer(player, own.play_rest(player), NOW)


def plain(
    repository: ExchangeCacheRepository,
    assets: AssetEvents = NONE,
    stated: tuple[StatedBasis, ...] = (),
    **more: Any,
) -> list[AssetBasis]:
    """The answers of a computation from nothing."""
    return [
        basis
        for method in Method
        for basis in compute_basis(
            repository.ledger.fills(),
            repository.ledger.transfers(),
            reporting_asset="USDT",
            rates=StoredRates(repository.derived.rates("USDT")),
            method=method,
            dust=DUST,
            stated=stated,
            assets=assets,
            cash=FIAT,
            **more,
        ).bases
    ]


def stored(repository: ExchangeCacheRepository) -> list[AssetBasis]:
    return [basis for method in Method for basis in repository.derived.bases(method, "USDT")]


def alter(repository: ExchangeCacheRepository, record: Record, chance: Any) -> None:
    """What an exchange, or the user, changes of a row that is stored."""
    how = chance.choice(("dated", "changed", "removed", "vanished", "returned"))
    if how == "dated":
        keep(repository, replace(record, time=at(chance.randint(0, 40))))
    elif how == "changed":
        keep(repository, replace(record, quantity=record.quantity * 2))
    else:
        change(repository, record, how)


def change(repository: ExchangeCacheRepository, record: Record, how: str) -> None:
    """Remove a row, or let it vanish at its exchange or return there."""
    kind, place, number = (
        ("fills", record.category, record.fill_id)
        if isinstance(record, Fill)
        else ("transfers", record.scope, record.transfer_id)
    )
    column = {"fills": "fill_id", "transfers": "transfer_id"}[kind]
    symbol = record.symbol if isinstance(record, Fill) else ""
    if how == "removed":
        query = f"DELETE FROM exchange_{kind} WHERE account = ? AND {column} = ?"
        execute(repository, query, record.account, number)
    elif how == "vanished":
        query = (
            "INSERT INTO ledger_absences SELECT ?, ?, ?, ?, ?, '', '', time_ms, 0, 1 FROM"
            f" exchange_{kind} WHERE account = ? AND {column} = ? ON CONFLICT DO NOTHING"
        )
        row = (record.account, kind, place, symbol, number)
        execute(repository, query, *row, record.account, number)
    else:
        query = "DELETE FROM ledger_absences WHERE account = ? AND row_id = ?"
        execute(repository, query, record.account, number)


def execute(repository: ExchangeCacheRepository, query: str, *values: Any) -> None:
    with repository._database.write():
        repository._database.execute(query, values)


class Interrupted(Exception):
    pass


#: Rows, how they arrive, the events of assets and the stated costs.
ARRIVALS = (
    histories(),
    st.randoms(use_true_random=False),
    st.sampled_from([AssetEvents(), UNREAD, RENAMES]),
    st.sampled_from([(), (), STATED]),
)


@settings(max_examples=examples(40), deadline=None, phases=[Phase.generate])
@given(*ARRIVALS)
def test_states_are_those_of_a_computation_from_nothing(
    events: list[Record], chance: Any, assets: AssetEvents, stated: Any
) -> None:
    arrive(events, chance, assets, stated)


def arrive(events: list[Record], chance: Any, assets: AssetEvents, stated: Any) -> None:
    """Rows arrive in any order, with prices and interruptions; each time everything that is stored,
    and what it was at some moment, is that of a computation from nothing."""
    with TemporaryDirectory() as folder, closing_at(Path(folder) / "cache") as repository:
        chance.shuffle(events)
        known: list[Record] = []
        while events:
            number = chance.randint(1, len(events))
            keep(repository, *events[:number])
            known += events[:number]
            del events[:number]
            if chance.random() < 0.4:
                alter(repository, chance.choice(known), chance)
            if chance.random() < 0.5:
                asset, hour = chance.choice(("BTC", "ETH", "BNB")), chance.randint(0, 40)
                keep_rate(repository, asset, hour, str(chance.randint(1, 900)))
            if chance.random() < 0.3:
                with pytest.MonkeyPatch.context() as patch, pytest.raises(Interrupted):
                    interrupt(patch, chance.randint(0, 4))
                    derive(repository, assets, stated)
                    raise Interrupted
            derive(repository, assets, stated)
            assert differences(stored(repository), plain(repository, assets, stated)) == []
            moment = at(chance.randint(0, 45) + chance.choice((0, 0, 0.001, 30, 60)) / 3600)
            then = ledger(repository, assets, stated)
            own = then.bases(then.played(tuple(Method), until=moment))
            assert differences(own, plain(repository, assets, stated, until=moment)) == []


SECONDS = (0.001, 29.999, 30, 30.001, 60, 90)


@pytest.mark.parametrize("seconds", SECONDS, ids=lambda seconds: f"after {seconds} s")
@pytest.mark.parametrize("derived", [True, False], ids=["stored", "from rows"])
def test_between_an_order_and_its_loan_the_loan_counts_and_its_fee_is_not_yet_paid(
    tmp_path: Path, seconds: float, derived: bool
) -> None:
    moment = at(5 + seconds / 3600)
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            fill("buy", "1", "90", hour=1, account="a"),
            fill("sell", "3", "100", hour=5, account="a"),
            transfer("loan", "2", "BTC", hour=5 + 30 / 3600, account="a", fee="1 USDT"),
            fill("buy", "1", "80", hour=7, account="a"),
            fill("buy", "1", "80", hour=8, account="b"),
        )
        if derived:
            derive(repository)
        own = ledger(repository)
        bases = own.bases(own.played(tuple(Method), until=moment))
        assert differences(bases, plain(repository, until=moment)) == []
    found = placed(bases)
    for method in Method:
        sold, cash = found[method, "a", "BTC"], found[method, "a", "USDT"]
        assert (sold.quantity, sold.explained_quantity, sold.cost) == (-2, -2, -200)
        assert (cash.fees_paid, cash.expenses) == ((1, -1) if seconds > 30 else (0, 0))


def interrupt(patch: pytest.MonkeyPatch, after: int) -> None:
    """Fail in the transaction of a later step."""
    left = [after]
    step = Ledger._step

    def failing(self: Ledger, *args: Any) -> Any:
        done = step(self, *args)
        left[0] -= 1
        if left[0] < 0:
            raise Interrupted
        return done

    patch.setattr(Ledger, "_step", failing)


def closing_at(path: Path) -> Any:
    return closing(ExchangeCacheRepository.open(path))


@pytest.mark.parametrize("code", ["BNB", "币安人生", "a_b%", "1000SATS"])
def test_a_late_row_of_what_other_fills_are_charged_in(tmp_path: Path, code: str) -> None:
    late = transfer("deposit", "5", code, hour=0.5, account="a")
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            transfer("deposit", "9", "USDT", hour=0, account="a"),
            *(fill("buy", "1", "1", f"0.1 {code}", hour=hour, account="a") for hour in range(1, 9)),
        )
        derive(repository)
        keep(repository, late)
        derive(repository)
        assert differences(stored(repository), plain(repository)) == []


#: Where the pool of two accounts has other days than the first of them alone.
SOLD_BEFORE_THE_POOL = (
    fill("buy", "2", "10", hour=1, account="a"),
    fill("sell", "1", "30", hour=2, account="a"),
    fill("buy", "1", "99", hour=20, account="b"),
    fill("sell", "1", "50", hour=30, account="a"),
)
AFTER_THE_POOL = (
    transfer("deposit", "5", "BTC", hour=2, account="b"),
    transfer("fee", "-1", "BTC", hour=3, account="a"),
    fill("sell", "5", "7", hour=30, account="b"),
)


@pytest.mark.parametrize("rows", [SOLD_BEFORE_THE_POOL, AFTER_THE_POOL], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_pool_has_the_days_of_its_first_account_before_it_was_one(
    tmp_path: Path, rows: tuple[Record, ...], number: int
) -> None:
    with closing_at(tmp_path / "cache") as repository:
        for start in range(0, len(rows), number):
            keep(repository, *rows[start : start + number])
            derive(repository, NONE, STATED)
            assert differences(stored(repository), plain(repository, NONE, STATED)) == []


@pytest.mark.parametrize("method", list(Method), ids=str)
def test_a_single_method_is_read_with_its_own_days(tmp_path: Path, method: Method) -> None:
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            fill("buy", "1", "10", hour=1, account="a"),
            fill("buy", "1", "20", hour=2, account="a"),
            *(fill("sell", "0.25", "30", hour=hour, account="a") for hour in range(3, 99, 24)),
        )
        derive(repository)
        until = at(80)
        own = ledger(repository)
        bases = own.bases(own.played((method,), until=until))
        right = [one for one in plain(repository, until=until) if one.method is method]
        assert differences(bases, right) == []


def test_a_pool_that_begins_after_a_late_row_of_its_first_account(tmp_path: Path) -> None:
    late = transfer("liquidation", "-7", "USDT", hour=5.5, account="a")
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            *(transfer("deposit", "9", "USDT", hour=hour, account="a") for hour in range(9)),
            transfer("fee", "-1", "USDT", hour=3.5, account="a"),
            *(transfer("deposit", "9", "USDT", hour=hour, account="b") for hour in range(30, 35)),
        )
        derive(repository)
        keep(repository, late)
        derive(repository)
        assert differences(stored(repository), plain(repository)) == []


@pytest.mark.parametrize("gone", ["removed", "vanished", "never there"])
def test_an_asset_event_happens_to_stated_units_of_an_account_without_rows(
    tmp_path: Path, gone: str
) -> None:
    row = transfer("deposit", "1", "ETH", hour=1, account="a")
    with closing_at(tmp_path / "cache") as repository:
        keep(repository, transfer("deposit", "1", "ETH", hour=1, account="b"))
        if gone != "never there":
            keep(repository, row)
            derive(repository, RENAMES, STATED)
            change(repository, row, gone)
        derive(repository, RENAMES, STATED)
        assert differences(stored(repository), plain(repository, RENAMES, STATED)) == []
        found = placed(stored(repository))
    assert found[Method.AVERAGE, "a", "BTC"].quantity == 5  # 1, redenominated at 5 for 1


def deposits(account: str, hours: Iterable[float], quantity: str = "9") -> list[Transfer]:
    return [transfer("deposit", quantity, "USDT", hour=hour, account=account) for hour in hours]


def assert_late_rows_count(
    path: Path, first: Sequence[Record], late: Sequence[Record], assets: AssetEvents = NONE
) -> None:
    """Rows that come after the states of others have the same states as if they were there."""
    with closing_at(path) as repository:
        keep(repository, *first)
        derive(repository, assets)
        keep(repository, *late)
        derive(repository, assets)
        assert differences(stored(repository), plain(repository, assets)) == []


def test_a_late_row_of_the_reporting_asset_keeps_every_digit(tmp_path: Path) -> None:
    many = deposits("a", [1], "11.736512415349887133182844243792")
    late = deposits("a", [9.5], "1.000000000000000000000000000001")
    assert_late_rows_count(tmp_path / "cache", [*many, *deposits("a", range(2, 20))], late)


def test_a_late_withdrawal_ends_a_deposit_of_a_later_window(tmp_path: Path) -> None:
    (arrived,) = deposits("b", [12.5], "28.5")
    (left,) = deposits("a", [3.5], "28.5")
    left = replace(left, kind=TransferKind.WITHDRAWAL, scope="withdrawals", tx_id="x")
    rows = [*deposits("a", range(9)), *deposits("b", range(20)), replace(arrived, tx_id="x")]
    assert_late_rows_count(tmp_path / "cache", rows, [left])


def test_the_last_event_of_the_pool_moves_with_that_of_an_account(tmp_path: Path) -> None:
    rows = [*deposits("a", range(9)), *deposits("b", range(9, 20))]
    last = fill("sell", "1", "5", "0.11 USDT", hour=20.5, account="b", symbol="ETH/BTC")
    assert_late_rows_count(tmp_path / "cache", [*rows, last], [replace(last, time=at(20.25))])


def test_a_move_that_is_no_loan_changes_the_window_of_its_own_time(tmp_path: Path) -> None:
    rows = deposits("a", [1, 2, 3, 4, 5, 6])
    unread = AssetEvents(unread={"a": frozenset({"bots"})})
    moved = transfer("internal", "4.25", "USDT", hour=6 + 30 / 3600, account="a")
    moved = replace(moved, from_wallet="margin", to_wallet="bots")
    larger = replace(moved, quantity=moved.quantity * 2)
    assert_late_rows_count(tmp_path / "cache", [*rows, moved], [larger], unread)


def test_a_loan_that_vanished_changes_the_window_of_its_event(tmp_path: Path) -> None:
    loan = transfer("loan", "2", "USDT", hour=6 + 30 / 3600, account="a")
    with closing_at(tmp_path / "cache") as repository:
        keep(repository, *deposits("a", [1, 2, 3, 4, 5, 6, 7, 8, 9]), loan)
        derive(repository)
        change(repository, loan, "vanished")
        derive(repository)
        assert differences(stored(repository), plain(repository)) == []
