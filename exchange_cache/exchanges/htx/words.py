"""The types by which HTX's ledgers call their rows: of the spot accounts and of contracts."""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, means
from exchange_cache.records import FillKind, TransferKind


def _both_ways(*words: str) -> dict[str, Meaning]:
    """From and to somebody else."""
    return dict.fromkeys(
        words, Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    )


#: ``transactType`` of the spot ledger, of moves their ``transferType``. The page says that types
#: other than moves are not served yet; their names are those of the account history. What is
#: subscribed or exchanged is two rows: what was given, what was received.
#: https://www.htx.com/en-us/opend/newApiPages/?id=7ec501f7-7773-11ed-9966-0242ac110003
#: https://www.htx.com/en-us/opend/newApiPages/?id=7ec4ff6d-7773-11ed-9966-0242ac110003
LEDGER: dict[str, Meaning] = {
    **means(FillKind.TRADE, "trade", "transact-fee", "fee-deduction"),
    **means(TransferKind.DEPOSIT, "deposit", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdraw", "withdraw-fee", elsewhere=True),
    **means(
        TransferKind.INTERNAL,
        *("transfer", "otc-to-spot", "spot-to-otc", "futures-to-spot", "spot-to-futures"),
        *("dm-swap-to-spot", "dm-spot-to-swap", "spot-to-linear-swap", "linear-swap-to-spot"),
        *("margin-transfer-in", "margin-transfer-out"),
        *("spot-to-super-margin", "super-margin-to-spot"),
    ),
    **dict.fromkeys(
        (
            "lock-transfer-in",
            "lock-transfer-out",
            "user-lock-transfer-in",
            "user-lock-transfer-out",
        ),
        Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="locked"),
    ),
    **_both_ways(
        *("master-transfer-in", "master-transfer-out", "sub-transfer-in", "sub-transfer-out"),
        *("agency-transfer-in", "agency-transfer-out"),
    ),
    "credit": Meaning(kind=TransferKind.LOAN, outgoing=TransferKind.REPAYMENT),
    **means(TransferKind.INTEREST, "interest"),
    **means(TransferKind.LIQUIDATION, "liquidation"),
    **means(TransferKind.REWARD, "rebate"),
    **means(TransferKind.SUBSCRIPTION, "etf", "exchange"),
}

#: Types of the financial records of contracts; fills report results and fees, 16 and 17 are the
#: unrealised result that a settlement books.
#: https://www.htx.com/en-us/opend/newApiPages/?id=5d51b5ab-77b6-11ed-9966-0242ac110003
CONTRACTS: dict[str, Meaning] = {
    **means(TransferKind.FUNDING, "30", "31"),
    **means(FillKind.TRADE, *("3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13")),
    **means(TransferKind.INTERNAL, "14", "15", "38", "39", elsewhere=True),
    **means(TransferKind.SETTLEMENT, "16", "17", "19"),
    **means(TransferKind.ADJUSTMENT, "26"),
    **means(TransferKind.REWARD, "28", "29"),
    **_both_ways("34", "35", "36", "37"),
}
