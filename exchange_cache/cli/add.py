"""``excache account add``: an account in config.toml, with its keys and a first check of them."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import OneOf, completed
from exchange_cache.errors import UsageError


def _wallets(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
    from exchange_cache.cli.completion import wallets_matching

    return wallets_matching(ctx, param, incomplete)


@click.command("add")
@click.argument("name")
@click.option(
    "--exchange",
    "-e",
    metavar="ID",
    shell_complete=completed("exchanges"),
    help="The exchange, as ccxt names it: binance, bybit, kraken, okx …",
)
@click.option(
    "--wallet",
    "wallets",
    multiple=True,
    shell_complete=_wallets,
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
    type=OneOf(["file", "keyring"]),
    default="file",
    show_default=True,
    help="Where secrets are kept.",
)
@click.option(
    "--env",
    "from_env",
    multiple=True,
    metavar="CREDENTIAL=VARIABLE",
    shell_complete=completed("credentials"),
    help="Read a credential from the environment instead.",
)
@click.option("--no-check", is_flag=True, help="Do not test the key.")
@click.pass_obj
def command(
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
    from exchange_cache.config.accounts import MANUAL, AccountSettings
    from exchange_cache.config.editing import add_account, refuse_name, tidy
    from exchange_cache.config.faults import meant
    from exchange_cache.config.sources import EnvSecret, SecretSource, plain
    from exchange_cache.config.stored_secrets import Store

    tidy(app.paths)
    refuse_name(app.paths, name)
    exchange = _exchange_meant(
        (exchange or _ask("Exchange (binance, bybit, kraken …)", hidden=False)).strip(), name
    )
    wallets = tuple(_wallet_meant(exchange, wallet) for wallet in wallets)
    symbols = tuple(_symbol_meant(symbol) for symbol in symbols)
    required = [] if exchange == MANUAL else _required_credentials(exchange)
    sources: dict[str, SecretSource] = {}
    for pair in from_env:
        credential, _, variable = pair.partition("=")
        if not variable:
            raise UsageError(
                f"--env {pair} is not CREDENTIAL=VARIABLE",
                hint=f"{exchange} needs: {', '.join(required)}",
            )
        sources[meant(credential, required, f"credential of {exchange}")] = EnvSecret(variable)
    for credential in required:
        if credential not in sources:
            typed = _typed(app, credential)
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
    stored = add_account(app.paths, account, exchange_ids=_known_ids, store=Store(store))
    app.say(f"Added {stored.name} ({stored.exchange}) to {app.paths.config_file}.")
    from exchange_cache.cli.key_check import check_accounts, say_generic

    if account.by_hand:
        app.say("Its rows come from files: excache import template")
        return 0
    if no_check:
        say_generic(app, stored.name, stored.exchange)
        return 0
    app._settings = None
    return check_accounts(app, (name,), "table")


def _known_ids() -> list[str]:
    """The exchanges of ccxt, and that of accounts without an API."""
    from exchange_cache.config.accounts import MANUAL

    return [*_exchange_ids(), MANUAL]


def _exchange_meant(word: str, account: str) -> str:
    """The exchange that a word means, if it can be read."""
    from exchange_cache.config.accounts import MANUAL
    from exchange_cache.config.faults import meant
    from exchange_cache.exchanges.unreadable import REMOVED, RENAMED, refuse_unreadable

    if word == MANUAL:
        return word
    if word not in RENAMED and word not in REMOVED:
        word = meant(word, _exchange_ids(), "exchange", hint="see the ids: https://docs.ccxt.com")
    refuse_unreadable(word, account)
    return word


def _wallet_meant(exchange: str, word: str) -> str:
    """The wallet of an exchange that a word means; any word where they are not known."""
    from exchange_cache.config.faults import meant
    from exchange_cache.exchanges import is_generic, policy_for, wallet_words

    if is_generic(exchange):
        return word
    return meant(word, wallet_words(policy_for(exchange)), f"wallet of {exchange}")


def _symbol_meant(word: str) -> str:
    """A symbol as ccxt writes it; the exchange's markets are not known yet."""
    from exchange_cache.config.faults import Wrong
    from exchange_cache.config.values import symbol

    try:
        return symbol(word.upper() if word.islower() else word)
    except Wrong as wrong:
        raise UsageError(f"--symbol {wrong}") from wrong


def _typed(app: App, credential: str) -> str:
    """A credential as it was typed or pasted, without blanks around it."""
    from exchange_cache.config.secrets import EXACT
    from exchange_cache.config.sources import without_blanks

    label = credential.replace("_", " ")
    typed = _ask(label, hidden=credential != "wallet_address")
    if without_blanks(typed) == typed:
        return typed
    if credential == EXACT:
        app.say(f"excache: the {label} has blanks around it, which are kept as part of it")
        return typed
    app.say(f"excache: blanks around the {label} are left out")
    return without_blanks(typed)


def _ask(label: str, *, hidden: bool) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(label, hide_input=hidden, err=True))
    line = sys.stdin.readline()
    if not line:
        raise UsageError(
            f"no {label} on standard input",
            hint="run it in a terminal, or give one credential per line",
        )
    return line.rstrip("\r\n")


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
