"""``excache explain``: events, reconciliation and methods."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from exchange_cache.money import EXACT
from tests.e2e.world import World


def test_explain_ends_in_the_reconciliation(synced: World) -> None:
    done = synced.run("explain", "BTC", "--all")
    assert done.code == 0
    closing = done.out[done.out.index("Held by events") :]
    assert "on exchanges" in closing and "difference" in closing and "inputs sha256" in closing
    assert done.out.startswith("BTC: bought at ")


def test_explain_for_programs_leaves_no_event_out(synced: World) -> None:
    rows = synced.run("explain", "BTC", "--json").json()["rows"]
    last = rows[-1]
    with localcontext(EXACT):
        assert sum(Decimal(row["quantity"]) for row in rows if row["quantity"]) == Decimal(
            last["held"]
        )
    assert not any("x funding" in row["event"] for row in rows)


def test_explain_tells_programs_the_reconciliation_and_the_hash(synced: World) -> None:
    document = synced.run("explain", "BTC", "--json").json()
    reported, last = document["reconciliation"], document["rows"][-1]
    assert reported["events_quantity"] == last["held"]
    truth = sum(
        Decimal(total)
        for account in ("main", "bybit", "kraken")
        for wallet in synced.truth(account)["balances"].values()
        for code, total in wallet.items()
        if code in {"BTC", "XXBT", "XBT.F", "LDBTC"}
    )
    assert Decimal(reported["balance"]) == truth
    assert Decimal(reported["difference"]) == truth - Decimal(last["held"])
    assert Decimal(reported["explained_quantity"]) + Decimal(reported["unknown_quantity"]) == truth
    assert len(reported["inputs_sha256"]) == 64
    assert {one["account"] for one in reported["account_averages"]} == {"main", "bybit", "kraken"}


def test_explain_names_the_account_that_lacks_history_and_since_when(synced: World) -> None:
    """ARB was bought before and sold after the day from which Bybit serves fills."""
    (place,) = synced.run("explain", "ARB", "--json").json()["reconciliation"]["accounts"]
    assert place["account"] == "bybit"
    assert (
        place["causes"][0].startswith("fills of spot")
        and "are no longer served" in place["causes"][0]
    )
    assert "bybit: " in synced.run("explain", "ARB").out
    holdings = synced.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    (reasons,) = (row["unknown_reasons"] for row in holdings if row["asset"] == "ARB")
    assert place["causes"][0] in reasons[-1]


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_explain_by_every_method(synced: World, method: str) -> None:
    done = synced.run("explain", "EUR", "--account", "kraken", "--cost-method", method, "--all")
    assert done.code == 0
    assert f"method {method}" in done.out


def test_explain_of_what_nobody_holds_is_exit_66(synced: World) -> None:
    prices = synced.run("prices", "--all", "--json").json()["rows"]
    known = {row["base"] for row in prices}
    for name in ("fills", "transfers", "balances"):
        for row in synced.run(name, "--json").json()["rows"]:
            known -= {row.get("base"), row.get("quote"), row.get("asset"), row.get("code")}
    asset = min(known)
    done = synced.run("explain", asset)
    assert (done.code, done.out) == (66, "")
    assert f"no balance, fill or transfer of {asset}" in done.err
