"""The cache against the venue's own books: every balance to the last digit, every fill that is
still served, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.records import FillKind, TransferKind
from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import World

ACCOUNTS = ("main", "bybit", "kraken")


def cached_balances(world: World, account: str) -> dict[str, Decimal]:
    """Totals per code over all wallets of an account."""
    found: dict[str, Decimal] = {}
    for item in world.repository().mirror.balances([account]):
        found[item.code] = found.get(item.code, Decimal(0)) + item.total
    return {code: total for code, total in found.items() if total}


def true_balances(world: World, account: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for wallet in world.truth(account)["balances_by_code"].values():
        for code, total in wallet.items():
            found[code] = found.get(code, Decimal(0)) + Decimal(total)
    return {code: total for code, total in found.items() if total}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_balances_equal_the_books_to_the_last_digit(synced: World, account: str) -> None:
    assert cached_balances(synced, account) == true_balances(synced, account)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_fill_that_is_still_served_is_in_the_cache(synced: World, account: str) -> None:
    cached: dict[str, set[tuple[str, str]]] = {}
    for fill in synced.repository().ledger.fills(Filter(accounts=[account])):
        if fill.kind is FillKind.TRADE:
            cached.setdefault(fill.category, set()).add((fill.symbol, fill.fill_id))
    served = {
        kind: {(symbol, str(name)) for symbol, names in symbols.items() for name in names}
        for kind, symbols in synced.truth(account)["fills_served"].items()
    }
    assert {kind: found for kind, found in cached.items() if found} == {
        kind: found for kind, found in served.items() if found
    }


def test_fills_outside_retention_are_reported_not_claimed(synced: World) -> None:
    truth = synced.truth("bybit")
    lost = sum(
        len(names) for symbols in truth["fills"].values() for names in symbols.values()
    ) - sum(len(names) for symbols in truth["fills_served"].values() for names in symbols.values())
    assert lost > 0, "the world must hold fills that bybit serves no more"
    findings = {(item.account, item.code) for item in synced.repository().derived.findings()}
    assert ("bybit", "out_of_retention") in findings


def test_what_bybit_did_before_it_was_unified_is_in_the_cache_with_its_funding(
    synced: World,
) -> None:
    venue = synced.simulator.venue
    upgraded_ms, oldest_ms = (
        venue.account("bybit").upgraded_ms,
        venue.oldest_served("bybit", "fills", "spot"),
    )
    assert oldest_ms is not None
    # the edge of the two years moved on while the sync ran, so what lies within an hour of it
    # proves nothing
    span = {"start": oldest_ms + 3_600_000, "end": upgraded_ms - 1}
    before = {"accounts": ["bybit"], "since": from_ms(span["start"]), "until": from_ms(upgraded_ms)}
    ledger = synced.repository().ledger
    fills = {
        fill.fill_id: fill.fees
        for fill in ledger.fills(Filter(**before))
        if fill.kind is FillKind.TRADE
    }
    books = {fill.id: fill for fill in venue.fills("bybit", **span)}
    assert fills.keys() == books.keys() and len(fills) > 5
    for name, fees in fills.items():
        assert {fee.asset: fee.amount for fee in fees} == dict(books[name].fees), name
    paid = sorted(
        (item.asset, item.quantity)
        for item in ledger.transfers(Filter(**before))
        if item.kind is TransferKind.FUNDING
    )
    assert paid == sorted(
        (item.asset, item.amount) for item in venue.incomes("bybit", kind="funding", **span)
    )
    assert len(paid) > 5


def test_the_time_before_bybit_was_unified_is_asked_about_once(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"bybit": "bybit"})
    assert world.run("sync").code == 0
    asked = len(world.simulator.calls("bybit", "/pre-upgrade/"))
    assert world.run("sync").code == 0
    assert len(world.simulator.calls("bybit", "/pre-upgrade/")) == asked > 0


def test_open_orders_equal_the_books(synced: World) -> None:
    for account in ACCOUNTS:
        cached = {
            order.order_id
            for order in synced.repository().ledger.orders(
                Filter(accounts=[account], status="open")
            )
        }
        assert cached == {str(name) for name in synced.truth(account)["open_orders"]}, account


def test_positions_equal_the_books(synced: World) -> None:
    for account in ACCOUNTS:
        cached = {
            (item.symbol, item.side): (item.contracts, item.entry_price)
            for item in synced.repository().mirror.positions([account])
        }
        truth = {
            (item["symbol"], item["side"]): (
                Decimal(item["contracts"]),
                Decimal(item["entry_price"]),
            )
            for item in synced.truth(account)["positions"]
        }
        assert {place: contracts for place, (contracts, _) in cached.items()} == {
            place: size for place, (size, _) in truth.items()
        }
        for place, (_, entry) in truth.items():
            assert cached[place][1] == pytest.approx(entry, rel=Decimal("1e-6")), (account, place)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with a short past, synced; what the tests below trade in it stays."""
    with running_simulator(seed=1, limit_scale=1000, fills=300) as simulator:
        made = World.create(simulator, tmp_path_factory.mktemp("small"), history_days=90)
        config = made.home / "config.toml"
        config.write_text(f"retries = 0\n{config.read_text()}")
        yield made


@pytest.fixture
def world(small: World) -> World:
    """The small world, up to date."""
    done = small.run("sync")
    assert (done.code, done.err) == (0, "")
    return small


def test_two_accounts_of_one_exchange_keep_rows_with_equal_ids_apart(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"main": "okx", "savings": "okx"}, fills=60)
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    ids: dict[str, set[tuple[str, str]]] = {}
    for account in ("main", "savings"):
        cached = world.repository().ledger.fills(Filter(accounts=[account]))
        trades = [fill for fill in cached if fill.kind is FillKind.TRADE]
        ids[account] = {(fill.symbol, fill.fill_id) for fill in trades}
        since = to_ms(min(fill.time for fill in trades))
        true = world.simulator.venue.fills(account, start=since)
        assert sorted((f.id, f.amount) for f in true if f.kind == "spot") == sorted(
            (fill.fill_id, fill.quantity) for fill in trades if fill.category == "spot"
        )
        assert cached_balances(world, account) == true_balances(world, account)
    assert ids["main"] & ids["savings"]


def test_money_beyond_the_first_page_of_wallets_is_in_the_cache(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"coinbase": "coinbase"}, fills=40, busy=7)
    assert len(world.simulator.venue.balances("coinbase")) > 250
    done = world.run("sync", "--only", "balances")
    assert (done.code, done.err) == (0, "")
    assert cached_balances(world, "coinbase") == true_balances(world, "coinbase")


def test_a_second_sync_adds_no_row(world: World) -> None:
    ledgers = ("exchange_fills", "exchange_orders", "exchange_transfers")
    before = {table: world.repository().dump(table) for table in ledgers}
    assert world.run("sync").code == 0
    after = {table: world.repository().dump(table) for table in ledgers}
    assert {table: len(rows) for table, rows in after.items()} == {
        table: len(rows) for table, rows in before.items()
    }
    assert after["exchange_fills"] == before["exchange_fills"]


def test_reload_shows_the_trades_just_made(world: World) -> None:
    fills = {
        account: world.simulator.venue.trade(
            account, "BTC/USDT" if account != "kraken" else "BTC/EUR", "buy", Decimal("0.001")
        )
        for account in ACCOUNTS
    }
    done = world.run("reload", "--force", "--json")
    assert done.code == 0, done.err
    reported = {(row["account"], row["fill_id"]) for row in done.json()["new_fills"]}
    assert reported == {(account, str(fill.id)) for account, made in fills.items() for fill in made}
    for account in ACCOUNTS:
        assert cached_balances(world, account) == true_balances(world, account)
    (more,) = world.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.002"))
    shown = world.run("reload", "--force", "--account", "kraken").out
    assert "New fills (kraken)" in shown and "0.002" in shown.split("New fills (kraken)")[1], more


def test_with_one_exchange_stopped_the_others_sync_and_its_old_rows_stay(world: World) -> None:
    before = cached_balances(world, "kraken")
    times = {item.fetched_at for item in world.repository().mirror.balances(["kraken"])}
    world.simulator.stop_exchange("kraken")
    world.simulator.venue.trade("main", "BTC/USDT", "buy", Decimal("0.001"))
    done = world.run("sync")
    assert done.code == 1
    assert done.out == ""
    lines = done.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("excache: kraken: ")
    assert cached_balances(world, "main") == true_balances(world, "main")
    assert cached_balances(world, "kraken") == before
    assert {item.fetched_at for item in world.repository().mirror.balances(["kraken"])} == times
    reading = world.run("portfolio", "--json", "--no-refresh").json()
    verdict = next(
        item
        for item in reading["freshness"]
        if (item["account"], item["data_type"]) == ("kraken", "balances")
    )
    assert verdict["error"] and verdict["succeeded_at"]
    assert "kraken" in world.run("portfolio", "--no-refresh").out
    world.simulator.start_exchange("kraken")
    assert world.run("sync").code == 0
