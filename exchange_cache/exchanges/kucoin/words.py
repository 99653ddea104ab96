"""The words by which KuCoin's ledger calls its rows, in lower case and with spaces."""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, means
from exchange_cache.records import FillKind, TransferKind


def _moved(outside: str, *words: str) -> dict[str, Meaning]:
    """Moves between an account and another wallet, or a product that is not read."""
    return dict.fromkeys(words, Meaning(kind=TransferKind.INTERNAL, outside=outside))


#: ``bizType`` of the main, trade and margin accounts. Products of Earn are read as a wallet;
#: balances of margin accounts are net of what was borrowed. A fee that is paid in KCS instead is
#: two rows: the KCS, and the fee that is returned. The page names the types in capitals, the older
#: one in words.
#: https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-ledgers-spot-margin
#: https://github.com/Kucoin-Academy/kucoin-api-docs (BizType Description)
LEDGER: dict[str, Meaning] = {
    **means(
        FillKind.TRADE,
        "trade exchange",
        "exchange",
        "spot exchange",
        "margin exchange",
        "isolated exchange",
        "margin trade",
        "futures exchange open",
        "futures exchange close",
        "realisedpnl",
    ),
    **means(FillKind.CONVERT, "instant exchange", "convert"),
    **means(TransferKind.DEPOSIT, "deposit", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdrawal", "withdraw", elsewhere=True),
    **means(TransferKind.FUNDING, "funding fee", elsewhere=True),
    **means(TransferKind.LOAN, "borrowings", elsewhere=True),
    **means(TransferKind.REPAYMENT, "debt repayment", elsewhere=True),
    **means(TransferKind.INTERNAL, "transfer", "assets transferred in after upgrading"),
    **dict.fromkeys(
        (
            "sub-account transfer",
            "sub transfer",
            "sub to sub transfer",
            "broker transfer",
            "buy crypto",
            "sell crypto",
            "bank card deal",
            "send red envelope",
            "open red envelope",
        ),
        Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL),
    ),
    **means(TransferKind.AIRDROP, "airdrop/fork", "airdrop"),
    **means(
        TransferKind.REWARD,
        "vote for coin",
        "kucoin bonus",
        "kcs bonus",
        "referral bonus",
        "rewards",
        "other rewards",
        "distribution",
        "fee rebate",
        "rebate",
        "spot exchange rebate",
        "futures exchange rebate",
        "staking profits",
        "soft staking profits",
        "voting earnings",
        "lockdrop vesting",
    ),
    **means(TransferKind.INTEREST, "liability interest", "interest"),
    **means(
        TransferKind.FEE,
        "refunded fees",
        "returned fees",
        "kcs returned fees",
        "kcs pay fees",
        "deduction fees",
        "kcs deduction fees",
        "liquidation fees",
    ),
    **means(TransferKind.LIQUIDATION, "liquidation"),
    **means(
        TransferKind.SUBSCRIPTION,
        "public offering purchase",
        "convert to kcs",
        "auto exchange user",
    ),
    **means(TransferKind.ADJUSTMENT, "assert return"),
    **_moved("earn", "staking", "redemption"),
    **_moved("lending", "loans", "loans repaid", "lendings"),
    **_moved("Pool-X", "pool transactions", "voting", "redemption of voting"),
}
