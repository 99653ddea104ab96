"""What beancount, hledger and ledger make of a file: their own checks and their own queries."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.money import EXACT

D = Decimal
PROGRAMS = ("beancount", "hledger", "ledger")
#: Beancount's own arithmetic has 28 digits; the other programs' is exact.
DIGITS = {"beancount": D("1e-20"), "hledger": D(0), "ledger": D(0)}
#: An account of the program, and the asset that is summed there.
Sums = Mapping[str, Decimal]


@dataclass(frozen=True)
class Books:
    """What a program derives from a file, by its own names of accounts: units (the sum of all
    assets of an account, of which those compared have one) and amounts of the reporting asset."""

    units: Sums
    amounts: Sums


def require(program: str) -> None:
    if program != "beancount" and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def accepted(program: str, file: Path) -> str:
    """What the program says against a file; empty if it accepts it."""
    command = {
        "beancount": [str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(file)],
        "hledger": ["hledger", "-f", str(file), "check", "--strict"],
        "ledger": ["ledger", "--pedantic", "-f", str(file), "balance", "nothing"],
    }[program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr or done.stdout or "refused"


def books(program: str, file: Path) -> Books:
    return {"beancount": _beancount, "hledger": _hledger, "ledger": _ledger}[program](file)


def _beancount(file: Path) -> Books:
    import beanquery

    connection = beanquery.connect(f"beancount:{file}")
    errors = connection.errors
    assert errors == [], errors[:2]
    units: dict[str, Decimal] = {}
    amounts: dict[str, Decimal] = {}
    query = "SELECT account, sum(number), sum(weight) GROUP BY account"
    for account, number, weight in connection.execute(query):
        units[account] = number
        amounts[account] = sum((one.units.number for one in weight), Decimal(0))
    return Books(units, amounts)


def gain_differences(text: str, file: Path, rows: Iterable[Mapping[str, str]]) -> list[object]:
    """Where the rows of ``excache gains`` by FIFO are not what beancount books, day by day."""
    import beanquery

    gains: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for row in rows:
            if row["quantity"] and row["gain"]:
                gains[row["account"], row["asset"], row["closed_at"][:10]] += Decimal(row["gain"])
    query = (
        "SELECT account, date, sum(number) WHERE account ~ '^Income:Gains' GROUP BY account, date"
    )
    names, booked = beancount_accounts(text), dict.fromkeys(gains, D(0))
    for account, day, amount in beanquery.connect(f"beancount:{file}").execute(query):
        booked[*names[account], str(day)] = -amount
    return [
        (place, amount, gains[place])
        for place, amount in booked.items()
        if abs(amount - gains[place]) > DIGITS["beancount"]
    ]


def _hledger(file: Path) -> Books:
    def sums(*more: str) -> dict[str, Decimal]:
        digits = ["-c", f"1.{'0' * 30} USDT"]  # else a cost has as many as other amounts of a file
        words = ["^Assets", "^Income", "^Expenses", *digits, "-N", "-E", "--flat", "-O", "csv"]
        text = _run("hledger", "-f", str(file), "balance", *words, *more)
        rows = list(csv.reader(io.StringIO(text)))[1:]
        return {account: Decimal(amount.split()[0]) for account, amount in rows}

    return Books(sums(), sums("-B"))


def _ledger(file: Path) -> Books:
    def sums(*more: str) -> dict[str, Decimal]:
        shape = "%(account)\t%(quantity(scrub(display_total)))\n"
        words = ["^Assets", "^Income", "^Expenses", "--flat", "-E", "--no-total", *more]
        text = _run("ledger", "-f", str(file), "balance", *words, "--balance-format", shape)
        rows = [line.split("\t") for line in text.splitlines()]
        return {account: Decimal(amount) for account, amount in rows}

    return Books(sums(), sums("-B"))


def _run(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def journal_accounts(text: str) -> dict[str, tuple[str, str]]:
    """Account of hledger or ledger -> the account and asset that it stands for."""
    stated = dict(re.findall(r"^; (\S.*) is (\".*\", \".*\")$", text, re.M))
    found = {}
    for name in re.findall(r"^account (.*)$", text, re.M):
        if name in stated:
            account, asset = json.loads(f"[{stated[name]}]")
            found[name] = (account, asset)
        elif len(parts := name.split(":")) > 2:
            found[name] = (parts[-2], parts[-1])
    return found


def beancount_accounts(text: str) -> dict[str, tuple[str, str]]:
    """Account of beancount -> the account and asset that the file states for it."""
    found = re.findall(
        r'^\S+ open (\S+)[^\n]*\n  account: "([^"]*)"(?:\n  asset: "((?:[^"\\]|\\.)*)")?',
        text,
        re.M,
    )
    return {
        name: (account, asset.replace('\\"', '"').replace("\\\\", "\\"))
        for name, account, asset in found
    }


def differences(program: str, text: str, file: Path, bases: Iterable[AssetBasis]) -> list[object]:
    """What the program derives otherwise than we do, of every account and asset."""
    derived = books(program, file)
    accounts = beancount_accounts if program == "beancount" else journal_accounts
    names = accounts(text)
    with localcontext(EXACT):
        return list(_differing(program, derived, names, bases))


def _differing(
    program: str, derived: Books, names: dict[str, tuple[str, str]], bases: Iterable[AssetBasis]
) -> Iterator[object]:
    for basis in bases:
        place = (basis.account, basis.asset)
        own = [name for name, stands_for in names.items() if stands_for == place]
        held = [
            name
            for name in own
            if name.startswith("Assets:") and not name.startswith(("Assets:Unread", "Assets:Subs"))
        ]
        held = [name for name in held if not name.endswith(("Unexplained", "Unrealised"))]
        gains = [name for name in own if name.startswith("Income:Gains:")]
        cost = sum((derived.amounts.get(name, D(0)) for name in held), D(0))
        gain = -sum((derived.amounts.get(name, D(0)) for name in gains), D(0))
        if basis.asset != "USDT" and abs(cost - basis.cost) > DIGITS[program]:
            yield (place, "cost", cost, basis.cost)
        if abs(gain - (basis.trading_pnl or D(0))) > DIGITS[program]:
            yield (place, "gain", gain, basis.trading_pnl)
    yield from _other_results(program, derived, names, list(bases))


#: Results besides those of disposals, and the accounts that hold them.
_RESULTS = {
    "derivative_pnl": ("Income:Contracts",),
    "funding": ("Income:Funding",),
    "income": ("Income:Rewards", "Income:Airdrops", "Income:Interest"),
    "expenses": ("Expenses:Fees", "Expenses:Interest", "Expenses:Insurance"),
    "unexplained_proceeds": ("Income:Unknown-Cost",),
    "written_off": ("Expenses:Unvalued",),
}


def _other_results(
    program: str, derived: Books, names: dict[str, tuple[str, str]], bases: list[AssetBasis]
) -> Iterator[object]:
    """The results of each account that no disposal realised."""
    for account in {basis.account or "" for basis in bases}:
        own = [basis for basis in bases if basis.account == account]
        for field, accounts in _RESULTS.items():
            found = D(0)
            for name, amount in derived.amounts.items():
                first, _, owner = name.rpartition(":")
                stands_for = names[name][0] if program == "beancount" else owner
                if first in accounts and stands_for == account:
                    found -= amount
            expected = sum((getattr(basis, field) for basis in own), D(0))
            expected = -expected if field == "written_off" else expected
            if abs(found - expected) > DIGITS[program]:
                yield (account, field, found, expected)
