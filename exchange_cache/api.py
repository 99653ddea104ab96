"""The cache for Python programs (docs/api.md): opened once, read as typed values, without network.

The names in ``__all__`` and the fields of their values are stable: they may get new members, and
keep those that they have. Nothing here needs ccxt, and nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from exchange_cache.cache.filter import Filter
from exchange_cache.clock import SystemClock
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.journal import Disposal, Result
from exchange_cache.errors import ExcacheError, NothingCached
from exchange_cache.findings import Finding
from exchange_cache.portfolio.series import Worth
from exchange_cache.records import (
    Balance,
    Fee,
    Fill,
    Order,
    OrderStatus,
    Position,
    Price,
    Side,
    Transfer,
    TransferKind,
)
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.reading import (
    Holding,
    PortfolioReading,
    PositionReading,
    Totals,
    WalletShare,
)

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.cli.app import App

__all__ = [
    "AssetBasis",
    "Balance",
    "Cache",
    "Disposal",
    "ExcacheError",
    "Fee",
    "Fill",
    "Finding",
    "Freshness",
    "Holding",
    "Method",
    "NothingCached",
    "Order",
    "OrderStatus",
    "PortfolioReading",
    "Position",
    "PositionReading",
    "Price",
    "Result",
    "Side",
    "Totals",
    "Transfer",
    "TransferKind",
    "WalletShare",
    "Worth",
    "open_cache",
]


class Cache:
    """An open cache. Every method reads what the last sync stored; times are aware UTC datetimes,
    figures are Decimals, and None is unknown.

    ``accounts`` of a method: the names of some accounts (default: all enabled ones of config.toml).
    ``since`` <= time < ``until``.
    """

    def __init__(self, app: App, repository: ExchangeCacheRepository) -> None:
        self._app = app
        self._repository = repository

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._repository.close()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The enabled accounts of config.toml."""
        return tuple(account.name for account in self._app.accounts())

    @property
    def reporting_asset(self) -> str:
        """The asset in which everything is valued."""
        return self._app.settings.reporting_asset

    def portfolio(
        self, *, accounts: Collection[str] = (), method: Method | str | None = None
    ) -> PortfolioReading:
        """The portfolio as ``excache portfolio`` shows it; ``method``: see :meth:`averages`."""
        from exchange_cache.cli.view import costs_by

        return self._app.accessor(self._repository).read(
            accounts=self._named(accounts),
            bases=costs_by(self._app, None if method is None else Method(method)),
        )

    def averages(
        self, *, accounts: Collection[str] = (), method: Method | str | None = None
    ) -> tuple[AssetBasis, ...]:
        """The cost and results of every asset of these accounts, and (``account`` None) of one book
        over all accounts. ``method``: average, fifo, lifo or hifo (default: as configured)."""
        from exchange_cache.sync.costs import stored_bases

        names = self._named(accounts)
        chosen = self._app.cost_settings(None if method is None else Method(method))
        return tuple(
            basis
            for basis in stored_bases(self._repository, chosen)
            if basis.account in names or (basis.account is None and not accounts)
        )

    def gains(
        self,
        *,
        accounts: Collection[str] = (),
        method: Method | str | None = None,
        per_account: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Disposal | Result]:
        """Every closed lot and other closed result, oldest first, as ``excache gains`` lists
        them."""
        from exchange_cache.sync.gains import closed_lots, is_pooled

        names = self._named(accounts)
        chosen = self._app.cost_settings(None if method is None else Method(method))
        pooled = is_pooled(self._repository, chosen, names, per_account=per_account)
        return closed_lots(
            self._repository, chosen, accounts=names, pooled=pooled, since=since, until=until
        )

    def history(
        self,
        *,
        accounts: Collection[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Worth, ...]:
        """Net worth as syncs recorded it, oldest first."""
        from exchange_cache.portfolio.series import net_worth

        names = self._named(accounts) if accounts else None
        asset = self.reporting_asset
        return net_worth(self._repository, asset, since=since, until=until, accounts=names)

    def balances(self, *, accounts: Collection[str] = ()) -> tuple[Balance, ...]:
        return tuple(self._repository.mirror.balances(self._named(accounts)))

    def positions(self, *, accounts: Collection[str] = ()) -> tuple[Position, ...]:
        return tuple(self._repository.mirror.positions(self._named(accounts)))

    def prices(self) -> tuple[Price, ...]:
        """The last prices of all markets of all accounts."""
        return tuple(self._repository.mirror.prices())

    def fills(
        self,
        *,
        accounts: Collection[str] = (),
        asset: str | None = None,
        symbol: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Fill, ...]:
        """Executed trades, converts and swept balances, oldest first, without those that their
        exchange serves no longer."""
        return self._repository.ledger.fills(
            Filter(
                accounts=self._named(accounts),
                asset=asset,
                symbol=symbol,
                since=since,
                until=until,
            )
        )

    def orders(
        self,
        *,
        accounts: Collection[str] = (),
        symbol: str | None = None,
        status: OrderStatus | str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Order, ...]:
        """Orders, oldest first."""
        return self._repository.ledger.orders(
            Filter(
                accounts=self._named(accounts),
                symbol=symbol,
                status=None if status is None else str(OrderStatus(status)),
                since=since,
                until=until,
            )
        )

    def transfers(
        self,
        *,
        accounts: Collection[str] = (),
        asset: str | None = None,
        kind: TransferKind | str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Transfer, ...]:
        """Deposits, withdrawals, rewards, funding and the like, oldest first."""
        return self._repository.ledger.transfers(
            Filter(
                accounts=self._named(accounts),
                asset=asset,
                kind=None if kind is None else str(TransferKind(kind)),
                since=since,
                until=until,
            )
        )

    def _named(self, accounts: Collection[str]) -> tuple[str, ...]:
        """The names of these accounts; UsageError for one that config.toml does not have."""
        return tuple(account.name for account in self._app.accounts(accounts))


def open_cache(home: Path | str | None = None) -> Cache:
    """Open the cache and configuration that the command line uses, or those of the folder ``home``
    (as ``EXCACHE_HOME`` names it). NothingCached before the first sync."""
    import sys

    from exchange_cache.cli.app import App

    env = dict(os.environ) if home is None else {**os.environ, "EXCACHE_HOME": str(home)}
    app = App(env=env, clock=SystemClock(), out=sys.stdout, err=sys.stderr)
    return Cache(app, app.filled())
