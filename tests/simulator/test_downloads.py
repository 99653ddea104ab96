"""What the files of the simulated exchanges state is what their books hold."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.records import Order
from exchange_cache.simulator.downloads import Download, downloads, write_downloads
from exchange_cache.simulator.venue import ALL_ACCOUNTS, INVERSE, LINEAR, Venue
from exchange_cache.statements.table import Stated
from tests.simulator.stated import read

NOW = 1_795_960_000_000


@pytest.fixture(scope="module")
def venue() -> Venue:
    return Venue(3, now_ms=NOW, clock=lambda: NOW, fills=400, accounts=ALL_ACCOUNTS)


def files(venue: Venue, account: str, part: str) -> Iterator[Download]:
    found = [one for one in downloads(venue, venue.account(account)) if part in one.name]
    assert found
    yield from found


def lines(download: Download, header: str) -> list[list[str]]:
    """The lines below the header, which begins with a word."""
    body = download.body
    if download.name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = packed.read(packed.namelist()[0])
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    start = next(place for place, row in enumerate(rows) if row and row[0] == header)
    return rows[start:]


def dicts(download: Download, header: str) -> list[dict[str, str]]:
    columns, *rows = lines(download, header)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def held(venue: Venue, account: str, *wallets: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in venue.balances(account):
        if not wallets or row.wallet in wallets:
            sums[row.asset] += row.total + row.owed
    return {asset: total for asset, total in sums.items() if total}


def test_binances_statement_adds_up_to_what_the_wallets_hold_a_bonus_counted_once(
    venue: Venue,
) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in files(venue, "main", "Transaction-History"):
        for row in dicts(one, "User ID"):
            if row["Operation"] != "Simple Earn Flexible - Rewards Income":
                sums[row["Coin"].removeprefix("LD") if row["Coin"] == "LDBTC" else row["Coin"]] += (
                    Decimal(row["Change"])
                )
    books = held(venue, "main")
    books["BTC"] = books.get("BTC", Decimal(0)) + books.pop("LDBTC", Decimal(0))
    assert {asset: total for asset, total in sums.items() if total} == books


@pytest.mark.parametrize(
    ("account", "part", "header", "wallet", "balance", "asset"),
    [
        ("okx", "Trading", "id", "trading", "Balance", "Balance Unit"),
        ("okx", "Funding", "id", "funding", "After Balance", "Symbol"),
        ("bybit", "fund_", "Uid", "funding", "Account Balance", "Coin"),
        ("bybit", "uta_", "Uid", "unified", "Wallet Balance", "Currency"),
    ],
)
def test_a_running_balance_ends_with_what_the_wallet_holds(
    venue: Venue, account: str, part: str, header: str, wallet: str, balance: str, asset: str
) -> None:
    last: dict[str, Decimal] = {}
    for one in files(venue, account, part):
        for row in reversed(dicts(one, header)):  # the newest rows stand first
            last[row[asset]] = Decimal(row[balance])
    books = held(venue, account, wallet)
    assert last and {name: total for name, total in last.items() if total} == {
        name: total for name, total in books.items() if name in last
    }


def test_binances_orders_are_those_of_the_books_the_open_ones_left_out(
    venue: Venue, tmp_path: Path
) -> None:
    found = [
        one
        for _, rows in read("binance", files(venue, "main", "Order-History"), tmp_path)
        for one in rows
    ]
    stated = [one.record for one in found if isinstance(one, Stated)]
    books = [one for kind in (LINEAR, INVERSE) for one in venue.orders("main", kind=kind)]
    ended = [one for one in books if one.status != "open"]
    assert len(found) == len(books) and len(stated) == len(ended)
    orders = {(one.symbol, one.order_id): one for one in stated if isinstance(one, Order)}
    for one in ended:
        own = orders[one.symbol, one.id]
        assert to_ms(own.created_at) == one.created_ms // 1000 * 1000
        assert (own.side, own.amount, own.filled) == (one.side, one.amount, one.filled)
        assert own.status == {"filled": "closed"}.get(one.status, one.status)


def test_krakens_pending_copies_have_no_txid_and_the_rest_runs_to_the_balances(
    venue: Venue,
) -> None:
    rows = [row for one in files(venue, "kraken", "ledgers") for row in dicts(one, "txid")]
    copies = [row for row in rows if not row["txid"]]
    assert copies and {row["type"] for row in copies} == {"deposit", "withdrawal"}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["txid"]:
            sums[row["asset"]] += Decimal(row["amount"]) - Decimal(row["fee"])
    assert {asset: total for asset, total in sums.items() if total} == held(venue, "kraken")


def test_coinbases_file_is_for_windows_and_newest_first_after_a_preamble(venue: Venue) -> None:
    (one,) = files(venue, "coinbase", "transactions")
    assert one.body.startswith(b"\r\nTransactions\r\nUser,")
    times = [row["Timestamp"] for row in dicts(one, "ID")]
    assert times == sorted(times, reverse=True)
    assert any(" on BTC-USD at " in row["Notes"] for row in dicts(one, "ID"))


def test_kucoins_files_state_their_zone_and_every_fill(venue: Venue) -> None:
    rows = [row for one in files(venue, "kucoin", "Splitting") for row in dicts(one, "UID")]
    assert "Filled Time(UTC+01:00)" in rows[0]
    assert len(rows) == len(venue.fills("kucoin", kind="spot"))


def test_okx_wrote_two_columns_unit_until_2024(venue: Venue) -> None:
    from exchange_cache.simulator.dialects.okx.downloads import earlier_edition

    header, first, *_ = lines(earlier_edition(venue, venue.account("okx")), "id")
    assert header.count("Unit") == 2
    assert len(first) == len(header)


def test_bybits_spot_trades_have_the_ids_of_executions(venue: Venue) -> None:
    from exchange_cache.simulator.dialects.bybit_downloads import spot_trades

    rows = dicts(spot_trades(venue, venue.account("bybit")), "Spot Pairs")
    ids = {fill.id for fill in venue.fills("bybit", kind="spot")}
    assert rows and {row["Transaction ID"] for row in rows} <= ids


def test_every_account_has_a_folder_of_files(venue: Venue, tmp_path: Path) -> None:
    written = write_downloads(tmp_path, venue)
    assert {path.parent.name for path in written} == set(ALL_ACCOUNTS)
    assert all(path.stat().st_size > 50 for path in written)
