"""What readers of files need of an exchange: its names, and the desks of its policy's parsers, from
the market list that the cache keeps. Nothing is requested for a row."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property

from exchange_cache.adapter.grammar import ANY
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.errors import MarketUnidentified
from exchange_cache.money import to_amount
from exchange_cache.records import DataType

_GLUED = re.compile(r"([+-]?[\d,]*\.?\d+)\s*(\S+)")


class SessionDesks:
    """The desks of the histories of a policy."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._desks: dict[tuple[DataType, str], Desk] = {}

    def __call__(self, data_type: DataType, scope: str) -> Desk:
        """The desk of a history; LookupError where the policy has none of this name."""
        found = self._desks.get((data_type, scope))
        if found is None:
            found = self._desks[data_type, scope] = self._made(data_type, scope)
        return found

    def _made(self, data_type: DataType, scope: str) -> Desk:
        for stream in self._session.policy.streams:
            if (stream.data_type, stream.scope) == (data_type, scope):
                return self._session.desk(stream)
        raise LookupError(f"{self._session.policy.exchange} has no history {data_type} {scope}")


class SessionNames:
    """Assets and markets by the names that files write."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._split: dict[str, tuple[str, str] | None] = {}

    def asset(self, code: str) -> str:
        """The asset of an exchange's code."""
        return str(self._session.client.safe_currency_code(code))

    def split(self, glued: str) -> tuple[str, str] | None:
        """Base and quote of a market id that is listed, or that the grammar of ids reads."""
        if glued not in self._split:
            self._split[glued] = self._found(glued)
        return self._split[glued]

    def _found(self, glued: str) -> tuple[str, str] | None:
        for category in ("spot", ANY):
            try:
                market = self._session.market_by_id(glued, category)
            except MarketUnidentified:
                continue
            return str(market["base"]), str(market["quote"])
        return None

    def amount(self, glued: str) -> tuple[Decimal, str] | None:
        """Number and asset of a glued amount, by the longest asset that is listed: a coin may
        begin with a digit (1000SATS)."""
        text = glued.strip()
        parts = text.split()
        if len(parts) == 2:
            return self._number(*parts)
        for start in range(1, len(text)):
            if text[start:].upper() in self._codes:
                return self._number(text[:start], text[start:])
        found = _GLUED.fullmatch(text)
        return None if found is None else self._number(found[1], found[2])

    def _number(self, text: str, code: str) -> tuple[Decimal, str] | None:
        plain = text.replace(",", "")
        try:
            return to_amount(plain), self.asset(code)
        except ValueError:
            return None

    @cached_property
    def _codes(self) -> frozenset[str]:
        client = self._session.client
        codes = {str(code).upper() for code in client.currencies or ()}
        for market in (client.markets or {}).values():
            codes |= {str(market[name]).upper() for name in ("base", "quote", "baseId")}
        return frozenset(codes)
