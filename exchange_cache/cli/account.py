"""``excache account add | list | check | remove``: the accounts in config.toml and what their keys
can do."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import output_options
from exchange_cache.errors import ExcacheError, UsageError
from exchange_cache.findings import Finding
from exchange_cache.render.formats import FORMATS


@click.group("account")
def command() -> None:
    """Manage the accounts.

    Give excache read-only keys: it never needs more, and refuses to send anything that is not a
    read.
    """


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
    help="Ask for this symbol besides those found (may be repeated).",
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
    help="Take a credential from the environment instead.",
)
@click.option("--no-check", is_flag=True, help="Do not try the key.")
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
    """Add an account; its secrets are asked for, hidden.

    Secrets are typed at a hidden prompt, or read line by line from standard input when it is no
    terminal; they are never taken from the command line, where other users of the machine could see
    them.

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

    exchange = exchange or _ask("Exchange (binance, bybit, kraken …)", hidden=False)
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
    if no_check:
        _say_generic(app, stored.name, stored.exchange)
        return 0
    app._settings = None
    return _check(app, (name,), "table")


def _say_generic(app: App, name: str, exchange: str) -> None:
    """A word about an exchange that nobody wrote a policy for; nothing about the others."""
    from exchange_cache.exchanges import is_generic

    if is_generic(exchange):
        app.say(
            f"{name}: excache has no policy of its own for {exchange} and reads it by the generic"
            " one: histories may be incomplete, and nothing says where."
        )


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
    """What an exchange asks for, by our names; the wallet's address alone where ccxt would sign
    with a private key."""
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

    Says where each secret comes from, never the secret.

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
        notes=tuple(said for account in app.settings.accounts for said in account.warnings),
        empty="No account yet. Add one: excache account add NAME",
    )
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


@command.command("check")
@click.argument("names", nargs=-1)
@output_options
@click.pass_obj
def check(app: App, names: tuple[str, ...], form: str) -> int:
    """Try every kind of read, and tell what the key may do.

    Warns where a key may trade or withdraw: excache never does either, but a key that cannot is
    safer.

    \b
    Examples:
      excache account check
      excache account check main
    """
    return _check(app, names, form)


def _check(app: App, names: tuple[str, ...], form: str) -> int:
    from exchange_cache.cli.identity import refuse_shared_keys
    from exchange_cache.cli.running import careful_port
    from exchange_cache.exchanges import is_generic
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing
    from exchange_cache.sync.identity import remember_user

    rows: list[dict[str, object]] = []
    codes: set[int] = set()
    warnings: list[str] = []
    accounts = app.accounts(names)
    refuse_shared_keys(app, accounts)
    for account in accounts:
        warnings += [f"excache: {said}" for said in account.warnings]
        _say_generic(app, account.name, account.exchange)
        try:
            port = careful_port(app, account)
            try:
                found = port.check()
            finally:
                port.close()
        except ExcacheError as error:
            codes.add(error.exit_code)
            app.say(f"excache: {error}")
            if error.hint:
                app.say(f"         {error.hint}")
            continue
        if found.user_id is not None:
            user = found.user_id
            remember_user(app.repository(), account.name, account.exchange, user, app.now())
        rows += [
            {
                "account": account.name,
                "check": what,
                "result": "ok" if said == "ok" else "failed",
                "error": None if said == "ok" else said,
            }
            for what, said in found.readable.items()
        ]
        rows += [
            {"account": account.name, "check": what, "result": _yes(answer), "error": None}
            for what, answer in (
                ("may trade", found.can_trade),
                ("may withdraw", found.can_withdraw),
                ("bound to IP", found.ip_restricted),
            )
        ]
        if found.clock_offset_ms is not None:
            rows.append(
                {
                    "account": account.name,
                    "check": "clock offset",
                    "result": f"{found.clock_offset_ms} ms",
                    "error": None,
                }
            )
        for note in found.notes:
            if not note.startswith("this key may"):  # shown below, and louder
                app.say(f"{account.name}: {note}")
        rights = [
            word
            for word, granted in (("TRADE", found.can_trade), ("WITHDRAW", found.can_withdraw))
            if granted
        ]
        if rights:
            warnings.append(
                f"excache: WARNING: {account.name}: this key may {' and '.join(rights)}. excache"
                f" only reads; make a read-only key at {account.exchange} and replace this one."
            )
        codes.add(_exit_code(found.readable))
    columns = (
        Column(key="account", heading="Account"),
        Column(key="check", heading="Check"),
        Column(key="result", heading="Result", kind="state"),
        Column(key="error"),
        Column(key="generic"),
    )
    generic = {account.name: is_generic(account.exchange) for account in accounts}
    for row in rows:
        row["generic"] = generic[str(row["account"])]
    exact = FORMATS[form].exact
    shown = tuple(rows) if exact else _together(rows)
    doubled = _doubled(app, [account.name for account in accounts])
    findings = (*_reasons(rows), *doubled)
    listing = Listing(title="", columns=columns, rows=shown, as_of=app.now(), findings=findings)
    if shown or exact:
        write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())
    if exact:  # the findings are in no document of rows
        warnings += [f"excache: WARNING: {one.account}: {one.message}" for one in doubled]
    for warning in warnings:
        app.say(warning)
    return 0 if codes <= {0} else codes.pop() if len(codes) == 1 else 1


def _doubled(app: App, names: Sequence[str]) -> tuple[Finding, ...]:
    """Accounts whose exchange names a user that another account has, too."""
    from exchange_cache.sync.identity import identity_findings

    everybody = [account.name for account in app.settings.accounts]
    found = (identity_findings(app.repository(), name, everybody, app.now()) for name in names)
    return tuple(one.finding for own in found for one in own)


def _exit_code(readable: Mapping[str, str]) -> int:
    """0 all can be read; 77 nothing that needs the key; 69 not even the public prices; 1 some of
    it."""
    private = {said == "ok" for what, said in readable.items() if not what.startswith("prices")}
    public = {said == "ok" for what, said in readable.items() if what.startswith("prices")}
    if private == {True} and public <= {True}:
        return 0
    if True in private:
        return 1
    return 69 if public == {False} else 77


def _together(rows: Sequence[Mapping[str, object]]) -> tuple[Mapping[str, object], ...]:
    """For people: what the reads of one kind came to in one row, ``transfers  ok (18 of 20)``; the
    reasons are shown below."""
    kinds: dict[tuple[object, str], list[bool]] = {}
    for row in rows:
        if row["error"] is not None or row["result"] == "ok":
            kinds.setdefault((row["account"], _kind(row)), []).append(row["error"] is None)
    shown: list[dict[str, object]] = []
    for row in rows:
        if row["error"] is None and row["result"] != "ok":
            shown.append(dict(row))
        elif came := kinds.pop((row["account"], _kind(row)), None):
            result = (
                "failed"
                if not any(came)
                else "ok"
                if len(came) == 1
                else f"ok ({sum(came)} of {len(came)})"
            )
            shown.append({**row, "check": _kind(row), "result": result})
    for index in range(len(shown) - 1, 0, -1):
        if shown[index]["account"] == shown[index - 1]["account"]:
            shown[index]["account"] = ""
    return tuple(shown)


def _reasons(rows: Sequence[Mapping[str, object]]) -> tuple[Finding, ...]:
    """Why reads failed, each reason once per account, with the reads that it hit."""
    from exchange_cache.errors import cause

    hit: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["error"] is not None:
            hit.setdefault((str(row["account"]), cause(str(row["error"]))), []).append(
                str(row["check"])
            )
    return tuple(
        Finding(
            code="read_failed",
            account=account,
            message=f"{reason} ({', '.join(names[:6])}{' …' if len(names) > 6 else ''})",
        )
        for (account, reason), names in hit.items()
    )


def _kind(row: Mapping[str, object]) -> str:
    words = str(row["check"])
    return "open orders" if words.startswith("open orders") else words.split(" ")[0]


def _yes(answer: bool | None) -> str:
    return "not reported by the exchange" if answer is None else "yes" if answer else "no"


@command.command("remove")
@click.argument("name")
@click.option(
    "--forget-history",
    is_flag=True,
    help="Delete its cached rows too, history included. They may not come back.",
)
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(app: App, name: str, forget_history: bool, force: bool) -> None:
    """Remove an account from the configuration.

    Its cached history stays unless --forget-history is given, since exchanges forget; secrets that
    excache stored are deleted.

    \b
    Examples:
      excache account remove old --force
      excache account remove old --forget-history
    """
    from exchange_cache.config.editing import remove_account

    if not force:
        if not sys.stdin.isatty():
            raise UsageError(
                "removing an account asks for a confirmation",
                hint="add --force where nobody can answer",
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
        app.say(f"Left as they are: {', '.join(removed.kept)}.")
    if forget_history:
        app._settings = None
        with app.lock() as lock:
            lock.acquire("account remove", wait_seconds=60)
            app.repository().forget_account(name)
        app.say(f"Deleted all cached rows of {name}.")
