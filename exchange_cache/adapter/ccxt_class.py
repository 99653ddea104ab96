"""The ccxt class of an exchange id."""

from __future__ import annotations

import difflib
from typing import Any

from exchange_cache.errors import ConfigError


def ccxt_version() -> str:
    """The version of the installed ccxt."""
    import ccxt

    return str(ccxt.__version__)


def ccxt_class(exchange_id: str, account: str | None = None) -> type[Any]:
    """The synchronous ccxt class of an exchange id; ConfigError with the nearest names when there
    is none."""
    import ccxt

    if exchange_id in ccxt.exchanges:
        found: type[Any] = getattr(ccxt, exchange_id)
        return found
    near = difflib.get_close_matches(exchange_id.lower(), ccxt.exchanges, n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else "see https://docs.ccxt.com for the exchange ids"
    )
    raise ConfigError(f"no exchange is called {exchange_id!r}", account=account, hint=hint)
