"""The amounts that are too small to be sold, as markets state them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault
from exchange_cache.money import to_text
from exchange_cache.value.dust import least_amounts

DUST = "dust_limits"
_EVERYBODY = ""


def dust_limits(ports: Sequence[ExchangePort]) -> dict[str, dict[str, str]]:
    """Per exchange and asset the least amount that a spot market of these accounts trades; less
    cannot be sold."""
    found: dict[str, dict[str, Decimal]] = {}
    for port in ports:
        least = found.setdefault(port.policy.exchange, {})
        for market in port.markets().values():
            amount = market.min_amount
            if market.category == "spot" and amount is not None and amount > 0:
                least[market.base] = min(amount, least.get(market.base, amount))
    return {
        exchange: {asset: to_text(amount) for asset, amount in sorted(least.items())}
        for exchange, least in found.items()
    }


def remember_dust(
    repository: ExchangeCacheRepository, ports: Sequence[ExchangePort], clock: Clock
) -> None:
    """Store them beside those of other exchanges, which other runs read, in any order."""
    try:
        fresh = dust_limits(ports)
    except ExchangeFault:
        return  # an exchange did not serve its markets: the limits of the last run stay

    def added(known: object) -> object:
        stored = known.items() if isinstance(known, dict) else ()
        kept = {exchange: limits for exchange, limits in stored if isinstance(limits, dict)}
        return {**kept, **{name: {**kept.get(name, {}), **own} for name, own in fresh.items()}}

    repository.progress.amend(_EVERYBODY, DUST, added, clock.now())


def stored_dust(repository: ExchangeCacheRepository) -> dict[str, Decimal]:
    """Per asset the least amount of any exchange."""
    return least_amounts(repository.progress.recalled(_EVERYBODY, DUST))
