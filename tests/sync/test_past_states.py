"""Earlier moments by stored states are those of the whole history, to the last digit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.derivatives import DerivativeBasis, derivative_basis
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.replay import Flow, Place, flows
from exchange_cache.records import Fill, Transfer, TransferKind
from exchange_cache.sync import derivation, past_flows
from exchange_cache.sync.costs import CostSettings, ledger_of
from exchange_cache.sync.past_states import PastStates
from tests.cost.builders import NOW, D, at, contract, fill, transfer
from tests.cost.test_fold import RENAMES, UNREAD
from tests.cost.test_properties import histories, hours
from tests.effort import examples
from tests.ledger.held import held_at
from tests.sync.test_derivation import closing_at, keep

MILLISECOND = timedelta(milliseconds=1)
ALL = ("a", "b")
NONE = AssetEvents()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "STEP", 3)
    monkeypatch.setattr(past_flows, "WINDOW", 2)


def of(assets: AssetEvents) -> CostSettings:
    return CostSettings(reporting_asset="USDT", accounts=ALL, assets=assets)


def derive(repository: ExchangeCacheRepository, assets: AssetEvents = NONE) -> None:
    ledger = ledger_of(repository, of(assets))
    ledger.answer(player := ledger.bring_up_to_date(), ledger.play_rest(player), NOW)
    assert ledger.is_current()


def states(
    repository: ExchangeCacheRepository,
    assets: AssetEvents = NONE,
    accounts: tuple[str, ...] = ALL,
) -> PastStates:
    return PastStates(repository, of(assets), accounts)


def whole(repository: ExchangeCacheRepository, assets: AssetEvents, names: Any) -> tuple[Flow, ...]:
    """The movements of these accounts, by all their rows."""
    ledger = repository.ledger
    fills = [one for one in ledger.fills() if one.account in names]
    moves = [one for one in ledger.transfers() if one.account in names]
    return flows(fills, moves, assets)


def plain_moved(
    found: tuple[Flow, ...], moment: datetime, times: dict[str, datetime]
) -> dict[Place, Decimal]:
    back = held_at({}, times, found, moment)
    return {place: quantity.copy_negate() for place, quantity in back.items()}


def plain_contracts(
    repository: ExchangeCacheRepository, moment: datetime, hedged: Any
) -> list[DerivativeBasis]:
    fills = [one for one in repository.ledger.fills() if one.is_derivative and one.time <= moment]
    moves = [
        one
        for one in repository.ledger.transfers()
        if one.kind is TransferKind.SETTLEMENT and one.time < moment
    ]
    return sorted(derivative_basis(fills, moves, hedged=hedged), key=repr)


@settings(max_examples=examples(25), deadline=None, phases=[Phase.generate])
@given(histories(), st.data(), st.sampled_from([AssetEvents(), UNREAD, RENAMES]))
def test_earlier_moments_are_those_of_the_whole_history(
    events: list[Fill | Transfer], data: Any, assets: AssetEvents
) -> None:
    moments = st.one_of(st.integers(-2, 47), hours).map(at)
    with TemporaryDirectory() as folder, closing_at(Path(folder) / "cache") as repository:
        later = data.draw(st.integers(0, len(events)))
        keep(repository, *events[:later])
        if later:
            derive(repository, assets)
        keep(repository, *events[later:])  # rows that no state contains yet
        for names in (ALL, ("a",)):
            past, found = states(repository, assets, names), whole(repository, assets, names)
            for _ in range(3):
                moment, times = data.draw(moments), {one: data.draw(moments) for one in names}
                own = past.moved(moment, times)
                assert own == plain_moved(found, moment, times)
                until = data.draw(moments)
                between = tuple(one for one in found if moment <= one.time <= until)
                assert sorted(past.flows(moment, until), key=repr) == sorted(between, key=repr)
                parts = [flow for some in past.windows(moment, until) for flow in some]
                assert sorted(parts, key=repr) == sorted(between, key=repr)
        moment, hedged = data.draw(moments), {("a", "BTC/USDT:USDT")}
        contracts = states(repository, assets).contracts(moment, hedged)
        ours = [
            (one.account, one.symbol, one.side, one.quantity, one.entry_price, one.realised_pnl)
            for one in contracts
        ]
        theirs = [
            (one.account, one.symbol, one.side, one.quantity, one.entry_price, one.realised_pnl)
            for one in plain_contracts(repository, moment, hedged)
        ]
        assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize("seconds", [0, 29.999, 30, 60])
def test_the_fee_of_a_loan_moves_with_its_row(tmp_path: Path, seconds: float) -> None:
    with closing_at(tmp_path / "cache") as repository:
        row = transfer("loan", "2", "BTC", hour=5 + 30 / 3600, account="a", fee="1 USDT")
        keep(repository, fill("sell", "2", "100", hour=5, account="a"), row)
        derive(repository)
        moved = states(repository).moved(at(5 + seconds / 3600), {"a": at(6)})
    assert moved == ({("a", "USDT"): D(-1)} if seconds < 30 else {})


def test_an_event_that_changed_all_that_was_held_is_replayed_from_all_rows(tmp_path: Path) -> None:
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            transfer("reward", "4", "XXX", hour=1, account="a"),
            fill("buy", "2", "1", symbol="YYY/USDT", hour=25, account="a"),
        )
        derive(repository, RENAMES)
        past = states(repository, RENAMES)
        moved = past.moved(at(10), {"a": at(30)})
        assert moved == {("a", "XXX"): D(-4), ("a", "YYY"): D(10), ("a", "USDT"): D(-2)}
        assert plain_moved(whole(repository, RENAMES, ALL), at(10), {"a": at(30)}) == moved


def test_an_earlier_moment_reads_few_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows read do not grow with the history before the moment."""
    from exchange_cache.cache.ledger_rows import FILLS

    monkeypatch.setattr(derivation, "STEP", 10)
    read = []
    each = FILLS.each
    monkeypatch.setattr(FILLS, "each", lambda rows: (read.append(1) or one for one in each(rows)))
    counts = []
    for length in (40, 400):
        with closing_at(tmp_path / str(length)) as repository:
            rows = [
                fill("buy", "1", "1", "0.1 USDT", hour=hour, account="a", fill_id=f"f{hour:04}")
                for hour in range(length)
            ]
            rows += [
                contract("buy", "1", "1", hour=hour, account="a", fill_id=f"c{hour:04}")
                for hour in range(0, length, 5)
            ]
            keep(repository, *rows)
            derive(repository)
            read.clear()
            past = states(repository)
            end = at(length - 10)
            past.moved(end, {"a": at(length - 5)})
            past.flows(end, at(length - 5))
            past.contracts(end, ())
            past.costs(end)
            counts.append(len(read))
    assert counts[1] <= counts[0] + 12
    assert counts[1] < 80


def test_what_was_stored_since_is_read_after_forgetting(tmp_path: Path) -> None:
    with closing_at(tmp_path / "cache") as repository:
        keep(repository, fill("buy", "1", "1", hour=1, account="a"))
        past = states(repository)
        assert past.moved(at(0), {"a": at(9)})[("a", "BTC")] == 1
        keep(repository, transfer("deposit", "5", hour=2, account="a"))
        past.forget()
        assert past.moved(at(0), {"a": at(9)})[("a", "BTC")] == 6
