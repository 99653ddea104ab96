"""The ids of ccxt are read without importing it."""

from __future__ import annotations

import subprocess
import sys

import ccxt

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.exchange_ids import exchange_ids, unlisted


def test_the_ids_are_those_of_ccxt() -> None:
    assert exchange_ids() == frozenset(ccxt.exchanges)


def test_they_are_read_without_importing_it() -> None:
    code = (
        "import sys; from exchange_cache.config.exchange_ids import exchange_ids;"
        "assert exchange_ids(); assert 'ccxt' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_enabled_accounts_of_unknown_exchanges_are_named_with_the_nearest() -> None:
    accounts = (
        AccountSettings(name="main", exchange="kraken"),
        AccountSettings(name="wrong", exchange="krakn"),
        AccountSettings(name="strange", exchange="qqqqqqqq"),
        AccountSettings(name="left", exchange="ftx", enabled=False),
    )
    assert [(account.name, sentence) for account, sentence in unlisted(accounts)] == [
        ("wrong", 'ccxt has no exchange "krakn"; did you mean "kraken"?'),
        ("strange", 'ccxt has no exchange "qqqqqqqq"'),
    ]
