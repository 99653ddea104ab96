"""What an hourly run costs in which nothing happened, at every simulated exchange and at any number
of symbols, and that what does happen is found: over HTTP, by counted requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hourly import histories
from benchmarks.symbols import trade_in
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Fill
from exchange_cache.simulator.venue.afterwards import hide, show
from tests.e2e.world import World

pytestmark = pytest.mark.long

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
EXCHANGES = ("binance", "bybit", "coinbase", "kraken", "kucoin", "okx")
#: Requests that a run may send besides those for the present state.
MOST = 8


class Account:
    """One account, hourly runs, and what each requested."""

    def __init__(self, exchange: str, simulator: Simulator, clock: SetClock, home: Path) -> None:
        self.exchange, self.simulator, self.clock = exchange, simulator, clock
        self.venue = simulator.venue
        self.world = World.create(simulator, home, clock, history_days=5)
        config = home / "config.toml"
        config.write_text(f"sweep_budget = 0\n{config.read_text()}")
        self.sent: list[Any] = []

    def sync(self, hours: float = 1, *words: str) -> None:
        self.clock.at += hours * HOUR
        self.run("sync", *words)

    def run(self, *words: str) -> None:
        before = len(self.simulator.requests)
        done = self.world.run(*words)
        assert (done.code, done.err) == (0, ""), done
        self.sent = list(self.simulator.requests)[before:]

    @property
    def histories(self) -> list[str]:
        """The paths of histories that the last run requested. Lists of orders that are open or have
        ended may share theirs."""
        return [one.path for one in histories(self.exchange, self.sent)]

    def trade(self, symbol: str | None = None) -> Fill:
        symbol = symbol or self.venue.profile(self.exchange).busiest
        (fill,) = self.venue.trade(self.exchange, symbol, "buy", quote_amount=Decimal(50))
        return fill

    def fills(self) -> set[tuple[str, str]]:
        repository = self.world.repository()
        found = {(one.symbol, one.fill_id) for one in repository.ledger.fills()}
        repository.close()
        return found

    def unmoved(self) -> list[dict[str, Any]]:
        rows = json.loads(self.world.run("status", "--coverage", "--json").out)["rows"]
        return [row for row in rows if row["state"] == "unmoved"]


@contextmanager
def account(exchange: str, home: Path, symbols: int = 0) -> Iterator[Account]:
    clock = SetClock(START)
    with running_simulator(
        accounts={exchange: exchange}, fills=40, limit_scale=1000, clock=lambda: to_ms(clock.now())
    ) as simulator:
        made = Account(exchange, simulator, clock, home)
        if symbols:
            trade_in(simulator.venue, exchange, symbols)
        made.sync(0)
        made.sync()
        made.sync()  # orders that the first run found may be news to the second
        yield made


@pytest.mark.sampled(2, each="exchange")
@pytest.mark.parametrize("symbols", [10, 100])
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_run_in_which_nothing_happened_sends_a_few_requests_at_any_number_of_symbols(
    exchange: str, symbols: int, tmp_path: Path
) -> None:
    with account(exchange, tmp_path / "home", symbols) as made:
        assert len(made.fills()) >= symbols
        made.sync()
        for _ in range(2):
            made.sync()
            assert len(made.histories) <= MOST, made.histories
            assert len(made.sent) <= 21, "and the present state of what is not empty"


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_what_happens_is_found_by_the_next_run_or_by_the_daily_round_and_the_screen_says_which(
    exchange: str, tmp_path: Path
) -> None:
    with account(exchange, tmp_path / "home") as made:
        fill = made.trade()
        made.sync()
        assert (fill.symbol, fill.id) in made.fills(), "its balances moved"
        late = made.trade()
        hide(made.venue, late)
        for _ in range(3):
            made.sync()
        show(made.venue, late)
        made.sync(3)
        assert (late.symbol, late.id) not in made.fills(), "nothing moves any more"
        rested = made.unmoved()
        assert bool(rested) == (exchange != "kraken"), "Kraken's few histories are always requested"
        assert all(row["start"] < row["end"] for row in rested)
        noted = "so the last run did not request" in " ".join(
            made.world.run("status", "--all").out.split()
        )
        assert noted == bool(json.loads(made.world.run("status", "--json").out)["unmoved"])
        made.sync(24)
        assert (late.symbol, late.id) in made.fills()
        rested = [row for row in made.unmoved() if not row["scope"].startswith("pre-upgrade")]
        assert not rested


@pytest.mark.parametrize("exchange", ["bybit", "kucoin", "okx"])
def test_a_deposit_into_a_wallet_that_was_empty_is_seen_by_the_next_run(
    exchange: str, tmp_path: Path
) -> None:
    with account(exchange, tmp_path / "home") as made:
        first, asset = made.venue.profile(exchange).wallets[0], "SOL"
        for held in made.venue.balances(exchange, first):
            if held.total > 0:
                made.venue.withdraw(exchange, held.asset, held.total)
        made.clock.at += HOUR
        made.run("reload", "--force")  # believes at once that a wallet is empty
        for _ in range(3):
            made.sync()
        made.venue.deposit(exchange, asset, Decimal(3))
        made.sync()
        repository = made.world.repository()
        found = {one.asset for one in repository.mirror.balances([exchange]) if not one.earn}
        assert asset in found
        assert asset in {one.asset for one in repository.ledger.transfers()}
        repository.close()


@pytest.mark.parametrize("words", [("sync", "--full"), ("reload", "--force")])
def test_an_explicit_request_leaves_nothing_out(words: tuple[str, ...], tmp_path: Path) -> None:
    with account("okx", tmp_path / "home") as made:
        made.sync()
        assert made.unmoved()
        made.clock.at += HOUR
        made.run(*words)
        assert not made.unmoved()
        assert not json.loads(made.world.run("status", "--json").out)["unmoved"]
