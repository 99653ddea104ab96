"""A home folder of many accounts whose cache is filled without an exchange: only reads are measured
on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cli.preparing import prepare
from exchange_cache.clock import SystemClock
from exchange_cache.records import Balance, DataType, Price
from exchange_cache.value.freshness import SyncStatus

ASSETS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "DOT", "LINK", "AVAX", "UNI", "ATOM")


@contextmanager
def crowd(accounts: int) -> Iterator[Path]:
    """A home with this number of accounts, each holding the same twelve assets and USDT."""
    names = [f"account{number:02}" for number in range(accounts)]
    with tempfile.TemporaryDirectory(prefix="excache-bench-") as folder:
        home = Path(folder)
        secrets = 'api_key = { env = "NONE" }\nsecret = { env = "NONE" }\n'
        (home / "config.toml").write_text(
            "".join(f'[accounts.{name}]\nexchange = "kraken"\n{secrets}' for name in names),
            encoding="utf-8",
        )
        env = {"EXCACHE_HOME": str(home), "HOME": str(home)}
        app = App(env=env, clock=SystemClock(), out=StringIO(), err=StringIO())
        for name in names:
            _fill(app.repository(), name, app.now().astimezone(UTC))
        prepare(app)
        app.close()
        yield home


def _fill(repository: ExchangeCacheRepository, account: str, now: datetime) -> None:
    prices = [_price(account, asset, now, number) for number, asset in enumerate(ASSETS, start=1)]
    repository.mirror.replace_prices(account, "spot", prices)
    held = [_balance(account, asset, now) for asset in (*ASSETS, "USDT")]
    repository.mirror.replace_balances(account, "spot", held)
    for data_type in DataType:
        status = SyncStatus(account=account, data_type=data_type, succeeded_at=now)
        repository.progress.record(status)


def _balance(account: str, asset: str, now: datetime) -> Balance:
    quantity = Decimal("12.3456789")
    return Balance(
        account=account,
        wallet="spot",
        code=asset,
        asset=asset,
        free=quantity,
        used=Decimal(0),
        total=quantity,
        fetched_at=now,
    )


def _price(account: str, asset: str, now: datetime, number: int) -> Price:
    return Price(
        account=account,
        symbol=f"{asset}/USDT",
        base=asset,
        quote="USDT",
        last=Decimal(number) * Decimal("17.25"),
        fetched_at=now,
    )
