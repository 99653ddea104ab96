"""The amounts that are too small to be sold, as markets state them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault
from exchange_cache.money import to_text

DUST = "dust_limits"
_EVERYBODY = ""


def dust_limits(ports: Sequence[ExchangePort]) -> dict[str, str]:
    """Per asset the least amount that a spot market of these accounts trades; less cannot be
    sold."""
    least: dict[str, Decimal] = {}
    for port in ports:
        for market in port.markets().values():
            amount = market.min_amount
            if market.category == "spot" and amount is not None and amount > 0:
                least[market.base] = min(amount, least.get(market.base, amount))
    return {asset: to_text(amount) for asset, amount in sorted(least.items())}


def remember_dust(
    repository: ExchangeCacheRepository, ports: Sequence[ExchangePort], clock: Clock
) -> None:
    try:
        fresh = dust_limits(ports)
    except ExchangeFault:
        return  # an exchange did not serve its markets: the limits of the last run stay
    repository.progress.add_to(_EVERYBODY, DUST, fresh, clock.now())


def stored_dust(repository: ExchangeCacheRepository) -> dict[str, Decimal]:
    known = repository.progress.memory(_EVERYBODY).get(DUST)
    return (
        {str(asset): Decimal(str(amount)) for asset, amount in known.items()}
        if isinstance(known, dict)
        else {}
    )
