"""ccxt's dicts for positions -> the project's."""

from __future__ import annotations

from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.adapter import (
    translate_positions,
)
from exchange_cache.errors import BadResponse
from tests.exchanges.builders import market, origin

LINEAR = market("BTC-USDT-SWAP", "BTC/USDT:USDT", contractSize="0.01")
INVERSE = market("BTCUSD_PERP", "BTC/USD:BTC", contractSize="100")


def position(**more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTC/USDT:USDT",
        "side": "long",
        "contracts": "5",
        "entryPrice": "40000",
        "markPrice": "50000",
        "unrealizedPnl": "500",
        "leverage": "3",
        "liquidationPrice": None,
        "marginMode": "cross",
        "info": {},
        **more,
    }


def test_positions_linear_and_inverse() -> None:
    made = translate_positions.position(origin(), position(), LINEAR)
    assert made is not None
    assert (made.base_quantity, made.notional, made.unrealised_pnl, made.settle_asset) == (
        Dec("0.05"),
        Dec("2500"),
        Dec(500),
        "USDT",
    )
    made = translate_positions.position(origin(), position(unrealizedPnl="0.002"), INVERSE)
    assert made is not None
    assert (made.base_quantity, made.notional, made.settle_asset, made.category) == (
        Dec("0.01"),
        Dec("500"),
        "BTC",
        "inverse",
    )


def test_empty_positions_are_left_out_and_shorts_keep_their_side() -> None:
    assert translate_positions.position(origin(), position(contracts="0"), LINEAR) is None
    with pytest.raises(BadResponse, match="contracts"):
        translate_positions.position(origin(), position(contracts=None), LINEAR)
    made = translate_positions.position(origin(), position(side=None, contracts="-5"), LINEAR)
    assert made is not None and (made.side, made.contracts) == ("short", Dec(5))
    with pytest.raises(BadResponse, match="side"):
        translate_positions.position(origin(), position(side=None), LINEAR)
