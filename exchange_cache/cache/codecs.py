"""How the records of exchanges become rows of their tables; light, because every list needs it."""

from __future__ import annotations

from exchange_cache.cache.codec import Codec
from exchange_cache.records import Balance, Fill, Order, Position, Price, Transfer

_SEEN = {"seen_ms": "integer", "served_by": "text"}

BALANCES = Codec(Balance, nullable=("told_averages",))
POSITIONS = Codec(Position, extra={"part": "text"})
PRICES = Codec(Price)
ORDERS = Codec(Order, extra=_SEEN, nullable=("served_by",))
FILLS = Codec(Fill, extra=_SEEN, nullable=("served_by",))
TRANSFERS = Codec(Transfer, extra=_SEEN, nullable=("served_by",))
