"""The lists: every filter, every format, and one set of keys for all machine formats."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from tests.e2e.world import World

KEYS = {
    "balances": (
        "account wallet code? asset free used total debt earn age_seconds includes_unrealised"
        " fetched_at as_of"
    ),
    "positions": (
        "account symbol side contracts base_quantity entry_price mark_price notional unrealised_pnl"
        " settle_asset leverage liquidation_price margin_mode age_seconds contract_size margin"
        " wallet category fetched_at"
    ),
    "orders": (
        "created_at account symbol side type status amount filled price average cost quote order_id"
        " client_order_id updated_at category base reduce_only fetched_at vanished_at"
        " provenance file line"
    ),
    "fills": (
        "time account symbol side quantity price cost quote fee realised_pnl kind liquidity"
        " category fill_id order_id base settle contracts contract_size fees fees_known"
        " vanished_at provenance file line"
    ),
    "transfers": (
        "time account kind asset quantity fee status from_wallet to_wallet network word scope"
        " transfer_id fee_amount fee_asset tx_id symbol vanished_at reference provenance file line"
    ),
    "prices": (
        "account symbol value basis bid ask change_24h age_seconds last mark open_24h category base"
        " quote fetched_at as_of"
    ),
    "status": (
        "account exchange data_type state succeeded_at age_seconds ttl_seconds error error_code"
        " generic"
    ),
    "account list": "account exchange wallets enabled credentials warnings generic",
}


def keys(name: str) -> list[str]:
    return KEYS[name].replace("?", "").split()


def asked(world: World, name: str, *options: str) -> list[dict[str, Any]]:
    done = world.run(*name.split(), *options, "--json")
    assert (done.code, done.err) == (0, "")
    rows = done.json()["rows"]
    assert isinstance(rows, list)
    return rows


@pytest.mark.parametrize("name", KEYS)
def test_json_has_exactly_these_keys_and_csv_has_them_as_its_header(
    synced: World, name: str
) -> None:
    done = synced.run(*name.split(), "--json")
    document = done.json()
    assert list(document)[:3] == ["schema", "as_of", "rows"]
    assert document["schema"] == 1
    assert document["as_of"].endswith("Z")
    assert document["rows"]
    assert sorted(document["rows"][0]) == sorted(keys(name))
    shown = synced.run(*name.split(), "--format", "csv").out
    header, *rows = list(csv.reader(io.StringIO(shown)))
    assert header == list(document["rows"][0])
    assert len(rows) == len(document["rows"])
    assert all(len(row) == len(header) for row in rows)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "name", [*KEYS, "status --coverage", "explain EUR", "history", "stats", "basis list", "pnl"]
)
@pytest.mark.parametrize("form", ["table", "plain", "markdown", "csv", "json"])
def test_every_list_prints_in_every_format(
    synced: World, template: World, name: str, form: str
) -> None:
    small = synced if name == "positions" else template
    done = small.run(*name.split(), "--format", form)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\n")
    assert "\x1b" not in done.out
    assert "Decimal(" not in done.out and "None" not in done.out and "datetime" not in done.out
    if form == "markdown" and "coverage" not in name and name not in {"basis list", "history"}:
        assert "\n|:" in done.out or "\n|-" in done.out


@pytest.mark.parametrize(
    "name", ["balances", "positions", "orders", "fills", "transfers", "prices", "status"]
)
def test_the_account_filter_may_be_repeated(synced: World, name: str) -> None:
    accounts = [] if name == "positions" else ["kraken"]
    assert {row["account"] for row in asked(synced, name, "--account", "bybit")} == {"bybit"}
    both = {row["account"] for row in asked(synced, name, "-a", "bybit", "-a", "kraken")}
    assert both == {"bybit", *accounts}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("balances", ("asset", "code")),
        ("orders", ("base", "quote")),
        ("transfers", ("asset", "fee_asset")),
        ("prices", ("base", "quote")),
    ],
)
def test_the_asset_filter(synced: World, name: str, fields: tuple[str, str]) -> None:
    rows = asked(synced, name, "--asset", "ETH")
    assert rows
    assert all("ETH" in (row[fields[0]], row[fields[1]]) for row in rows)


@pytest.mark.parametrize("name", ["positions", "orders", "fills", "prices"])
def test_the_symbol_filter(synced: World, name: str) -> None:
    symbol = "BTC/USDT:USDT" if name == "positions" else "BTC/USDT"
    rows = asked(synced, name, "--symbol", symbol)
    assert rows
    assert {row["symbol"] for row in rows} == {symbol}


def moments(rows: list[dict[str, Any]], key: str) -> list[datetime]:
    return [datetime.fromisoformat(row[key]) for row in rows]


@pytest.mark.parametrize(
    ("name", "time"), [("orders", "created_at"), ("fills", "time"), ("transfers", "time")]
)
def test_since_is_inclusive_until_exclusive_and_limit_keeps_the_newest(
    synced: World, name: str, time: str
) -> None:
    rows = asked(synced, name)
    times = moments(rows, time)
    assert times == sorted(times)
    at = times[len(times) // 2]
    assert moments(asked(synced, name, "--since", at.isoformat()), time) == [
        each for each in times if each >= at
    ]
    assert moments(asked(synced, name, "--until", at.isoformat()), time) == [
        each for each in times if each < at
    ]
    assert asked(synced, name, "--limit", "3") == rows[-3:]
    week = asked(synced, name, "--since", "7d")
    assert 0 < len(week) < len(times)
    assert asked(synced, name, "--until", "2001-01-01") == []


def test_orders_by_status(synced: World) -> None:
    assert {row["status"] for row in asked(synced, "orders", "--status", "open")} == {"open"}
    assert {row["status"] for row in asked(synced, "orders", "--status", "canceled")} == {
        "canceled"
    }


def test_transfers_by_kind(synced: World) -> None:
    assert {row["kind"] for row in asked(synced, "transfers", "--kind", "withdrawal")} == {
        "withdrawal"
    }


def test_prices_show_those_of_held_assets_and_all_on_demand(synced: World) -> None:
    held = {row["asset"] for row in asked(synced, "balances")} | {"USDT"}
    usual, everything = asked(synced, "prices"), asked(synced, "prices", "--all")
    assert all(row["base"] in held and row["quote"] in held for row in usual)
    assert len(usual) < len(everything)


def test_numbers_are_exact_text_and_times_are_utc(synced: World) -> None:
    cached = {
        (item.account, item.fill_id, item.symbol): item
        for item in synced.repository().ledger.fills(Filter(limit=50))
    }
    for row in asked(synced, "fills")[:50]:
        item = cached[(row["account"], row["fill_id"], row["symbol"])]
        assert row["quantity"] == format(item.quantity.normalize(), "f")
        assert datetime.fromisoformat(row["time"]) == item.time


def test_an_empty_list_says_so_and_stays_valid_for_programs(synced: World) -> None:
    assert "No fills." in synced.run("fills", "--until", "2001-01-01").out
    shown = synced.run("fills", "--until", "2001-01-01", "--format", "csv").out
    assert shown.split("\r\n")[0].split(",") == list(asked(synced, "fills", "--limit", "1")[0])


def test_an_empty_list_of_fetched_data_offers_no_sync(synced: World) -> None:
    for words in (
        "fills --until 2001-01-01",
        "orders --until 2001-01-01",
        "transfers --until 2001-01-01",
    ):
        shown = synced.run(*words.split()).out
        assert "Nothing is cached" not in shown
        assert "excache sync" not in shown


def test_an_empty_list_names_the_accounts_that_were_never_fetched(fresh: World) -> None:
    assert fresh.run("sync", "--only", "balances").code == 0
    assert fresh.run("fills").out.split("\n\n", 1)[1] == (
        "No fills.\n\nFills of kraken are not fetched yet: excache sync\n"
    )


def test_an_asset_without_a_price_is_named_with_the_reason(synced: World) -> None:
    shown = " ".join(synced.run("prices", "--asset", "KFEE").out.split())
    assert "No price of KFEE: none of your exchanges has a market with a price of it" in shown
    assert "excache sync" not in shown
    assert "No price of KFEE" in " ".join(synced.run("prices").out.split())
    assert "No price" not in synced.run("prices", "--symbol", "BTC/USD").out


def test_lists_work_offline_from_the_cache_alone(synced: World) -> None:
    before = len(synced.simulator.requests)
    for name in KEYS:
        synced.run(*name.split())
    assert len(synced.simulator.requests) == before


def test_csv_of_fills_holds_fees_as_json(synced: World) -> None:
    shown = synced.run("fills", "--format", "csv", "--limit", "50").out
    fees = [json.loads(row["fees"]) for row in csv.DictReader(io.StringIO(shown)) if row["fees"]]
    assert fees
    assert {frozenset(fee) for own in fees for fee in own} == {frozenset({"asset", "amount"})}
