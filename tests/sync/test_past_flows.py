"""The movements of a part of the history, without reading the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.cache.ledger_rows import StoredRows
from exchange_cache.clock import to_ms
from exchange_cache.ledger.replay import Cause
from exchange_cache.sync.costs import ledger_of
from exchange_cache.sync.past_flows import PastFlows
from tests.cost.builders import D, at, contract, fill, transfer
from tests.cost.test_fold import RENAMES
from tests.sync.test_derivation import closing_at, keep
from tests.sync.test_past_states import NONE, derive, of


def test_the_result_of_a_contract_continues_its_stored_state(tmp_path: Path) -> None:
    with closing_at(tmp_path / "cache") as repository:
        keep(repository, contract("buy", "2", "100", hour=1, account="a"))
        derive(repository)
        keep(repository, contract("sell", "1", "130", hour=9, account="a"))
        past = PastFlows(repository, ledger_of(repository, of(NONE)), ("a",))
        (flow,) = past.between(to_ms(at(5)), to_ms(at(10)))
        assert (flow.asset, flow.quantity, flow.cause) == ("USDT", 30, Cause.TRADES)


def test_a_deposit_whose_withdrawal_is_older_is_a_move(tmp_path: Path) -> None:
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            transfer("withdrawal", "2", hour=1, account="a", tx="t"),
            transfer("deposit", "2", hour=3, account="b", tx="t"),
        )
        past = PastFlows(repository, ledger_of(repository, of(NONE)), ("a", "b"))
        (flow,) = past.between(to_ms(at(2)), to_ms(at(4)))
        assert (flow.account, flow.cause, flow.priced_at) == ("b", Cause.MOVES, at(1))


def test_all_rows_of_an_asset_are_read_only_where_an_event_concerns_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = []
    fills = StoredRows.fills
    monkeypatch.setattr(
        StoredRows, "fills", lambda rows, *span: spans.append(span) or fills(rows, *span)
    )
    with closing_at(tmp_path / "cache") as repository:
        keep(
            repository,
            fill("buy", "3", "1", symbol="XXX/USDT", hour=1, account="a"),
            fill("buy", "1", "1", symbol="ETH/USDT", hour=19, account="a"),
        )
        derive(repository, RENAMES)
        past = PastFlows(repository, ledger_of(repository, of(RENAMES)), ("a",))
        spans.clear()
        past.between(to_ms(at(2)), to_ms(at(19.5)))
        assert spans == [(at(2), at(19.5))]
        found = past.between(to_ms(at(2)), to_ms(at(21)))
        assert len(spans) == 3
        carried = {flow.asset: flow.quantity for flow in found if flow.time == at(20)}
        assert carried == {"XXX": D(-3), "YYY": D(6)}
