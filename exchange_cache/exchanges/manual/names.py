"""The names that a user writes: they mean what they say."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.money import to_amount


class WrittenNames:
    """Assets and markets as they are written."""

    def asset(self, code: str) -> str:
        return code.upper()

    def split(self, glued: str) -> tuple[str, str] | None:
        base, slash, quote = glued.partition("/")
        return (base.upper(), quote.upper()) if slash and base and quote else None

    def amount(self, glued: str) -> tuple[Decimal, str] | None:
        number, blank, asset = glued.strip().partition(" ")
        try:
            return (to_amount(number), asset.strip().upper()) if blank else None
        except ValueError:
            return None
