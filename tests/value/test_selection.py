"""A reading of some assets has their holdings, positions and findings, and totals that add up."""

from __future__ import annotations

import pytest

from exchange_cache.findings import Finding
from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.selection import selected
from tests.builders import NOW, balance, position, price
from tests.value.builders import reading

HELD = (("1", "BTC"), ("2", "ETH"), ("50", "USDT"), ("3", "XYZ"))


def whole() -> PortfolioReading:
    return reading(
        *(balance(total, asset) for total, asset in HELD),
        price("BTC/USDT", "100"),
        price("ETH/USDT", "10"),
        position("SOL/USDT:USDT"),
        position("BTC/USDC:USDC"),
        findings=[
            Finding(code="a", message="of all"),
            Finding(code="b", message="of BTC", asset="BTC"),
            Finding(code="c", message="of ETH", asset="ETH"),
        ],
    )


def test_without_assets_it_is_the_whole() -> None:
    found = whole()
    assert selected(found, ()) is found


def test_every_asset_together_has_the_totals_of_the_whole() -> None:
    found = whole()
    again = selected(found, {one.asset for one in found.holdings} | {"SOL"})
    assert again.holdings == found.holdings
    assert again.positions == found.positions
    assert again.totals == found.totals


@pytest.mark.parametrize(
    ("assets", "value", "unpriced", "positions"),
    [
        (("BTC",), "100", (), ["BTC/USDC:USDC"]),
        (("BTC", "ETH"), "120", (), ["BTC/USDC:USDC"]),
        (("XYZ",), "0", ("XYZ",), []),
        (("SOL",), "0", (), ["SOL/USDT:USDT"]),
    ],
)
def test_some_assets(
    assets: tuple[str, ...], value: str, unpriced: tuple[str, ...], positions: list[str]
) -> None:
    found = selected(whole(), assets)
    assert [one.asset for one in found.holdings] == [a for a in assets if a != "SOL"]
    assert sum((one.value or 0) for one in found.holdings) == int(value)
    assert [one.position.symbol for one in found.positions] == positions
    assert set(unpriced) <= set(found.totals.unpriced_assets)
    assert found.totals.value - found.totals.stale_value == found.totals.priced_value


def test_findings_of_other_assets_are_left_out() -> None:
    found = selected(whole(), ("BTC",))
    assert {one.code for one in found.warnings} >= {"a", "b"}
    assert "c" not in {one.code for one in found.warnings}
    assert found.as_of == NOW
