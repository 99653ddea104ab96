"""``excache assets``: what is known about assets themselves: events, aliases, collisions, and those
that the user ignores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import output_options

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.ledger.asset_events import AssetEvent

Row = dict[str, object]


@click.command("assets")
@output_options
@click.pass_obj
def command(app: App, form: str) -> None:
    """List renames, aliases and other facts of assets.

    Shows the dated events through which cost passes (renames, redenominations, reused codes,
    mergers, split-offs): those that are shipped, and those of config.toml. Then the codes of your
    balances that are valued as another asset, the codes whose prices differ so much between your
    accounts that they may be two assets, and the assets that config.toml ignores.

    \b
    Examples:
      excache assets
      excache assets --format csv
    """
    from exchange_cache.render.assets import assets_listing
    from exchange_cache.render.output import write_listing

    rows = [*_events(app)]
    repository = app.cached()
    if repository is not None:
        rows += [*_aliases(app, repository), *_collisions(app, repository)]
    rows += _ignored(app)
    listing = assets_listing(rows, app.now())
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


def _events(app: App) -> Iterator[Row]:
    from exchange_cache.exchanges.asset_events import known_events

    for event in known_events(app.settings.asset_events):
        yield {
            "kind": str(event.kind),
            "from": event.old,
            "to": event.new,
            "at": None if event.ignored else event.at,
            "factor": None if event.ignored else event.factor,
            "cost_share": event.cost_share,
            "exchanges": _places(event),
            "accounts": _accounts(app, event),
            "state": _state(app, event),
            "source": event.source,
        }


def _places(event: AssetEvent) -> tuple[str, ...]:
    return ("any",) if event.exchanges is None else event.exchanges or ("where booked",)


def _accounts(app: App, event: AssetEvent) -> tuple[str, ...]:
    """The configured accounts at which the event applies even without being booked."""
    accounts = app.settings.accounts
    return tuple(
        one.name for one in accounts if event.exchanges is None or one.exchange in event.exchanges
    )


def _state(app: App, event: AssetEvent) -> str:
    if event.ignored:
        return "ignored"
    return "in force" if event.at <= app.now() else "expected"


def _aliases(app: App, repository: ExchangeCacheRepository) -> Iterator[Row]:
    """Codes of balances that are valued as another asset."""
    names = [account.name for account in app.settings.accounts]
    found: dict[tuple[str, str], dict[str, None]] = {}
    for balance in repository.mirror.balances(names):
        if balance.code != balance.asset:
            found.setdefault((balance.code, balance.asset), {})[balance.account] = None
    for (code, asset), accounts in sorted(found.items()):
        yield {"kind": "alias", "from": code, "to": asset, "accounts": tuple(accounts)}


def _collisions(app: App, repository: ExchangeCacheRepository) -> Iterator[Row]:
    """Codes that may be two assets, by the prices of the accounts."""
    for found in app.accessor(repository).read().warnings:
        if found.code == "price_conflict":
            yield {"kind": "collision", "from": found.asset, "source": found.message}


def _ignored(app: App) -> list[Row]:
    assets: dict[str, list[str]] = {}
    for account in app.settings.accounts:
        for asset in account.ignore_assets:
            assets.setdefault(asset, []).append(account.name)
    return [
        {"kind": "ignored", "from": asset, "accounts": tuple(names), "source": "config.toml"}
        for asset, names in sorted(assets.items())
    ]
