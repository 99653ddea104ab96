"""Opens the connections of accounts, with their secrets or for public data alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.settings import Settings
from exchange_cache.errors import ConfigError, ExchangeUnavailable
from exchange_cache.machine import this_host
from exchange_cache.statements.table import Desks, Names
from exchange_cache.sync.pause import PausedPort, Pauses

#: How long an import waits for a market list.
_SHORT = timedelta(seconds=5)


def careful_port(app: App, account: AccountSettings, *, secret: bool = True) -> ExchangePort:
    """A connection for a few requests outside a sync.

    It respects the pauses that the exchange imposed on any process.
    """
    progress = app.repository().progress
    credentials = _credentials(app, account) if secret else {}
    port = _connected(app, account, credentials, progress.memory(account.name))
    address = address_of(app.repository(), app.settings)
    return PausedPort(port, Pauses(progress, app.clock, address))


def address_of(repository: ExchangeCacheRepository, settings: Settings) -> str:
    """By which exchanges know this machine, where others share its cache; '' in a file."""
    return "" if isinstance(repository.place, Path) else settings.address or this_host()


def statement_desks(app: App, account: AccountSettings) -> tuple[Names, Desks]:
    """What readers of files need of an account's exchange, without its secrets. Nothing is
    requested but the market list, once, and that only where no account of the exchange has it."""
    from exchange_cache.adapter.ccxt_adapter import CcxtAdapter

    progress = app.repository().progress
    same = [one.name for one in app.settings.accounts if one.exchange == account.exchange]
    memories = map(progress.memory, [account.name, *same])
    memory = next((one for one in memories if one.get("markets")), None)
    port = _connected(app, account, {}, memory, patient=False)
    assert isinstance(port, CcxtAdapter)
    with closing(port):
        try:
            found = port.for_statements()
        except ExchangeUnavailable as error:
            raise ExchangeUnavailable(
                f"its files are read by its market list, which is not cached: {error.message}",
                account=account.name,
                hint=f"excache sync --account {account.name} stores it; then import again",
            ) from error
        if memory is None:
            progress.remember(account.name, port.memory(), app.now())
    return found


def open_port(
    app: App, account: AccountSettings, memory: Mapping[str, object] | None = None
) -> ExchangePort:
    """The account's connection with its secrets; sends no request yet."""
    return _connected(app, account, _credentials(app, account), memory)


def _credentials(app: App, account: AccountSettings) -> dict[str, str]:
    from exchange_cache.cli.identity import credentials_of, note_key
    from exchange_cache.config.sources import CCXT_NAMES
    from exchange_cache.exchanges.unreadable import refuse_unreadable

    refuse_unreadable(account.exchange, account.name)
    found = credentials_of(app, account)
    note_key(app, account, found)
    app.blanks[account.name] = found.blanks
    revealed = found.reveal()
    app.secrets.update(revealed.values())
    names = CCXT_NAMES.items()
    return {name: revealed[ccxt_name] for name, ccxt_name in names if ccxt_name in revealed}


def _connected(
    app: App,
    account: AccountSettings,
    credentials: Mapping[str, str],
    memory: Mapping[str, object] | None,
    *,
    patient: bool = True,
) -> ExchangePort:
    """A connection; one that is not ``patient`` gives a request up after one short attempt."""
    from exchange_cache.adapter.ccxt_adapter import open_adapter
    from exchange_cache.adapter.retry import RetryPolicy
    from exchange_cache.exchanges import narrowed, policy_for
    from exchange_cache.exchanges.unreadable import refuse_unreadable

    refuse_unreadable(account.exchange, account.name)
    settings = app.settings
    timeout = settings.request_timeout if patient else min(settings.request_timeout, _SHORT)
    return open_adapter(
        account.name,
        narrowed(policy_for(account.exchange), account.wallets, account.name),
        credentials,
        {"timeout": int(timeout.total_seconds() * 1000), **account.ccxt},
        app.clock,
        memory,
        retry=RetryPolicy(attempts=settings.retries + 1 if patient else 1),
        tap=app.tap,
        env=app.env,
        shared=app.shared,
    )


def public_ports(app: App, names: Collection[str], opened: ExitStack) -> Iterator[ExchangePort]:
    """Connections to price sources for public market data, without secrets; ``opened`` closes them.

    One with unusable settings is omitted: an account's own part of the sync reports that.
    """
    for account in app.settings.price_accounts:
        if account.name in names:
            try:
                port = careful_port(app, account, secret=False)
            except ConfigError as error:
                if account not in app.settings.accounts:
                    app.say(f"excache: price_sources: {error}")
                continue
            opened.callback(port.close)
            yield port
