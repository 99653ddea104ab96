"""Records of rows without ids: ids of their content, and assets exchanged for others."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from exchange_cache.adapter.meanings import Meaning
from exchange_cache.exchanges.file_records import Ids, Part, every, exchanged, moved, net, swapped
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.statements.table import Stated
from tests.statements.files import context

AT = datetime(2026, 1, 2, 10, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 11, tzinfo=UTC)


def swap(*changes: tuple[str, str], fees: tuple[Fee, ...] = ()) -> list[Stated]:
    parts = [
        Part(line=line, asset=asset, change=Decimal(change))
        for line, (asset, change) in enumerate(changes, start=2)
    ]
    found = swapped(context(), "s", parts=parts, time=AT, ids=Ids(), fees=fees, word="W")
    return [one for one in found if isinstance(one, Stated)]


def test_equal_rows_of_one_second_have_ids_of_their_own() -> None:
    ids = Ids()
    assert [ids.of(AT, "a", Decimal("1.50")) for _ in range(2)] == [
        "1767348000000:a:1.5",
        "1767348000000:a:1.5#2",
    ]
    assert ids.of(LATER, "a", Decimal("1.5")) == "1767351600000:a:1.5"


def test_changes_that_cancel_out_are_none() -> None:
    assert net([("A", Decimal(1)), ("B", Decimal(2)), ("A", Decimal(-1))]) == {"B": Decimal(2)}


def test_one_given_for_one_is_an_exchange_and_all_else_is_not() -> None:
    assert exchanged({"A": Decimal(-1), "B": Decimal(2)}) == (("A", Decimal(1)), ("B", Decimal(2)))
    assert exchanged({"A": Decimal(-1)}) is None
    assert exchanged({"A": Decimal(-1), "B": Decimal(2), "C": Decimal(3)}) is None


def test_an_exchange_of_two_assets_is_a_fill_with_its_fees() -> None:
    fees = (Fee(asset="BNB", amount=Decimal("0.1")),)
    (one,) = swap(("BTC", "0.5"), ("USDT", "-100"), fees=fees)
    assert isinstance(one.record, Fill)
    assert (one.record.side, one.record.price, one.record.fees, one.record.kind) == (
        Side.BUY,
        Decimal(200),
        fees,
        FillKind.CONVERT,
    )
    assert one.lines == (2, 3)


def test_an_exchange_of_several_is_its_parts_and_its_fees_under_one_reference() -> None:
    found = swap(
        ("BTC", "0.5"),
        ("ETH", "1"),
        ("USDT", "-100"),
        fees=(Fee(asset="BNB", amount=Decimal("0.1")),),
    )
    made = [one.record for one in found]
    assert all(isinstance(one, Transfer) for one in made)
    assert [(one.asset, one.quantity) for one in made if isinstance(one, Transfer)] == [
        ("BTC", Decimal("0.5")),
        ("ETH", Decimal(1)),
        ("USDT", Decimal(-100)),
        ("BNB", Decimal("-0.1")),
    ]
    assert {one.reference for one in made if isinstance(one, Transfer)} == {"W 1767348000000"}


def test_a_side_alone_has_no_reference() -> None:
    (one,) = swap(("BTC", "0.5"))
    assert isinstance(one.record, Transfer) and one.record.reference is None


def test_what_the_api_lists_elsewhere_counts_in_a_file() -> None:
    table = every({"Word": Meaning(kind=TransferKind.DEPOSIT, elsewhere=True)}, str.lower)
    made = moved(
        context(),
        "s",
        transfer_id="1",
        meaning=table["word"],
        time=AT,
        asset="BTC",
        amount=Decimal(1),
        charged=Decimal("0.1"),
        word="Word",
    )
    assert (made.kind, made.quantity, made.fee) == (
        TransferKind.DEPOSIT,
        Decimal(1),
        Fee(asset="BTC", amount=Decimal("0.1")),
    )
