"""What the words of an exchange's ledger mean: each policy has a table of them.

A row whose word is in no table is kept as unclassified, under its word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.records import LOAN, UNSIGNED_KINDS, FillKind, TransferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The kind of a ledger row.

    A FillKind means that the row belongs to a trade or a convert, which fills report.
    ``elsewhere``: another history has the row, so it is not read here. ``outgoing`` is the kind of
    a row with a negative amount, where the sign decides it (a move to or from a sub-account is a
    deposit or a withdrawal). ``inside`` and ``outside`` are the wallets of a move: an amount that
    arrives goes from ``outside`` to ``inside``, a negative one back.
    """

    kind: TransferKind | FillKind
    elsewhere: bool = False
    outgoing: TransferKind | None = None
    inside: str | None = None
    outside: str | None = None


class Classified(NamedTuple):
    """The kind of one row, its quantity with the sign that the kind demands, and its wallets."""

    kind: TransferKind
    quantity: Decimal
    from_wallet: str | None
    to_wallet: str | None


UNKNOWN = Meaning(kind=TransferKind.UNCLASSIFIED)


def means(
    kind: TransferKind | FillKind, *words: str, elsewhere: bool = False
) -> dict[str, Meaning]:
    """A part of a table: several words of one kind."""
    return dict.fromkeys(words, Meaning(kind=kind, elsewhere=elsewhere))


def lent(inside: str, *words: str) -> dict[str, Meaning]:
    """Words of what a wallet borrows and pays back: the sign decides which of both a row is."""
    meaning = Meaning(
        kind=TransferKind.LOAN, outgoing=TransferKind.REPAYMENT, inside=inside, outside=LOAN
    )
    return dict.fromkeys(words, meaning)


def sides(table: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """The table for rows that no fill reports: each leg of a convert is one side of an exchange."""
    side = Meaning(kind=TransferKind.SUBSCRIPTION)
    return {
        word: side if meaning.kind is FillKind.CONVERT else meaning
        for word, meaning in table.items()
    }


def part_in(table: Mapping[str, Meaning], words: str) -> str | None:
    """The first entry of a table that a free text contains, whatever its case."""
    lower = words.lower()
    return next((part for part in table if part in lower), None)


def classified(
    table: Mapping[str, Meaning], word: str, amount: Decimal, wallet: str | None = None
) -> Classified | None:
    """The kind of a row by its word and signed amount; None where another history has the row.
    ``wallet`` is the ledger's own, for moves whose entry does not name it.

    A deposit with a negative amount, or a withdrawal with a positive one, was reversed by the
    exchange: an adjustment. A loan and a repayment differ by their kind, not by their sign.
    """
    meaning = table.get(word, UNKNOWN)
    kind = meaning.kind
    if meaning.elsewhere or isinstance(kind, FillKind):
        return None
    arrives = amount >= 0
    if not arrives and meaning.outgoing is not None:
        kind = meaning.outgoing
    elif (kind is TransferKind.DEPOSIT and not arrives) or (
        kind is TransferKind.WITHDRAWAL and arrives
    ):
        kind = TransferKind.ADJUSTMENT
    quantity = amount.copy_abs() if kind in UNSIGNED_KINDS else amount
    inside = meaning.inside or (wallet if kind is TransferKind.INTERNAL else None)
    from_wallet, to_wallet = (meaning.outside, inside) if arrives else (inside, meaning.outside)
    return Classified(kind, quantity, from_wallet, to_wallet)
