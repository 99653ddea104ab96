"""Rows for Koinly: what was sent, what was received, and the fee beside them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path

from exchange_cache.clock import SetClock
from exchange_cache.money import EXACT
from tests.builders import NOW, fee, fill, transfer
from tests.cli.stored_home import StoredHome
from tests.export.nasty import day, nasty_home

Row = dict[str, str]


def rows_of(home: StoredHome, *words: str) -> list[Row]:
    done = home.run("export", "koinly", "--raw", *words)
    assert done.code == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out, newline="")))


def moved(home: StoredHome, *words: str) -> list[tuple[str, ...]]:
    """Each row without its blanks, its description last."""
    names = ("Sent", "Received", "Fee")
    found = []
    for row in rows_of(home, *words):
        amounts = [f"{row[f'{name} Amount']} {row[f'{name} Currency']}".strip() for name in names]
        found.append((*amounts, row["Label"]))
    return found


def plain(folder: Path, *records: object) -> StoredHome:

    home = StoredHome(folder=folder / "home", clock=SetClock(NOW))
    home.configure()
    home.store(*records)
    return home


def test_amounts_of_a_fill_are_those_before_its_fees(tmp_path: Path) -> None:
    home = plain(
        tmp_path,
        transfer("1", "10000", "USDT", time=day(0)),
        fill("1", "3", "100", time=day(1), fees=("0.003 BTC",)),
        fill("2", "3", "100", time=day(2), fees=("0.1 USDT",)),
        fill("3", "1", "110", time=day(3), side="sell", fees=("0.1 USDT",)),
        fill("4", "1", "110", time=day(4), side="sell", fees=("0.001 BTC",)),
        fill("5", "1", "110", time=day(5), side="sell", fees=("0.01 BNB", "0.2 USDT")),
        fill("6", "1", "110", time=day(6), fees=("-0.02 USDT",)),
    )
    assert moved(home, "--until", "2026-01-20") == [
        ("", "10000 USDT", "", ""),
        ("300 USDT", "3 BTC", "0.003 BTC", ""),
        ("300 USDT", "3 BTC", "0.1 USDT", ""),
        ("1 BTC", "110 USDT", "0.1 USDT", ""),
        ("1 BTC", "110 USDT", "0.001 BTC", ""),
        ("", "0.01 BNB", "", ""),  # never held: opened
        ("1 BTC", "110 USDT", "0.01 BNB", ""),
        ("0.2 USDT", "", "", "cost"),
        ("110 USDT", "1 BTC", "", ""),
        ("", "0.02 USDT", "", "fee refund"),
    ]


def test_transfers_have_their_transaction_and_their_fee(tmp_path: Path) -> None:
    home = plain(
        tmp_path,
        transfer("1", "2", "BTC", time=day(0)),
        transfer("2", "1", kind="withdrawal", time=day(1), fee=fee("0.01 BTC"), tx_id="0xabc"),
        transfer("3", "1", time=day(1, 7), account="other", tx_id="0xabc"),
        transfer("4", "0.5", kind="withdrawal", time=day(2), fee=fee("0.01 BTC"), tx_id="0xdef"),
    )
    assert moved(home) == [
        ("", "2 BTC", "", ""),
        ("1 BTC", "", "0.01 BTC", ""),
        ("", "1 BTC", "", ""),
        ("0.5 BTC", "", "0.01 BTC", ""),
    ]
    assert [row["TxHash"] for row in rows_of(home)] == ["", "0xabc", "0xabc", "0xdef"]
    assert moved(home, "--account", "other") == [("", "1 BTC", "", "")]


def test_income_and_contracts_have_their_labels(tmp_path: Path) -> None:
    home = nasty_home(tmp_path)
    labels = defaultdict(set)
    for row in rows_of(home, "--account", "main"):
        labels[row["Label"]].add(row["Description"].split(" (")[0].split(": ", 1)[1])
    assert labels["realized gain"] == {
        *("derivative BTC/USDT:USDT", "derivative BTC/USD:BTC"),
        *("funding USDT", "funding BTC"),
    }
    assert labels["margin fee"] == {"derivative BTC/USDT:USDT", "derivative BTC/USD:BTC"}
    assert labels["swap"] == {"rename NEW"}
    assert labels["airdrop"] == {"airdrop 币安人生"}
    assert labels["reward"] == {"reward ETH"}


def test_the_rows_add_up_to_the_balances(tmp_path: Path) -> None:
    """Also what no event explains is in them."""
    home = nasty_home(tmp_path)
    held: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for row in rows_of(home, "--account", "main"):
            for name, sign in (("Sent", -1), ("Received", 1), ("Fee", -1)):
                if row[f"{name} Amount"]:
                    held[row[f"{name} Currency"]] += sign * Decimal(row[f"{name} Amount"])
    shown = home.run("balances", "--account", "main", "--json").json()["rows"]
    expected = {row["asset"]: Decimal(row["total"]) for row in shown}
    assert {asset: amount for asset, amount in held.items() if amount} == expected
