"""Cost passes through asset events: each unit keeps its cost and age, and nothing is realised."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cost.averages import BasisBook, compute_basis
from exchange_cache.cost.basis import Method
from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, FillKind, Transfer
from tests.cost.builders import D, Rates, at, fill, transfer
from tests.effort import examples

METHODS = tuple(Method)


def event(
    kind: str, old: str, new: str, factor: str = "1", *, hour: float = 100, **more: Any
) -> AssetEvent:
    return AssetEvent(kind=EventKind(kind), old=old, new=new, at=at(hour), factor=D(factor), **more)


def cost(
    *rows: Fill | Transfer, events: tuple[AssetEvent, ...], method: str = "average", **more: Any
) -> BasisBook:
    return compute_basis(
        [row for row in rows if isinstance(row, Fill)],
        [row for row in rows if isinstance(row, Transfer)],
        reporting_asset="USDT",
        rates=Rates(),
        method=method,
        assets=AssetEvents(events=events),
        **more,
    )


MATIC = fill("buy", "1000", "0.80", symbol="MATIC/USDT")
RENAME = event("rename", "MATIC", "POL")


@pytest.mark.parametrize("method", METHODS)
def test_a_rename_booked_as_two_distributions_realises_nothing(method: str) -> None:
    out = transfer("unclassified", "-1000", "MATIC", hour=101)
    back = transfer("reward", "1000", "POL", hour=101)
    book = cost(MATIC, out, back, events=(RENAME,), method=method)
    pol, matic = book.pooled["POL"], book.pooled["MATIC"]
    assert (pol.quantity, pol.cost, pol.average_entry_price) == (D(1000), D(800), D("0.80"))
    assert (matic.quantity, matic.cost, matic.realised_pnl) == (0, 0, 0)
    assert (pol.realised_pnl, pol.income, pol.deposited, matic.deposited) == (0, 0, 0, 0)
    assert book.findings == ()


def test_a_rename_that_the_exchange_does_not_book_applies_at_its_date() -> None:
    book = cost(MATIC, events=(RENAME,))
    assert book.pooled["POL"].average_entry_price == D("0.80")
    assert book.pooled["MATIC"].quantity == 0


def test_a_convert_at_the_factor_is_the_rename() -> None:
    swap = fill("sell", "1000", "1", symbol="MATIC/POL", hour=90, kind=FillKind.CONVERT)
    book = cost(MATIC, swap, events=(RENAME,))
    assert (book.pooled["POL"].cost, book.pooled["POL"].quantity) == (D(800), D(1000))


def test_a_convert_at_another_rate_is_a_trade() -> None:
    swap = fill("sell", "1000", "0.9", symbol="MATIC/POL", hour=90, kind=FillKind.CONVERT)
    book = cost(MATIC, swap, events=(RENAME,))
    assert book.pooled["POL"].quantity == D(900)
    assert "no_rate" in [found.code for found in book.findings]


@pytest.mark.parametrize("method", METHODS)
def test_a_redenomination_multiplies_the_units_and_divides_their_cost(method: str) -> None:
    bought = fill("buy", "10", "300", symbol="DOT/USDT")
    later = fill("sell", "500", "4", symbol="DOT/USDT", hour=110)
    split = event("redenomination", "DOT", "DOT", "100")
    assert cost(bought, events=(split,), method=method).pooled["DOT"].average_entry_price == D(3)
    after = cost(bought, later, events=(split,), method=method).pooled["DOT"]
    assert (after.quantity, after.cost, after.realised_pnl) == (D(500), D(1500), D(500))


def test_a_redenomination_changes_no_purchase_of_its_own_moment() -> None:
    new = fill("buy", "100", "3", symbol="DOT/USDT", hour=100)
    split = event("redenomination", "DOT", "DOT", "100")
    assert cost(new, events=(split,)).pooled["DOT"].quantity == D(100)


def test_lots_keep_their_age_through_a_rename() -> None:
    cheap = fill("buy", "1", "10", symbol="OLD/USDT")
    dear = fill("buy", "1", "30", symbol="OLD/USDT", hour=1)
    sale = fill("sell", "2", "20", symbol="NEW/USDT", hour=110)
    rename = event("rename", "OLD", "NEW", "2")
    realised = {
        str(method): cost(cheap, dear, sale, events=(rename,), method=method)
        .pooled["NEW"]
        .realised_pnl
        for method in METHODS
    }
    assert realised == {"average": D(20), "fifo": D(30), "lifo": D(10), "hifo": D(10)}


def test_a_code_that_is_used_again_begins_anew() -> None:
    old = fill("buy", "2", "80", symbol="LUNA/USDT")
    new = fill("buy", "5", "6", symbol="LUNA/USDT", hour=120)
    book = cost(old, new, events=(event("reuse", "LUNA", "LUNC"),))
    assert (book.pooled["LUNC"].quantity, book.pooled["LUNC"].average_entry_price) == (2, 80)
    assert (book.pooled["LUNA"].quantity, book.pooled["LUNA"].average_entry_price) == (5, 6)


def test_rows_of_the_old_code_after_a_rename_count_as_the_new_asset() -> None:
    late = fill("sell", "400", "0.5", symbol="MATIC/USDT", hour=130)
    pol = cost(MATIC, late, events=(RENAME,)).pooled["POL"]
    assert (pol.quantity, pol.realised_pnl) == (D(600), D(-120))


def test_a_merger_joins_the_costs_of_both_assets() -> None:
    one = fill("buy", "10", "4", symbol="AGIX/USDT")
    other = fill("buy", "20", "1", symbol="FET/USDT")
    merged = cost(one, other, events=(event("merger", "AGIX", "FET", "0.5"),)).pooled["FET"]
    assert (merged.quantity, merged.cost) == (D(25), D(60))


@pytest.mark.parametrize("method", METHODS)
def test_a_split_off_takes_its_share_of_the_cost(method: str) -> None:
    bought = fill("buy", "10", "100", symbol="OLD/USDT")
    airdrop = transfer("reward", "30", "NEW", hour=101)
    off = event("split_off", "OLD", "NEW", "3", cost_share=D("0.2"))
    for rows in ((bought,), (bought, airdrop)):
        book = cost(*rows, events=(off,), method=method)
        assert (book.pooled["OLD"].quantity, book.pooled["OLD"].cost) == (D(10), D(800))
        assert (book.pooled["NEW"].quantity, book.pooled["NEW"].cost) == (D(30), D(200))


def test_units_that_were_never_bought_stay_unknown_under_the_new_code() -> None:
    book = cost(transfer("deposit", "5", "MATIC"), MATIC, events=(RENAME,))
    pol = book.pooled["POL"]
    assert (pol.unknown_quantity, pol.unknown_reasons) == (D(5), ("deposit 2026-01-01",))


def test_units_booked_beyond_those_known_are_missing_history() -> None:
    out = transfer("unclassified", "-1010", "MATIC", hour=101)
    back = transfer("reward", "1010", "POL", hour=101)
    book = cost(MATIC, out, back, events=(RENAME,))
    pol = book.pooled["POL"]
    assert (pol.explained_quantity, pol.unknown_quantity) == (D(1000), D(10))
    assert pol.unknown_reasons == ("renamed 2026-01-05",)
    assert [found.code for found in book.findings] == ["sold_more_than_known"]


def test_a_debt_is_owed_in_the_new_asset() -> None:
    short = fill("sell", "3", "10", symbol="OLD/USDT", category="margin")
    book = cost(short, events=(event("rename", "OLD", "NEW", "2"),))
    new = book.pooled["NEW"]
    assert (new.quantity, new.average_entry_price) == (D(-6), D(5))
    assert book.pooled["OLD"].quantity == 0


def test_each_account_passes_through_the_event_at_its_own_exchange() -> None:
    here = fill("buy", "10", "3", symbol="OLD/USDT", account="here")
    there = fill("buy", "10", "5", symbol="OLD/USDT", account="there")
    book = compute_basis(
        [here, there],
        reporting_asset="USDT",
        rates=Rates(),
        assets=AssetEvents(
            events=(event("rename", "OLD", "NEW", exchanges=("venue",)),),
            exchange_of={"here": "venue", "there": "market"},
        ),
    )
    assert book.by_account["here", "NEW"].cost == D(30)
    assert book.by_account["there", "OLD"].cost == D(50)
    assert (book.pooled["OLD"].quantity, book.pooled["NEW"].quantity) == (D(10), D(10))
    assert book.pooled["OLD"].cost + book.pooled["NEW"].cost == D(80)


def test_explain_shows_the_event_with_the_cost_that_it_carries() -> None:
    book = cost(MATIC, events=(RENAME,), explain=("POL",))
    (step,) = book.steps["POL"]
    assert (step.kind, step.note) == ("rename", "rename MATIC -> POL, 1 to 1")
    assert (step.quantity_delta, step.value, step.average_after) == (D(1000), D(800), D("0.8"))


def test_events_of_assets_that_nobody_held_leave_no_trace() -> None:
    book = cost(MATIC, events=(event("rename", "FTM", "S"), event("redenomination", "DOT", "DOT")))
    assert sorted(book.pooled) == ["MATIC", "USDT"]
    sold = fill("sell", "1000", "1", symbol="MATIC/USDT", hour=1)
    assert sorted(cost(MATIC, sold, events=(RENAME,)).pooled) == ["MATIC", "USDT"]


# --- whatever happens -----------------------------------------------------------------------------

CODES = ("OLD", "NEW", "SIDE")
_FACTORS = st.sampled_from(["1", "100", "0.001", "2.5", "0.43335"])


@st.composite
def events_of(draw: Any) -> tuple[AssetEvent, ...]:
    made = []
    for hour in sorted(draw(st.sets(st.integers(1, 40), max_size=4))):
        kind = draw(st.sampled_from(["rename", "redenomination", "reuse", "merger", "split_off"]))
        old, new = draw(st.permutations(CODES))[:2]
        share = {"cost_share": D(draw(st.sampled_from(["0", "0.137", "1"])))}
        made.append(
            event(
                kind,
                old,
                old if kind == "redenomination" else new,
                draw(_FACTORS),
                hour=hour - 0.5,
                **(share if kind == "split_off" else {}),
            )
        )
    return tuple(made)


@st.composite
def purchases(draw: Any) -> Fill:
    return fill(
        "buy",
        f"{draw(st.integers(1, 4000)) / 8:.3f}",
        f"{draw(st.integers(1, 5000)) / 100:.2f}",
        symbol=f"{draw(st.sampled_from(CODES))}/USDT",
        hour=draw(st.integers(0, 40)),
        account=draw(st.sampled_from(["a", "b"])),
    )


@settings(max_examples=examples(60), deadline=None)
@given(rows=st.lists(purchases(), min_size=1, max_size=8), events=events_of())
@pytest.mark.parametrize("method", METHODS)
def test_the_total_cost_is_conserved_through_any_sequence_of_events(
    method: str, rows: list[Fill], events: tuple[AssetEvent, ...]
) -> None:
    book = cost(*rows, events=events, method=method)
    with localcontext(EXACT):
        paid = sum((row.cost for row in rows), ZERO)
        for bases in (book.pooled.values(), book.by_account.values()):
            own = [basis for basis in bases if basis.asset in CODES]
            assert sum((basis.cost for basis in own), ZERO) == paid
            assert sum((basis.moved for basis in own), ZERO) == 0
            assert all(basis.realised_pnl == 0 for basis in own)
            assert all(basis.unknown_quantity == 0 for basis in own)
        for asset in CODES:
            whole = book.pooled.get(asset)
            parts = [basis for (_, code), basis in book.by_account.items() if code == asset]
            if whole is not None:
                assert whole.quantity == sum((basis.quantity for basis in parts), Decimal(0))
