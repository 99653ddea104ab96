"""The past through the whole program: snapshots, replays, differences and results of a world whose
every event is known."""

from __future__ import annotations

import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.value.difference import PARTS
from tests.portfolio.conftest import NOON, StillWorld, still_world
from tests.value.builders import asset_of

SINCE = (NOON + timedelta(seconds=1)).isoformat()  # when the first snapshot was taken
IDENTITY = ("net_deposits", "realised", "unrealised", "unknown")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """Two syncs thirty hours apart, with a trade, a deposit, a withdrawal and another trade between
    them."""
    for made in still_world(
        tmp_path_factory.mktemp("lived"), seed=8, fills=300, accounts={"kraken": "kraken"}
    ):
        made.sync()
        made.printed = made.portfolio()
        made.pass_time(hours=2)
        made.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.01"))
        made.pass_time(hours=3)
        made.venue.deposit("kraken", "USDT", Decimal("500"))
        made.pass_time(hours=20)
        made.venue.withdraw("kraken", "ETH", Decimal("0.5"), fee=Decimal("0.0025"))
        made.venue.trade("kraken", "ETH/USD", "sell", Decimal("0.4"))
        made.pass_time(hours=5)
        made.sync()
        yield made


def day_of(lived: StillWorld) -> str:
    return f"{NOON:%Y-%m-%d}"


def figures(document: dict) -> dict:
    """What was printed, without where prices came from and how old they were when they were
    read."""
    holdings = []
    for holding in document["holdings"]:
        kept = {name: value for name, value in holding.items() if name != "price_route"}
        holdings.append({**kept, "wallets": holding["wallets"]})
    return {
        "totals": document["totals"],
        "holdings": holdings,
        "positions": document["positions"],
        "accounts": document["accounts"],
    }


def test_the_portfolio_at_a_day_equals_what_was_printed_on_that_day(lived: StillWorld) -> None:
    again = lived.portfolio("--at", day_of(lived))
    assert figures(again) == figures(lived.printed)
    assert again["source"] == "as shown at 2026-05-04 12:00 UTC"
    assert (
        lived.run("portfolio", "--at", day_of(lived))
        .out.splitlines()[0]
        .endswith("as shown at 2026-05-04 12:00 UTC")
    )


@pytest.mark.parametrize("days", [5, 60, 200, 500, 900])
def test_a_day_without_a_snapshot_is_replayed_to_the_books_of_that_day(
    lived: StillWorld, days: int
) -> None:
    moment = NOON - timedelta(days=days)
    reported = lived.portfolio("--at", moment.isoformat())
    books: dict[str, Decimal] = defaultdict(Decimal)
    for entry in lived.venue.entries("kraken", end=to_ms(moment)):
        books[asset_of(entry.asset)] += entry.amount - entry.fee
    replayed = {holding["asset"]: Decimal(holding["quantity"]) for holding in reported["holdings"]}
    assert replayed == {asset: quantity for asset, quantity in books.items() if quantity}
    assert reported["source"].startswith("replayed from the ledger")
    assert not [found for found in reported["warnings"] if found["code"] == "past_incomplete"]


def test_a_replay_asks_nobody_and_what_has_no_price_of_that_day_is_unpriced(
    lived: StillWorld,
) -> None:
    moment = NOON - timedelta(days=40, hours=7)
    before = len(lived.world.simulator.requests)
    reported = lived.portfolio("--at", moment.isoformat())
    assert len(lived.world.simulator.requests) == before
    unpriced = [holding for holding in reported["holdings"] if holding["value"] is None]
    assert unpriced, "the world must hold something that nobody priced on that day"
    assert reported["totals"]["unpriced_assets"] == sorted(holding["asset"] for holding in unpriced)
    known = [
        Decimal(holding["value"])
        for holding in reported["holdings"]
        if holding["value"] is not None
    ]
    assert Decimal(reported["totals"]["value"]) == sum(known)
    assert "past_prices" in {found["code"] for found in reported["warnings"]}


def test_prices_of_a_replay_are_those_of_its_day(lived: StillWorld) -> None:
    moment = NOON - timedelta(days=12)
    lived.portfolio("--at", moment.isoformat(), "--wait")
    reported = lived.portfolio("--at", moment.isoformat())
    checked = 0
    for holding in reported["holdings"]:
        if holding["price_state"] != "fresh" or holding["asset"] == "USDT":
            continue
        true = lived.venue.state.prices.rate(holding["asset"], "USDT", to_ms(moment))
        assert float(holding["price"]) == pytest.approx(true, rel=0.05), holding["asset"]
        assert from_ms(to_ms(moment)) - timedelta(days=1) <= _time(holding["price_as_of"]) <= moment
        checked += 1
    assert checked >= 5


def _time(text: str):
    from datetime import datetime

    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_day_that_is_not_over_ends_now_and_the_future_is_refused(lived: StillWorld) -> None:
    today = f"{lived.clock.at:%Y-%m-%d}"
    assert lived.portfolio("--at", today)["totals"]["value"] == lived.portfolio()["totals"]["value"]
    done = lived.run("portfolio", "--at", f"{lived.clock.at + timedelta(days=1):%Y-%m-%d}")
    assert done.code == 2 and "future" in done.err


# --- diff -----------------------------------------------------------------------------------------


def difference(lived: StillWorld, *words: str) -> dict:
    done = lived.run("diff", "--json", *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_the_difference_adds_up_to_the_last_digit_and_names_its_causes(lived: StillWorld) -> None:
    reported = difference(lived, "--since", SINCE)
    with localcontext(prec=300):
        change = Decimal(reported["value_after"]) - Decimal(reported["value_before"])
        assert (
            sum(Decimal(reported["parts"][name]) for name in PARTS)
            == change
            == Decimal(reported["change"])
        )
        for row in reported["rows"]:
            assert sum(Decimal(row[name]) for name in PARTS) == Decimal(
                row["value_after"]
            ) - Decimal(row["value_before"])
    assert Decimal(reported["value_before"]) == Decimal(lived.printed["totals"]["value"])
    assert Decimal(reported["value_after"]) == Decimal(lived.portfolio()["totals"]["value"])
    assert reported["parts"]["deposits"] == "500"
    assert Decimal(reported["parts"]["withdrawals"]) < 0 and Decimal(reported["parts"]["fees"]) < 0
    assert (reported["parts"]["unexplained"], reported["unexplained"], reported["warnings"]) == (
        "0",
        [],
        [],
    )
    price = next(row for row in reported["rows"] if row["asset"] == "DOT")
    start = next(one for one in lived.printed["holdings"] if one["asset"] == "DOT")
    end = next(one for one in lived.portfolio()["holdings"] if one["asset"] == "DOT")
    with localcontext(prec=300):
        assert Decimal(price["price"]) == Decimal(start["quantity"]) * (
            Decimal(end["price"]) - Decimal(start["price"])
        )
    assert "every balance agrees" in lived.run("diff", "--since", SINCE).out


def test_a_difference_from_before_the_first_snapshot_says_that_it_is_replayed(
    lived: StillWorld,
) -> None:
    since = (NOON - timedelta(days=100)).isoformat()
    reported = difference(lived, "--since", since)
    assert reported["unexplained"] == []
    assert reported["watched_since"] == "2026-05-04T12:00:01Z"
    assert "replayed from the ledger" in lived.run("diff", "--since", since).out
    with localcontext(prec=300):
        assert sum(Decimal(reported["parts"][name]) for name in PARTS) == Decimal(
            reported["value_after"]
        ) - Decimal(reported["value_before"])


def test_diff_wants_a_beginning_before_its_end(lived: StillWorld) -> None:
    assert lived.run("diff", "--since", "2026-05-02", "--until", "2026-05-01").code == 2
    assert lived.run("diff").code == 2


@pytest.mark.long
def test_what_left_without_a_record_is_an_alarm(tmp_path: Path) -> None:
    for still in still_world(tmp_path, seed=4, fills=100, accounts={"kraken": "kraken"}):
        still.sync()
        still.pass_time(hours=1)
        still.venue.state.books.balances["kraken", "spot", "BTC"] -= Decimal(
            "0.05"
        )  # no line of any ledger tells it
        done = still.run("sync")
        assert done.code == 0, done.err
        reported = difference(still, "--since", SINCE)
        assert [
            (one["account"], one["asset"], one["quantity"]) for one in reported["unexplained"]
        ] == [("kraken", "BTC", "-0.05")]
        price = next(one["price"] for one in still.portfolio()["holdings"] if one["asset"] == "BTC")
        assert Decimal(reported["parts"]["unexplained"]) == Decimal("-0.05") * Decimal(price)
        assert [found["code"] for found in reported["warnings"]] == ["outflow_unexplained"]
        for shown in (
            still.run("diff", "--since", "2h").out,
            still.run("portfolio", "--no-refresh").out,
        ):
            assert "0.05 BTC" in shown and "lock the account" in shown.replace("\n", " ").replace(
                "  ", " "
            )
        still.pass_time(hours=1)
        still.sync()
        codes = [found.code for found in still.world.repository().derived.findings()]
        assert codes.count("outflow_unexplained") == 1, "it stays for days, and once"


# --- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["asset", "account"])
@pytest.mark.parametrize("period", ["all", "year", "month", "2026-05-05"])
def test_profit_and_loss_adds_up_line_by_line_and_to_the_portfolio(
    lived: StillWorld, by: str, period: str
) -> None:
    reported = json.loads(lived.run("pnl", "--json", "--by", by, "--period", period).out)
    with localcontext(prec=100):
        for line in (*reported["rows"], reported["total"]):
            found = line["identity"]
            assert Decimal(found["value"]) == sum(Decimal(found[name]) for name in IDENTITY)
            assert found["residual"] == "0"
        for part in ("identity", "period"):
            for name, total in reported["total"][part].items():
                assert sum(Decimal(line[part][name]) for line in reported["rows"]) == Decimal(
                    total
                ), (
                    part,
                    name,
                )
    assert Decimal(reported["total"]["identity"]["value"]) == pytest.approx(
        Decimal(lived.portfolio()["totals"]["value"]), abs=Decimal("1e-20")
    )


def test_results_of_a_period_are_those_of_its_days(lived: StillWorld) -> None:
    whole = json.loads(lived.run("pnl", "--json").out)["total"]["period"]
    late = json.loads(lived.run("pnl", "--json", "--period", "2026-05-05").out)["total"]["period"]
    trades = [
        fill
        for fill in lived.venue.fills("kraken")
        if fill.time_ms >= to_ms(NOON.replace(day=5, hour=0))
    ]
    assert len(trades) == 1
    (fee,) = trades[0].fees
    assert Decimal(whole["realised"]) != Decimal(late["realised"]) != 0
    price = next(one["price"] for one in lived.printed["holdings"] if one["asset"] == "ETH")
    least, most = (
        float(fee[1]) * 0.995,
        float(fee[1]) + 0.0025 * float(price) * 1.1,
    )  # in USD; the withdrawal's fee counts at its cost
    assert least < float(late["fees_paid"]) < most
    shown = lived.portfolio("--period", "2026-05-05")
    assert Decimal(shown["totals"]["realised_pnl"]) == Decimal(late["realised"])


# --- history --------------------------------------------------------------------------------------


def test_history_writes_pictures_and_data(lived: StillWorld, tmp_path: Path) -> None:
    values = [lived.printed["totals"]["value"], lived.portfolio()["totals"]["value"]]
    for by in ((), ("--by", "asset"), ("--by", "account")):
        svg, png, data, table = (
            tmp_path / f"worth.{suffix}" for suffix in ("svg", "png", "json", "csv")
        )
        for file in (svg, png, data, table):
            done = lived.run("history", "--recorded", *by, "--output", str(file))
            assert (done.code, done.out) == (0, ""), done.err
        assert svg.read_text().startswith("<svg ") and svg.read_text().rstrip().endswith("</svg>")
        assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert [row["value"] for row in json.loads(data.read_text())["rows"]] == values
        assert len(table.read_text().splitlines()) == 3
    assert lived.run("history", "--output", str(tmp_path / "worth.pdf")).code == 2
    assert "Share over time" in lived.run("history", "--by", "asset").out


def test_a_png_without_its_package_names_the_command(
    lived: StillWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    done = lived.run("history", "--output", str(tmp_path / "worth.png"))
    assert done.code == 2 and "pip install 'excache[png]'" in done.err


# --- watch ----------------------------------------------------------------------------------------


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_watch_draws_again_and_again_and_ctrl_c_ends_it_well(lived: StillWorld) -> None:
    drawn: list[float] = []

    def tick(seconds: float) -> None:
        drawn.append(seconds)
        if len(drawn) == 3:
            raise KeyboardInterrupt

    clock = type(lived.clock)(at=lived.clock.at)
    clock.sleep = tick  # type: ignore[method-assign]
    page = Screen()
    env = {**lived.world.env, "TERM": "xterm", "COLUMNS": "120", "LINES": "60"}
    app = App(env=env, clock=clock, out=page, err=io.StringIO())
    before = len(lived.world.simulator.requests)
    assert _run(app, ["portfolio", "--watch", "2", "--no-refresh"]) == 0
    assert drawn == [2.0, 2.0, 2.0]
    assert page.getvalue().count("Portfolio") == 3 and "Ctrl-C stops" in page.getvalue()
    assert len(lived.world.simulator.requests) == before


def test_watch_needs_a_terminal(lived: StillWorld) -> None:
    done = lived.run("portfolio", "--watch")
    assert done.code == 2 and "terminal" in done.err
