"""What an amount of a market means: base units, value in quote, contracts."""

from __future__ import annotations

from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.adapter.contracts import category, contract_size, contracts_of, sizes
from exchange_cache.errors import BadResponse
from tests.exchanges.builders import market, origin

SPOT = market("BTCUSDT", "BTC/USDT")
LINEAR = market("BTC-USDT-SWAP", "BTC/USDT:USDT", contractSize="0.01")
INVERSE = market("BTCUSD_PERP", "BTC/USD:BTC", contractSize="100")
OPTION = market("BTC-C", "BTC/USD:BTC", contractSize="0.1", option=True)


@pytest.mark.parametrize(
    ("kind", "unit", "amount", "price", "found"),
    [
        (SPOT, "contracts", "2", "50000", ("2", "100000", None, None)),
        (LINEAR, "contracts", "3", "50000", ("0.03", "1500", "3", "0.01")),
        (LINEAR, "base", "0.03", "50000", ("0.03", "1500", "3", "0.01")),
        (INVERSE, "contracts", "5", "50000", ("0.01", "500", "5", "100")),
        (INVERSE, "units", "500", "50000", ("0.01", "500", "5", "100")),
        (INVERSE, "base", "2", "50000", ("2", "100000", "0.02", "100")),
        (OPTION, "contracts", "5", "0.05", ("0.5", "0.025", "5", "0.1")),
    ],
)
def test_sizes(
    kind: Any, unit: str, amount: str, price: str, found: tuple[str | None, ...]
) -> None:
    made = sizes(origin(contract_amounts=unit), kind, Dec(amount), Dec(price))
    assert made == tuple(None if figure is None else Dec(figure) for figure in found)


def test_a_market_has_its_own_category_and_without_contracts_that_of_its_origin() -> None:
    found = [category(origin(), kind) for kind in (SPOT, LINEAR, INVERSE, OPTION)]
    assert found == ["spot", "linear", "inverse", "option"]
    assert category(origin(category="margin"), SPOT) == "margin"
    assert category(origin(category="linear"), SPOT) == "spot"


def test_what_would_be_a_guess_is_an_error() -> None:
    unknown = {**LINEAR, "contractSize": None}
    with pytest.raises(BadResponse, match="does not state the contract size of BTC/USDT:USDT"):
        contract_size(origin(), unknown)
    with pytest.raises(BadResponse, match="inverse contract without a price"):
        sizes(origin(), INVERSE, Dec(5), Dec(0))


def test_contracts_are_counted_in_the_unit_of_the_exchange() -> None:
    assert contracts_of(origin(), Dec(5), Dec(100)) == 5
    assert contracts_of(origin(contract_amounts="units"), Dec(500), Dec(100)) == 5
