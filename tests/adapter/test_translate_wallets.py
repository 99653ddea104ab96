"""ccxt's dicts for balances and tickers -> the project's."""

from __future__ import annotations

from decimal import Decimal as Dec

import pytest

from exchange_cache.adapter import (
    translate_wallets,
)
from exchange_cache.adapter.policy import ExchangePolicy, WalletPolicy
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges import policy_for
from tests.exchanges.builders import NOW, market, origin

SPOT = market("BTCUSDT", "BTC/USDT")
T = 1_700_000_000_123


BINANCE, KRAKEN = policy_for("binance"), policy_for("kraken")
KNOWN = {"BTC", "ETH", "DOT", "LDO", "USD"}


@pytest.mark.parametrize(
    ("policy", "code", "expected"),
    [
        (BINANCE, "LDBTC", ("BTC", True)),
        (BINANCE, "LDO", ("LDO", False)),
        (BINANCE, "LDXYZ", ("LDXYZ", False)),
        (BINANCE, "BETH", ("BETH", False)),
        (KRAKEN, "BTC.F", ("BTC", True)),
        (KRAKEN, "DOT28.S", ("DOT", True)),
        (KRAKEN, "ETH2.S", ("ETH", True)),
        (KRAKEN, "ETH2", ("ETH", True)),
        (KRAKEN, "USD.HOLD", ("USD", False)),
        (KRAKEN, "KFEE", ("KFEE", False)),
    ],
)
def test_earn_twins_are_named_by_what_they_are_worth_as(
    policy: ExchangePolicy, code: str, expected: tuple[str, bool]
) -> None:
    assert translate_wallets.asset_of(code, policy, KNOWN) == expected


def test_balances_drop_zero_rows_and_keep_debts() -> None:
    structure = {
        "info": {},
        "free": {},
        "total": {},
        "BTC": {"free": "1", "used": "0.5", "total": "1.5"},
        "ETH": {"free": "0", "used": "0.0", "total": "0"},
        "USD": {"free": None, "used": None, "total": "-25.5"},
        "LDO": {"free": "2", "used": "1", "total": None},
    }
    made = {
        item.code: item
        for item in translate_wallets.balances(
            origin(), structure, WalletPolicy(name="spot"), BINANCE, KNOWN
        )
    }
    assert {code: item.total for code, item in made.items()} == {
        "BTC": Dec("1.5"),
        "USD": Dec("-25.5"),
        "LDO": Dec(3),
    }
    assert made["BTC"].fetched_at == NOW


def test_debt_stated_beside_the_total_is_taken_off() -> None:
    row = {"BTC": {"free": "1", "used": "0", "total": "1", "debt": "0.4"}}
    wallet = WalletPolicy(name="margin", debt_in_total=False)
    (made,) = translate_wallets.balances(origin(), row, wallet, BINANCE, KNOWN)
    assert (made.total, made.debt) == (Dec("0.6"), Dec("0.4"))


def test_a_balance_without_any_figure_is_refused() -> None:
    with pytest.raises(BadResponse, match="BTC"):
        translate_wallets.balances(
            origin(), {"BTC": {"free": None}}, WalletPolicy(name="spot"), BINANCE, KNOWN
        )


def test_tickers_of_unlisted_markets_and_without_figures_are_no_prices() -> None:
    ticker = {"symbol": "BTC/USDT", "last": None, "bid": "1", "ask": "3", "timestamp": T}
    made = translate_wallets.price(origin(), ticker, SPOT)
    assert made is not None and (made.value, made.basis) == (Dec(2), "mid")
    assert translate_wallets.price(origin(), ticker, None) is None
    assert translate_wallets.price(origin(), {"symbol": "BTC/USDT", "last": None}, SPOT) is None
