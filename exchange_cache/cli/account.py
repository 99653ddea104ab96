"""``excache account list | check | remove``: accounts in config.toml and their keys.

``excache account add``, ``record`` and ``rename`` have modules of their own.
"""

from __future__ import annotations

import sys

import click

from exchange_cache.cli.add import command as add
from exchange_cache.cli.app import App
from exchange_cache.cli.options import completed, output_options
from exchange_cache.cli.record import command as record
from exchange_cache.cli.rename import command as rename
from exchange_cache.errors import UsageError
from exchange_cache.render.formats import FORMATS


@click.group("account")
def command() -> None:
    """Add, check and remove accounts.

    Give excache read-only keys. It needs no other rights and refuses to send anything but reads.

    \b
    Examples:
      excache account list
      excache account check kraken
    """


command.add_command(add)
command.add_command(record)
command.add_command(rename)


@command.command("list")
@output_options
@click.pass_obj
def list_accounts(app: App, form: str) -> None:
    """List the configured accounts.

    Shows where each secret is stored, never the secret.

    \b
    Example:
      excache account list
    """
    from exchange_cache.exchanges import is_generic
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing
    from exchange_cache.render.words import exchange_name

    exact = FORMATS[form].exact
    rows = tuple(
        {
            "account": account.name,
            "exchange": exchange_name(account.exchange, is_generic(account.exchange) and not exact),
            "wallets": ", ".join(account.wallets) if account.wallets else "all",
            "credentials": ", ".join(
                f"{key}: {source}" for key, source in account.credentials.items()
            ),
            "enabled": "yes" if account.enabled else "no",
            "warnings": account.warnings,
            "generic": is_generic(account.exchange),
        }
        for account in app.settings.accounts
    )
    columns = (
        Column(key="account", heading="Account"),
        Column(key="exchange", heading="Exchange"),
        Column(key="wallets", heading="Wallets"),
        Column(key="enabled", heading="Enabled", priority=2),
        Column(key="credentials", heading="Credentials", priority=1),
        Column(key="warnings"),
        Column(key="generic"),
    )
    listing = Listing(
        title="",
        columns=columns,
        rows=rows,
        as_of=app.now(),
        notes=tuple(warning for account in app.settings.accounts for warning in account.warnings),
        empty="No account yet. Add one: excache account add main",
    )
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


@command.command("check")
@click.argument("names", nargs=-1, shell_complete=completed("configured accounts"))
@output_options
@click.pass_obj
def check(app: App, names: tuple[str, ...], form: str) -> int:
    """Test every kind of read, and show what the key may do.

    Warns if a key may trade or withdraw. excache never does either, but a key without these rights
    is safer.

    \b
    Examples:
      excache account check
      excache account check main
    """
    from exchange_cache.cli.key_check import check_accounts

    return check_accounts(app, names, form)


@command.command("remove")
@click.argument("name", shell_complete=completed("configured accounts"))
@click.option(
    "--forget-history",
    is_flag=True,
    help="Also delete its cached rows and history, which may be unrecoverable.",
)
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(app: App, name: str, forget_history: bool, force: bool) -> None:
    """Remove an account from the configuration.

    Its cached history is kept unless --forget-history is given, since exchanges delete old data;
    lists show it with --account. For another name: excache account rename. Secrets that excache
    stored are deleted.

    \b
    Examples:
      excache account remove old --force
      excache account remove old --forget-history
    """
    from exchange_cache.config.editing import account_meant, remove_account, tidy

    tidy(app.paths)
    name = account_meant(app.paths, name)
    if not force:
        if not sys.stdin.isatty():
            raise UsageError(
                "removing an account requires a confirmation",
                hint="add --force to run without a terminal",
            )
        click.confirm(
            f"Remove the account {name}{' and ALL its cached rows' if forget_history else ''}?",
            abort=True,
            err=True,
        )
    removed = remove_account(app.paths, name)
    app.say(
        f"Removed {name}." + (f" Deleted: {', '.join(removed.deleted)}." if removed.deleted else "")
    )
    if removed.kept:
        app.say(f"Not deleted: {', '.join(removed.kept)}.")
    if forget_history:
        app._settings = None
        with app.lock() as lock:
            lock.acquire("account remove", wait_seconds=60)
            app.repository().forget_account(name)
        app.say(f"Deleted all cached rows of {name}.")
