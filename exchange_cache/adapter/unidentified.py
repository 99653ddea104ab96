"""Rows whose market is not known: kept whole, so that they can be read when it is.

Called where rows become records (histories, mirrors). Nothing of such a row is believed but its id
and its time, which a parser reads whatever the market is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.session import Session
from exchange_cache.booked import BookedFees
from exchange_cache.clock import from_ms
from exchange_cache.errors import BadResponse, ExcacheError, MarketUnidentified
from exchange_cache.records import DataType, Fill, Order
from exchange_cache.unidentified import UnidentifiedRow

#: In the place of a market that is not known, where only the id and the time of a row are read.
_NOBODY: Market = {
    **{"id": "?", "symbol": "?", "base": "?", "quote": "?", "settle": None, "info": {}},
    **{"spot": True, "contract": False, "option": False, "type": "spot", "precision": {}},
}


def row_of(
    session: Session,
    data_type: DataType,
    scope: str,
    raw: Any,
    error: MarketUnidentified,
    *,
    symbol: str = "",
    named: tuple[str | None, datetime | None] = (None, None),
) -> UnidentifiedRow:
    """A raw row to be kept; ``named``: its id and its time, where they are known."""
    text = session.text_of(raw)
    name = named[0] or hashlib.sha256(text.encode()).hexdigest()[:32]
    return UnidentifiedRow(
        account=session.account,
        data_type=data_type,
        scope=scope,
        row_id=f"{error.market_id}:{name}",
        symbol=symbol,
        market_id=error.market_id,
        reason=error.message,
        time=named[1],
        row=text,
    )


def name_of(desk: Desk, raw: Any) -> tuple[str | None, datetime | None]:
    """The id and the time that the stream's own parser reads off a row, whatever its market.

    BadResponse or ValueError for a row that it cannot read with any market: its market is not what
    is unknown of it.
    """
    if not callable(desk.stream.parser):
        return None, None
    blind = replace(desk, market_by_id=lambda *_: _NOBODY, market=_NOBODY)
    try:
        return first_name(blind.records(raw))
    except (BadResponse, ValueError) as error:
        if isinstance(error, MarketUnidentified):
            return None, None
        raise
    except (ExcacheError, ArithmeticError, LookupError, TypeError):
        return None, None  # the parser needs the market: the row is known by its digest


def first_name(records: Iterable[Record]) -> tuple[str | None, datetime | None]:
    for record in records:
        if isinstance(record, Fill | BookedFees):
            return record.fill_id, record.time
        if isinstance(record, Order):
            return record.order_id, record.created_at
        return record.transfer_id, record.time
    return None, None


def structure_name(structure: Any) -> tuple[str | None, datetime | None]:
    """The id and the time of a ccxt structure."""
    name, ms = structure.get("id"), structure.get("timestamp")
    return (str(name) if name else None), (from_ms(int(ms)) if ms else None)


def dated_name(session: Session, doing: str, structure: Any) -> tuple[str | None, datetime | None]:
    """The same of what has a time. BadResponse without one: that row is unreadable altogether, and
    its market is not what is unknown of it."""
    name, time = structure_name(structure)
    if time is None:
        raise session.bad(f"a row of {doing} has neither a known market nor a time")
    return name, time
