"""A file is stored whole or not at all, once, and can be removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.errors import StatementRefused
from exchange_cache.ledger.coverage import Grade
from exchange_cache.records import DataType, Fill, TransferKind
from exchange_cache.statements.table import Checkpoint, Found, LeftOut, Stated
from tests.builders import at, fill, order, transfer

from .importing import ledger, served, stored

ONE = fill("T1", "0.5", "100", time=at(1))
TWO = transfer("L2", "3", asset="ETH", kind=TransferKind.DEPOSIT, time=at(2))
BONUS = transfer("L3", "0.25", asset="ETH", kind=TransferKind.REWARD, time=at(3))


def chained(*records: object, missing: bool = False) -> list[Found]:
    """Transfers of ETH with the balances after them; ``missing``: without the second row."""
    found: list[Found] = []
    held = Decimal(0)
    for line, one in enumerate((TWO, BONUS, replace(BONUS, transfer_id="L4", time=at(4))), start=2):
        held += one.quantity
        if missing and line == 3:
            continue
        found.append(Stated(lines=(line,), record=one, exact=True))
        found.append(
            Checkpoint(
                line=line,
                chain="spot",
                asset="ETH",
                time=one.time,
                change=one.quantity,
                after=held,
            )
        )
    return found


def test_the_same_file_twice_adds_nothing(repository: ExchangeCacheRepository) -> None:
    first = stored(repository, [ONE, TWO])
    before = ledger(repository)
    again = stored(repository, [ONE, TWO])
    assert (first.new, first.known, first.again) == (2, 0, False)
    assert (again.new, again.known, again.again) == (0, 2, True)
    assert ledger(repository) == before
    assert len(repository.imports.files()) == 1


def test_a_file_is_read_again_where_a_row_of_it_was_not_known(
    repository: ExchangeCacheRepository,
) -> None:
    unknown = LeftOut(line=3, reason="its market is in no list", unknown=True)
    first = stored(repository, [ONE, unknown])
    same = stored(repository, [ONE, unknown])
    assert (same.again, same.file.id) == (True, first.file.id)
    better = stored(repository, [ONE, TWO])
    assert (better.again, better.file.unknown, len(ledger(repository))) == (False, 0, 2)
    assert [one.id for one in repository.imports.files()] == [better.file.id]
    repository.imports.undo(better.file)
    assert ledger(repository) == []


def test_a_file_that_is_refused_at_its_end_leaves_nothing(
    repository: ExchangeCacheRepository,
) -> None:
    def rows() -> Iterator[Found | Fill]:
        yield ONE
        raise StatementRefused("is not valid", file="a.csv", line=3)

    with pytest.raises(StatementRefused):
        repository.imports.store(
            replace(stored(repository, [], name="empty").file, id=0, digest="x"),
            (Stated(lines=(2,), record=one, exact=True) for one in rows() if isinstance(one, Fill)),
            lambda: (1, None),
            lambda _: (),
        )
    assert ledger(repository) == []
    assert [one.name for one in repository.imports.files()] == ["empty"]


def test_rows_that_are_left_out_are_counted_with_their_first_line(
    repository: ExchangeCacheRepository,
) -> None:
    pending = [LeftOut(line=line, reason="pending") for line in (7, 9)]
    outcome = stored(repository, [ONE, *pending, LeftOut(line=8, reason="new", unknown=True)])
    assert outcome.file.left_out == {"pending": 2, "new": 1}
    assert outcome.first_lines == {"pending": 7, "new": 8}
    assert outcome.file.unknown == 1


@pytest.mark.parametrize("amount", ["0", "-0", "0.000"])
def test_a_row_that_moves_nothing_is_left_out_and_counted(
    repository: ExchangeCacheRepository, amount: str
) -> None:
    nothing = replace(TWO, transfer_id="L9", quantity=Decimal(amount))
    outcome = stored(repository, [ONE, nothing], exact=True)
    assert outcome.file.left_out == {"its amount is zero: it moves nothing": 1}
    assert outcome.first_lines == {"its amount is zero: it moves nothing": 3}
    assert (outcome.new, len(ledger(repository))) == (1, 1)


def test_a_file_of_another_user_is_refused(repository: ExchangeCacheRepository) -> None:
    stored(repository, [ONE], name="a.csv", user="100")
    stored(repository, [TWO], name="b.csv", user="100")
    with pytest.raises(StatementRefused, match=r"of the user 200, but b\.csv of main is of 100"):
        stored(repository, [TWO], name="c.csv", user="200")


def test_a_file_of_the_user_of_another_account_is_refused(
    repository: ExchangeCacheRepository,
) -> None:
    stored(repository, [ONE], name="a.csv", user="100")
    with pytest.raises(StatementRefused, match=r"user 100, as a\.csv of the account main is"):
        stored(repository, [ONE], name="b.csv", user="100", account="second")


def test_a_first_file_of_another_user_is_refused_by_its_rows(
    repository: ExchangeCacheRepository,
) -> None:
    served(repository, *(fill(f"T{n}", f"0.{n}", "100", time=at(n)) for n in range(1, 8)))
    foreign = [fill(f"U{n}", f"1.{n}", "100", time=at(n + 0.6)) for n in range(1, 8)]
    with pytest.raises(StatementRefused, match=r"none of its 5 rows .* among the 6"):
        stored(repository, foreign, user="100")
    assert repository.imports.files() == ()
    assert stored(repository, [*foreign, fill("T3", "0.3", "100", time=at(3))], exact=True).new == 7


def test_rows_of_another_time_or_market_are_no_sign_of_another_user(
    repository: ExchangeCacheRepository,
) -> None:
    served(repository, *(fill(f"T{n}", f"0.{n}", "100", time=at(n)) for n in range(10, 18)))
    before = [fill(f"U{n}", f"1.{n}", "100", time=at(n)) for n in range(8)]
    assert stored(repository, before, name="before.csv").new == 8
    others = [transfer(f"L{n}", f"2.{n}", asset="ETH", time=at(n)) for n in range(10, 18)]
    assert stored(repository, others, name="others.csv").new == 8


# --- zones ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("exact", [True, False])
def test_a_file_in_another_zone_is_refused_and_the_zone_named(
    repository: ExchangeCacheRepository, exact: bool
) -> None:
    events = [fill(f"T{n}", f"0.{n}", "100", time=at(n)) for n in range(1, 8)]
    served(repository, *events)
    local = [replace(one, time=one.time + timedelta(hours=8)) for one in events]
    with pytest.raises(StatementRefused, match="8 hours ahead of") as refused:
        stored(repository, local, exact=exact)
    assert refused.value.hint == (
        "state it: --zone UTC+8:00; where the file states a zone, correct it there"
    )
    assert repository.imports.files() == ()
    stored(repository, events, exact=exact)


def test_equal_amounts_at_other_times_are_no_zone(repository: ExchangeCacheRepository) -> None:
    """A bot that buys the same every hour agrees at every offset."""
    events = [fill(f"T{n}", "0.5", "100", time=at(n)) for n in range(48)]
    served(repository, *events)
    stored(repository, [replace(one, fill_id="?") for one in events])


# --- proof ----------------------------------------------------------------------------------------


def grades(repository: ExchangeCacheRepository) -> list[tuple[Grade, int, int]]:
    begin = at(0).timestamp()
    return [
        (one.grade, one.span.start_ms // 1000 - int(begin), one.span.end_ms // 1000 - int(begin))
        for one in repository.imports.coverage("main")
        if (one.data_type, one.scope) == (DataType.TRANSFERS, "ledger")
    ]


def hours(*numbers: int) -> tuple[int, ...]:
    return tuple(number * 3600 for number in numbers)


def test_a_file_alone_is_stated_not_proven(repository: ExchangeCacheRepository) -> None:
    outcome = stored(repository, chained())
    assert grades(repository) == [(Grade.STATED, *hours(2, 4))]
    (proof,) = outcome.proofs
    assert proof.open == (("spot", "ETH"),)
    (covered, *_) = outcome.after
    assert "the balances of ETH reach nothing that the exchange states" in covered.words


def histories(repository: ExchangeCacheRepository) -> set[tuple[str, Grade]]:
    return {
        (f"{one.data_type}/{one.scope}", one.grade) for one in repository.imports.coverage("main")
    }


def test_a_file_states_the_histories_of_which_it_has_rows_and_proves_all_of_its_table(
    repository: ExchangeCacheRepository,
) -> None:
    stored(repository, chained())
    assert histories(repository) == {("transfers/ledger", Grade.STATED)}
    hold(repository, "3.5")
    repository.imports.refresh("main")
    assert histories(repository) == {
        ("transfers/ledger", Grade.PROVEN),
        ("fills/spot", Grade.PROVEN),
    }


def test_a_file_without_the_rows_of_an_asset_that_the_api_states_proves_nothing(
    repository: ExchangeCacheRepository,
) -> None:
    """The user selected one asset on the exchange's page."""
    hold(repository, "3.5")
    served(repository, fill("T9", "0.5", "100", time=at(3)))
    outcome = stored(repository, chained())
    assert histories(repository) == {("transfers/ledger", Grade.STATED)}
    assert outcome.proofs[0].absent == ("BTC", "USDT")
    (covered,) = outcome.after
    assert covered.words == "a.csv: they have no row of BTC, USDT, which the API states"


def test_the_time_between_two_files_is_proven_where_their_balances_go_on(
    repository: ExchangeCacheRepository,
) -> None:
    hold(repository, "3.5")
    rows = chained()
    stored(repository, rows[:2], name="first.csv")
    stored(repository, rows[2:], name="second.csv")
    assert grades(repository) == [(Grade.PROVEN, *hours(2, 4))]
    stored(repository, [*lone("SOL", at(3.5), change="1", after="2")], name="third.csv")
    hold(repository, "3.5", SOL="2")
    repository.imports.refresh("main")
    assert grades(repository) == [(Grade.PROVEN, *hours(2, 2)), (Grade.PROVEN, *hours(3, 4))]


def lone(asset: str, time: datetime, *, change: str, after: str) -> Iterator[Found]:
    """A transfer with the balance after it."""
    record = transfer(f"{asset} 1", change, asset=asset, kind=TransferKind.REWARD, time=time)
    yield Stated(lines=(2,), record=record, exact=True)
    yield Checkpoint(
        line=2,
        chain="spot",
        asset=asset,
        time=time,
        change=Decimal(change),
        after=Decimal(after),
    )


def test_a_chain_that_reaches_a_row_of_the_api_is_proven(
    repository: ExchangeCacheRepository,
) -> None:
    stored(repository, chained())
    served(repository, replace(BONUS, transfer_id="L4", time=at(4)))
    cover(repository)
    repository.imports.refresh("main")
    assert grades(repository) == [(Grade.PROVEN, *hours(2, 4))]


def test_only_what_lies_behind_a_break_is_proven_and_the_break_is_named(
    repository: ExchangeCacheRepository,
) -> None:
    served(repository, replace(BONUS, transfer_id="L4", time=at(4)))
    cover(repository)
    outcome = stored(repository, chained(missing=True))
    assert grades(repository) == [(Grade.STATED, *hours(2, 4)), (Grade.PROVEN, *hours(4, 4))]
    (proof,) = outcome.proofs
    assert proof.first_break is not None
    assert "line 4 begins with 3.25 ETH, where line 2 left 3" in proof.first_break.words


def cover(repository: ExchangeCacheRepository) -> None:
    """The API covers the last hour of the story."""
    from exchange_cache.cache.streams import StreamKey, StreamState
    from exchange_cache.clock import to_ms
    from exchange_cache.ledger.coverage import Ranges

    key = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="ledger")
    covered = Ranges.of((to_ms(at(3.5)), to_ms(at(9))))
    repository.ledger.save_state(StreamState(key=key, covered=covered))


def hold(repository: ExchangeCacheRepository, quantity: str, **others: str) -> None:
    """The API states a balance of ETH, and of other assets."""
    from exchange_cache.value.freshness import SyncStatus
    from tests.builders import NOW, balance

    held = [balance(one, asset) for asset, one in {"ETH": quantity, **others}.items()]
    repository.mirror.replace_balances("main", "spot", held)
    status = SyncStatus(account="main", data_type=DataType.BALANCES, succeeded_at=NOW)
    repository.progress.record(status)


@pytest.mark.parametrize(("held", "grade"), [("3.5", Grade.PROVEN), ("3.6", Grade.STATED)])
def test_a_chain_that_ends_with_the_balance_is_proven(
    repository: ExchangeCacheRepository, held: str, grade: Grade
) -> None:
    hold(repository, held)
    stored(repository, chained())
    assert grades(repository) == [(grade, *hours(2, 4))]


def test_a_chain_and_what_moved_since_end_with_the_balance(
    repository: ExchangeCacheRepository,
) -> None:
    served(repository, replace(TWO, transfer_id="L9", kind=TransferKind.WITHDRAWAL, time=at(9)))
    hold(repository, "0.5")
    stored(repository, chained())
    assert grades(repository) == [(Grade.PROVEN, *hours(2, 4))]


def test_a_chain_of_a_wallet_without_trades_ends_with_its_balance_whatever_is_traded_elsewhere(
    repository: ExchangeCacheRepository,
) -> None:
    """ETH left the wallet since, and is traded in another one."""
    move = transfer("L9", "2.5", asset="ETH", kind=TransferKind.INTERNAL, time=at(9))
    served(repository, replace(move, from_wallet="spot", to_wallet="trading"))
    served(repository, fill("T9", "0.5", "100", symbol="ETH/USDT", time=at(10)))
    hold(repository, "1")
    stored(repository, chained(), histories=("transfers/ledger",))
    assert histories(repository) == {("transfers/ledger", Grade.PROVEN)}
    hold(repository, "1.5")
    repository.imports.refresh("main")
    assert histories(repository) == {("transfers/ledger", Grade.STATED)}


@pytest.mark.parametrize("name", ["imported_fills", "imported_transfers", "imported_orders"])
def test_rows_that_a_fault_left_under_the_number_of_a_new_file_are_none_of_it(
    repository: ExchangeCacheRepository, name: str
) -> None:
    first = stored(repository, [ONE, TWO, order("O1")], exact=True)
    database = repository._database.peewee
    found = database.execute_sql(f"SELECT * FROM {name}")
    columns = [one for one, *_ in found.description]
    values = ", ".join("file_id + 1" if one == "file_id" else one for one in columns)
    database.execute_sql(f"INSERT INTO {name} SELECT {values} FROM {name}")
    three = transfer("L9", "1", asset="SOL", kind=TransferKind.DEPOSIT, time=at(5))
    second = stored(repository, [three], name="b.csv", exact=True)
    assert (second.new, second.file.records) == (1, 1)
    repository.imports.undo(first.file)
    assert [one.transfer_id for one in repository.ledger.transfers()] == ["L9"]
    assert repository.ledger.fills() == () and repository.ledger.orders() == ()
