"""Exact numbers: the only conversion between text and Decimal, and the rounding of quotients.

No float is accepted. Sums and products of exchange figures are exact; quotients that are amounts
lie on a fixed fine grid, so that their sums are exact too; ratios have 34 digits.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import overload

#: Arithmetic of money: wide enough that only divisions round, never sums or products of exchange
#: figures.
EXACT = Context(
    prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)

#: The powers of ten between which every digit of an amount or a price lies; anything beyond is not
#: money (1e999999).
LARGEST_DIGIT, SMALLEST_DIGIT = 40, -60

ZERO = Decimal(0)

#: A difference up to this share of a holding is the exchange's rounding.
ROUNDING = Decimal("1e-6")

_STATES = """
    USD EUR GBP CHF JPY CAD AUD NZD SEK NOK DKK PLN CZK HUF RON TRY BRL MXN ARS COP ZAR INR KRW
    SGD HKD TWD THB IDR VND PHP UAH AED
"""
#: National currencies: a deposit costs its value of that day.
FIAT = frozenset(_STATES.split())


def to_decimal(value: str | int | Decimal) -> Decimal:
    """A finite Decimal; ValueError names anything else (floats are refused)."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"not an exact number: {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    return number


def to_decimal_or_none(value: str | int | Decimal | None) -> Decimal | None:
    """Like :func:`to_decimal`, with None and empty text meaning unknown."""
    return None if value is None or value == "" else to_decimal(value)


def to_amount(value: str | int | Decimal) -> Decimal:
    """Like :func:`to_decimal`, for figures of an exchange: ValueError for what cannot be money."""
    number = to_decimal(value)
    if number.adjusted() > LARGEST_DIGIT or int(number.as_tuple().exponent) < SMALLEST_DIGIT:
        raise ValueError(f"not a possible amount or price: {str(value)[:40]!r}")
    return number


def to_amount_or_none(value: str | int | Decimal | None) -> Decimal | None:
    """Like :func:`to_amount`, with None and empty text meaning unknown."""
    return None if value is None or value == "" else to_amount(value)


def grouped(number: Decimal) -> str:
    """All its digits with thousands separators, for sentences: ``1,000,000.5``."""
    return f"{Decimal(to_text(number)):,f}"


def to_text(value: Decimal) -> str:
    """The canonical text: plain digits, no exponent, no trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def to_text_or_none(value: Decimal | None) -> str | None:
    """Like :func:`to_text`, None staying None."""
    return None if value is None else to_text(value)


# --- where a division ends ------------------------------------------------------------------------

#: The grid of quotients: far finer than any exchange's, and sums stay exact in 60 digits.
QUANTUM = Decimal("1e-30")

#: The precision of ratios (averages, prices, fractions) that are shown.
PUBLISHED = Context(prec=34)


def rounded(amount: Decimal) -> Decimal:
    """The amount on the QUANTUM grid; figures of exchanges already lie on it."""
    return amount.quantize(QUANTUM)


@overload
def published(number: Decimal) -> Decimal: ...
@overload
def published(number: None) -> None: ...
def published(number: Decimal | None) -> Decimal | None:
    """The quotient, precise enough for any use and short enough to print; None stays None."""
    if number is None:
        return None
    near = number.normalize(PUBLISHED)
    exponent = near.as_tuple().exponent
    return (
        near.quantize(Decimal(1), context=EXACT)
        if isinstance(exponent, int) and exponent > 0
        else near
    )
