"""What an exchange's id states about a market that its list does not contain: the vocabulary in
which the file of an exchange writes its grammar.

A grammar is one function in the exchange's file. It reads an id, the category that the row belongs
to, and the row, and answers with an ``Identity``, or with None where these decide nothing. It never
takes the most likely reading: a row under a wrong identity is another asset, and a row that waits
is only late. The engine asks a grammar after the market list (``markets.by_id``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from exchange_cache.money import EXACT, ZERO, to_amount_or_none, to_text

#: Asked as the category where a stream's rows belong to several: the id alone decides.
ANY = "any"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
#: The letters of futures' months: https://en.wikipedia.org/wiki/Delivery_month
_LETTERS = "FGHJKMNQUVXZ"
#: A day of expiry in an id, as 240628 or 20240628, and as 28JUN24.
ON_DAY = r"(\d{8}|\d{6})"
NAMED_DAY = rf"(\d{{1,2}}(?:{'|'.join(_MONTHS)})\d{{2}})"
#: A month of expiry in an id, as M24.
IN_MONTH = rf"([{_LETTERS}]\d{{2}})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a market is: unified codes, its category, and what makes a contract this contract.

    ``expiry`` is YYMMDD, or YYMM where the id states no day; ``right`` is C or P.
    ``contract_size`` is what the id or the row states, None where they state none. ``scales`` are
    those by which the exchange scales the figures of the market, by ccxt's names.
    """

    base: str
    quote: str
    category: str = "spot"
    settle: str | None = None
    expiry: str | None = None
    strike: str | None = None
    right: str | None = None
    contract_size: str | None = None
    scales: tuple[tuple[str, int], ...] = ()

    @property
    def is_contract(self) -> bool:
        return self.category not in {"spot", "margin"}

    @property
    def symbol(self) -> str:
        """The unified symbol, as ccxt writes it: ``BASE/QUOTE[:SETTLE[-EXPIRY[-STRIKE-RIGHT]]]``"""
        if not self.is_contract:
            return f"{self.base}/{self.quote}"
        parts = (f"{self.base}/{self.quote}:{self.settle}", self.expiry, self.strike, self.right)
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """An id that the market list does not contain, and what is known beside it.

    ``category`` is that of the row, or ANY. ``quotes`` are the ids and codes of what the listed
    markets of this category are quoted in, ``assets`` those of everything that is listed.
    """

    market_id: str
    category: str
    code: Callable[[str], str]
    quotes: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_spot(self) -> bool:
        """Whether the row's history states that this is no contract."""
        return self.category in {"spot", "margin"}

    def figures(self, *names: str) -> tuple[Decimal, ...] | None:
        """Figures of the row; None unless all of them are there and above zero."""
        found = tuple(to_amount_or_none(self.row.get(name)) or ZERO for name in names)
        return found if all(figure > 0 for figure in found) else None

    def match(self, pattern: str) -> tuple[str, ...] | None:
        """The groups of a pattern that the whole id follows; absent groups are empty."""
        found = re.fullmatch(pattern, self.market_id)
        return None if found is None else tuple(part or "" for part in found.groups())

    def spot(self, base: str, quote: str, *, scales: tuple[tuple[str, int], ...] = ()) -> Identity:
        return Identity(base=self.code(base), quote=self.code(quote), scales=scales)

    def linear(
        self,
        base: str,
        quote: str,
        *,
        expiry: str | None = None,
        contract_size: str | None = None,
    ) -> Identity:
        """A contract that settles in its quote."""
        settle = self.code(quote)
        return Identity(
            base=self.code(base),
            quote=settle,
            settle=settle,
            category="linear",
            expiry=expiry,
            contract_size=contract_size,
        )

    def inverse(
        self,
        base: str,
        quote: str,
        *,
        expiry: str | None = None,
        contract_size: str | None = None,
    ) -> Identity:
        """A contract that settles in its base."""
        settle = self.code(base)
        return Identity(
            base=settle,
            quote=self.code(quote),
            settle=settle,
            category="inverse",
            expiry=expiry,
            contract_size=contract_size,
        )

    def option(
        self, base: str, quote: str, settle: str, day: str, strike: str, right: str
    ) -> Identity:
        return Identity(
            base=self.code(base),
            quote=self.code(quote),
            settle=self.code(settle),
            category="option",
            expiry=expiry_of(day),
            strike=strike,
            right=right,
        )

    def pair(self, stem: str, former: Iterable[str] = ()) -> tuple[str, str] | None:
        """The base and the quote of a pair that is written without a separator.

        Quotes are what the exchange lists and those it had (``former``). Where several endings fit
        (…TUSD is T against USD, or TUSD), the one whose base is listed decides; else None.
        """
        known = {name.upper() for name in (*self.quotes, *former)}
        splits = [
            (stem[: -len(quote)], quote)
            for quote in known
            if stem.upper().endswith(quote) and stem[: -len(quote)].isalnum()
        ]
        if len(splits) > 1:
            splits = [split for split in splits if split[0].upper() in self.assets]
        return splits[0] if len(splits) == 1 else None

    def separated(self, separator: str) -> tuple[str, str] | None:
        """The base and the quote of a pair that is written with a separator."""
        base, _, quote = self.market_id.partition(separator)
        plain = base.isalnum() and quote.isalnum() and not quote[0].isdigit()
        return (base, quote) if plain else None


Grammar = Callable[[Unlisted], Identity | None]


def says_nothing(unlisted: Unlisted) -> None:
    """The grammar of an exchange whose ids say nothing of a market: rows wait for its list."""


def expiry_of(text: str) -> str:
    """YYMMDD out of YYMMDD, YYYYMMDD or 28JUN24; YYMM out of M24."""
    if text.isdigit():
        return text[-6:]
    if text[0] in _LETTERS and text[1:].isdigit():
        return f"{text[1:]}{_LETTERS.index(text[0]) + 1:02d}"
    return f"{text[-2:]}{_MONTHS.index(text[-5:-2]) + 1:02d}{int(text[:-5]):02d}"


def power_of_ten(units: Decimal, contracts: Decimal) -> str | None:
    """What one contract is, out of what some are: exchanges round the units, and every contract is
    a power of ten of them. None where it is not near one."""
    each = EXACT.divide(units, contracts)
    nearest = EXACT.scaleb(1, int(EXACT.to_integral_value(EXACT.log10(each))))
    apart = EXACT.abs(EXACT.subtract(EXACT.divide(each, nearest), 1))
    return to_text(nearest) if apart < Decimal("0.01") else None
