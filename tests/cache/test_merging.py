"""The ledger follows from the rows of the API and those of files, in whatever order they came."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.booked import BookedFees
from exchange_cache.cache import merging
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.errors import StatementRefused
from exchange_cache.records import (
    DataType,
    Fill,
    Order,
    OrderStatus,
    Side,
    Transfer,
    TransferKind,
)
from exchange_cache.statements.table import ORDERS, Stated
from tests.builders import NOW, at, fee, fill, order, transfer

from .importing import ledger, served, stored

ONE = fill("T1", "0.5", "100", time=at(1))
TWO = transfer("L2", "3", asset="ETH", kind=TransferKind.DEPOSIT, time=at(2))


def fills(repository: ExchangeCacheRepository) -> list[Fill]:
    return list(repository.ledger.fills())


def test_a_row_under_an_id_of_the_api_is_one_row_and_the_api_s_counts(
    repository: ExchangeCacheRepository,
) -> None:
    in_file = replace(ONE, price=Decimal("100.1"), order_id=None)
    stored(repository, [in_file], exact=True)
    assert fills(repository) == [in_file]
    served(repository, ONE)
    assert fills(repository) == [ONE]
    assert repository.ledger.changes() == 0  # no exchange has changed anything
    assert ledger(repository)[0][1] is False


def test_a_file_after_the_api_changes_nothing(repository: ExchangeCacheRepository) -> None:
    served(repository, ONE, TWO)
    before = ledger(repository)
    outcome = stored(repository, [ONE, TWO], exact=True)
    assert (outcome.new, outcome.known, outcome.conflicting) == (0, 2, 0)
    assert ledger(repository) == before


def test_a_difference_is_kept_and_shown(repository: ExchangeCacheRepository) -> None:
    served(repository, ONE)
    outcome = stored(repository, [replace(ONE, quantity=Decimal("0.6"))], exact=True)
    assert (outcome.new, outcome.known, outcome.conflicting) == (0, 0, 1)
    (difference,) = outcome.differences
    assert (difference.line, difference.what) == (2, "quantity")
    assert (difference.file, difference.api) == ("0.6 BTC", "0.5 BTC")
    assert fills(repository) == [ONE]


def test_two_rows_of_a_file_under_one_id_that_differ_are_shown(
    repository: ExchangeCacheRepository,
) -> None:
    other = replace(TWO, quantity=Decimal("3.5"))
    outcome = stored(repository, [TWO, other, TWO], exact=True)
    assert (outcome.new, outcome.known, outcome.conflicting) == (1, 1, 1)
    (difference,) = outcome.differences
    assert (difference.line, difference.what, difference.within) == (3, "quantity", True)
    assert (difference.file, difference.api) == ("3.5 ETH", "3 ETH")
    assert list(repository.ledger.transfers()) == [TWO]


def test_the_table_of_the_lower_rank_counts_and_the_ledger_s_fees(
    repository: ExchangeCacheRepository,
) -> None:
    of_trades = replace(ONE, order_id="O1", fees=(fee("0.1 USDT"),))
    of_ledger = replace(ONE, fees=(fee("0.001 BTC"),))
    booked = Stated(lines=(2,), record=of_ledger, exact=True, books_fees=True)
    stored(repository, [booked], name="l.csv", rank=1)
    stored(repository, [of_trades], name="t.csv", rank=0, exact=True, table="trades")
    assert fills(repository) == [replace(of_trades, fees=of_ledger.fees)]


def test_a_booking_of_the_api_charges_the_fill_of_a_file(
    repository: ExchangeCacheRepository,
) -> None:
    stored(repository, [ONE], exact=True)
    booked = BookedFees(account="main", fill_id="T1", time=ONE.time, fees=(fee("0.001 BTC"),))
    key = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="ledger")
    repository.ledger.save_page(StreamState(key=key), [booked], NOW)
    assert fills(repository) == [replace(ONE, fees=booked.fees)]
    served(repository, ONE)
    assert fills(repository) == [replace(ONE, fees=booked.fees)]


def test_rows_without_ids_are_found_again_in_the_api(repository: ExchangeCacheRepository) -> None:
    stored(repository, [ONE, ONE, TWO])
    assert len(fills(repository)) == 2
    served(repository, replace(ONE, time=at(1, ms=700)), TWO)
    found = fills(repository)
    assert len(found) == 2  # two equal rows are two: one is the API's
    assert {one.fill_id for one in found} > {"T1"}
    assert len(list(repository.ledger.transfers())) == 1


def test_two_files_that_overlap_count_equal_rows_once(repository: ExchangeCacheRepository) -> None:
    stored(repository, [ONE, ONE, TWO], name="a.csv")
    outcome = stored(repository, [ONE, ONE, ONE], name="b.csv")
    assert (outcome.new, outcome.known) == (1, 2)
    assert len(fills(repository)) == 3


def test_the_summed_rows_of_one_table_are_the_single_ones_of_another(
    repository: ExchangeCacheRepository,
) -> None:
    whole = replace(ONE, quantity=Decimal("1.0"), cost=Decimal(100))
    stored(repository, [whole], name="statement.csv", table="statement", rank=5)
    stored(repository, [ONE, ONE], name="trades.csv", table="trades", rank=1)
    assert sorted(one.quantity for one in fills(repository)) == [Decimal("0.5"), Decimal("0.5")]


def test_a_row_of_another_edition_of_a_table_is_the_same_row(
    repository: ExchangeCacheRepository,
) -> None:
    """Editions state different things besides the amounts: words, orders, who made the market."""
    other = [replace(ONE, order_id="O1", liquidity="maker"), replace(TWO, word="receive")]
    reward = transfer("reward", "7", asset="SOL", kind=TransferKind.REWARD, time=at(2))
    stored(repository, [ONE, ONE, TWO, reward], name="new.csv", edition="v4 with IDs")
    outcome = stored(
        repository, [*other, replace(reward, word="gift")], name="old.csv", edition="v3"
    )
    assert (outcome.new, outcome.known) == (0, 3)
    assert len(fills(repository)) == 2
    assert len(list(repository.ledger.transfers())) == 2


def test_which_of_equal_rows_counts_does_not_depend_on_the_order_of_files(tmp_path: Path) -> None:
    """The first and the second are equal, and the third has no order."""
    files: list[tuple[str, str, Fill]] = [
        ("fills", "2026", replace(ONE, order_id="O1")),
        ("trades", "2018", replace(ONE, order_id="O1")),
        ("trades", "2020", replace(ONE, order_id=None, fees=(fee("1 USDT"),))),
    ]
    found = []
    for number, arranged in enumerate((files, files[::-1])):
        repository = ExchangeCacheRepository.open(tmp_path / f"{number}.sqlite3")
        for table, edition, row in arranged:
            stored(repository, [row], name=f"{table} {edition}", table=table, edition=edition)
        found.append(ledger(repository))
        assert [row.order_id for row in fills(repository)] == ["O1"]
        repository.close()
    assert found[0] == found[1]


PARTS = [
    replace(ONE, fill_id=f"T{n}", order_id="O1", time=ONE.time + timedelta(minutes=9 * n))
    for n in range(3)
]
ORDER = replace(
    PARTS[-1], fill_id="O1", quantity=Decimal("1.5"), cost=Decimal(300), price=Decimal(200)
)


def test_a_row_of_an_order_is_its_fills_however_far_apart(
    repository: ExchangeCacheRepository,
) -> None:
    parts = [replace(one, cost=Decimal(100), price=Decimal(200)) for one in PARTS]
    orders: dict[str, Any] = {"name": "orders.csv", "table": "orders", "rank": ORDERS}
    stored(repository, [ORDER], **orders)
    assert [one.quantity for one in fills(repository)] == [ORDER.quantity]
    served(repository, parts[2])
    rest, served_one = sorted(fills(repository), key=lambda one: -one.quantity)
    assert (rest.quantity, rest.cost, rest.price) == (Decimal(1), Decimal(200), Decimal(200))
    assert (served_one.fill_id, rest.order_id) == ("T2", "O1")
    served(repository, *parts[:2])
    assert sorted(one.fill_id for one in fills(repository)) == ["T0", "T1", "T2"]
    outcome = stored(repository, [ORDER, replace(ONE, order_id="O2")], **orders | {"name": "o2"})
    assert (outcome.new, outcome.known) == (1, 1)


@pytest.mark.parametrize("first", ["the API", "the file"])
def test_of_an_order_the_rest_is_added_beside_some_of_its_fills(
    repository: ExchangeCacheRepository, first: str
) -> None:
    """With what it cost and what was charged for it."""
    parts = [
        replace(
            one, cost=Decimal(60 + 30 * n), price=Decimal(120 + 60 * n), fees=(fee("0.5 USDT"),)
        )
        for n, one in enumerate(PARTS)
    ]
    whole = replace(ORDER, cost=Decimal(270), price=Decimal(180), fees=(fee("1.5 USDT"),))

    def by_file() -> None:
        stored(repository, [whole], name="orders.csv", table="orders", rank=ORDERS)

    if first == "the file":
        by_file()
    served(repository, *parts[:2])
    if first == "the API":
        by_file()
    (rest,) = [one for one in fills(repository) if one.fill_id not in {"T0", "T1"}]
    assert (rest.quantity, rest.cost, rest.price) == (Decimal("0.5"), Decimal(120), Decimal(240))
    assert rest.fees == (fee("0.5 USDT"),)
    assert repository.imports.misplaced("main") == 0
    served(repository, parts[2])
    assert {one.fill_id for one in fills(repository)} == {"T0", "T1", "T2"}


def test_fills_that_are_more_than_their_order_leave_no_rest(
    repository: ExchangeCacheRepository,
) -> None:
    """A file that was made while the order was filled."""
    served(repository, *PARTS)
    early = replace(ORDER, quantity=Decimal(1), cost=Decimal(200))
    stored(repository, [early], name="orders.csv", table="orders", rank=ORDERS)
    assert {one.fill_id for one in fills(repository)} == {"T0", "T1", "T2"}


@pytest.mark.parametrize("first", ["fills", "orders"])
def test_an_order_is_its_fills_that_name_no_order(
    repository: ExchangeCacheRepository, first: str
) -> None:
    """As in the editions of KuCoin's trades before 2021."""
    parts = [replace(one, order_id=None, cost=Decimal(100), price=Decimal(200)) for one in PARTS]
    before = replace(parts[0], time=parts[0].time - timedelta(minutes=5), quantity=Decimal(3))
    files: dict[str, dict[str, Any]] = {
        "fills": {"found": [before, *parts], "table": "trades"},
        "orders": {"found": [ORDER], "table": "orders", "rank": ORDERS},
    }
    for name in sorted(files, key=lambda one: one != first):
        stored(repository, name=f"{name}.csv", **files[name])
    assert sorted(one.quantity for one in fills(repository)) == [*[Decimal("0.5")] * 3, Decimal(3)]
    assert repository.imports.misplaced("main") == 0


@pytest.mark.parametrize(
    "other",
    [
        {"time": ORDER.time + timedelta(minutes=1)},  # its last fill ended no such order
        {"quantity": Decimal("1.4")},
        {"cost": Decimal(310)},
        {"side": Side.SELL},
    ],
)
def test_an_order_that_no_last_fills_sum_up_to_is_added(
    repository: ExchangeCacheRepository, other: dict[str, Any]
) -> None:
    parts = [replace(one, order_id=None, cost=Decimal(100), price=Decimal(200)) for one in PARTS]
    stored(repository, parts, name="fills.csv", table="trades")
    stored(repository, [replace(ORDER, **other)], name="o.csv", table="orders", rank=ORDERS)
    assert len(fills(repository)) == 4


def test_a_file_of_orders_beside_one_of_their_fills_adds_nothing(
    repository: ExchangeCacheRepository,
) -> None:
    parts = [replace(one, cost=Decimal(100), price=Decimal(200)) for one in PARTS]
    stored(repository, [ORDER], name="orders.csv", table="orders", rank=ORDERS)
    stored(repository, parts, name="fills.csv", table="fills")
    assert [one.quantity for one in fills(repository)] == [Decimal("0.5")] * 3


def test_an_order_may_end_later_than_its_only_fill_and_not_before(
    repository: ExchangeCacheRepository,
) -> None:
    served(repository, PARTS[1])
    ended = replace(PARTS[2], fill_id="O1")
    stored(repository, [ended], name="orders.csv", table="orders", rank=ORDERS)
    assert fills(repository) == [PARTS[1]]
    stored(repository, [PARTS[0]], name="before.csv", table="orders", rank=ORDERS)
    assert len(fills(repository)) == 2


def test_the_fills_of_a_table_are_no_sums_of_each_other(
    repository: ExchangeCacheRepository,
) -> None:
    """The third fill of an order may be as large as the two before it, or the two after it."""
    halves = [replace(one, cost=Decimal(100), price=Decimal(200)) for one in PARTS]
    whole = replace(halves[2], quantity=Decimal("1.0"), cost=Decimal(200), fill_id="T9")
    stored(repository, [*halves[:2], whole], name="bills.csv", table="bills", rank=1)
    assert len(fills(repository)) == 3
    first = replace(whole, time=ONE.time - timedelta(hours=1))
    served(repository, *halves[:2])
    stored(repository, [first], name="before.csv", table="bills", rank=1)
    assert len(fills(repository)) == 4


def test_a_file_that_is_removed_leaves_what_others_state(
    repository: ExchangeCacheRepository,
) -> None:
    first = stored(repository, [ONE, TWO], name="a.csv", exact=True)
    second = stored(repository, [ONE], name="b.csv", exact=True)
    assert (second.new, second.known) == (0, 1)
    repository.imports.undo(first.file)
    assert fills(repository) == [ONE]
    assert list(repository.ledger.transfers()) == []
    repository.imports.undo(second.file)
    assert ledger(repository) == []


def test_an_account_that_is_renamed_keeps_its_files(repository: ExchangeCacheRepository) -> None:
    stored(repository, [ONE, TWO])
    repository.move_account("main", "other")
    (file,) = repository.imports.files()
    assert file.account == "other"
    assert repository.imports.in_ledger(file.id) == 2
    repository.imports.undo(file)
    assert ledger(repository) == []


def test_an_account_that_is_forgotten_leaves_no_file(repository: ExchangeCacheRepository) -> None:
    stored(repository, [ONE])
    repository.forget_account("main")
    assert repository.imports.files() == ()
    assert ledger(repository) == []


def test_rows_without_ids_are_stored_many_at_once(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stands alone in its time, and none has anything to be compared with."""
    inserts: list[int] = []
    insert = merging.insert_many

    def counting(database: Any, model: Any, rows: Any, conflict: str) -> int:
        inserts.extend([len(rows)] if rows else [])
        return insert(database, model, rows, conflict)

    monkeypatch.setattr(merging, "insert_many", counting)
    stored(repository, [replace(ONE, time=at(n)) for n in range(40)])
    assert inserts == [40]
    assert len(fills(repository)) == 40


# --- the property ---------------------------------------------------------------------------------


def story(seed: int) -> tuple[list[Fill | Transfer], random.Random]:
    """Events with ids, many of them equal and in one second."""
    chance = random.Random(seed)
    events: list[Fill | Transfer] = []
    moment = at(0)
    for number in range(60):
        moment += timedelta(seconds=chance.choice([0, 0, 1, 3, 60]), milliseconds=number % 900)
        amount = chance.choice(["0.1", "0.2"])
        if chance.random() < 0.6:
            side = chance.choice(["buy", "sell"])
            events.append(fill(f"T{number}", amount, "100", time=moment, side=side))
        else:
            kind = chance.choice([TransferKind.DEPOSIT, TransferKind.REWARD])
            events.append(transfer(f"L{number}", amount, asset="BTC", kind=kind, time=moment))
    return events, chance


def in_a_file(event: Fill | Transfer) -> Fill | Transfer:
    """As a file without ids states it: to the second."""
    plain = replace(event, time=event.time.replace(microsecond=0))
    if isinstance(plain, Fill):
        return replace(plain, fill_id="?", order_id=None)
    return replace(plain, transfer_id="?")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_the_ledger_is_the_same_in_any_order(tmp_path: Path, seed: int, exact: bool) -> None:
    events, chance = story(seed)
    cut, overlap = 25, 40
    files = {"a.csv": events[:cut], "b.csv": events[cut - 10 : overlap], "c.csv": events[5:15]}
    pages = [events[start : start + 7] for start in range(cut - 5, len(events), 7)]

    def imported(repository: ExchangeCacheRepository, name: str) -> None:
        own = files[name] if exact else [in_a_file(one) for one in files[name]]
        stored(repository, own, name=name, exact=exact)

    steps: list[Callable[[ExchangeCacheRepository], None]] = [
        *(lambda repository, name=name: imported(repository, name) for name in files),
        *(lambda repository, page=page: served(repository, *page) for page in pages),
    ]
    found = []
    for number in range(4):
        repository = ExchangeCacheRepository.open(tmp_path / f"{number}.sqlite3")
        order = list(steps)
        if number:
            chance.shuffle(order)
            order += chance.sample(steps, 3)  # some of them again
        for step in order:
            step(repository)
        again = ledger(repository)
        with repository._database.write():
            merging.merge_all(repository._database, "main")
        assert ledger(repository) == again
        found.append(again)
        repository.close()
    assert found[0] == found[1] == found[2] == found[3]
    if exact:
        assert len(found[0]) == len(events)
    assert sum(1 for _, by_file in found[0] if not by_file) == len(events) - (cut - 5)


def test_a_deposit_that_the_file_dates_later_is_one_whatever_comes_first(
    repository: ExchangeCacheRepository,
) -> None:
    booked = replace(TWO, time=TWO.time + timedelta(minutes=25), transfer_id="x")
    outcome = stored(repository, [booked])
    assert (outcome.new, outcome.known) == (1, 0)
    served(repository, TWO)
    assert list(repository.ledger.transfers()) == [TWO]
    copy = stored(repository, [booked, ONE], name="copy.csv")
    assert (copy.new, copy.known) == (1, 1)
    assert list(repository.ledger.transfers()) == [TWO]


def test_a_deposit_between_others_is_compared_as_far_as_they_depend_on_each_other(
    repository: ExchangeCacheRepository,
) -> None:
    """Each stands within a day of the next: what the last one is follows from the first."""
    days = [replace(TWO, time=TWO.time + timedelta(hours=20 * n)) for n in range(4)]
    named = [replace(one, transfer_id=f"x{n}") for n, one in enumerate(days)]
    stored(repository, named)
    assert len(list(repository.ledger.transfers())) == 4
    served(repository, *(replace(one, transfer_id=f"L{n}") for n, one in enumerate(days[:3])))
    held = list(repository.ledger.transfers())
    assert sorted(one.time for one in held) == sorted(one.time for one in days)


def test_a_deposit_that_the_api_lists_as_something_else_in_its_second_is_known(
    repository: ExchangeCacheRepository,
) -> None:
    served(repository, replace(TWO, kind=TransferKind.REWARD))
    assert stored(repository, [replace(TWO, transfer_id="x")]).known == 1


def test_without_the_file_its_deposit_is_gone(repository: ExchangeCacheRepository) -> None:
    outcome = stored(repository, [replace(TWO, transfer_id="x")])
    repository.imports.undo(outcome.file)
    assert list(repository.ledger.transfers()) == []


# --- orders ---------------------------------------------------------------------------------------

PLACED = order("O1", filled="1", created_at=at(1))
WITHDRAWN = order("O2", "canceled", created_at=at(2))


def orders_of(repository: ExchangeCacheRepository) -> dict[str, Order]:
    return {one.order_id: one for one in repository.ledger.orders()}


def test_an_order_of_the_api_counts_whatever_came_first(tmp_path: Path) -> None:
    own = replace(PLACED, client_order_id="mine", created_at=at(1) + timedelta(milliseconds=250))
    for name, steps in (("after", (listed, in_file)), ("before", (in_file, listed))):
        repository = ExchangeCacheRepository.open(tmp_path / f"{name}.sqlite3")
        for step in steps:
            step(repository, own)
        assert orders_of(repository) == {"O1": own, "O2": WITHDRAWN}
        assert repository.imports.misplaced("main") == 0
        found = repository.ledger.provenance(DataType.ORDERS, [own, WITHDRAWN])
        assert found == {WITHDRAWN.key: ("file", "a.csv", 3)}


def listed(repository: ExchangeCacheRepository, own: Order) -> None:
    key = StreamKey(account="main", data_type=DataType.ORDERS, scope="spot", symbol="BTC/USDT")
    repository.ledger.save_page(StreamState(key=key), [own], NOW)


def in_file(repository: ExchangeCacheRepository, own: Order) -> None:
    stored(repository, [PLACED, WITHDRAWN], exact=True)


def test_an_order_of_a_file_is_gone_with_its_file_and_the_api_s_stays(
    repository: ExchangeCacheRepository,
) -> None:
    listed(repository, PLACED)
    outcome = stored(repository, [PLACED, WITHDRAWN], exact=True, histories=("orders/spot",))
    assert (outcome.new, outcome.known, outcome.conflicting) == (1, 1, 0)
    assert outcome.file.stated == ("orders/spot",)
    repository.imports.undo(outcome.file)
    assert orders_of(repository) == {"O1": PLACED}
    assert repository.imports.in_ledger(outcome.file.id) == 0


def test_of_two_files_that_state_an_order_one_counts_until_it_is_removed(
    repository: ExchangeCacheRepository,
) -> None:
    first = stored(repository, [PLACED], exact=True)
    second = stored(repository, [PLACED, WITHDRAWN], name="b.csv", exact=True)
    assert (first.new, second.new, second.known) == (1, 1, 1)
    repository.imports.undo(first.file)
    assert orders_of(repository) == {"O1": PLACED, "O2": WITHDRAWN}
    assert repository.imports.in_ledger(second.file.id) == 2


@pytest.mark.parametrize(
    ("change", "what", "file", "api"),
    [
        ({"filled": Decimal("0.4")}, "filled", "0.4", "1"),
        ({"status": OrderStatus.EXPIRED}, "status", "expired", "closed"),
        ({"amount": None}, "amount", "None", "1"),
    ],
)
def test_an_order_that_a_file_states_otherwise_is_shown(
    repository: ExchangeCacheRepository, change: dict[str, object], what: str, file: str, api: str
) -> None:
    listed(repository, PLACED)
    outcome = stored(repository, [replace(PLACED, **change)], exact=True)  # type: ignore[arg-type]
    (difference,) = outcome.differences
    assert (difference.what, difference.file, difference.api) == (what, file, api)
    assert orders_of(repository) == {"O1": PLACED}


def test_orders_in_another_zone_than_the_api_s_are_refused(
    repository: ExchangeCacheRepository,
) -> None:
    own = [order(f"O{n}", created_at=at(n)) for n in range(1, 5)]
    for one in own:
        listed(repository, one)
    later = [replace(one, created_at=one.created_at + timedelta(hours=6)) for one in own]
    with pytest.raises(StatementRefused, match="in another zone"):
        stored(repository, later, exact=True)
    assert orders_of(repository) == {one.order_id: one for one in own}


def test_a_file_states_how_an_order_ended_that_the_api_lists_no_longer(
    repository: ExchangeCacheRepository,
) -> None:
    """It was open when the API was read last, long before."""
    resting = order("O1", "open", created_at=at(1), client_order_id="mine")
    repository.mirror.replace_open_orders("main", "spot", [resting], 0)
    repository.mirror.replace_open_orders("main", "spot", [], 1)
    assert orders_of(repository)["O1"].status is OrderStatus.UNKNOWN
    stored(repository, [PLACED], exact=True)
    (ended,) = repository.ledger.orders()
    assert (ended.status, ended.filled) == (OrderStatus.CLOSED, Decimal(1))
    assert ended.client_order_id == "mine"
    assert repository.imports.misplaced("main") == 0
