"""The exposures of contracts, continued from anywhere, are those of all fills together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import localcontext

from hypothesis import given, settings, strategies as st

from exchange_cache.cost.contracts import Contract, Contracts, Place
from exchange_cache.cost.derivatives import derivative_basis
from exchange_cache.cost.stored_state import pack_contract, unpack_contract
from exchange_cache.ledger.results import realised_by_fill
from exchange_cache.money import EXACT
from exchange_cache.records import Fill, Transfer
from tests.cost.builders import contract, transfer
from tests.effort import examples

DATED = "BTC/USDT:USDT-260102"
HEDGED = {("main", "BTC/USDT:USDT")}


def dated(side: str, contracts: str, price: str, *, hour: int = 0) -> Fill:
    made = contract(side, contracts, price, hour=hour)
    return replace(made, symbol=DATED)


def settlement(amount: str, at: datetime) -> Transfer:
    return replace(transfer("settlement", amount, "USDT", symbol=DATED), time=at)


def option(side: str, premium: str, reported: str | None) -> Fill:
    made = contract(side, "1", premium, pnl=reported)
    return replace(made, category="option", symbol="BTC/USDT:USDT-260102-100-C")


def test_the_result_of_an_option_is_its_premium_whatever_is_reported() -> None:
    fills = [option("buy", "10", "3"), option("sell", "4", None)]
    contracts = Contracts()
    assert [contracts.result(one) for one in fills] == [-10, 4]
    assert [realised_by_fill(fills)[one.key] for one in fills] == [-10, 4]


def test_a_settlement_closes_a_dated_contract_and_leaves_the_states_as_they_were() -> None:
    contracts = Contracts()
    contracts.result(dated("buy", "2", "100"))
    booked = settlement("30", datetime(2026, 1, 2, 8, tzinfo=UTC))
    (closed,) = contracts.bases((), (), [booked])
    assert (closed.quantity, closed.realised_pnl) == (0, 30)
    (still,) = contracts.bases((), ())
    assert (still.quantity, still.realised_pnl) == (2, 0)


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_contracts_continued_from_stored_states_are_those_of_all_fills(data: st.DataObject) -> None:
    sides, amounts = st.sampled_from(["buy", "sell"]), st.integers(1, 9).map(str)
    reports = st.sampled_from([None, None, "2"])
    symbols = st.sampled_from(["BTC/USDT:USDT", "BTC/USD:BTC", DATED])
    fills = []
    for hour in range(data.draw(st.integers(1, 12))):
        made = contract(
            data.draw(sides), data.draw(amounts), "100", hour=hour, pnl=data.draw(reports)
        )
        symbol = data.draw(symbols)
        if symbol == "BTC/USD:BTC":
            made = contract(data.draw(sides), "3", "100", symbol=symbol, hour=hour)
        fills.append(replace(made, symbol=symbol))
    cut = data.draw(st.integers(0, len(fills)))
    moves = [settlement("7", datetime(2026, 1, 2, 8, tzinfo=UTC))]
    with localcontext(EXACT):
        first = Contracts()
        results = [first.result(one) for one in fills[:cut]]
        kept = {place: pack_contract(one) for place, one in first.known.items()}

        def load(place: Place) -> Contract | None:
            return unpack_contract(kept[place]) if place in kept else None

        second = Contracts(load)
        results += [second.result(one) for one in fills[cut:]]
        own = second.bases(kept, HEDGED, moves)
        assert results == [realised_by_fill(fills)[one.key] for one in fills]
    whole = derivative_basis(fills, moves, hedged=HEDGED)
    assert sorted(own, key=repr) == sorted(whole, key=repr)
