"""What a file for beancount looks like."""

from __future__ import annotations

from pathlib import Path

from exchange_cache.clock import SetClock
from tests.builders import NOW, balance, fill, price, transfer
from tests.cli.stored_home import StoredHome
from tests.export.nasty import day


def home_of(folder: Path) -> StoredHome:
    """A deposit, a purchase, a sale, and a balance that has more."""
    home = StoredHome(folder=folder / "home", clock=SetClock(NOW))
    home.configure()
    home.store(
        transfer("d1", "1000", "USDT", time=day(0), tx_id="0xfeed"),
        fill("1", "3", "100.01", time=day(1), fees=("0.003 BTC",)),
        fill("2", "1", "120", time=day(2), side="sell", fees=("0.5 USDT",)),
        balance("2", "BTC"),
        balance("819.47", "USDT"),
        price("BTC/USDT", "130"),
    )
    return home


FIFO = """\
; excache VERSION: method fifo, in USDT
; beancount books the lots by FIFO and derives the gains
; a part: account main: everything else is left out
option "operating_currency" "USDT"
option "tolerance_multiplier" "0"
option "inferred_tolerance_default" "USDT:0.0000000000010001"
; account Main: main (binance)

1970-01-01 commodity USDT
  name: "USDT"
1970-01-01 open Assets:Main:USDT USDT "NONE"
  account: "main"
  asset: "USDT"
1970-01-01 open Equity:Deposits:Main
  account: "main"
2026-01-03 * "main" "deposit USDT"
  time: "2026-01-03T06:00:00Z"
  id: "d1"
  tx: "0xfeed"
  Assets:Main:USDT 1000 USDT
  Equity:Deposits:Main -1000 USDT

1970-01-01 commodity BTC
  name: "BTC"
1970-01-01 open Assets:Main:BTC BTC "FIFO"
  account: "main"
  asset: "BTC"
2026-01-04 * "main" "buy BTC/USDT"
  time: "2026-01-04T06:00:00Z"
  id: "1"
  price: "100.01"
  fees: "0.003 BTC"
  Assets:Main:USDT -300.03 USDT
  Assets:Main:BTC 2.997 BTC {{300.03 USDT, 2026-01-04, "1"}}

1970-01-01 open Income:Gains:Main:BTC
  account: "main"
  asset: "BTC"
2026-01-05 * "main" "sell BTC/USDT"
  time: "2026-01-05T06:00:00Z"
  id: "2"
  price: "120"
  fees: "0.5 USDT"
  Assets:Main:USDT 119.5 USDT
  Assets:Main:BTC -1 BTC {} @@ 119.5 USDT
  Income:Gains:Main:BTC

1970-01-01 open Assets:Main:BTC:Unexplained BTC "FIFO"
  account: "main"
  asset: "BTC"
1970-01-01 open Equity:Unexplained:Main
  account: "main"
2026-01-31 * "main" "closing BTC"
  time: "2026-01-31T12:00:00Z"
  Assets:Main:BTC:Unexplained 0.003 BTC {{0 USDT, 2026-01-31, "1"}}
  Equity:Unexplained:Main -0.003 BTC @@ 0 USDT

2026-02-01 balance Assets:Main:BTC 2 ~ 0 BTC ; reported by the exchange
2026-02-01 balance Assets:Main:USDT 819.47 ~ 0 USDT ; reported by the exchange
2026-01-31 price BTC 130 USDT
"""


def written(home: StoredHome, *words: str) -> str:
    from exchange_cache import __version__

    done = home.run("export", *words)
    assert done.code == 0, done.err
    return done.out.replace(f"excache {__version__}", "excache VERSION")


def test_a_file_by_fifo_leaves_the_results_to_beancount(tmp_path: Path) -> None:
    words = ("beancount", "--method", "fifo", "--account", "main")
    assert written(home_of(tmp_path), *words) == FIFO


def test_a_file_by_average_has_total_prices_and_results(tmp_path: Path) -> None:
    text = written(home_of(tmp_path), "beancount", "--method", "average", "--account", "main")
    assert "\n; beancount does not book by average: costs and gains are written\n" in text
    assert 'open Assets:Main:BTC BTC "NONE"' in text
    assert "  Assets:Main:BTC 2.997 BTC @@ 300.03 USDT\n" in text
    assert (
        "  Assets:Main:USDT 119.5 USDT\n"
        "  Assets:Main:BTC -1 BTC @@ 100.11011011011011011011011011011 USDT\n"
        "  Income:Gains:Main:BTC -19.38988988988988988988988988989 USDT\n"
    ) in text


def test_lots_are_named_where_beancount_would_take_others(tmp_path: Path) -> None:
    text = written(home_of(tmp_path), "beancount", "--method", "lifo", "--account", "main")
    assert "\n; lots are named, and beancount derives the gains\n" in text
    assert 'open Assets:Main:BTC BTC "STRICT"' in text
    assert '  Assets:Main:BTC -1 BTC {"1"}\n  Income:Gains:Main:BTC\n' in text
