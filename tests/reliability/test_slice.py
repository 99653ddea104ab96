"""The harness finds what is wrong, and a slice of `make torture` is clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.records import Fill, Side
from tests.reliability.ground import EXCHANGES, START
from tests.reliability.kill import difference
from tests.reliability.kinds import DATA, KINDS, PATHS, cases
from tests.reliability.running import class_of
from tests.reliability.secrets import encodings, found, secrets_of
from tests.reliability.trial import compare, run_trial

#: Cases of different kinds at the exchange that is read fastest.
SLICE = (
    ("key-refused", "kraken", "fills"),
    ("wrong-total", "kraken", "orders"),
    ("lasting-429", "kraken", "fills"),
)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", SLICE, ids=",".join)
def test_a_slice_of_the_faults_costs_no_row(case: tuple[str, str, str], tmp_path: Path) -> None:
    outcome = run_trial(*case, tmp_path)
    assert outcome.clean, outcome
    assert outcome.rows > 50


#: One of each class that is tried in milliseconds; the answers are those that once lost rows.
QUICK = (
    ("guard", "endpoints", "kraken", "all"),
    ("guard", "paths", "coinbase", "0"),
    ("fuzz", "translation", "okx-16", "91"),
    ("fuzz", "translation", "gate-2", "945"),
    ("fuzz", "translation", "kucoin-14", "545"),
    ("fuzz", "translation", "krakenfutures-1", "1298"),
    ("fuzz", "translation", "krakenfutures-1", "5720"),
    ("fuzz", "translation", "coinbase-4", "1944"),
    ("fuzz", "translation", "kraken-4", "3154"),
    ("fuzz", "translation", "bitvavo-4", "4215"),
    ("fuzz", "translation", "bitstamp-0", "8774"),
    ("fuzz", "translation", "krakenfutures-3", "2673"),
    ("fuzz", "translation", "bitget-47", "8329"),
    ("fuzz", "translation", "krakenfutures-4", "8183"),
    ("fuzz", "translation", "krakenfutures-4", "3464"),
    ("fuzz", "translation", "krakenfutures-2", "3424"),
    ("fuzz", "translation", "htx-6", "5734"),
    ("fuzz", "translation", "bybit-12", "979"),
    ("fuzz", "translation", "hyperliquid-1", "5145"),
    ("fuzz", "file", "kraken", "1"),
    ("fuzz", "file", "bybit", "18215"),
    ("fuzz", "screen", "cost_progress.settings", "db check", "66"),
    ("fuzz", "screen", "exchange_prices.open_24h", "pnl", "15"),
)


@pytest.mark.parametrize("case", QUICK, ids=",".join)
def test_a_case_of_each_quick_class_holds(case: tuple[str, ...], tmp_path: Path) -> None:
    verdict = class_of(case[0]).run(case[1:], tmp_path)
    assert (verdict.wrong, verdict.skipped) == ((), "")
    assert verdict.tried >= 1


@pytest.mark.parametrize("form", encodings("x"))
def test_a_secret_is_found_in_every_encoding(form: str, tmp_path: Path) -> None:
    secret = "S3cr3t+/of=nobody-at-all"
    (tmp_path / "main.key").write_text(secret)
    (tmp_path / "main.secret").write_text("another-one-altogether")
    assert [*found(tmp_path, "nothing", secrets_of(tmp_path))] == []
    hidden = tmp_path / "deep" / "file.bin"
    hidden.parent.mkdir()
    hidden.write_bytes(b"xx" + encodings(secret)[form] + b"yy")
    shown = "\n".join(found(tmp_path, "nothing", secrets_of(tmp_path)))
    assert f"secret found: main.key ({form}) in deep/file.bin" in shown


def test_a_state_that_differs_is_named() -> None:
    whole = {"cache exchange_fills": (("a",), ("b",)), "files": ("config.toml",)}
    assert difference(whole, whole) == ""
    assert difference({**whole, "files": ()}, whole) == (
        "files: missing ['config.toml'], too many []"
    )


def _fill(number: int, **changed: object) -> Fill:
    whole = Fill(
        account="kraken",
        category="spot",
        symbol="BTC/EUR",
        fill_id=f"T{number}",
        order_id=None,
        time=START + timedelta(seconds=number),
        side=Side.BUY,
        base="BTC",
        quote="EUR",
        quantity=Decimal(number),
        price=Decimal(2),
        cost=Decimal(2 * number),
    )
    return replace(whole, **changed)


def test_equal_rows_in_any_order_are_clean() -> None:
    rows = [_fill(1), _fill(2)]
    assert compare(rows, rows[::-1]) == ([], [], [])


def test_a_missing_row_is_lost_and_a_changed_one_too() -> None:
    other = _fill(2, price=Decimal(3))
    assert compare([_fill(1), _fill(2)], [other]) == ([_fill(1), _fill(2)], [], [])


def test_a_row_under_a_second_name_is_doubled() -> None:
    again = _fill(1, fill_id="T9", symbol="XBT/EUR")
    assert compare([_fill(1)], [_fill(1), again]) == ([], [again], [])


def test_a_row_under_another_name_only_is_lost_and_invented() -> None:
    guessed = _fill(1, symbol="XB/TEUR")
    assert compare([_fill(1)], [guessed]) == ([_fill(1)], [], [guessed])


def test_a_row_that_never_was_is_invented() -> None:
    assert compare([_fill(1)], [_fill(1), _fill(7)]) == ([], [], [_fill(7)])


def test_every_kind_is_tried_at_every_exchange() -> None:
    tried = {(kind, exchange) for kind, exchange, _ in cases()}
    everywhere = {name for name in KINDS if name not in ("wrong-total", "filter-ignored")}
    assert {(kind, exchange) for kind in everywhere for exchange in EXCHANGES} <= tried
    assert {data for _, data in PATHS} == set(DATA)
