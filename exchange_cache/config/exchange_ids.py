"""The exchanges that the installed ccxt has, read from the text of its package: to import it takes
longer than a whole reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.faults import nearest
from exchange_cache.config.toml_values import to_toml


@cache
def exchange_ids() -> frozenset[str]:
    """The ids of ccxt; empty if its package is missing or written in another way."""
    spec = find_spec("ccxt")
    if spec is None or spec.origin is None:
        return frozenset()
    found = re.search(r"^exchanges = \[(.*?)\]", Path(spec.origin).read_text(), re.DOTALL | re.M)
    return frozenset(re.findall(r"['\"](\w+)['\"]", found[1])) if found else frozenset()


def unlisted(accounts: tuple[AccountSettings, ...]) -> Iterator[tuple[AccountSettings, str]]:
    """The enabled accounts whose exchange ccxt does not have, each with a sentence."""
    known = exchange_ids()
    for account in accounts if known else ():
        if account.enabled and not account.by_hand and account.exchange not in known:
            near = nearest(account.exchange, sorted(known))
            meant = f"; did you mean {to_toml(near)}?" if near else ""
            yield account, f"ccxt has no exchange {to_toml(account.exchange)}{meant}"
