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
)
from exchange_cache.render.signs import Signs

_CODE_LEAST = 10


def tone(number: Decimal | None) -> str:
    """The role of a result: good above zero, bad below."""
    return "" if number is None or number == 0 else "good" if number > 0 else "bad"


def code_column(
    heading: str, codes: Sequence[str], signs: Signs, role: str = "strong"
) -> GridColumn:
    """Names, which a narrow terminal shortens at the end; numbers are never shortened."""
    longest = max((cells(code) for code in codes), default=0)

    def fill(width: int) -> tuple[Line, ...]:
        return tuple(
            text(shortened(code, max(width, len(heading)), signs.ellipsis), role) for code in codes
        )

    return GridColumn(heading=heading, fill=fill, least=min(longest, _CODE_LEAST), most=longest)


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


def price_column(
    heading: str, numbers: Sequence[Decimal | None], *, drop: int = 0, marks: Sequence[str] = ()
) -> GridColumn:
    """Prices aligned at the decimal point, each with the decimals that suit its size.

    One precision for the whole column would print a bitcoin with the twelve decimals of a meme
    coin.
    """
    signs = marks or [""] * len(numbers)
    shown = [
        Number(words.price(number), "", mark) for number, mark in zip(numbers, signs, strict=True)
    ]
    return GridColumn(
        heading=heading, cells=aligned(shown), align="right", drop=drop, tail=_tail(signs)
    )


def money_column(
    heading: str,
    numbers: Sequence[Decimal | None],
    asset: str,
    *,
    drop: int = 0,
    marks: Sequence[str] = (),
) -> GridColumn:
    """Amounts in one asset."""
    digits = words.money_digits(asset)
    signs = marks or [""] * len(numbers)
    shown = [
        Number(
            words.fixed(number, digits), "bad" if number is not None and number < 0 else "", mark
        )
        for number, mark in zip(numbers, signs, strict=True)
    ]
    return GridColumn(
        heading=heading, cells=aligned(shown), align="right", drop=drop, tail=_tail(signs)
    )


def _tail(marks: Sequence[str]) -> int:
    """The cells that footnote marks take after the digits."""
    widest = max((cells(mark) for mark in marks), default=0)
    return widest + 1 if widest else 0


def pnl_column(
    heading: str,
    results: Sequence[tuple[Decimal | None, Decimal | None]],
    asset: str,
    *,
    drop: int = 0,
    marks: Sequence[str] = (),
) -> GridColumn:
    """Results with sign, percentage and colour: ``+27,451.02 (+55.4 %)``."""
    digits = words.money_digits(asset)
    signs = marks or [""] * len(results)
    tail = _tail(signs)
    amounts = aligned([Number(words.signed(amount, digits), tone(amount)) for amount, _ in results])
    shares = [
        f"({words.percent(fraction, sign=True)})" if fraction is not None else ""
        for _, fraction in results
    ]
    widest = max((cells(share) for share in shares), default=0)
    rows: list[Line] = []
    for (amount, _), line, share, mark in zip(results, amounts, shares, signs, strict=True):
        share_cell = (
            (*text(" "), *padded(text(share, tone(amount)), widest, "right")) if widest else ()
        )
        row = (
            (*line, *share_cell)
            if amount is not None
            else (*text(" " * (widest + 1 if widest else 0)), *line)
        )
        rows.append((*row, *padded(text(f" {mark}" if mark else "", "quiet"), tail)))
    return GridColumn(heading=heading, cells=tuple(rows), align="right", drop=drop, tail=tail)
