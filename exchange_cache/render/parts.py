"""Columns that several screens share: codes, quantities, prices, money, results."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exchange_cache.render import words
from exchange_cache.render.layout import (
    GridColumn,
    Line,
    Number,
    aligned,
    cells,
    padded,
    shortened,
    text,
    width_of,
)
from exchange_cache.render.signs import Signs

_CODE_LEAST = 10


def tone(number: Decimal | None) -> str:
    """The role of a result: good above zero, bad below."""
    return "" if number is None or number == 0 else "good" if number > 0 else "bad"


def result_number(number: Decimal | None, digits: int, role: str | None = None) -> Number:
    """A result with its sign, and its tone unless it has a ``role``; one that rounds to zero has
    neither sign nor tone."""
    shown = words.signed(number, digits)
    own = tone(number) if role is None else role
    return Number(shown, own if shown[:1] in {"+", "-"} else "")


def code_column(
    heading: str, codes: Sequence[str], signs: Signs, role: str = "strong", least: int = _CODE_LEAST
) -> GridColumn:
    """Names, which a narrow terminal shortens at the end; numbers are never shortened."""
    longest = max((cells(code) for code in codes), default=0)

    def fill(width: int) -> tuple[Line, ...]:
        return tuple(
            text(shortened(code, max(width, len(heading)), signs.ellipsis), role) for code in codes
        )

    return GridColumn(heading=heading, fill=fill, least=min(longest, least), most=longest)


def quantity_column(
    heading: str, numbers: Sequence[Decimal | None], *, drop: int = 0
) -> GridColumn:
    """Quantities in one precision: that of the longest fraction, at most eight decimals."""
    digits = words.quantity_digits(numbers)
    shown = [
        Number(
            words.fixed(number, digits),
            "bad" if number is not None and number < 0 else "",
            "",
            True,
        )
        for number in numbers
    ]
    return GridColumn(heading=heading, cells=aligned(shown), align="right", drop=drop)


def price_column(heading: str, numbers: Sequence[Decimal | None], *, drop: int = 0) -> GridColumn:
    """Prices aligned at the decimal point, each with the decimals that suit its size.

    One precision for the whole column would print a bitcoin with the twelve decimals of a meme
    coin.
    """
    shown = [Number(words.price(number)) for number in numbers]
    return GridColumn(heading=heading, cells=aligned(shown), align="right", drop=drop)


def money_column(
    heading: str, numbers: Sequence[Decimal | None], asset: str, *, drop: int = 0
) -> GridColumn:
    """Amounts in one asset."""
    digits = words.money_digits(asset)
    shown = [
        Number(words.fixed(number, digits), "bad" if number is not None and number < 0 else "")
        for number in numbers
    ]
    return GridColumn(heading=heading, cells=aligned(shown), align="right", drop=drop)


def _tail(marks: Sequence[str]) -> int:
    """The cells that marks take after the digits."""
    widest = max((cells(mark) for mark in marks), default=0)
    return widest + 1 if widest else 0


# --- the portfolio, which is read at a glance ----------------------------------------------------


def brief_column(
    heading: str, numbers: Sequence[Decimal | None], most: int, *, drop: int = 0
) -> GridColumn:
    """Quantities with at most six significant digits; ``most`` decimals are aligned."""
    shown = [Number(words.brief(number)) for number in numbers]
    return GridColumn(heading=heading, cells=aligned(shown, most), align="right", drop=drop)


def brief_price_column(
    heading: str,
    numbers: Sequence[Decimal | None],
    most: int,
    *,
    drop: int = 0,
    marks: Sequence[str] = (),
) -> GridColumn:
    """Prices to compare with one another; ``most`` decimals are aligned."""
    signs = marks or [""] * len(numbers)
    shown = [
        Number(words.brief_price(number), "", mark)
        for number, mark in zip(numbers, signs, strict=True)
    ]
    return GridColumn(
        heading=heading, cells=aligned(shown, most), align="right", drop=drop, tail=_tail(signs)
    )


def calm_tone(amount: Decimal | None, fraction: Decimal | None) -> str:
    """The role of a result; none where its percentage is shown as zero."""
    return "" if words.is_flat(fraction) else tone(amount)


def result_column(
    heading: str,
    results: Sequence[tuple[Decimal | None, Decimal | None]],
    asset: str,
    *,
    drop: int = 0,
) -> GridColumn:
    """Results and, under ``%``, what they are of their cost: ``+3,092.37   +7.7``."""
    digits = words.money_digits(asset)
    roles = [calm_tone(amount, fraction) for amount, fraction in results]
    amounts = aligned(
        [
            Number(words.signed(amount, digits), role)
            for (amount, _), role in zip(results, roles, strict=True)
        ]
    )
    shares = [words.change(fraction) if fraction is not None else "" for _, fraction in results]
    widest = max((cells(share) for share in shares), default=0)
    if not widest:
        return GridColumn(heading=heading, cells=amounts, align="right", drop=drop)
    rows = tuple(
        (*amount, *text(" "), *padded(text(share, role), widest, "right"))
        for amount, share, role in zip(amounts, shares, roles, strict=True)
    )
    spacious = width_of(amounts[0]) < cells(heading)  # blanks precede the digits anyhow
    return GridColumn(
        heading=heading,
        cells=rows,
        align="right",
        drop=drop,
        gap=1 if spacious else 2,
        tail=widest + 1,
        unit="%",
    )


def change_column(heading: str, fractions: Sequence[Decimal | None], *, drop: int) -> GridColumn:
    """Changes as percentages with their sign."""
    shown = [
        Number(
            words.UNKNOWN if fraction is None else f"{words.change(fraction)} %",
            calm_tone(fraction, fraction),
        )
        for fraction in fractions
    ]
    return GridColumn(heading=heading, cells=aligned(shown), align="right", drop=drop)
