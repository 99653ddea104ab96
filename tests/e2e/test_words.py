"""Words of a ledger that are neither trades nor deposits, at the simulated Binance over HTTP: what
they mean in results, differences and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.venue import Venue
from tests.e2e.world import World

pytestmark = pytest.mark.long

D = Decimal


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An account with 5,000 USDT for futures, synced once."""
    venue = Venue(seed=1, accounts={"main": "binance"}, history_too=False)
    venue.deposit("main", "USDT", D(5000))
    venue.transfer("main", "USDT", D(5000), "spot", "linear")
    with running_simulator(venue, limit_scale=1000) as simulator:
        made = World.create(simulator, tmp_path, history_days=30)
        assert made.run("sync").code == 0
        yield made


def booked(world: World, *rows: tuple[str, str], code: int = 0) -> None:
    """Rows of the futures ledger, and a sync after them."""
    for word, amount in rows:
        world.simulator.venue.ledger_row("main", "linear", "USDT", D(amount), word)
    done = world.run("sync")
    assert done.code == code, done.err


def total(world: World) -> dict[str, Decimal]:
    identity = world.run("pnl", "--json").json()["total"]["identity"]
    return {name: D(value) for name, value in identity.items()}


def parts(world: World) -> dict[str, Decimal]:
    found = world.run("diff", "--since", "30d", "--json").json()["parts"]
    return {name: D(value) for name, value in found.items() if D(value)}


def codes(world: World) -> dict[str, str]:
    return {one.code: one.message for one in world.repository().derived.findings()}


CASE = (
    ("DELIVERED_SETTELMENT", "-300"),
    ("INSURANCE_CLEAR", "-50"),
    ("POSITION_LIMIT_INCREASE_FEE", "-4"),
    ("STRATEGY_UMFUTURES_TRANSFER", "-1000"),
)


def test_futures_income_as_withdrawals(world: World) -> None:
    booked(world, *CASE)
    found = total(world)
    assert (found["derivatives"], found["expenses"], found["fees_paid"]) == (-300, -54, 54)
    assert (found["realised"], found["net_deposits"]) == (-354, 5000)
    assert (found["unread_wallets"], found["unknown"], found["residual"]) == (-1000, 0, 0)
    assert found["value"] == 5000 - 354 - 1000
    changed = parts(world)
    assert changed == {"deposits": 5000, "trades": -300, "fees": -54, "unread_wallets": -1000}
    said = codes(world)
    assert not {"outflow_unexplained", "account_emptied", "unclassified"} & said.keys()
    assert said["unread_wallet"].startswith("1,000 USDT were moved to wallets that are not read")
    closing = world.run("explain", "USDT", "--all").out
    assert "difference 0" in closing and "In wallets that are not read: 1,000" in closing
    document = world.run("explain", "USDT", "--json").json()["reconciliation"]
    assert (document["difference"], document["unread_quantity"]) == ("0", "1000")
    shown = world.run("pnl").out
    assert "-1,000.00 unread wallets" in shown and "it is in no total" in shown


def test_what_returns_beyond_what_was_moved_to_a_bot_is_unclassified(world: World) -> None:
    booked(world, ("STRATEGY_UMFUTURES_TRANSFER", "-1000"))
    booked(world, ("STRATEGY_UMFUTURES_TRANSFER", "1100"))
    found = total(world)
    assert (found["unread_wallets"], found["unclassified"], found["residual"]) == (0, 100, 0)
    assert (found["realised"], found["net_deposits"]) == (0, 5000)
    assert "unread_wallet" not in codes(world)


def test_a_word_that_is_not_known_is_named_and_explains_no_outflow(world: World) -> None:
    booked(world, ("BRAND_NEW_WORD", "-4800"), code=1)
    found = total(world)
    assert (found["unclassified"], found["net_deposits"], found["residual"]) == (-4800, 5000, 0)
    assert parts(world) == {"deposits": 5000, "unclassified": -4800}
    said = codes(world)
    assert said["unclassified"].startswith(
        "binance calls 1 row 'BRAND_NEW_WORD', which is not known; worth -4,800.00 USDT"
    )
    assert "whose word is not known" in said["account_emptied"]
    (row,) = world.run("transfers", "--kind", "unclassified", "--json").json()["rows"]
    assert (row["word"], row["quantity"]) == ("BRAND_NEW_WORD", "-4800")


def test_rows_stored_without_their_word_are_read_again_once(world: World) -> None:
    booked(world, *CASE)
    cache = world.repository()
    with cache.repairing._database.write():
        for statement in (
            "UPDATE exchange_transfers SET kind = 'unclassified', word = NULL"
            " WHERE word IS NOT NULL",
            "DELETE FROM exchange_memory WHERE key = 'repairs_of_words'",
        ):
            cache.repairing._database.peewee.execute_sql(statement)
    cache.close()
    done = world.run("sync")
    assert "4 transfers stored without the word of their ledger" in done.out + done.err
    rows = world.run("transfers", "--json").json()["rows"]
    assert {row["word"] for row in rows} == {None, *(word for word, _ in CASE)}
    assert total(world)["derivatives"] == -300
    assert world.repository().ledger.revisions.afterwards() == ()
    assert "without the word" not in world.run("sync").out


def test_the_result_of_a_kraken_margin_position_is_realised_once(tmp_path: Path) -> None:
    """A ledger row of the type ``margin``; the charge for keeping the position open is a fee.
    https://support.kraken.com/hc/en-us/articles/360001169383"""
    venue = Venue(seed=1, accounts={"main": "kraken"}, history_too=False)
    venue.deposit("main", "USDT", D(5000))
    with running_simulator(venue, limit_scale=1000) as simulator:
        world = World.create(simulator, tmp_path, history_days=30)
        assert world.run("sync").code == 0
        for word, amount in (("margin", "-300"), ("rollover", "-4"), ("margin", "120")):
            venue.ledger_row("main", "spot", "USDT", D(amount), word)
        done = world.run("sync")
        assert done.code == 0, done.err
        found = total(world)
        assert (found["derivatives"], found["expenses"], found["realised"]) == (-180, -4, -184)
        assert (found["net_deposits"], found["residual"], found["unknown"]) == (5000, 0, 0)
        assert found["value"] == 4816
        assert parts(world) == {"deposits": 5000, "trades": -180, "fees": -4}
        document = world.run("explain", "USDT", "--json").json()
        assert document["reconciliation"]["difference"] == "0"
        assert "difference 0" in world.run("explain", "USDT", "--all").out
        results = [one for one in document["rows"] if "settlement" in one["event"]]
        assert sorted(D(one["quantity"]) for one in results) == [-300, 120]
