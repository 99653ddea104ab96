"""Bases of several accounts taken together, and the closed result of a period."""

from __future__ import annotations

from datetime import UTC, datetime

from exchange_cache.cost.basis import bases_of, combine, joined_steps, realised_between
from tests.cost.builders import basis_book, fill, transfer

BOOK = basis_book(
    fill("buy", "1", "100", "1 USDT"),
    fill("buy", "3", "200", account="second", hour=1),
    fill("sell", "1", "300", account="second", hour=48),
    transfer("deposit", "2", account="third"),
)


def of(account: str):
    return BOOK.by_account[account, "BTC"]


def test_combined_accounts_keep_their_sums_and_have_the_mean_cost() -> None:
    found = combine([of("main"), of("second"), of("third")])
    assert found is not None
    assert (found.account, found.quantity, found.explained_quantity, found.unknown_quantity) == (
        None,
        5,
        3,
        2,
    )
    assert (found.cost, found.average_entry_price, found.realised_pnl) == (501, 167, 100)
    assert found.unknown_reasons == ("deposit 2026-01-01",)
    assert found.fills_count == 3


def test_one_account_is_itself_and_none_is_nothing() -> None:
    assert combine([of("main")]) is of("main")
    assert combine([]) is None


def test_all_accounts_together_have_the_pooled_basis_and_some_their_own() -> None:
    bases = BOOK.bases
    assert bases_of(bases, {"main", "second", "third"})["BTC"] == BOOK.pooled["BTC"]
    assert bases_of(bases, {"main"})["BTC"] == of("main")
    assert bases_of(bases, {"main", "second"})["BTC"] == combine([of("main"), of("second")])
    assert bases_of(bases, set()) == {}


def test_a_period_has_the_results_of_its_whole_days() -> None:
    first, third, fourth = (datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 3, 4))
    bases = [BOOK.pooled["BTC"]]
    expected = BOOK.pooled["BTC"].realised_pnl
    assert realised_between(bases) == expected
    assert realised_between(bases, third, fourth) == expected
    assert realised_between(bases, first, third) == 0
    assert realised_between(bases, fourth) == 0


def test_joined_steps_show_what_the_accounts_hold_together() -> None:
    book = basis_book(
        fill("buy", "1", "100"),
        fill("buy", "4", "200", account="second", hour=1),
        fill("buy", "5", "7", account="third", hour=1),
        fill("sell", "1", "300", account="second", hour=48),
        explain=("BTC",),
    )
    own = {name: book.account_steps[name, "BTC"] for name in ("main", "second")}
    found = [
        (step.account, step.held_after, step.cost_after, step.average_after)
        for step in joined_steps(own)
    ]
    assert found == [
        ("main", 1, 100, 100),
        ("second", 5, 900, 180),
        ("second", 4, 700, 175),
    ]
