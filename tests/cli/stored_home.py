"""A home folder whose cache holds given records, as if a sync had stored them; the costs are
derived as a sync derives them, without an exchange."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run
from exchange_cache.clock import Clock
from exchange_cache.records import Balance, DataType, Fill, Price, Transfer
from exchange_cache.sync.costs import derive_costs
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW
from tests.e2e.world import Result

_ACCOUNTS = """
[accounts.main]
exchange = "binance"
api_key = { env = "K" }
secret = { env = "S" }
ACCOUNT

[accounts.other]
exchange = "bybit"
api_key = { env = "K" }
secret = { env = "S" }
OTHER
"""


@dataclass
class StoredHome:
    """Two accounts, main at binance and other at bybit, and what the cache holds of them."""

    folder: Path
    clock: Clock

    def configure(
        self, text: str = "", *, before: str = "", account: str = "", other: str = ""
    ) -> None:
        """Write config.toml: what stands before and after the accounts, and more keys of each."""
        self.folder.mkdir(exist_ok=True)
        accounts = _ACCOUNTS.replace("ACCOUNT", account).replace("OTHER", other)
        (self.folder / "config.toml").write_text(f"{before}\n{accounts}\n{text}")

    def store(self, *records: Any) -> None:
        """Store the records and derive the costs."""
        self.save(*records)
        self.derive()

    def save(self, *records: Any) -> None:
        """Store the records as a sync does that ends before the costs are derived."""
        with closing(self.repository()) as repository:
            for number, (account, kind) in enumerate(
                sorted({(one.account, type(one)) for one in records}, key=str)
            ):
                own = [one for one in records if (one.account, type(one)) == (account, kind)]
                _save(repository, account, kind, own, number)
            for account in ("main", "other"):
                for data_type in DataType:
                    repository.progress.record(
                        SyncStatus(account=account, data_type=data_type, succeeded_at=NOW)
                    )

    def derive(self) -> None:
        app = self._app()
        derive_costs(app.repository(), (), app.cost_settings(), self.clock)
        app.close()

    def run(self, *words: str) -> Result:
        app = self._app()
        code = _run(app, list(words))
        return Result(code=code, out=app.out.getvalue(), err=app.err.getvalue())  # type: ignore[attr-defined]

    def repository(self) -> ExchangeCacheRepository:
        return ExchangeCacheRepository.open(self.folder / "cache.sqlite3")

    def _app(self) -> App:
        env = {"EXCACHE_HOME": str(self.folder), "HOME": str(self.folder), "K": "k", "S": "s"}
        return App(env=env, clock=self.clock, out=io.StringIO(), err=io.StringIO())


def _save(
    repository: ExchangeCacheRepository, account: str, kind: type, own: list[Any], number: int
) -> None:
    if kind is Balance:
        for wallet in sorted({one.wallet for one in own}):
            rows = [one for one in own if one.wallet == wallet]
            repository.mirror.replace_balances(account, wallet, rows)
    elif kind is Price:
        repository.mirror.replace_prices(account, "spot", own)
    else:
        data_type = DataType.FILLS if kind is Fill else DataType.TRANSFERS
        assert kind in {Fill, Transfer}
        key = StreamKey(account=account, data_type=data_type, scope=f"stored {number}")
        repository.ledger.save_page(repository.ledger.state(key), own, NOW)
