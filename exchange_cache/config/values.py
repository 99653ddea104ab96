"""Readers: each checks a value from tomllib and returns it, or raises Wrong with the requirement.

A reader never receives a secret, so its message may quote the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from urllib.parse import unquote

from exchange_cache.config.durations import format_duration, parse_duration
from exchange_cache.config.faults import Wrong, kind_of, suggestion
from exchange_cache.config.toml_values import to_toml
from exchange_cache.money import to_decimal
from exchange_cache.zones import zone_of

Reader = Callable[[object], object]

_ASSET = re.compile(r"[A-Z0-9]{2,15}")
_CODE = re.compile(r"[^\s/:]+")
_SYMBOL = re.compile(r"[^\s/:]+/[^\s/:]+(:[^\s/:]+)?")
_FIRST_DAY = date(2009, 1, 3)


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"must be true or false, not {_shown(value)}")
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(f"must be text in quotes, not {kind_of(value)}")
    if not value.strip():
        raise Wrong("must not be empty")
    return value


def whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Wrong(f"must be a whole number from {least} to {most}, not {_shown(value)}")
        return value

    return read


def choice(*options: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in options:
            near = f"; {suggestion(value, options)}" if isinstance(value, str) else ""
            raise Wrong(f"must be one of {', '.join(options)}, not {_shown(value)}{near}")
        return value

    return read


def asset(value: object) -> str:
    word = text(value)
    if _ASSET.fullmatch(word) is None:
        near = f"; did you mean {to_toml(word.upper())}?" if _ASSET.fullmatch(word.upper()) else ""
        raise Wrong(
            f'must be an asset in capital letters such as "USDT", not {_shown(value)}{near}'
        )
    return word


def duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise Wrong(f'must be a duration such as "90s", "10m", "1h" or "2d", not {_shown(value)}')
    try:
        return parse_duration(value)
    except ValueError as exc:
        raise Wrong(f"{exc}, not {_shown(value)}") from None


def duration_between(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    def read(value: object) -> timedelta:
        found = duration(value)
        if not least <= found <= most:
            raise Wrong(
                f'must be from "{format_duration(least)}" to "{format_duration(most)}", not'
                f" {_shown(value)}"
            )
        return found

    return read


def day(value: object) -> date:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, date) or isinstance(found, datetime):
        raise Wrong(f"must be a date such as 2021-01-31, not {_shown(value)}")
    if found < _FIRST_DAY:
        raise Wrong(f"must not be before {_FIRST_DAY} (the first bitcoin), not {found}")
    return found


def amount(value: object) -> Decimal:
    try:
        found = to_decimal(value) if isinstance(value, str | int | Decimal) else None
    except ValueError:
        found = None
    if found is None or found < 0:
        raise Wrong(f"must be a number from 0 upwards, not {_shown(value)}")
    return found


def timezone(value: object) -> str:
    name = text(value)
    try:
        zone_of(name)
    except ValueError as error:
        raise Wrong(f"{_shown(name)} {error}") from None
    return name


def web_address(value: object) -> str:
    if re.fullmatch(r"https?://[^\s/]+(/\S*)?", address := text(value)) is None:
        raise Wrong(f'must begin with "http://" or "https://", not {_shown(value)}')
    return address


#: Where libpq finds a user and a password, and a password with a slash, which it takes for an end.
_CREDENTIALS = re.compile(r"[^@/]*:[^@/]*@")
_SPLIT = re.compile(r"[^@]*:[^@]*@")
_SECRETS = {"password", "sslpassword", "oauth_client_secret", "scram_client_key"}


def cache_url(value: object) -> str:
    """The address as written; its path (``~``, relative names) is resolved when the settings are
    built."""
    url = text(value)
    if re.match(r"postgres(ql)?://", url):
        return _without_password(url)
    if re.fullmatch(r"sqlite:///.*[^/]", url) is None or url == "sqlite:///:memory:":
        raise Wrong(
            'must be "sqlite:///" followed by a file name, or "postgresql://" followed by a server'
            " and a database"
        )
    return url


def _without_password(url: str) -> str:
    """The same address; one that holds a password is not quoted either."""
    stated = url.partition("://")[2]
    before, _, options = stated.partition("?")
    names = (unquote(one.partition("=")[0]) for one in options.split("&"))
    if _CREDENTIALS.match(stated) or _SPLIT.match(before) or _SECRETS & set(names):
        raise Wrong(
            "must not hold a password: write it into ~/.pgpass (mode 0600) or PGPASSWORD, and only"
            " the user, the server and the database here"
        )
    return url


def symbol(value: object) -> str:
    if not isinstance(value, str) or _SYMBOL.fullmatch(value) is None:
        raise Wrong(f'must be symbols such as "BTC/USDT" or "BTC/USDT:USDT", not {_shown(value)}')
    return value


def code(value: object) -> str:
    if not isinstance(value, str) or _CODE.fullmatch(value) is None:
        raise Wrong(f'must be assets such as "BTC", not {_shown(value)}')
    return value


def wallet(value: object) -> str:
    if not isinstance(value, str) or re.fullmatch(r"[a-z][a-z0-9_-]*", value) is None:
        raise Wrong(f'must be wallets such as "spot" or "swap", not {_shown(value)}')
    return value


def list_of(item: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """A list of distinct texts in the given order; each wrong item is a separate fault."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise Wrong(f"must be a list in brackets, not {_shown(value)}")
        found: dict[str, None] = {}
        wrong: list[tuple[tuple[str | int, ...], str]] = []
        for index, entry in enumerate(value):
            try:
                found[item(entry)] = None
            except Wrong as exc:
                wrong += [((index,), what) for _, what in exc.parts]
        if wrong:
            raise Wrong.several(wrong)
        return tuple(found)

    return read


def names_of_codes(value: object) -> Mapping[str, str]:
    """A table of codes and the names of the assets that they stand for."""
    if not isinstance(value, dict):
        raise Wrong(f'must be a table such as {{ NEIRO = "NEIRO-2" }}, not {_shown(value)}')
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    for key, entry in value.items():
        try:
            code(entry)
        except Wrong as exc:
            wrong += [((key,), what) for _, what in exc.parts]
    if wrong:
        raise Wrong.several(wrong)
    return MappingProxyType(dict(value))


def _shown(value: object) -> str:
    """Short values as written; lists and tables by their kind."""
    return kind_of(value) if isinstance(value, list | dict) else to_toml(value)
