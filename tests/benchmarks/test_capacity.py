"""How many accounts an hour holds follows from what a run uses and what is documented."""

from __future__ import annotations

from benchmarks.capacity import gives_out, shares_of, tables, tightest
from benchmarks.charges import Charge
from benchmarks.lines import measured
from benchmarks.results import of

SPOT = Charge(exchange="binance", name="api ip", shared=True, used=600, an_hour=360_000)
SMALL = Charge(exchange="binance", name="fapi ip", shared=True, used=1, an_hour=144_000)
OWN = Charge(exchange="kraken", name="calls", shared=False, used=9, an_hour=1_800)
ONE_MORE = measured("accounts", "one account more in a sync with nothing new", "s CPU", [0.5])


def test_the_tightest_limit_is_the_one_that_is_used_most() -> None:
    assert tightest([SMALL, SPOT, OWN], shared=True) == SPOT
    assert tightest([SPOT], shared=False) is None
    assert SPOT.accounts() == 600


def test_an_hour_holds_what_the_limit_allows() -> None:
    text = tables(of([ONE_MORE, SMALL, SPOT, OWN], ""))
    assert "| `api ip` | 360,000 an hour | 600 | 600 |  |" in text
    kraken = next(row for row in text.splitlines() if "kraken.com" in row)
    assert kraken.endswith("| not limited | 18 s |")
    assert "| 200 | 100 s | binance 33% | nothing; next is the limit of binance (33%) |" in text
    assert "| 2,000 | 1,000 s | binance 333% | the limit of binance |" in text


def test_what_gives_out_first_is_named_first() -> None:
    shares = dict(shares_of([SPOT], 1_200))
    assert shares == {"binance": 2.0}
    assert gives_out(shares, 6.0, 1_200) == "the limit of binance, CPU: one core"
    assert gives_out(shares, 7.0, 1_200) == "CPU: one core, the limit of binance"
    assert gives_out({"okx": 0.02}, 6.0, 60) == "nothing; next is CPU: one core (10%)"


def test_without_a_sync_nothing_is_calculated() -> None:
    assert tables(of([ONE_MORE], "")) == "Not measured."
