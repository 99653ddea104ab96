"""Binance's REST interfaces: spot (/api), wallet and the rest of the house (/sapi), USD-M (/fapi)
and COIN-M futures (/dapi).

Written after developers.binance.com. Parts: `signing` (who asks), `limits` (weights), `words`
(refusals, numbers, pages), then one module per group of endpoints; `dialect` puts them together.
"""

from exchange_cache.simulator.dialects.binance.dialect import Binance

__all__ = ["Binance"]
