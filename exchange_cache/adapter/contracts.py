"""What a market is, and what an amount of it means: base units, value in quote, contracts."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.adapter.values import Origin, Row, number
from exchange_cache.errors import MarketUnidentified
from exchange_cache.money import EXACT


def is_contract(market: Row) -> bool:
    return bool(market.get("contract"))


def category(origin: Origin, market: Row) -> str:
    """The market's own category; without a contract, the row's origin decides (spot or margin)."""
    if market.get("option"):
        return "option"
    if is_contract(market):
        return "inverse" if market.get("inverse") else "linear"
    return origin.category if origin.category in {"spot", "margin"} else "spot"


def contract_size(origin: Origin, market: Row) -> Decimal:
    """Base units (inverse: quote units) in one contract; an unknown size is an error, because a
    guess would falsify amounts."""
    size = number(origin, market, "contractSize")
    if size is None or size <= 0:
        raise MarketUnidentified(
            f"{origin.exchange} does not state the contract size of {market.get('symbol')}",
            market_id=str(market.get("id")),
            account=origin.account,
        )
    return size


def sizes(
    origin: Origin, market: Row, amount: Decimal, price: Decimal
) -> tuple[Decimal, Decimal, Decimal | None, Decimal | None]:
    """(base quantity, value in quote, contracts, contract size) of ``amount`` in the exchange's own
    unit."""
    if not is_contract(market):
        return amount, EXACT.multiply(amount, price), None, None
    size = contract_size(origin, market)
    contracts = contracts_of(origin, amount, size)
    units = EXACT.multiply(amount, size) if origin.contract_amounts == "contracts" else amount
    if market.get("inverse") and not market.get("option") and origin.contract_amounts != "base":
        if price == 0:
            raise origin.bad("is an inverse contract without a price", {})
        return EXACT.divide(units, price), units, contracts, size
    return units, EXACT.multiply(units, price), contracts, size


def contracts_of(origin: Origin, amount: Decimal, size: Decimal) -> Decimal:
    """How many contracts the exchange's own amount is."""
    return amount if origin.contract_amounts == "contracts" else EXACT.divide(amount, size)
