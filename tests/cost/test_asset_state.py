"""The state of one asset: dust, steps, the hash of its inputs, results by day."""

from __future__ import annotations

import pytest

from exchange_cache.cost.basis import realised_between
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.records import FillKind
from tests.cost.builders import D, at, basis_book, fill, pooled, transfer


def test_dust_left_after_selling_everything_does_not_keep_a_position_alive() -> None:
    events = [fill("buy", "1", "100"), fill("sell", "0.999999993", "100", hour=1)]
    basis = pooled(*events, dust={"BTC": D("0.00001")})
    assert (basis.average_entry_price, basis.explained_quantity, basis.unknown_quantity) == (
        None,
        0,
        D("7e-9"),
    )
    assert basis.unknown_reasons == ("dust 2026-01-01",)
    again = pooled(*events, fill("buy", "2", "50", hour=2), dust={"BTC": D("0.00001")})
    assert again.average_entry_price == 50
    assert again.quantity == D("2.000000007")


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_dust_between_the_parts_of_one_sale_changes_nothing(method: str) -> None:
    whole = pooled(
        fill("buy", "1", "100"),
        fill("sell", "1", "90", hour=1),
        dust={"BTC": D("0.01")},
        method=method,
    )
    parts = [fill("sell", "0.995", "90", hour=1), fill("sell", "0.005", "90", hour=1.1)]
    split = pooled(fill("buy", "1", "100"), *parts, dust={"BTC": D("0.01")}, method=method)
    assert (split.realised_pnl, split.quantity, split.unknown_quantity) == (
        whole.realised_pnl,
        0,
        0,
    )


def test_a_small_first_buy_is_no_dust() -> None:
    assert pooled(fill("buy", "0.001", "100"), dust={"BTC": D("0.01")}).average_entry_price == 100


def test_the_steps_tell_the_whole_story() -> None:
    book = basis_book(
        fill("buy", "1", "100", "1 USDT", fill_id="7"),
        transfer("withdrawal", "0.5", hour=1, transfer_id="w"),
        explain=["BTC"],
    )
    first, second = book.steps["BTC"]
    assert (
        first.kind,
        first.source_id,
        first.quantity_delta,
        first.price,
        first.value,
        first.fees_value,
    ) == ("buy", "7", 1, 100, 101, 1)
    assert (first.held_after, first.cost_after, first.average_after) == (1, 101, 101)
    assert (second.kind, second.source_id, second.held_after, second.cost_after) == (
        "withdrawal",
        "w",
        D("0.5"),
        D("50.5"),
    )
    assert set(book.steps) == {"BTC"}


def test_the_hash_depends_on_the_inputs_and_on_nothing_else() -> None:
    events = [fill("buy", "1", "100", fill_id="1"), fill("buy", "1", "110", fill_id="2", hour=1)]
    same = [fill("buy", "1.0", "110", fill_id="2", hour=1), fill("buy", "1", "100.00", fill_id="1")]
    other = [events[0], fill("buy", "1", "111", fill_id="2", hour=1)]
    assert pooled(*events).inputs_sha256 == pooled(*same, *events).inputs_sha256
    assert pooled(*events).inputs_sha256 != pooled(*other).inputs_sha256
    assert pooled(*events).inputs_sha256 != pooled(*events, method="fifo").inputs_sha256


_HASHED: dict[str, object] = {
    "side": "buy",
    "quantity": "1",
    "price": "100",
    "symbol": "BTC/EUR",
    "hour": 1,
    "fill_id": "7",
}


def _hash(
    *fee: str,
    rates: dict[str, str] | None = None,
    stated: tuple[StatedBasis, ...] = (),
    method: str = "average",
    dust: str = "0",
    arrived: str = "3",
    **change: object,
) -> str | None:
    facts = {**_HASHED, **change}
    one = fill(
        str(facts.pop("side")),
        str(facts.pop("quantity")),
        str(facts.pop("price")),
        *(fee or ("0.5 EUR",)),
        **facts,
    )  # type: ignore[arg-type]
    book = basis_book(
        transfer("deposit", arrived, transfer_id="d"),
        one,
        rates=rates or {"EUR": "1.1", "BNB": "600"},
        method=method,
        stated=stated,
        dust={"BTC": D(dust)},
    )
    return book.pooled["BTC"].inputs_sha256


def test_any_change_of_an_input_changes_the_hash() -> None:
    said = StatedBasis(account="main", asset="BTC", quantity=D(3), price=D(40), at=at(0))
    changed = [
        _hash(side="sell"),
        _hash(quantity="2"),
        _hash(price="101"),
        _hash(symbol="BTC/USDC"),
        _hash(hour=2),
        _hash(fill_id="8"),
        _hash(account="other"),
        _hash(kind=FillKind.CONVERT),
        _hash(fees_known=False),
        _hash("0.6 EUR"),
        _hash("0.5 BNB"),
        _hash("0.5 EUR", "0.1 BNB"),
        _hash(rates={"EUR": "1.2", "BNB": "600"}),
        _hash(rates={"BNB": "600"}),
        _hash(stated=(said,)),
        _hash(method="fifo"),
        _hash(dust="0.1"),
        _hash(arrived="4"),
    ]
    assert len({_hash(), *changed}) == 1 + len(changed)
    assert _hash() == _hash(quantity="1.000", price="100.0", arrived="3.0")


def test_identical_fills_with_two_ids_are_two_fills() -> None:
    assert (
        pooled(fill("buy", "1", "100", fill_id="1"), fill("buy", "1", "100", fill_id="2")).quantity
        == 2
    )


def test_one_id_on_two_symbols_or_accounts_is_two_fills() -> None:
    book = basis_book(
        fill("buy", "1", "100", fill_id="1"),
        fill("buy", "1", "100", fill_id="1", symbol="BTC/USDC"),
        fill("buy", "1", "100", fill_id="1", account="other"),
        rates={"USDC": "1"},
    )
    assert book.pooled["BTC"].quantity == 3


def test_realised_results_are_kept_by_day() -> None:
    book = basis_book(
        fill("buy", "3", "100"),
        fill("sell", "1", "110", hour=1),
        fill("sell", "1", "150", hour=30),
        fill("sell", "1", "90", hour=60),
    )
    bases = list(book.pooled.values())
    assert realised_between(bases) == 50
    assert realised_between(bases, since=at(24)) == 40
    assert realised_between(bases, until=at(24)) == 10
