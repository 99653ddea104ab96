"""Every figure of the cost basis against a second, independent program, over random histories of
everything that can happen."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange_cache.records import Fill, FillKind, Transfer
from tests.cost.builders import Rates, basis_book, contract, fill, transfer
from tests.cost.oracle import judge

#: Some assets always have a rate, some from an hour on, DOGE and TRY never.
RATES: dict[str, str | dict[int, str]] = {
    "BTC": {-9: "60000", 12: "61234.56", 30: "58111.1"},
    "ETH": "3001.7",
    "BNB": {5: "601.3", 25: "633.333333"},
    "EUR": {-9: "1.07", 20: "1.1"},
    "USDC": "0.9997",
}
SYMBOLS = (
    "BTC/USDT",
    "ETH/BTC",
    "ETH/EUR",
    "BTC/USDC",
    "DOGE/BTC",
    "DOGE/TRY",
    "USDT/TRY",
    "EUR/USDT",
    "BNB/ETH",
    "BTC/DOGE",
)
ASSETS = ("BTC", "USDT", "DOGE", "BNB", "EUR", "ETH")
#: Kinds whose units may arrive or leave.
SIGNED = (
    *("reward", "airdrop", "interest", "funding", "fee", "insurance", "settlement"),
    *("liquidation", "adjustment", "unclassified"),
)
ACCOUNTS = ("a", "b", "c")
DUST = {"BTC": Decimal("0.25"), "DOGE": Decimal("0.5"), "BNB": Decimal("0.001")}
#: The code rounds divided amounts to thirty decimals; a rule that differed would show in the first
#: few.
NEAR = Fraction(1, 10**20)


class Chance(random.Random):
    """Draws parts of a history."""

    def amount(self) -> str:
        return self.choice(
            (
                f"{self.randint(1, 400) / 8:.3f}",
                f"{self.randint(1, 99)}",
                f"0.{self.randint(1, 99):04}",
            )
        )

    def fees(self, symbol: str) -> tuple[str, ...]:
        base, quote = symbol.split(":")[0].split("/")
        one = lambda: (  # noqa: E731
            f"{self.choice(('', '', '', '-'))}{self.randint(0, 90) / 1000}"
            f" {self.choice((base, quote, 'BNB', 'DOGE', 'USDT'))}"
        )
        return tuple(one() for _ in range(self.choice((0, 1, 1, 1, 2, 3))))

    def trade(self, number: int) -> Fill:
        symbol = self.choice(SYMBOLS)
        return fill(
            self.choice(("buy", "sell")),
            self.amount(),
            f"{self.randint(1, 5000) / 100}",
            *self.fees(symbol),
            symbol=symbol,
            hour=self.randint(0, 40),
            account=self.choice(ACCOUNTS),
            fill_id=f"{number}",
            kind=self.choice((FillKind.TRADE, FillKind.TRADE, FillKind.CONVERT, FillKind.DUST)),
        )

    def contract(self, number: int) -> Fill:
        symbol = self.choice(("BTC/USDT:USDT", "ETH/USD:ETH", "BTC/USDC:USDC"))
        fees = self.choice(((), ("0.2 USDT",), ("-0.01 ETH",), ("0.001 BNB", "1 DOGE")))
        return contract(
            self.choice(("buy", "sell")),
            self.amount(),
            f"{self.randint(100, 5000) / 100}",
            *fees,
            symbol=symbol,
            hour=self.randint(0, 40),
            account=self.choice(ACCOUNTS),
            fill_id=f"{number}",
        )

    def alone(self, number: int) -> Transfer:
        kind = self.choice(("deposit", "deposit", "withdrawal", "internal", *SIGNED, *SIGNED))
        sign = self.choice(("", "-")) if kind in SIGNED else ""
        return transfer(
            kind,
            sign + self.amount(),
            self.choice(ASSETS),
            hour=self.randint(0, 40),
            account=self.choice(ACCOUNTS),
            fee=self.choice((None, None, "0.01 BTC", "1 USDT", "0.5 DOGE", "-0.1 BNB")),
            transfer_id=f"{number}",
        )

    def move(self, number: int) -> list[Transfer]:
        """Two ends of a move between own accounts: less may arrive than left, or more, and either
        end may cost a fee."""
        start, end = self.sample(ACCOUNTS, 2)
        asset, quantity, hour = self.choice(ASSETS), Decimal(self.amount()), self.randint(0, 38)
        arrived = quantity + self.choice((0, 0, 0, Decimal("-0.005"), Decimal("0.25")))
        fee = lambda: self.choice((None, None, f"0.003 {asset}", "0.7 USDT"))  # noqa: E731
        same = {"tx": f"tx{number}"}
        return [
            transfer(
                "withdrawal",
                f"{quantity}",
                asset,
                account=start,
                hour=hour,
                fee=fee(),
                transfer_id=f"w{number}",
                **same,
            ),
            transfer(
                "deposit",
                f"{max(arrived, Decimal('0.001'))}",
                asset,
                account=end,
                hour=hour + self.choice((-0.5, 0, 2)),
                fee=fee(),
                transfer_id=f"d{number}",
                **same,
            ),
        ]

    def history(self) -> tuple[list[Fill], list[Transfer]]:
        fills = [self.trade(n) for n in range(self.randint(1, 14))] + [
            self.contract(n) for n in range(self.choice((0, 0, 4)))
        ]
        transfers = [self.alone(n) for n in range(self.randint(0, 9))]
        for n in range(self.randint(0, 5)):
            transfers += self.move(n)
        return fills, transfers


def rate_of(rates: Rates) -> Callable[[str, datetime], Fraction | None]:
    def rate(asset: str, at: datetime) -> Fraction | None:
        found = rates.rate(asset, at)
        return None if found is None else Fraction(found.value)

    return rate


def check(seed: int, method: str, reporting: str) -> int:
    """Compare one history in every figure; the number of figures compared."""
    chance = Chance(f"{seed} {reporting}")
    fills, transfers = chance.history()
    rates: dict[str, str | dict[int, str]] = {
        **RATES,
        **({"USDT": "0.93"} if reporting == "EUR" else {}),
    }
    cash = chance.choice(((), ("EUR",)))
    said = judge(
        fills,
        transfers,
        reporting=reporting,
        rate=rate_of(Rates(rates)),
        method=method,
        dust=DUST,
        cash=cash,
    )
    book = basis_book(
        *fills,
        *transfers,
        rates=rates,
        method=method,
        dust=DUST,
        cash=cash,
        reporting_asset=reporting,
    )
    found = {**{("", asset): basis for asset, basis in book.pooled.items()}, **book.by_account}
    assert {place for place, figures in said.items() if any(figures.values())} <= set(found)
    count = 0
    for place, basis in found.items():
        for name, figure in said.get(place, {}).items():
            own = Fraction(getattr(basis, name))
            assert abs(own - figure) < NEAR, (
                f"seed {seed} {method} in {reporting}: {place} {name} {float(own)} is not"
                f" {float(figure)}"
            )
            count += 1
    return count


@pytest.mark.sampled(2)
@pytest.mark.parametrize("reporting", ["USDT", "EUR"])
@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_every_figure_agrees_with_the_second_program(method: str, reporting: str) -> None:
    assert sum(check(seed, method, reporting) for seed in range(150)) > 10_000
