"""After a late row the stored states are those of a computation from nothing, and only those of the
assets that the row concerns were read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.cost_states import CostStates
from exchange_cache.cache.ledger_rows import StoredRows
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.basis import Method
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.records import Fill, FillKind, Transfer
from exchange_cache.sync import derivation
from exchange_cache.sync.late_rows import LateRows
from tests.cost.builders import at, contract, fill, transfer
from tests.cost.test_fold import RENAMES, differences
from tests.sync.test_derivation import closing_at, derive, keep, keep_rate, ledger, plain, stored

NONE = AssetEvents()
CONVERT = FillKind.CONVERT
ASSETS = ("BTC", "ETH", "XRP", "LTC")
HOURS = 75
LATE = 40.5


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "STEP", 10)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    with closing_at(tmp_path / "cache") as made:
        yield made


def some(number: int = HOURS, assets: tuple[str, ...] = ASSETS) -> list[Fill]:
    """Purchases and sales by two accounts, an hour apart."""
    return [
        fill(
            "sell" if hour % 5 == 4 else "buy",
            "1",
            str(10 + hour % 7),
            "0.01 BNB",
            symbol=f"{assets[hour % len(assets)]}/USDT",
            hour=hour,
            account="ab"[hour // 2 % 2],
            fill_id=f"{hour:05}",
        )
        for hour in range(number)
    ]


def others() -> list[Fill | Transfer]:
    """What the late rows below belong to, and rows of the same kinds behind them."""
    return [
        transfer("deposit", "50", "USDT", hour=0.1, account="a"),
        fill("buy", "5", "2", symbol="SOL/USDT", hour=1.5, account="a"),
        fill("buy", "4", "3", symbol="XXX/USDT", hour=2.5, account="a"),
        transfer("withdrawal", "2", "SOL", hour=39.5, account="a", tx="t", fee="0.1 ETH"),
        half("buy", "SOL", "3", hour=39.7),
        contract("buy", "1", "5", symbol="SOL/USDT:USDT", hour=3.2, account="a"),
        contract("sell", "1", "7", symbol="SOL/USDT:USDT", hour=70.2, account="a"),
        fill("sell", "1", "4", "0.1 XRP", symbol="SOL/USDT", hour=50.5, account="a"),
        fill("buy", "1", "2", symbol="SOL/EUR", hour=60.5, account="a"),
        fill("sell", "1", "4", symbol="YYY/USDT", hour=68.5, account="a"),
    ]


def half(side: str, asset: str, quantity: str, hour: float) -> Fill:
    """A row of one convert that an exchange reports as two."""
    row = fill(side, quantity, "1", symbol=f"{asset}/USD", hour=hour, account="a", kind=CONVERT)
    return replace(row, order_id="c", fill_id=f"c-{asset}")


def run(repository: ExchangeCacheRepository, query: str) -> int:
    found = repository._database.peewee.execute_sql(query)
    return int(found.rowcount)


def kept(*rows: Fill | Transfer) -> Callable[[ExchangeCacheRepository], None]:
    return lambda repository: keep(repository, *rows)


def ran(query: str) -> Callable[[ExchangeCacheRepository], None]:
    def change(repository: ExchangeCacheRepository) -> None:
        assert run(repository, query) == 1

    return change


SOLD = fill("sell", "1", "6", symbol="SOL/USDT", hour=LATE, account="a", fill_id="late")
#: Each kind of late row.
KINDS: dict[str, Callable[[ExchangeCacheRepository], None]] = {
    "a fill": kept(SOLD),
    "a fill of a new account's": kept(
        fill("buy", "1", "6", symbol="SOL/USDT", hour=LATE, account="b")
    ),
    "a fill with a fee in another asset": kept(
        fill("sell", "1", "6", "0.2 LTC", symbol="SOL/USDT", hour=LATE, account="a")
    ),
    "a fill in another quote": kept(
        fill("sell", "1", "6", symbol="SOL/EUR", hour=LATE, account="a")
    ),
    "a rate": lambda repository: keep_rate(repository, "EUR", 60, "1.25"),
    "a fill of a contract": kept(
        contract("sell", "1", "9", "0.1 BNB", symbol="SOL/USDT:USDT", hour=LATE, account="a")
    ),
    "a deposit": kept(transfer("deposit", "2", "SOL", hour=LATE, account="a", fee="0.1 XRP")),
    "the other end of a withdrawal": kept(
        transfer("deposit", "2", "SOL", hour=41, account="b", tx="t")
    ),
    "the other half of a convert": kept(half("sell", "XXX", "2", hour=41)),
    "a row of a renamed code": kept(
        fill("buy", "2", "3", symbol="XXX/USDT", hour=LATE, account="a")
    ),
    "a row that books a rename": kept(
        transfer("adjustment", "-4", "XXX", hour=19, account="a"),
        transfer("adjustment", "8", "YYY", hour=19, account="a"),
    ),
    "a changed row": ran("UPDATE exchange_fills SET quantity = '0.5' WHERE fill_id = '00041'"),
    "a row whose asset changed": ran(
        "UPDATE exchange_fills SET symbol = 'SOL/USDT', base = 'SOL' WHERE fill_id = '00041'"
    ),
    "a removed row": ran("DELETE FROM exchange_fills WHERE fill_id = '00041'"),
    "the last row of a window removed": ran("DELETE FROM exchange_fills WHERE fill_id = '00009'"),
    "a row that its exchange no longer serves": ran(
        "INSERT INTO ledger_absences SELECT account, 'fills', category, symbol, fill_id, '', '',"
        " time_ms, 0, 1 FROM exchange_fills WHERE fill_id = '00041'"
    ),
    "many rows": kept(
        *(
            fill("buy", "1", "2", symbol="SOL/USDT", hour=LATE + n / 99, account="a")
            for n in range(60)
        )
    ),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("assets", [NONE, RENAMES], ids=["", "with renames"])
def test_states_after_a_late_row_are_those_of_a_computation_from_nothing(
    repository: ExchangeCacheRepository, kind: str, assets: AssetEvents
) -> None:
    keep(repository, *some(), *others())
    keep_rate(repository, "EUR", 60, "1.2")
    keep_rate(repository, "USD", 39, "1")
    derive(repository, assets)
    before = plain(repository, assets)
    KINDS[kind](repository)
    derive(repository, assets)
    now = plain(repository, assets)
    assert differences(before, now)
    assert differences(stored(repository), now) == []
    moment = at(65)
    then = ledger(repository, assets)
    own = then.bases(then.played(tuple(Method), until=moment))
    assert differences(own, plain(repository, assets, until=moment)) == []


def played(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The assets of every row of a fill that is read from now on."""
    read: list[tuple[str, ...]] = []
    fills = StoredRows.fills

    def noted(self: StoredRows, *window: Any) -> Iterator[Fill]:
        for one in fills(self, *window):
            read.append((one.base, one.quote))
            yield one

    monkeypatch.setattr(StoredRows, "fills", noted)
    return read


def written(repository: ExchangeCacheRepository) -> int:
    return int(repository._database.peewee.connection().total_changes)


def states_of(repository: ExchangeCacheRepository, asset: str) -> list[tuple[Any, ...]]:
    return repository._database.select(
        "SELECT s.* FROM cost_states AS s JOIN cost_books AS b ON b.id = s.book WHERE b.asset = ?"
        " UNION ALL SELECT l.id, l.quantity, l.since_ms, l.until_ms FROM cost_lots AS l"
        " JOIN cost_books AS b ON b.id = l.book WHERE b.asset = ?",
        (asset, asset),
    )


def test_a_late_row_of_a_small_asset_reads_no_more_rows_where_others_are_traded_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivation, "STEP", 20)
    read, wrote = [], []
    for others_traded in (200, 800):
        with closing_at(tmp_path / str(others_traded)) as repository:
            small = [
                fill("buy", "1", str(2 + n % 3), symbol="SOL/USDT", hour=n * 10.1, account="a")
                for n in range(20)
            ]
            more = [
                replace(one, time=at(n * 200 / others_traded))
                for n, one in enumerate(some(others_traded))
            ]
            keep(repository, *more, *small)
            derive(repository)
            own = {asset: states_of(repository, asset) for asset in ASSETS}
            with monkeypatch.context() as patch:
                rows, before = played(patch), written(repository)
                keep(repository, SOLD)
                derive(repository)
                wrote.append(written(repository) - before)
            assert {asset: states_of(repository, asset) for asset in ASSETS} == own
            assert differences(stored(repository), plain(repository)) == []
        read.append(len(rows))
        assert sum(base == "SOL" for base, _ in rows) <= 40
    # two windows of 20 rows, once for the reporting asset and once for the small one, and the
    # small one's own rows
    assert max(read) <= 2 * 2 * 20 + 21
    # of the reporting asset one state of each account and the pool at each later position
    positions = (800 - 200) // 20
    assert wrote[1] - wrote[0] <= 2 * 4 * positions


def test_what_a_late_row_changes_of_the_reporting_asset_is_added_to_its_later_states(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifted: list[bool] = []
    shift = LateRows._shift
    monkeypatch.setattr(
        LateRows, "_shift", lambda self, *late: shifted.append(shift(self, *late)) or shifted[-1]
    )
    keep(repository, *some(), fill("buy", "5", "2", symbol="SOL/USDT", hour=1.5, account="a"))
    derive(repository)
    for number, hour in enumerate((LATE, 20.5, 20.7, 60.5)):
        keep(repository, replace(SOLD, time=at(hour), fill_id=f"late {number}"))
        derive(repository)
        assert differences(stored(repository), plain(repository)) == []
    assert run(repository, "DELETE FROM exchange_fills WHERE fill_id IN ('late 1', '00042')") == 2
    derive(repository)
    assert differences(stored(repository), plain(repository)) == []
    assert shifted == [True] * 5


def test_an_interrupted_derivation_after_a_late_row_is_begun_again(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(repository, *some(), *others())
    derive(repository)
    keep(repository, SOLD)
    own = ledger(repository)
    late = LateRows(own, NONE, "USDT")
    with own.states.write():
        own._begin(late)
    steps = iter(range(3))
    store = CostStates.store_changes

    def failing(self: CostStates, *change: Any) -> None:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        store(self, *change)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(CostStates, "store_changes", failing)
        late.apply()
    now = ledger(repository)
    assert not now.is_current()
    bases = now.bases(now.played(tuple(Method)))
    assert differences(bases, plain(repository)) == []
    derive(repository)
    assert differences(stored(repository), plain(repository)) == []
