"""The total against the venue's own books, wallet by wallet, at several times; nothing here uses
the valuation under test."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exchange_cache.exchanges import policy_for
from tests.portfolio.conftest import MIRRORS, StillWorld

ACCOUNTS = ("main", "bybit", "kraken", "okx", "coinbase")
BRIDGES = ("USDC", "USD", "BTC", "ETH", "EUR", "BNB")
EARN = {"ETH2": "ETH"}


class Valuer:
    """Prices in USDT from the venue's tickers: the own exchange first, directly, then over one
    bridge; then all exchanges."""

    def __init__(self, venue, account: str) -> None:
        self.own = self._edges(venue, [account])
        self.all = self._edges(venue, sorted(one.name for one in venue.accounts()))

    @staticmethod
    def _edges(venue, accounts):
        edges: dict[tuple[str, str], tuple] = {}
        for account in accounts:
            for ticker in venue.tickers(venue.account(account).exchange, "spot"):
                last = ticker.last or (ticker.bid + ticker.ask) / 2
                base, quote = ticker.market.base, ticker.market.quote
                rank = (ticker.market.symbol, account)
                for pair, price in (
                    ((base, quote), Fraction(last)),
                    ((quote, base), 1 / Fraction(last)),
                ):
                    found = (rank, price)
                    edges[pair] = min(edges.get(pair, found), found)
        return {pair: value for pair, (_, value) in edges.items()}

    def price(self, asset: str) -> Fraction | None:
        if asset == "USDT":
            return Fraction(1)
        for edges in (self.own, self.all):
            if (asset, "USDT") in edges:
                return edges[asset, "USDT"]
            for bridge in BRIDGES:
                if (asset, bridge) in edges and (bridge, "USDT") in edges:
                    return edges[asset, bridge] * edges[bridge, "USDT"]
        return None


def true_wallets(still: StillWorld, account: str) -> dict[str, Fraction]:
    """What each wallet is worth, open positions beside them under ``positions``."""
    venue, valuer = still.venue, Valuer(still.venue, account)
    worth: dict[str, Fraction] = {}
    for row in venue.balances(account):
        asset = (
            row.asset.removeprefix("LD")
            if row.asset.startswith("LD") and row.asset != "LDO"
            else row.asset.split(".")[0]
        )
        price = valuer.price(EARN.get(asset, asset))
        if price is not None:
            worth[row.wallet] = worth.get(row.wallet, Fraction(0)) + Fraction(row.total) * price
    for position in venue.positions(account):
        mark = venue.ticker(venue.account(account).exchange, position.symbol).mark
        price = valuer.price(position.market.settle)
        worth["positions"] = (
            worth.get("positions", Fraction(0)) + Fraction(position.pnl(mark)) * price
        )
    return worth


def same(reported: str, true: Fraction) -> bool:
    return abs(Fraction(reported) - true) < Fraction(1, 10**20)


@pytest.mark.parametrize("hours", [0, 5, 31, 200])
def test_the_total_of_every_account_equals_the_venues_own_valuation(
    everywhere: StillWorld, hours: int
) -> None:
    everywhere.pass_time(hours=hours)
    everywhere.sync(*MIRRORS)
    for account in ACCOUNTS:
        reported = everywhere.portfolio("--account", account)
        assert same(
            reported["totals"]["priced_value"], sum(true_wallets(everywhere, account).values())
        ), account
        stale = [
            holding["asset"]
            for holding in reported["holdings"]
            if holding["price_state"] == "stale"
        ]
        assert stale == (["SRM"] if account == "main" else []), (
            account
        )  # its market ended: the last price is kept, and marked


def configure(still: StillWorld, account: str, wallets: list[str] | None) -> None:
    """Write which wallets an account has switched on; None: all."""
    file = still.world.home / "config.toml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("wallets = ")]
    if wallets is not None:
        named = ", ".join(f'"{wallet}"' for wallet in wallets)
        lines.insert(lines.index(f"[accounts.{account}]") + 1, f"wallets = [{named}]")
    file.write_text("\n".join(lines) + "\n")


def wallet_states(still: StillWorld, account: str, command: str = "balances") -> dict[str, str]:
    reported = still.run(command, "--account", account, "--json").json()["wallets"]
    return {one["wallet"]: one["state"] for one in reported if one["account"] == account}


EXCHANGES = {"main": "binance", "bybit": "bybit", "okx": "okx"}
SWITCHES = [
    (account, wallet.name)
    for account, exchange in EXCHANGES.items()
    for wallet in policy_for(exchange).wallets
]


@pytest.mark.parametrize(("account", "wallet"), SWITCHES)
def test_switching_a_wallet_off_changes_the_total_by_exactly_that_wallet(
    everywhere: StillWorld, account: str, wallet: str
) -> None:
    offered = [one.name for one in policy_for(everywhere.venue.account(account).exchange).wallets]
    configure(everywhere, account, None)
    everywhere.sync(*MIRRORS, "--account", account)
    whole = everywhere.portfolio("--account", account, "--by", "wallet")
    groups = {group["name"].split(" / ")[1]: group["value"] for group in whole["groups"]}
    configure(everywhere, account, [name for name in offered if name != wallet])
    try:
        everywhere.sync(*MIRRORS, "--account", account)
        rest = everywhere.portfolio("--account", account)
        assert (
            wallet_states(everywhere, account)[wallet]
            == wallet_states(everywhere, account, "status")[wallet]
            == "not_asked"
        )
    finally:
        configure(everywhere, account, None)
    assert same(
        whole["totals"]["value"],
        Fraction(rest["totals"]["value"]) + Fraction(groups.get(wallet, "0")),
    )
    if wallet in ("spot", "funding", "linear", "inverse", "trading", "unified"):
        assert Fraction(groups[wallet]) != 0, (
            "the world must hold something there, or this shows nothing"
        )


@pytest.mark.parametrize("by", ["account", "wallet", "exchange"])
def test_groups_of_the_whole_portfolio_add_up_to_its_total(everywhere: StillWorld, by: str) -> None:
    everywhere.sync(*MIRRORS)
    reported = everywhere.portfolio("--by", by)
    assert same(
        reported["totals"]["value"], sum(Fraction(group["value"]) for group in reported["groups"])
    )


@pytest.mark.long
def test_a_wallet_that_is_no_longer_permitted_is_reported_as_old_on_every_screen(
    everywhere: StillWorld,
) -> None:
    everywhere.sync(*MIRRORS)
    before = everywhere.portfolio("--account", "main")
    read_at = next(
        share["fetched_at"]
        for row in before["holdings"]
        for share in row["wallets"]
        if share["wallet"] == "funding"
    )
    everywhere.pass_time(hours=3)
    everywhere.world.simulator.fault("binance", "get-funding-asset", 99, "bad_key")
    try:
        done = everywhere.run("sync", *MIRRORS)
        assert done.code == 0 and done.err.startswith("excache: main: balances funding: "), done.err
        reported = everywhere.portfolio("--account", "main")
        old = sum(
            Fraction(row["value"]) for row in reported["holdings"] if row["price_state"] == "stale"
        )
        priced = [row for row in reported["holdings"] if row["price_state"] == "fresh"]
        funding = [
            Fraction(s["total"]) * Fraction(row["price"])
            for row in priced
            for s in row["wallets"]
            if s["wallet"] == "funding"
        ]
        assert sum(funding) > 0
        assert same(reported["totals"]["stale_value"], old + sum(funding))
        verdict = next(row for row in reported["freshness"] if row["data_type"] == "balances")
        assert (verdict["state"], verdict["succeeded_at"], verdict["error_code"]) == (
            "stale",
            read_at,
            "no_permission",
        )
        found = next(
            row
            for row in reported["warnings"]
            if row["code"] == "no_permission" and "funding" in row["message"]
        )
        assert "3 h 0 min ago" in found["message"] and "wallets = [...]" in found["hint"]
        assert (
            everywhere.run("portfolio", "--no-refresh", "--account", "main", "--max-age", "1h").code
            == 75
        )
        for screen in ("portfolio --no-refresh", "status", "balances"):
            shown = " ".join(everywhere.run(*screen.split(), "--account", "main").out.split())
            assert (
                "funding wallet" in shown and "can no longer be read" in shown and "3 h" in shown
            ), screen
        for screen in ("status", "balances"):
            wallets = everywhere.run(screen, "--account", "main", "--json").json()["wallets"]
            funding = next(row for row in wallets if row["wallet"] == "funding")
            assert (funding["state"], funding["succeeded_at"], funding["holds_rows"]) == (
                "no_permission",
                read_at,
                True,
            )
    finally:
        everywhere.world.simulator.faults.clear()
        everywhere.sync(*MIRRORS)
    assert "no_permission" not in {
        row["code"] for row in everywhere.portfolio("--account", "main")["warnings"]
    }


def test_empty_not_asked_and_no_permission_are_three_answers(everywhere: StillWorld) -> None:
    configure(everywhere, "main", ["spot", "funding", "linear", "margin", "earn"])
    everywhere.world.simulator.fault("binance", "margin/account", 99, "bad_key")
    try:
        everywhere.sync(*MIRRORS)
        states = wallet_states(everywhere, "main")
        assert (states["spot"], states["earn"], states["inverse"]) == ("held", "empty", "not_asked")
        assert states["margin"] == "no_permission"
        shown = everywhere.run("balances", "--account", "main").out
        reported = (
            "spot, funding and linear held; earn empty; inverse and margin-isolated not requested"
            " (switched off); "
        )
        assert f"{reported}margin no permission." in shown
    finally:
        everywhere.world.simulator.faults.clear()
        configure(everywhere, "main", None)
        everywhere.sync(*MIRRORS)
