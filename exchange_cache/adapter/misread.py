"""Symbols under which versions up to 0.3 stored rows of unlisted markets: what they took an id for,
and what its exchange means by it.

These versions split an id at a separator, or before the longest usual quote, and took what looked
like no contract for a pair. So the ids that may have become a symbol can be written down again,
split in that way to see which did, and read by the grammar. Used by the repair of caches alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from exchange_cache.adapter.grammar import ANY, Identity, Unlisted, expiry_of
from exchange_cache.adapter.markets import category_of, fits, unlisted_among
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.translate_moves import MONEY

#: The quotes that these versions knew beside the listed ones.
_QUOTES = {
    *MONEY,
    *("UST", "PAX", "USDP", "NGN", "RUB", "UAH", "IDRT", "BIDR", "VAI", "TRX", "XRP"),
}
_DATED = re.compile(r"[-_](\d{6,8}|\d{1,2}[A-Z]{3}\d{2})$")
_PERPETUAL = re.compile(r"([-_](SWAP|PERP|PERPETUAL))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a stored symbol is: ``right`` are the markets that its id may mean instead, and
    ``possible`` says that it may also be what it claims to be."""

    right: tuple[Identity, ...]
    possible: bool

    @property
    def is_wrong(self) -> bool:
        return not self.possible

    @property
    def is_doubtful(self) -> bool:
        return self.possible and bool(self.right)


class Reader:
    """Judges stored symbols of one exchange by the market list that the account remembers."""

    def __init__(self, policy: ExchangePolicy, markets: Sequence[Mapping[str, Any]]) -> None:
        self._policy = policy
        self._markets = markets
        self._symbols = {str(market["symbol"]) for market in markets}
        self._codes = {
            str(market[f"{side}Id"]).upper(): str(market[side])
            for market in markets
            for side in ("base", "quote")
            if market.get(f"{side}Id") and market.get(side)
        }
        listed = {
            str(market[name])
            for market in markets
            for name in ("quoteId", "quote")
            if market.get(name)
        }
        self._quotes = sorted(listed | _QUOTES, key=lambda item: (-len(item), item))
        self._mixed = any(stream.mixed for stream in policy.streams)
        self._known: dict[str, Unlisted] = {}

    def verdict(self, category: str, symbol: str) -> Verdict:
        """What a symbol is that rows are stored under; a listed one is what it is."""
        if symbol in self._symbols or "/" not in symbol:
            return Verdict(right=(), possible=True)
        spot = category in {"spot", "margin"}
        itself, right = False, dict[Identity, None]()
        for identity in self._identities(category, symbol):
            same = identity.category == category or (spot and not identity.is_contract)
            if same and identity.symbol == symbol:
                itself = True
            elif identity.base != identity.quote:
                right[identity] = None
        return Verdict(right=tuple(right), possible=itself or not right)

    def _identities(self, category: str, symbol: str) -> Iterator[Identity]:
        """What the ids mean that became this symbol."""
        for asked in {category, ANY if self._mixed else category}:
            for market_id in _ids(symbol):
                if self._was_taken_for(market_id, asked) != (
                    "spot" if category == "margin" else category,
                    symbol,
                ):
                    continue
                identity = self._policy.grammar(replace(self._among(asked), market_id=market_id))
                if identity is not None and fits(identity.category, asked):
                    yield identity

    def _among(self, category: str) -> Unlisted:
        """What the list says of quotes and assets, whatever the id."""
        if category not in self._known:
            self._known[category] = unlisted_among(
                self._markets, "", category, lambda name: self._codes.get(name, name)
            )
        return self._known[category]

    # --- how an id was read -----------------------------------------------------------------------

    def _was_taken_for(self, market_id: str, category: str) -> tuple[str, str] | None:
        """Category and symbol that these versions made of an id."""
        dated = _DATED.search(market_id)
        stem = _DATED.sub("", _PERPETUAL.sub("", market_id))
        parts = [part for part in re.split(r"[-_/]", stem) if part]
        if len(parts) < 2:
            endings = (quote for quote in self._quotes if stem.upper().endswith(quote))
            quote = next((quote for quote in endings if len(stem) > len(quote)), "")
            if not quote:
                return None
            parts = [stem[: -len(quote)], quote]
        base, quote = (self._codes.get(part.upper(), part.upper()) for part in parts[:2])
        if category == ANY:
            category = self._guessed(market_id, quote, dated=dated is not None)
        if category in {"spot", "margin"}:
            return "spot", f"{base}/{quote}"
        ending = f"-{expiry_of(dated.group(1))}" if dated else ""
        settle = base if category == "inverse" else quote
        return category, f"{base}/{quote}:{settle}{ending}"

    def _guessed(self, market_id: str, quote: str, *, dated: bool) -> str:
        marked = _PERPETUAL.search(market_id) is not None or dated
        if not marked and not (quote.endswith("M") and quote not in self._quotes):
            return "spot"
        contracts = (
            market
            for market in self._markets
            if market.get("contract") and not market.get("option") and market["quote"] == quote
        )
        found = next(contracts, None)
        if found is not None:
            return category_of(found)
        return "inverse" if quote == "USD" else "linear"


def _ids(symbol: str) -> Iterator[str]:
    """The ids that may have been split into a symbol."""
    base, _, rest = symbol.partition("/")
    quote, _, tail = rest.partition(":")
    expiry = tail.partition("-")[2]
    endings = (f"_{expiry}", f"-{expiry}") if expiry else ("",)
    for separator in ("", "_", "-"):
        stem = f"{base}{separator}{quote}"
        for written in dict.fromkeys((stem, stem.lower(), stem[0].lower() + stem[1:])):
            yield from (written + ending for ending in endings)
