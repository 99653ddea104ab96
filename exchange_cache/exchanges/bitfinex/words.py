"""What Bitfinex calls the rows of its ledger: the words that a row's description contains.

Sources: https://docs.bitfinex.com/reference/rest-auth-ledgers (the table of ``category``), and how
the exchange's own reports find the category in a description:
https://github.com/bitfinexcom/bfx-reports-framework (get-category-from-description.js)
"""

from __future__ import annotations

import re

from exchange_cache.adapter.meanings import Meaning, means, part_in
from exchange_cache.records import FillKind, TransferKind

#: In the order in which they are tried: "Transfer of 5 USD from wallet Exchange to Trading" names
#: the exchange too. Movements have the fees of deposits and withdrawals, and withdrawals that were
#: canceled.
LEDGER: dict[str, Meaning] = {
    **means(TransferKind.ADJUSTMENT, "adjustment"),
    **means(TransferKind.FEE, "claiming fee"),
    **means(TransferKind.ADJUSTMENT, "position claim", "position transfer"),
    **means(FillKind.TRADE, "position close", "position modified", "position liquidate"),
    **means(FillKind.TRADE, "settlement (trade)", "trading fee"),
    **means(
        TransferKind.INTEREST,
        "position swap",
        "position funding cost",
        "interest charge",
        "margin funding charge",
        "margin funding payment",
        "swap payment",
        "interest payment",
    ),
    **means(TransferKind.FUNDING, "funding event"),
    # a debt is settled by an exchange at a stated price: two rows, one of each currency
    **means(TransferKind.SETTLEMENT, "settlement"),
    **means(
        TransferKind.FEE,
        "unused margin funding fee",
        "hidden order fee",
        "otc trade fee",
        "swap fee",
        "computation fee",
        "currency conversion",
        "expense",
    ),
    **means(
        TransferKind.FEE,
        "deposit fee",
        "withdrawal fee",
        "withdrawal express fee",
        "miner fee",
        elsewhere=True,
    ),
    **means(
        TransferKind.REWARD,
        "trading rebate",
        "earned fee",
        "affiliate rebate",
        "ethfx loyalty fee",
        "staking reward",
        "monthly profit payment",
    ),
    **means(TransferKind.ADJUSTMENT, "losses"),
    **means(TransferKind.INTERNAL, "transfer"),
    **means(TransferKind.DEPOSIT, "deposit", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdrawal", elsewhere=True),
    **means(FillKind.TRADE, "exchange"),
}


def word_of(description: str) -> str:
    """The word of a row by its description; of an unknown one, what it says before the wallet."""
    said = re.sub(r"#\d+ ", "", description.partition(" on wallet ")[0])
    return part_in(LEDGER, said) or said
