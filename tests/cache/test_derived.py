"""What was derived is replaced whole; snapshots are appended, findings keep their age, stated costs
are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.migrations import MIGRATIONS, migrate
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import RateMiss, Snapshot, StatedCost, StoredFinding, StoredRate
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.cost.averages import compute_basis
from exchange_cache.records import DataType
from tests.builders import NOW, balance, fill, position, price

HOUR = timedelta(hours=1)


def finding(
    code: str = "gap", account: str = "main", asset: str = "", message: str = "a gap"
) -> StoredFinding:
    return StoredFinding(
        account=account,
        code=code,
        scope="fills spot",
        asset=asset,
        message=message,
        hint="do",
        since=NOW,
    )


def rate(
    asset: str = "BTC",
    hours: int = 0,
    value: str | None = "1.000000000000000000000001",
    quote: str = "USDT",
) -> StoredRate:
    return StoredRate(
        asset=asset,
        quote=quote,
        at=NOW + hours * HOUR,
        resolution_s=3600,
        value=None if value is None else Decimal(value),
        route=("BTC/USDT@main", "X/Y@other"),
    )


def test_a_finding_that_stays_open_keeps_the_time_it_was_first_seen(
    repository: ExchangeCacheRepository,
) -> None:
    repository.derived.replace_findings("main", [finding()], NOW)
    repository.derived.replace_findings(
        "main", [finding(message="a smaller gap"), finding("new")], NOW + HOUR
    )

    assert [(item.code, item.message, item.since) for item in repository.derived.findings()] == [
        ("gap", "a smaller gap", NOW),
        ("new", "a gap", NOW + HOUR),
    ]


def test_a_finding_that_returns_is_new(repository: ExchangeCacheRepository) -> None:
    repository.derived.replace_findings("main", [finding()], NOW)
    repository.derived.replace_findings("main", [], NOW + HOUR)
    assert repository.derived.findings() == ()

    repository.derived.replace_findings("main", [finding()], NOW + 2 * HOUR)
    assert repository.derived.findings()[0].since == NOW + 2 * HOUR


def test_findings_of_other_accounts_are_left_alone(repository: ExchangeCacheRepository) -> None:
    repository.derived.replace_findings("main", [finding()], NOW)
    repository.derived.replace_findings("other", [finding(account="other")], NOW)
    repository.derived.replace_findings("other", [], NOW)

    assert repository.derived.findings() == (finding(),)
    assert repository.derived.findings(["other"]) == ()


def snapshot(value: str, **changes: Any) -> Snapshot:
    fields: dict[str, Any] = {
        "taken_at": NOW,
        "reporting_asset": "USDT",
        "value": Decimal(value),
        "stale_value": Decimal(0),
        "details": {},
    }
    return Snapshot(**(fields | changes))


def test_snapshots_are_only_ever_appended(repository: ExchangeCacheRepository) -> None:
    for hour, value in enumerate(["1.1", "-2.000000000000000000000002", "3"]):
        repository.derived.add_snapshot(
            snapshot(value, taken_at=NOW + hour * HOUR, details={"unpriced": ["X"]})
        )
    repository.derived.add_snapshot(snapshot("9", reporting_asset="EUR", stale_value=Decimal(1)))

    found = repository.derived.snapshots(reporting_asset="USDT")
    assert [item.value for item in found] == [
        Decimal("1.1"),
        Decimal("-2.000000000000000000000002"),
        Decimal(3),
    ]
    assert found[0].details == {"unpriced": ["X"]}
    assert len(repository.derived.snapshots()) == 4
    assert [
        item.value for item in repository.derived.snapshots(reporting_asset="USDT", newest=2)
    ] == [found[1].value, Decimal(3)]
    assert repository.derived.snapshots(since=NOW + HOUR, until=NOW + 2 * HOUR) == (found[1],)
    assert not any(
        name.startswith(("remove_snap", "delete", "replace_snap"))
        for name in dir(repository.derived)
    )


def test_a_second_snapshot_of_one_instant_replaces_none(
    repository: ExchangeCacheRepository,
) -> None:
    for _ in range(2):
        repository.derived.add_snapshot(snapshot("1"))

    assert [item.id for item in repository.derived.snapshots()] == [1, 2]


def test_rates_are_kept_exactly_with_their_route(repository: ExchangeCacheRepository) -> None:
    made = [rate(), rate(hours=1, value=None), rate("ETH", value="1E-12")]
    repository.derived.save_rates([*made, rate(quote="EUR")], NOW)

    assert repository.derived.rates("USDT") == tuple(made)


def test_what_nobody_served_is_kept_with_the_time_it_was_asked(
    repository: ExchangeCacheRepository,
) -> None:
    repository.derived.save_rates([rate(), rate(hours=1, value=None)], NOW)

    assert repository.derived.unserved_rates("USDT", before=NOW) == ()
    assert repository.derived.unserved_rates("USDT", before=NOW + HOUR) == (
        rate(hours=1, value=None),
    )


def test_a_miss_is_kept_per_market_of_an_account_with_the_time_it_was_asked(
    repository: ExchangeCacheRepository,
) -> None:
    misses = [
        RateMiss(account=account, exchange=account, symbol=symbol, resolution_s=3600, at=NOW)
        for account, symbol in (
            ("binance", "BTC/USDT"),
            ("binance", "ETH/USDT"),
            ("kraken", "BTC/USDT"),
        )
    ]
    misses.append(replace(misses[2], resolution_s=86_400))
    repository.derived.save_rates([], NOW, misses)
    repository.derived.save_rates([], NOW + HOUR, misses[:1])

    times = (NOW + HOUR, NOW, NOW, NOW)
    assert repository.derived.rate_misses() == tuple(zip(misses, times, strict=True))


def test_what_was_unknown_before_wider_candles_is_due_again(tmp_path: Path) -> None:
    old = CacheDatabase(tmp_path / "cache.sqlite3")
    migrate(old.peewee, "here", MIGRATIONS[:10])
    for asset, value in (("BTC", "100"), ("USD", None)):
        old.peewee.execute_sql(
            "INSERT INTO asset_rates VALUES (?, 'USDT', ?, 3600, ?, '[]', ?)",
            (asset, to_ms(NOW), value, to_ms(NOW + 2 * HOUR)),
        )
    old.close()
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")

    due = repository.derived.unserved_rates("USDT", before=NOW)
    assert [one.asset for one in due] == ["USD"]
    assert repository.derived.early_rates("USDT", until=NOW + 3 * HOUR) == due
    repository.close()


def test_a_miss_of_an_earlier_schema_binds_nobody_and_known_rates_stay(tmp_path: Path) -> None:
    old = CacheDatabase(tmp_path / "cache.sqlite3")
    migrate(old.peewee, "here", MIGRATIONS[:3])
    rows = (("BTC", "100", '["BTC/USDT@main"]'), ("ETH", None, "[]"))
    for asset, value, route in rows:
        old.peewee.execute_sql(
            "INSERT INTO asset_rates VALUES (?, 'USDT', ?, 3600, ?, ?, ?)",
            (asset, to_ms(NOW), value, route, to_ms(NOW)),
        )
    old.close()
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    known = replace(rate(value="100"), route=("BTC/USDT@main",))

    assert repository.derived.rates("USDT") == (known,)
    assert repository.derived.rate_misses() == ()
    misses = [("", "", "ETH/USDT", 3600, to_ms(NOW), to_ms(NOW))]
    assert repository.dump("asset_rate_misses") == misses
    repository.close()


def test_stated_costs_are_kept_and_undoable(repository: ExchangeCacheRepository) -> None:
    def state(price: str) -> int:
        cost = StatedCost(
            account="",
            asset="BTC",
            quantity=Decimal("0.1"),
            price=Decimal(price),
            quote="USDT",
            at=NOW,
            note="a gift",
        )
        return repository.derived.state_cost(cost, NOW)

    first, second = state("100"), state("200.000000000000000000000002")
    assert [item.price for item in repository.derived.stated_costs()] == [
        Decimal(100),
        Decimal("200.000000000000000000000002"),
    ]
    assert repository.derived.stated_costs()[0].note == "a gift"
    assert repository.derived.remove_stated_cost(first)
    assert not repository.derived.remove_stated_cost(first)
    assert [item.id for item in repository.derived.stated_costs()] == [second]


def read_portfolio(repository: ExchangeCacheRepository) -> None:
    """The reads of one portfolio view."""
    with repository.snapshot():
        repository.progress.statuses(["main"])
        repository.mirror.balances(["main"])
        repository.mirror.positions(["main"])
        repository.mirror.prices(["BTC", "USDT"])
        repository.derived.bases("average", "USDT")
        repository.derived.findings(["main"])


def test_a_portfolio_costs_the_same_few_queries_whatever_the_history(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted() -> list[str]:
        said: list[str] = []
        database = repository._database.peewee
        execute = database.execute_sql
        with monkeypatch.context() as patch:
            patch.setattr(
                database,
                "execute_sql",
                lambda sql, *more, **other: said.append(sql) or execute(sql, *more, **other),
            )
            read_portfolio(repository)
        return said

    repository.mirror.replace_balances("main", "spot", [balance()])
    repository.mirror.replace_positions("main", "linear", [position()])
    repository.mirror.replace_prices("main", "spot", [price()])
    few = counted()
    fills = [fill(str(number), time=NOW) for number in range(500)]
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    repository.ledger.save_page(StreamState(key=key), fills, NOW)
    repository.derived.replace_bases(
        "average", "USDT", compute_basis(fills, [], reporting_asset="USDT", rates=None).bases, NOW
    )  # type: ignore[arg-type]
    for number in range(50):
        repository.derived.add_snapshot(snapshot(str(number)))
    many = counted()

    assert many == few
    selects = [sql for sql in many if sql.startswith("SELECT")]
    assert len(selects) == 6
    assert not any("exchange_fills" in sql or "exchange_transfers" in sql for sql in many)
