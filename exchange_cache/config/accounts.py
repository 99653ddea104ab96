"""One account: its name, its exchange, the sources of its credentials, and what to read.

The fields of AccountSettings are the table that defines the keys of ``[accounts.NAME]``: reader,
kind and documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Any

from exchange_cache.config import ccxt_table, values
from exchange_cache.config.ccxt_table import read_ccxt
from exchange_cache.config.faults import Fault, Key, Wrong, kind_of, unknown_key, wrong_value
from exchange_cache.config.sources import (
    ALIASES,
    CCXT_NAMES,
    CREDENTIAL_DOCS,
    IN_THE_CLEAR,
    NO_PRIVATE_KEY,
    PRIVATE_KEYS,
    PUBLIC,
    PlainSecret,
    SecretSource,
    read_source,
)

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
NAME_RULE = "must be 1 to 32 letters, digits, - or _, beginning with a letter or digit"

#: The exchange of accounts without an API.
MANUAL = "manual"
_EXCHANGE = re.compile(r"[a-z][a-z0-9]*")


def exchange_id(value: object) -> str:
    name = values.text(value)
    if _EXCHANGE.fullmatch(name) is None:
        near = f'; did you mean "{name.lower()}"?' if _EXCHANGE.fullmatch(name.lower()) else ""
        raise Wrong(f'must be an exchange as ccxt names it, such as "binance", not "{name}"{near}')
    return name


def _wallets(value: object) -> tuple[str, ...]:
    found = values.list_of(values.wallet)(value)
    if not found:
        raise Wrong("names no wallet; omit it to read every wallet")
    return found


def _key(read: values.Reader, kind: str, doc: str) -> dict[str, object]:
    return {"read": read, "kind": kind, "doc": doc}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """A checked account. ``wallets`` None means every wallet that the key may read."""

    name: str
    exchange: str = field(
        metadata=_key(exchange_id, "text", "The exchange, as ccxt names it: binance, kraken, okx …")
    )
    credentials: Mapping[str, SecretSource] = field(default_factory=lambda: MappingProxyType({}))
    wallets: tuple[str, ...] | None = field(
        default=None,
        metadata=_key(_wallets, "list of wallets", "Wallets to read; all of them if omitted."),
    )
    symbols: tuple[str, ...] = field(
        default=(),
        metadata=_key(
            values.list_of(values.symbol),
            "list of symbols",
            "Symbols to request besides those found.",
        ),
    )
    ignore_assets: tuple[str, ...] = field(
        default=(),
        metadata=_key(
            values.list_of(values.code), "list of assets", "Assets never shown (airdropped spam)."
        ),
    )
    asset_names: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}),
        metadata=_key(
            values.names_of_codes,
            "table",
            "Codes that mean another asset here than at your other accounts;"
            ' `{ NEIRO = "NEIRO-2" }` parts the two for good.',
        ),
    )
    start: date | None = field(
        default=None,
        metadata=_key(
            values.day, "date", "First day of history to fetch; history_start if omitted."
        ),
    )
    enabled: bool = field(
        default=True,
        metadata=_key(
            values.flag,
            "true or false",
            "false: keep the cached data, but stop syncing, and show the account only with"
            " --account.",
        ),
    )
    archives: bool | None = field(
        default=None,
        metadata=_key(
            values.flag,
            "true or false",
            "true: order files of the past also where that uses up downloads that you share"
            " (a few a month); false: order none. Omitted: those that cost nothing.",
        ),
    )
    hosts: tuple[str, ...] = field(
        default=(),
        metadata=_key(
            values.list_of(values.text),
            "list of host names",
            "Only these machines sync it, where the exchange accepts one address alone. Omitted:"
            " any.",
        ),
    )
    ccxt: Mapping[str, object] = field(
        default_factory=lambda: MappingProxyType({}),
        repr=False,  # a proxy's address may contain a password
        metadata=_key(
            read_ccxt,
            "table",
            "Settings of ccxt (see below): proxies, hostname, urls, sandbox, timeout, options …",
        ),
    )

    @property
    def by_hand(self) -> bool:
        """Whether the account has no API: its rows come from files alone."""
        return self.exchange == MANUAL

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings on this account's hosts and TLS for every run and ``account list``; each begins
        with the account's name."""
        return tuple(f"{self.name}: {said}" for said in ccxt_table.warnings(self.ccxt))


READERS: Mapping[str, values.Reader] = {
    item.name: item.metadata["read"] for item in fields(AccountSettings) if item.metadata
}
KNOWN_KEYS = (*list(READERS)[:1], *CCXT_NAMES, *list(READERS)[1:])


def read_accounts(
    value: object, *, allow_plain: bool
) -> tuple[tuple[AccountSettings, ...], tuple[Fault, ...]]:
    """Every valid account of the ``accounts`` table in order, and every fault of the others."""
    if not isinstance(value, dict):
        return (), (
            wrong_value(
                ("accounts",), f"must be tables named [accounts.NAME], not {kind_of(value)}"
            ),
        )
    found: list[AccountSettings] = []
    faults: list[Fault] = []
    for name, table in value.items():
        account, wrong = _read_account(name, table, allow_plain=allow_plain)
        faults += wrong
        if account is not None:
            found.append(account)
    return tuple(found), tuple(faults)


def _read_account(
    name: str, table: object, *, allow_plain: bool
) -> tuple[AccountSettings | None, list[Fault]]:
    place: Key = ("accounts", name)
    if not isinstance(table, dict):
        return None, [wrong_value(place, f"must be a table, not {kind_of(table)}")]
    faults = (
        []
        if NAME_PATTERN.fullmatch(name)
        else [Fault(key=place, what=f'the account name "{name}" {NAME_RULE}')]
    )
    found: dict[str, Any] = {}
    credentials: dict[str, SecretSource] = {}
    for key, value in table.items():
        at = (*place, key)
        try:
            if key in CCXT_NAMES:
                credentials[key] = _credential(key, value, allow_plain=allow_plain)
            elif key in READERS:
                found[key] = READERS[key](value)
            elif key in PRIVATE_KEYS:
                faults.append(wrong_value(at, NO_PRIVATE_KEY))
            else:
                faults.append(unknown_key(at, KNOWN_KEYS, aliases=ALIASES))
        except Wrong as exc:
            faults += _faults_at(at, exc)
    faults += _missing(place, table)
    if faults:
        return None, faults
    return AccountSettings(name=name, credentials=MappingProxyType(credentials), **found), []


def _faults_at(at: Key, wrong: Wrong) -> list[Fault]:
    """A fault below ``ccxt`` names the inner key. Elsewhere it names the account's key, and the
    reader's sentence gives the rest."""
    return [
        Fault(
            key=(*at, *below),
            what=wrong_value((*at, *below) if at[-1] == "ccxt" else at, what).what,
        )
        for below, what in wrong.parts
    ]


def _credential(key: str, value: object, *, allow_plain: bool) -> SecretSource:
    source = read_source(key, value)
    if isinstance(source, PlainSecret) and key not in PUBLIC and not allow_plain:
        raise Wrong(IN_THE_CLEAR)
    return source


def _missing(place: Key, table: Mapping[str, object]) -> list[Fault]:
    faults = []
    if "exchange" not in table:
        faults.append(
            wrong_value(place, 'has no exchange; add a line such as exchange = "binance"')
        )
    by_hand = table.get("exchange") == MANUAL  # no API, so no key
    if not by_hand and not table.keys() & (CCXT_NAMES.keys() | PRIVATE_KEYS | ALIASES.keys()):
        faults.append(
            wrong_value(place, 'has no credentials; add lines such as api_key = { env = "NAME" }')
        )
    return faults


def holds_plain_secret(account: AccountSettings) -> bool:
    """Whether config.toml itself contains a secret of the account (a public address is none)."""
    return any(
        isinstance(source, PlainSecret) and name not in PUBLIC
        for name, source in account.credentials.items()
    )


def account_rows() -> list[tuple[str, str, str]]:
    """Key, kind and documentation of everything ``[accounts.NAME]`` may contain, in the order of
    KNOWN_KEYS."""
    documented = {
        item.name: (item.metadata["kind"], item.metadata["doc"])
        for item in fields(AccountSettings)
        if item.metadata
    }
    documented |= {name: ("source", doc) for name, doc in CREDENTIAL_DOCS.items()}
    return [(key, *documented[key]) for key in KNOWN_KEYS]
