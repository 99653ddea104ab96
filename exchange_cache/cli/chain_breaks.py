"""Where the running balances in imported files break, for ``explain``: one line an account and
table."""

from __future__ import annotations

from collections.abc import Iterable

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.render import words


def first_breaks(
    repository: ExchangeCacheRepository, accounts: Iterable[str], asset: str
) -> tuple[str, ...]:
    """The first break of the chains of an asset, from the newest row backwards."""
    found = []
    for account in accounts:
        for proof in repository.imports.proofs(account):
            own = [one for one in proof.breaks if one.asset == asset]
            if own:
                first = max(own, key=lambda one: one.at)
                found.append(
                    f"First break of the imported {proof.table} of {account}:"
                    f" {words.day(first.at)}, {first.words}"
                )
    return tuple(found)
