"""The types by which OKX's bills call their rows: of the trading and of the funding account."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter.meanings import Meaning, lent, means
from exchange_cache.records import FillKind, TransferKind


def _moved(outside: str, *words: str, inside: str = "funding") -> dict[str, Meaning]:
    """Moves between an account and another wallet, or a product that is not read."""
    return dict.fromkeys(words, Meaning(kind=TransferKind.INTERNAL, inside=inside, outside=outside))


def _both_ways(*words: str) -> dict[str, Meaning]:
    """From and to somebody else."""
    return dict.fromkeys(
        words, Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    )


#: Types of the trading account's bills. Fills report deliveries, exercises, liquidations and
#: deleveraging as they report trades (``subType`` there). A forced repayment, a system token
#: conversion and a one-click repayment are two rows: what was given and what was received.
#: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-3-months
#: https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-transaction-details-last-3-months
BILLS: dict[str, Meaning] = {
    **means(FillKind.TRADE, "2", "3", "5", "9", "13", "14", "24", "30", "32"),
    **means(FillKind.CONVERT, "27"),
    **means(FillKind.DUST, "28"),
    # 6: margin added to a position or taken out; what is left returns when the position is closed
    **dict.fromkeys(("1", "6"), Meaning(kind=TransferKind.INTERNAL, inside="trading")),
    **means(TransferKind.INTEREST, "7", "381"),
    **means(TransferKind.FUNDING, "8"),
    **means(TransferKind.SETTLEMENT, "10", "34"),  # clawback; result of a settlement
    **means(TransferKind.SUBSCRIPTION, "4", "11", "29"),
    **means(TransferKind.FEE, "250", "251"),  # shares of profit for those that were copied
    **_moved("bots", "12", inside="trading"),
    **_moved("structured products", "26", inside="trading"),
    **lent("trading", "15", "16", "22", "33"),
}

#: Types with a history of their own, each with less to read than all bills.
APART = ("1", "7", "8")

#: All bills, without them.
REST = {**BILLS, **{word: replace(BILLS[word], elsewhere=True) for word in APART}}

#: Types of the funding account's bills; those without a name in today's page are from its earlier
#: editions. What was staked as ETH or SOL is given for a token of its own.
#: https://www.okx.com/docs-v5/en/#funding-account-rest-api-asset-bills-history
FUNDING: dict[str, Meaning] = {
    **means(TransferKind.DEPOSIT, "1", "116", "117", "118", "121", "122", "123", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "2", "13", elsewhere=True),
    **means(TransferKind.FEE, "221", elsewhere=True),  # part of a withdrawal
    **means(TransferKind.INTERNAL, "130", "131", elsewhere=True),
    **means(FillKind.CONVERT, "136", "272", "273"),
    **means(TransferKind.WITHDRAWAL, "20", "22"),  # to a sub-account, to the main account
    **means(TransferKind.DEPOSIT, "21", "23", "125", "200", "361"),
    **_both_ways(
        *("49", "52", "53", "54", "72", "73", "74", "134", "187", "195", "196", "197"),
        *("270", "303", "313", "314", "315"),
    ),
    **means(TransferKind.AIRDROP, "28", "181", "229"),
    **means(
        TransferKind.REWARD,
        *("48", "68", "69", "83", "85", "87", "88", "89", "129", "139", "145", "146", "147"),
        *("150", "151", "152", "153", "154", "155", "156", "162", "172", "173", "185", "189"),
        *("204", "209", "223", "227", "232", "233", "242", "251", "263", "265", "266", "271"),
        *("299", "300", "328", "333", "350", "354", "408", "516"),
    ),
    **means(TransferKind.INTEREST, "126", "307", "308", "309", "343", "344", "346"),
    **means(TransferKind.FEE, "84", "86", "222", "347", "400"),
    # Jumpstart: 77 distributed, 174 paid
    **means(
        TransferKind.SUBSCRIPTION,
        *("61", "77", "135", "137", "138", "174", "329", "330", "331", "332"),
    ),
    **means(TransferKind.ADJUSTMENT, "47", "143", "157", "198", "199", "220"),
    **_moved("earn", "75", "76"),
    **_moved("earn-staking", "80", "82", "90", "91"),
    **_moved("trading", "311"),
    **_moved("Jumpstart", "78", "124"),
    **_moved("votes", "79", "81"),
    **_moved("fixed savings", "304", "305", "306", "339", "340", "341", "342"),
    **_moved("BTC staking", "348", "349"),
    **_moved(
        "structured products",
        *("160", "161", "163", "202", "203", "205", "207", "208", "210", "225", "226", "228"),
        *("240", "241", "243", "249", "250", "252"),
    ),
    # frozen, as the deposit of a merchant or by OKX: the balance contains what is frozen
    **dict.fromkeys(
        ("119", "120", "132", "133"), Meaning(kind=TransferKind.INTERNAL, inside="funding")
    ),
    **_moved("loans", "92", "93", "175", "177", "178", "180", "212", "215"),
    **lent("funding", "95", "176", "179", "217", "218", "345", "351"),
    **_moved("custody", "284", "285", "286", "287", "288", "289"),
    **_moved("segregated assets", "372", "373"),
}
