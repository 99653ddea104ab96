"""The files that users download explain what the API no longer serves: with both read, nothing is
left but what neither states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock, to_ms
from exchange_cache.simulator.downloads import write_downloads
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import ALL_ACCOUNTS, Entry, Fill
from tests.e2e.test_imports import ledger
from tests.e2e.test_reconcile import DAYS, differences, unserved
from tests.e2e.world import World

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
FILLS = 150

#: What neither the API nor a known file of an account states, by asset, with the reason. No other
#: difference is left, of any size.
UNSTATED: dict[str, dict[str, Decimal]] = {
    # Interest on margin is listed for 90 days (/sapi/v1/margin/interestHistory). It is owed, so the
    # statement has no row of it: it has loans and repayments, without their parts.
    "main": {"USDT": Decimal("-33.62875"), "XRP": Decimal("-12.4482125")},
    "bybit": {},
    "kraken": {},
    # Interest of savings is listed for a month (/finance/savings/lending-history) and added to the
    # savings; the files are of the trading and the funding account.
    "okx": {"USDT": Decimal("102.15673952")},
    # The API shows amounts of rewards with six decimals; the file has all digits, but the API's row
    # counts where both agree to its digits.
    "coinbase": {"USDC": Decimal("-0.00000207"), "XLM": Decimal("4E-8")},
    "kucoin": {},
}


def interest_owed(entry: Entry, age: float) -> bool:
    return entry.kind == "loan_interest" and age > 90


def interest_of_savings(entry: Entry, age: float) -> bool:
    return entry.wallet == "savings" and entry.kind == "interest" and age > 30


#: The entries of the books that are the reason.
REASONS: dict[str, Callable[[Entry, float], bool]] = {
    "main": interest_owed,
    "okx": interest_of_savings,
}


class Six:
    """The six simulated exchanges of the demo, with the files of their pages."""

    def __init__(self, simulator: Simulator, clock: SetClock, folder: Path) -> None:
        self.simulator, self.clock, self.folder = simulator, clock, folder
        self.files = write_downloads(folder / "files", simulator.venue)

    def home(self, name: str) -> World:
        """A home without archives: what files cover is not ordered, so the order would decide which
        of both a row comes from."""
        world = World.create(self.simulator, self.folder / name, self.clock)
        config = world.home / "config.toml"
        text = config.read_text()
        config.write_text(text.replace("\nexchange = ", "\narchives = false\nexchange = "))
        kraken = self.simulator.dialects["kraken"]
        kraken.forget_nonces()  # type: ignore[attr-defined]
        return world

    def of(self, account: str) -> list[str]:
        return [str(path) for path in self.files if path.parent.name == account]


#: One home of six accounts takes minutes.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Six]:
    clock = SetClock(NOW)
    with running_simulator(
        seed=3,
        fills=FILLS,
        limit_scale=1000,
        accounts=ALL_ACCOUNTS,
        clock=lambda: to_ms(clock.now()),
    ) as simulator:
        yield Six(simulator, clock, tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def together(six: Six) -> World:
    """A home of all six accounts: synced, then all files by one command, the newest first."""
    world = six.home("together")
    assert world.run("sync").code == 0
    imported(world, *map(str, six.files[::-1]))
    return world


def imported(world: World, *words: str) -> None:
    done = world.run("import", *words, "--json")
    assert done.code == 0, done.err
    differing = [one for row in done.json()["rows"] for one in row["differences"]]
    assert {one["what"] for one in differing} <= {"kind"}  # a word that the file alone has


def ledger_of(world: World, account: str) -> list[tuple[object, ...]]:
    return [row for row in ledger(world) if ("account", account) in row]


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_with_its_files_every_asset_of_an_account_is_explained_to_the_last_digit(
    together: World, account: str
) -> None:
    assert differences(together, account) == UNSTATED[account]
    if account in REASONS:
        untold, doubtful = unserved(together, account, REASONS[account])
        assert (untold, doubtful) == (UNSTATED[account], set())


def test_assets_of_all_six_together_add_up_but_for_that(together: World) -> None:
    rest: dict[str, Decimal] = defaultdict(Decimal)
    for account in UNSTATED:
        for asset, amount in UNSTATED[account].items():
            rest[asset] += amount
    for asset in ("BTC", "USDT", "USDC", "XRP", "DOT"):
        found = together.run("explain", asset, "--json").json()["reconciliation"]
        assert Decimal(found["difference"]) == rest[asset], asset


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_files_before_a_sync_and_again_give_the_same_ledger(
    six: Six, together: World, account: str
) -> None:
    world = six.home(f"alone-{account}")
    config = world.home / "config.toml"
    others = [name for name in ALL_ACCOUNTS if name != account]
    text = config.read_text()
    for name in others:
        text = text.replace(f"[accounts.{name}]\n", f"[accounts.{name}]\nenabled = false\n")
    config.write_text(text)
    imported(world, "--account", account, *six.of(account))
    assert world.run("sync").code == 0
    right = ledger_of(together, account)
    assert right and ledger_of(world, account) == right
    assert world.run("import", "undo", "1").code == 0
    imported(world, "--account", account, *six.of(account)[:2])
    assert ledger_of(world, account) == right


# --- averages -------------------------------------------------------------------------------------


def plainly_traded(six: Six, account: str) -> dict[str, list[Fill]]:
    """The assets that were only traded against the reporting asset and charged in one of both, with
    their fills, and of which more is left than dust."""
    found: dict[str, list[Fill]] = defaultdict(list)
    other = {"USDT"}
    for entry in six.simulator.venue.entries(account):
        fill = entry.source
        plain = (
            isinstance(fill, Fill)
            and (fill.market.base, fill.market.quote) == (entry.asset, "USDT")
            and {asset for asset, amount in fill.fees if amount} <= {entry.asset, "USDT"}
        )
        if not plain:
            other.add(entry.asset)
        elif isinstance(fill, Fill):
            found[entry.asset].append(fill)
    held = {row.asset: row.total for row in six.simulator.venue.balances(account)}
    return {
        asset: fills
        for asset, fills in found.items()
        if asset not in other and held[asset] >= fills[0].market.min_amount
    }


def average_of(fills: list[Fill]) -> Fraction:
    """The moving average of the books: fees in the asset are units less, others cost more."""
    units = cost = Fraction(0)
    for fill in fills:
        fees = dict(fill.fees)
        in_units, in_money = (Fraction(fees.get(key, 0)) for key in (fill.market.base, "USDT"))
        if fill.side == "buy":
            units += Fraction(fill.amount) - in_units
            cost += Fraction(fill.cost) + in_money
        else:
            sold = Fraction(fill.amount) + in_units
            units, cost = units - sold, cost * (units - sold) / units
    return cost / units


def test_averages_of_the_imported_past_are_those_of_the_books(six: Six, together: World) -> None:
    """Some of these were bought before everything that the API serves."""
    compared = []
    for account in ALL_ACCOUNTS:
        for asset, fills in plainly_traded(six, account).items():
            stated = together.run("explain", asset, "--json").json()["reconciliation"]
            (found,) = [
                Fraction(row["average_entry_price"])
                for row in stated["account_averages"]
                if row["account"] == account
            ]
            assert abs(found / average_of(fills) - 1) < Fraction(1, 10**25), (account, asset)
            compared.append((account, (to_ms(NOW) - fills[0].time_ms) / DAYS))
    assert len(compared) >= 5
    assert {account for account, age in compared if age > 730} >= {"okx", "kucoin"}


def test_with_files_and_archives_both_read_nothing_counts_twice(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    clock = SetClock(NOW)
    world = make_world(
        seed=3,
        fills=FILLS,
        accounts={"okx": "okx"},
        history_days=None,
        clock=lambda: to_ms(clock.now()),
    )
    world.clock = clock
    for _ in range(3):  # what one run orders, the next ones fetch
        assert world.run("sync").code == 0
    files = write_downloads(tmp_path / "files", world.simulator.venue)
    imported(world, "--account", "okx", *map(str, files))
    untold, _ = unserved(world, "okx", interest_of_savings)
    assert differences(world, "okx") == untold
