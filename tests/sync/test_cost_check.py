"""Stored costs are compared with a computation from nothing, row by row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.records import Fill, Transfer
from exchange_cache.sync import derivation
from exchange_cache.sync.cost_check import wrong_costs
from exchange_cache.sync.explaining import explained
from tests.cost.builders import NOW, contract, fill, transfer
from tests.cost.test_fold import RENAMES, UNREAD
from tests.cost.test_properties import histories
from tests.effort import examples
from tests.sync.test_derivation import closing_at, keep
from tests.sync.test_past_states import NONE, derive, of


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "STEP", 3)


def some(repository: ExchangeCacheRepository) -> None:
    keep(
        repository,
        transfer("deposit", "9", "USDT", hour=0, account="a"),
        fill("buy", "2", "3", "0.1 BNB", hour=1, account="a"),
        fill("sell", "1", "4", hour=2, account="a"),
        fill("buy", "1", "2", symbol="ETH/BTC", hour=3, account="b"),
        contract("buy", "1", "9", hour=4, account="b"),
        contract("sell", "1", "11", hour=5, account="b"),
    )


@settings(max_examples=examples(20), deadline=None, phases=[Phase.generate])
@given(histories(), st.data(), st.sampled_from([NONE, UNREAD, RENAMES]))
def test_what_is_stored_is_what_is_computed(
    events: list[Fill | Transfer], data: Any, assets: AssetEvents
) -> None:
    with TemporaryDirectory() as folder, closing_at(Path(folder) / "cache") as repository:
        cut = data.draw(st.integers(0, len(events)))
        for part in (events[:cut], events[cut:]):
            keep(repository, *part)
            if part:
                derive(repository, assets)
        if not events:
            return
        assert wrong_costs(repository, of(assets)) == []
        known = repository.cost_states("USDT").assets()
        chosen = data.draw(st.sets(st.sampled_from(known))) if known else set()
        assert wrong_costs(repository, of(assets), chosen) == []


def test_a_wrong_figure_is_named_with_its_method(tmp_path: Path) -> None:
    with closing_at(tmp_path / "cache") as repository:
        some(repository)
        derive(repository)
        wrong = [
            replace(basis, cost=basis.cost + (basis.asset == "BTC" and basis.account == "a"))
            for basis in repository.derived.bases("fifo", "USDT")
        ]
        repository.derived.replace_bases("fifo", "USDT", wrong, NOW)
        assert wrong_costs(repository, of(NONE)) == ["BTC of a by fifo: cost"]
        assert wrong_costs(repository, of(NONE), ["ETH"]) == []
        assert wrong_costs(repository, of(NONE), ["BTC"]) == ["BTC of a by fifo: cost"]


def test_a_fee_beside_what_a_contract_realises_in_another_asset_is_compared(tmp_path: Path) -> None:
    inverse = {"symbol": "BTC/USD:BTC", "account": "a"}
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            contract("buy", "1", "90", hour=1, **inverse),
            contract("sell", "1", "80", "0.2 USDT", hour=2, **inverse),
        )
        derive(repository, NONE)
        for asset in ("BTC", "USDT"):
            assert wrong_costs(repository, of(NONE), [asset]) == []
            (stored,) = (
                one
                for one in repository.derived.bases("average", "USDT")
                if (one.account, one.asset) == (None, asset)
            )
            assert explained(repository, of(NONE), asset).pooled == stored


def test_rows_that_wait_to_be_derived_leave_nothing_to_compare(tmp_path: Path) -> None:
    with closing_at(tmp_path / "cache") as repository:
        some(repository)
        assert wrong_costs(repository, of(NONE)) is None
        derive(repository)
        assert wrong_costs(repository, of(NONE)) == []
        keep(repository, fill("buy", "2", "3", hour=9, account="a"))
        assert wrong_costs(repository, of(NONE)) is None


def test_one_row_at_a_time_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next fill is read after the one before it was computed."""
    from exchange_cache.cache.ledger_rows import FILLS
    from exchange_cache.cost.averages import _Pass

    seen: list[str] = []
    each, step = FILLS.each, _Pass.step
    monkeypatch.setattr(
        FILLS, "each", lambda rows: (seen.append("row") or one for one in each(rows))
    )
    monkeypatch.setattr(_Pass, "step", lambda *args: seen.append("step") or step(*args))
    with closing_at(tmp_path / "cache") as repository:
        keep(repository, *(fill("buy", "1", "1", hour=hour, account="a") for hour in range(9)))
        derive(repository)
        seen.clear()
        assert wrong_costs(repository, of(NONE)) == []
        places = [number for number, word in enumerate(seen) if word == "row"]
        assert len(places) == 9
        assert all(seen[place + 1] == "step" for place in places)
