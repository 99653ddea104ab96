"""Other programs accept what is exported, and derive the same units, costs and results from it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.money import EXACT
from exchange_cache.sync.costs import stored_bases
from tests.cli.stored_home import StoredHome
from tests.cli.test_assets_conserved import lived, stored
from tests.export.nasty import nasty_home
from tests.export.programs import (
    Books,
    accepted,
    beancount_accounts,
    books,
    journal_accounts,
    require,
)

D = Decimal
METHODS = ("average", "fifo", "lifo", "hifo")
PROGRAMS = ("beancount", "hledger", "ledger")
#: Beancount's own arithmetic has 28 digits; the other programs' is exact.
DIGITS = {"beancount": D("1e-20"), "hledger": D(0), "ledger": D(0)}


def bases_of(home: StoredHome, method: str) -> list[AssetBasis]:
    app: App = home._app()
    try:
        found = stored_bases(app.repository(), app.cost_settings(method))
        return [one for one in found if one.account is not None]
    finally:
        app.close()


def export(home: StoredHome, file: Path, form: str, *words: str) -> str:
    done = home.run("export", form, "-o", str(file), *words)
    assert (done.code, done.out) == (0, ""), done.err
    return file.read_text("utf-8")


def differences(program: str, text: str, file: Path, bases: list[AssetBasis]) -> list[object]:
    """What the program derives otherwise than we do, of every account and asset."""
    derived = books(program, file)
    accounts = beancount_accounts if program == "beancount" else journal_accounts
    names = accounts(text)
    with localcontext(EXACT):
        return list(_differing(program, derived, names, bases))


def _differing(
    program: str, derived: Books, names: dict[str, tuple[str, str]], bases: list[AssetBasis]
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


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_hard_to_export_is_derived_alike(tmp_path: Path, program: str, method: str) -> None:
    require(program)
    home = nasty_home(tmp_path)
    file = tmp_path / f"out.{program}"
    text = export(home, file, program, "--method", method)
    assert accepted(program, file) == ""
    assert differences(program, text, file, bases_of(home, method)) == []


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_a_life_with_asset_events_is_derived_alike(
    tmp_path: Path, program: str, method: str, seed: int
) -> None:
    require(program)
    home = stored(tmp_path, lived(seed), method)
    file = tmp_path / f"out.{program}"
    text = export(home, file, program)
    assert accepted(program, file) == ""
    assert differences(program, text, file, bases_of(home, method)) == []
