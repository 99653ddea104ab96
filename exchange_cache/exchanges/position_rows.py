"""Positions that ccxt's ``parse_position`` does not read whole: raw row and market -> a ccxt
structure and the market to read it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.translate import Row
from exchange_cache.exchanges.rows_bitfinex import bitfinex_position
from exchange_cache.exchanges.rows_cryptocom import cryptocom_position

PositionParser = Callable[[Any, Market], tuple[Row, Market]]

POSITION_PARSERS: Mapping[str, PositionParser] = {
    "bitfinex_position": bitfinex_position,
    "cryptocom_position": cryptocom_position,
}
