"""Rows whose market is not known: kept whole, so that they can be read when it is.

Called where rows become records (histories, mirrors). Nothing of such a row is believed but its id
and its time, which a parser reads whatever the market is. What is kept counts as fetched, so a row
must show that it is sound: it names a market as the exchange's ids do, and some market in the place
of its own makes it readable. Any other is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from exchange_cache.adapter.grammar import ANY
from exchange_cache.adapter.markets import Market, stand_ins
from exchange_cache.adapter.policy import CallPolicy, StreamPolicy
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.session import Session
from exchange_cache.booked import BookedFees
from exchange_cache.clock import from_ms
from exchange_cache.errors import ExcacheError, ExchangeFault, MarketUnidentified
from exchange_cache.records import DataType, Fill, Order
from exchange_cache.unidentified import UnidentifiedRow

#: In the place of a market that is not known, where only the id and the time of a row are read.
_NOBODY: Market = {
    **{"id": "?", "symbol": "?", "base": "?", "quote": "?", "settle": None, "info": {}},
    **{"spot": True, "contract": False, "option": False, "type": "spot", "precision": {}},
}

#: No id of a market is longer, and one of so many signs needs no listed one to compare it with.
LONGEST_ID, PLAIN_ID = 100, 4
_SIGNS = frozenset("-_/:.@+$~*&#! |")
#: What stands in the place of a value that is absent.
_NOTHING = frozenset({"none", "null", "true", "false", "undefined", "nan"})


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
    """A raw row to be kept; ``named``: its id and its time, where they are known. BadResponse
    where that by which it names its market is no id."""
    if not is_market_id(error.market_id, session.client.markets_by_id or ()):
        raise session.bad(f"a row names {error.market_id!r}, which is no id of a market")
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


def is_market_id(text: str, listed: Iterable[str]) -> bool:
    """Whether an exchange may name a market so: as long as the shortest of its ``listed`` ids, and
    with letters where all of those have them."""
    if not 0 < len(text) <= LONGEST_ID or text.casefold() in _NOTHING:
        return False
    if not all(sign.isalnum() or sign in _SIGNS for sign in text):
        return False
    worded = _has_letter(text)
    if worded and len(text) >= PLAIN_ID:
        return True
    return any(len(one) <= len(text) and (worded or not _has_letter(one)) for one in listed)


def _has_letter(text: str) -> bool:
    return any(sign.isalpha() for sign in text)


def readable(
    session: Session, doing: str, of: StreamPolicy | CallPolicy, read: Callable[[Market], object]
) -> None:
    """The error of a row that ``read`` cannot read with any market in the place of its own: the
    market is not what is unknown of it."""
    failed: ExchangeFault | None = None
    for market in stand_ins(session.client, ANY if of.mixed else of.category):
        try:
            session.once(doing, partial(read, market))
        except ExchangeFault as error:
            failed = error
        else:
            return
    if failed is not None:
        raise failed


def blind(desk: Desk, market: Market) -> Desk:
    """The desk of somebody to whom every id is this market."""
    return replace(desk, market_by_id=lambda *_: market, market=market)


def name_of(desk: Desk, raw: Any) -> tuple[str | None, datetime | None]:
    """The id and the time that the stream's own parser reads off a row, whatever its market."""
    if not callable(desk.stream.parser):
        return None, None
    try:
        return first_name(blind(desk, _NOBODY).records(raw))
    except (ExcacheError, ArithmeticError, LookupError, TypeError, ValueError):
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
