"""What the words of an exchange's ledger mean."""

from __future__ import annotations

from decimal import Decimal as Dec

import pytest

from exchange_cache.adapter.meanings import Meaning, classified, means, sides
from exchange_cache.records import FillKind, TransferKind

TABLE = {
    **means(TransferKind.REWARD, "BONUS", "REBATE"),
    **means(TransferKind.DEPOSIT, "PAID_IN"),
    **means(TransferKind.WITHDRAWAL, "PAID_OUT"),
    **means(TransferKind.INTERNAL, "TRANSFER", elsewhere=True),
    **means(FillKind.CONVERT, "SWAP"),
    "SUB": Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL),
    "BOT": Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="bots"),
}


@pytest.mark.parametrize(
    ("word", "amount", "kind", "quantity"),
    [
        ("BONUS", "2", TransferKind.REWARD, "2"),
        ("BONUS", "-2", TransferKind.REWARD, "-2"),
        ("PAID_IN", "2", TransferKind.DEPOSIT, "2"),
        ("PAID_IN", "-2", TransferKind.ADJUSTMENT, "-2"),
        ("PAID_OUT", "-2", TransferKind.WITHDRAWAL, "2"),
        ("PAID_OUT", "2", TransferKind.ADJUSTMENT, "2"),
        ("SUB", "2", TransferKind.DEPOSIT, "2"),
        ("SUB", "-2", TransferKind.WITHDRAWAL, "2"),
        ("NEW", "-2", TransferKind.UNCLASSIFIED, "-2"),
    ],
)
def test_the_word_and_the_sign_decide_the_kind(
    word: str, amount: str, kind: TransferKind, quantity: str
) -> None:
    assert classified(TABLE, word, Dec(amount)) == (kind, Dec(quantity), None, None)


@pytest.mark.parametrize("word", ["TRANSFER", "SWAP"])
def test_a_row_of_another_history_is_not_read_here(word: str) -> None:
    assert classified(TABLE, word, Dec(1)) is None


@pytest.mark.parametrize(("amount", "ends"), [("3", ("bots", "spot")), ("-3", ("spot", "bots"))])
def test_a_move_names_both_ends(amount: str, ends: tuple[str, str]) -> None:
    assert classified(TABLE, "BOT", Dec(amount)) == (TransferKind.INTERNAL, Dec(3), *ends)


def test_a_leg_of_a_convert_alone_is_one_side_of_an_exchange() -> None:
    table = {**means(FillKind.CONVERT, "spend"), **means(FillKind.TRADE, "trade")}
    found = sides(table)
    assert found["spend"].kind is TransferKind.SUBSCRIPTION
    assert found["trade"] == table["trade"]
