"""``excache account add | list | check | remove``: accounts in config.toml and their keys.

``excache account record`` and ``excache account rename`` have modules of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Collection

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import completed, output_options
from exchange_cache.cli.record import command as record
from exchange_cache.cli.rename import command as rename
from exchange_cache.errors import UsageError
from exchange_cache.render.formats import FORMATS


@click.group("account")
def command() -> None:
    """Manage the accounts.

    Give excache read-only keys. It needs no other rights and refuses to send anything but reads.
    """


command.add_command(record)
command.add_command(rename)


@command.command("add")
@click.argument("name")
@click.option(
    "--exchange",
    "-e",
    metavar="ID",
    help="The exchange, as ccxt names it: binance, bybit, kraken, okx …",
)
@click.option(
    "--wallet",
    "wallets",
    multiple=True,
    help="Read only this wallet (may be repeated); all by default.",
)
@click.option(
    "--symbol",
    "symbols",
    multiple=True,
    help="Fetch this symbol in addition to those found (may be repeated).",
)
@click.option(
    "--store",
    type=click.Choice(["file", "keyring"]),
    default="file",
    show_default=True,
    help="Where secrets are kept.",
)
@click.option(
    "--env",
    "from_env",
    multiple=True,
    metavar="CREDENTIAL=VARIABLE",
    help="Read a credential from the environment instead.",
)
@click.option("--no-check", is_flag=True, help="Do not test the key.")
@click.pass_obj
def add(
    app: App,
    name: str,
    exchange: str | None,
    wallets: tuple[str, ...],
    symbols: tuple[str, ...],
    store: str,
    from_env: tuple[str, ...],
    no_check: bool,
) -> int:
    """Add an account; secrets are entered at a hidden prompt.

    Without a terminal, secrets are read line by line from standard input. They are never read from
    the command line, where other users of the machine could see them.

    \b
    Examples:
      excache account add main --exchange binance
      excache account add main -e kraken --env api_key=KRAKEN_KEY --env secret=KRAKEN_SECRET
    """
    from types import MappingProxyType

    from exchange_cache.cli.identity import refuse_known_key
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.config.editing import add_account
    from exchange_cache.config.sources import EnvSecret, SecretSource, plain
    from exchange_cache.config.stored_secrets import Store
    from exchange_cache.exchanges.unreadable import refuse_unreadable

    exchange = exchange or _ask("Exchange (binance, bybit, kraken …)", hidden=False)
    refuse_unreadable(exchange, name)
    required = _required_credentials(exchange)
    sources: dict[str, SecretSource] = {}
    for pair in from_env:
        credential, _, variable = pair.partition("=")
        if credential not in required or not variable:
            raise UsageError(
                f"--env {pair} is not CREDENTIAL=VARIABLE",
                hint=f"{exchange} needs: {', '.join(required)}",
            )
        sources[credential] = EnvSecret(variable)
    for credential in required:
        if credential not in sources:
            typed = _ask(credential.replace("_", " "), hidden=credential != "wallet_address")
            app.secrets.add(typed)
            sources[credential] = plain(typed)
    account = AccountSettings(
        name=name,
        exchange=exchange,
        credentials=MappingProxyType(sources),
        wallets=wallets or None,
        symbols=symbols,
    )
    refuse_known_key(app, account)
    stored = add_account(app.paths, account, exchange_ids=_exchange_ids, store=Store(store))
    app.say(f"Added {stored.name} ({stored.exchange}) to {app.paths.config_file}.")
    from exchange_cache.cli.key_check import check_accounts, say_generic

    if no_check:
        say_generic(app, stored.name, stored.exchange)
        return 0
    app._settings = None
    return check_accounts(app, (name,), "table")


def _ask(label: str, *, hidden: bool) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(label, hide_input=hidden, err=True)).strip()
    line = sys.stdin.readline()
    if not line:
        raise UsageError(
            f"no {label} on standard input",
            hint="run it in a terminal, or give one credential per line",
        )
    return line.rstrip("\n")


def _required_credentials(exchange: str) -> tuple[str, ...]:
    """The credentials that an exchange requires, by our names.

    Where ccxt would sign with a private key, the wallet's address suffices.
    """
    from exchange_cache.adapter.ccxt_class import ccxt_class
    from exchange_cache.adapter.client import CREDENTIALS
    from exchange_cache.exchanges import policy_for

    if policy_for(exchange).address_only:
        return ("wallet_address",)
    needed = ccxt_class(exchange)().requiredCredentials
    return tuple(
        name
        for name, ccxt_name in CREDENTIALS.items()
        if needed.get(ccxt_name) and name != "private_key"
    )


def _exchange_ids() -> Collection[str]:
    import ccxt

    return list(ccxt.exchanges)


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
        empty="No account yet. Add one: excache account add NAME",
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
    from exchange_cache.config.editing import remove_account

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
