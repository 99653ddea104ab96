"""Asset events between purchases, sales, moves and rewards: what ``portfolio --at``, ``diff``,
``pnl`` and ``explain`` say of cost and results is the same before and after each, in every
method."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.stored import StoredRate
from exchange_cache.clock import SetClock
from tests.builders import NOW, balance, fill, price, transfer
from tests.cli.stored_home import StoredHome

D = Decimal
DAY, MORNING = timedelta(days=1), timedelta(hours=6)
ACCOUNTS = ("main", "other")
METHODS = ("average", "fifo", "lifo", "hifo")
CASH, RATE = D(1_000_000), D("1.7")
BEGIN = NOW.replace(hour=0) - 28 * DAY
#: What diff may show of a day on which only an event happened: both codes at their own prices.
WORTH = {"price", "moves", "unpriced"}


@dataclass
class Life:
    """A random life: its rows, its events, and what is held after them by counting along."""

    rng: random.Random
    day: int = 0
    rows: list[Any] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    days: list[datetime] = field(default_factory=list)
    rewarded: list[tuple[str, datetime]] = field(default_factory=list)
    income: Decimal = field(default=D("0"))
    codes: list[str] = field(default_factory=lambda: ["AAA", "BBB"])
    held: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, account: str, code: str, amount: Decimal) -> None:
        self.held[account, code] = self.held.get((account, code), D(0)) + amount

    def step(self) -> None:
        """One purchase, sale, move or reward on a day of its own."""
        self.day += 1
        when, number = BEGIN + self.day * DAY + MORNING, f"{self.day}"
        account, code = self.rng.choice(ACCOUNTS), self.rng.choice(self.codes)
        amount = D(self.rng.randrange(1, 4000)) / 8
        kind, part = self.rng.choice(["buy", "buy", "sell", "move", "reward"]), D(0)
        if kind in ("sell", "move"):
            part = self.held.get((account, code), D(0)) / 2
            kind = kind if part else "buy"
        if code.startswith("S"):
            kind = kind if kind != "reward" else "buy"
        if kind in ("buy", "sell"):
            amount = part or amount
            cost = f"{D(self.rng.randrange(1, 5000)) / 100}"
            symbol = {"symbol": f"{code}/USDT", "side": kind, "account": account}
            self.rows.append(fill(number, str(amount), cost, time=when, **symbol))
            self.add(account, code, amount if kind == "buy" else -amount)
            self.add(account, "USDT", amount * D(cost) * (-1 if kind == "buy" else 1))
        elif kind == "reward":
            own = {"kind": "reward", "scope": "rewards", "account": account}
            self.rows.append(transfer(number, str(amount), code, time=when, **own))
            self.rewarded.append((code, when))
            self.income += amount * RATE
            self.add(account, code, amount)
        else:
            (there,) = set(ACCOUNTS) - {account}
            sent = {"time": when, "tx_id": number}
            self.rows += [
                transfer(
                    number, str(part), code, kind="withdrawal", scope="out", account=account, **sent
                ),
                transfer(number, str(part), code, account=there, **sent),
            ]
            self.add(account, code, -part)
            self.add(there, code, part)

    def event(self) -> None:
        """An event at noon of a day on which nothing else happens."""
        self.day += 1
        at, old = BEGIN + self.day * DAY, self.rng.choice(self.codes)
        kind = self.rng.choice(["rename", "redenomination", "reuse", "merger", "split_off"])
        # the first reward of a split-off asset would be taken for the units of the event
        new, factor = (
            f"{'S' if kind == 'split_off' else 'N'}{self.day}",
            self.rng.choice(["1", "100", "0.001", "2.5", "0.43335"]),
        )
        if kind in ("redenomination", "merger"):
            new = old if kind == "redenomination" else next(c for c in self.codes if c != old)
        share = "cost_share = 0.137\n" if kind == "split_off" else ""
        self.events.append(
            f'[[asset_events]]\nkind = "{kind}"\nfrom = "{old}"\nto = "{new}"\n'
            f"at = {at:%Y-%m-%dT12:00:00Z}\nfactor = {factor}\n{share}"
        )
        self.days.append(at)
        for account in ACCOUNTS:
            units = self.held.get((account, old), D(0))
            if kind != "split_off":
                self.add(account, old, -units)
            self.add(account, new, units * D(factor))
        self.codes = sorted({*self.codes, new} - ({old} if kind in ("rename", "merger") else set()))
        if len(self.codes) < 2:
            self.codes.append(f"M{self.day}")


def lived(seed: int) -> Life:
    life = Life(rng=random.Random(seed))
    for account in ACCOUNTS:
        when = BEGIN - DAY
        life.rows.append(transfer("cash", str(CASH), "USDT", account=account, time=when))
        life.add(account, "USDT", CASH)
    for _ in range(3):
        for _ in range(5):
            life.step()
        life.event()
    life.step()
    return life


def stored(folder: Path, life: Life, method: str) -> StoredHome:
    home = StoredHome(folder=folder / "home", clock=SetClock(NOW))
    home.configure("\n".join(life.events), before=f'cost_method = "{method}"')
    rates = [
        StoredRate(asset=code, quote="USDT", at=when, resolution_s=3600, value=RATE, route=())
        for code, when in life.rewarded
    ]
    with closing(home.repository()) as repository:
        repository.derived.save_rates(rates, NOW)
    held = [
        balance(str(units), asset=code, code=code, account=account)
        for (account, code), units in life.held.items()
        if units
    ]
    priced = sorted({one.asset for one in held} - {"USDT"})
    prices = [price(f"{code}/USDT", "3", account=name) for name in ACCOUNTS for code in priced]
    home.store(*life.rows, *held, *prices)
    return home


def at_end_of(home: StoredHome, day: datetime) -> tuple[Decimal, Decimal, Decimal]:
    """Cost, result and units of unknown cost at the end of a day."""
    answer = home.run("portfolio", "--at", f"{day:%Y-%m-%d}", "--json").json()
    own = [one for one in answer["holdings"] if one["asset"] != "USDT"]
    cost = sum(
        (D(one["average_entry_price"] or 0) * D(one["explained_quantity"]) for one in own), D(0)
    )
    unknown = sum((D(one["unknown_quantity"]) for one in own), D(0))
    return round(cost, 16), D(answer["totals"]["realised_pnl"] or 0), unknown


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("method", METHODS)
def test_no_command_gains_or_loses_cost_by_an_event(tmp_path: Path, method: str, seed: int) -> None:
    life = lived(seed)
    home = stored(tmp_path, life, method)
    for day in life.days:
        before, after = at_end_of(home, day - DAY), at_end_of(home, day)
        assert before == after
        assert after[2] == 0
        until = f"{day + DAY:%Y-%m-%d}"
        change = home.run("diff", "--since", f"{day:%Y-%m-%d}", "--until", until, "--json").json()
        assert {name: part for name, part in change["parts"].items() if D(part)}.keys() <= WORTH
    total = home.run("pnl", "--json").json()["total"]["identity"]
    assert (D(total["deposited"]), D(total["income"])) == (2 * CASH, life.income)
    assert D(total["residual"]) == D(total["unknown"]) == D(total["moved"]) == 0
    for code in {code for (_, code), units in life.held.items() if units}:
        answer = home.run("explain", code, "--json").json()
        assert answer["reconciliation"]["difference"] == "0", code
