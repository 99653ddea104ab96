"""The words by which Bybit's ledgers call their rows: of the unified and of the funding account."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter.meanings import Meaning, lent, means
from exchange_cache.records import LOAN, FillKind, TransferKind


def _moved(outside: str, *words: str, inside: str = "unified") -> dict[str, Meaning]:
    """Moves between an account and another wallet, or a product that is not read."""
    return dict.fromkeys(words, Meaning(kind=TransferKind.INTERNAL, inside=inside, outside=outside))


#: Types of the unified account's ledger; a word with a category means that in its rows only.
#: Executions report deliveries of futures, but not those of options. A leveraged token, and what a
#: repayment or a redemption converts, are two rows: what was given and what was received.
#: https://bybit-exchange.github.io/docs/v5/enum#typeuta-translog
#: https://bybit-exchange.github.io/docs/v5/enum#exectype
LOG: dict[str, Meaning] = {
    **means(FillKind.TRADE, "TRADE", "LIQUIDATION", "ADL", "DELIVERY"),
    **means(FillKind.CONVERT, "CURRENCY_BUY", "CURRENCY_SELL"),
    **means(TransferKind.INTERNAL, "TRANSFER_IN", "TRANSFER_OUT", elsewhere=True),
    **means(TransferKind.FUNDING, "SETTLEMENT"),
    **means(
        TransferKind.SETTLEMENT,
        "DELIVERY option",
        "PREMARKET_DELIVERY_PLEDGE_PAY_SELLER",
        "PREMARKET_ROLLBACK_PLEDGE_PENALTY_TO_BUYER",
    ),
    **means(TransferKind.AIRDROP, "AIRDROP", "TWAP_BUDGET_AIRDROP", "TWAP_BUDGET_RECALL"),
    **means(
        TransferKind.REWARD,
        "BONUS",
        "BONUS_RECOLLECT",
        "BONUS_TRANSFER_IN",
        "BONUS_TRANSFER_OUT",
        "FEE_REFUND",
        "PEF_PROFIT_SHARE",
    ),
    **dict.fromkeys(
        (
            "INTEREST",
            "INTEREST_REPAYMENT_INS_LOAN",
            "AUTO_INTEREST_REPAYMENT_INS_LOAN",
            "INSTITUTION_PAYBACK_INTEREST_OUT",
            "INSTITUTION_LIQ_INTEREST_OUT",
        ),
        Meaning(kind=TransferKind.INTEREST, inside=LOAN),
    ),
    **lent(
        "unified",
        "BORROW",
        "BORROWED_AMOUNT_INS_LOAN",
        "INSTITUTION_LOAN_IN",
        "LOANS_BORROW_FUNDS",
        "FLOATING_TO_FIXED_BORROW",
    ),
    **lent(
        "unified",
        "REPAY",
        "PRINCIPLE_REPAYMENT_INS_LOAN",
        "AUTO_PRINCIPLE_REPAYMENT_INS_LOAN",
        "INSTITUTION_PAYBACK_PRINCIPAL_OUT",
        "INSTITUTION_LIQ_PRINCIPAL_OUT",
        "FLOATING_TO_FIXED_REPAY",
    ),
    **means(
        TransferKind.FEE,
        "CUSTODY_NETWORK_FEE",
        "CUSTODY_SETTLE_FEE",
        "SPREAD_FEE_OUT",
        "BROKER_ABACCOUNT_FEE",
    ),
    **means(
        TransferKind.SUBSCRIPTION,
        "TOKENS_SUBSCRIPTION",
        "TOKENS_REDEMPTION",
        "SPOT_REPAYMENT_SELL",
        "SPOT_REPAYMENT_BUY",
        "CONVERT",
        "AUTO_SOLD_COLLATERAL_INS_LOAN",
        "AUTO_BUY_LIABILITY_INS_LOAN",
        "INSTITUTION_EXCHANGE_SELL",
        "INSTITUTION_EXCHANGE_BUY",
        "EARNING_REDEMPTION_SELL",
        "EARNING_REDEMPTION_BUY",
        "IDN_CONVERT_IN",
        "IDN_CONVERT_OUT",
        "PREMARKET_DELIVERY_SELL_NEW_COIN",
        "PREMARKET_DELIVERY_BUY_NEW_COIN",
    ),
    **means(
        TransferKind.ADJUSTMENT,
        "AUTO_DEDUCTION",
        "ALPHA_SMALL_TOKEN_REFUND",
        "PLATFORM_TOKEN_MNT_LIQRECALLEDMMNT",
        "PLATFORM_TOKEN_MNT_LIQRETURNEDMNT",
    ),
    **_moved(
        "earn",
        "FLEXIBLE_STAKING_SUBSCRIPTION",
        "FLEXIBLE_STAKING_REDEMPTION",
        "FLEXIBLE_STAKING_REFUND",
    ),
    **_moved("fixed savings", "FIXED_STAKING_SUBSCRIPTION", "FIXED_STAKING_REFUND"),
    **_moved(
        "earn-onchain",
        "ONCHAINEARN_SUBSCRIPTION",
        "ONCHAINEARN_REDEMPTION",
        "ONCHAINEARN_REFUND",
    ),
    **_moved("structured products", "STRUCTURE_PRODUCT_SUBSCRIPTION", "STRUCTURE_PRODUCT_REFUND"),
    **_moved(
        "wealth management",
        "CLASSIC_WEALTH_MANAGEMENT_SUBSCRIPTION",
        "PREMIMUM_WEALTH_MANAGEMENT_SUBSCRIPTION",
        "PREMIMUM_WEALTH_MANAGEMENT_REFUND",
        "PWM_SUBSCRIPTION",
        "PWM_REFUND",
    ),
    **_moved("liquidity mining", "LIQUIDITY_MINING_SUBSCRIPTION", "LIQUIDITY_MINING_REFUND"),
    **_moved(
        "DeFi",
        "DEFI_INVESTMENT_SUBSCRIPTION",
        "DEFI_INVESTMENT_REFUND",
        "DEFI_INVESTMENT_REDEMPTION",
    ),
    **_moved(
        "pre-market",
        "PREMARKET_TRANSFER_OUT",
        "PREMARKET_DELIVERY_PLEDGE_BACK",
        "PREMARKET_ROLLBACK_PLEDGE_BACK",
    ),
    **_moved("crypto loans", "LOANS_PLEDGE_ASSET"),
    **_moved(
        "institutional loans",
        "TRANSFER_IN_INS_LOAN",
        "TRANSFER_OUT_INS_LOAN",
        "INSTITUTION_LOAN_TRANSFER_IN",
        "INSTITUTION_LOAN_TRANSFER_OUT",
        "INSTITUTION_LOAN_WITHOUT_WITHDRAW",
        "INSTITUTION_LOAN_RESERVE_IN",
        "INSTITUTION_LOAN_RESERVE_OUT",
    ),
    **_moved("funds", "PEF_TRANSFER_IN", "PEF_TRANSFER_OUT"),
    **_moved(
        "custody",
        "CUSTODY_LOCK",
        "CUSTODY_UNLOCK",
        "CUSTODY_UNLOCK_REFUND",
        "CUSTODY_CASH_RECOVER_TR",
        "DBS_CASH_IN",
        "DBS_CASH_OUT",
        "DBS_CASH_IN_TR",
        "DBS_CASH_OUT_TR",
    ),
}

#: Types with a history of their own, each with less to read than the whole ledger.
APART = ("SETTLEMENT", "INTEREST", "BORROW", "REPAY", "AIRDROP", "BONUS")

#: The whole ledger, without them.
REST = {**LOG, **{word: replace(LOG[word], elsewhere=True) for word in APART}}

_BOTH_WAYS = Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)

#: Parts of a row of the funding account, its type and description in lower case, in the order in
#: which they are tried. The page shows one example; the others are what public clients record of
#: the answers (type: description): "Earn: Launchpool Yield", "Fiat: P2P Sale", "Fiat: P2P Security
#: Deposit Frozen", "Transfer in: Main-Subaccount Transfer", "Crypto Loans: Increase Collateral".
#: https://bybit-exchange.github.io/docs/v5/asset/fund-history
FUNDING: dict[str, Meaning] = {
    **dict.fromkeys(("subaccount", "sub-account"), _BOTH_WAYS),
    **means(TransferKind.SUBSCRIPTION, "launchpad"),
    **means(TransferKind.INTEREST, "interest"),
    **means(TransferKind.REWARD, "yield", "reward", "bonus distribution", "cashback", "rebate"),
    **means(TransferKind.AIRDROP, "airdrop"),
    **means(TransferKind.REWARD, "bonus"),
    # frozen: taken to stay in walletBalance, next to transferBalance; the page does not say
    **dict.fromkeys(
        ("frozen", "unfreeze", "pending deposit", "confirmed deposit"),
        Meaning(kind=TransferKind.INTERNAL, inside="funding"),
    ),
    **_moved("crypto loans", "collateral", inside="funding"),
    **lent("funding", "borrow", "repay"),
    **_moved("structured products", "dual asset", "structured", inside="funding"),
    **_moved("launchpool", "launchpool", inside="funding"),
    **_moved("earn-onchain", "on-chain earn", "onchainearn", inside="funding"),
    **_moved("earn", "earn:", inside="funding"),
    **dict.fromkeys(("bybit card", "bybit pay", "fiat:", "p2p"), _BOTH_WAYS),
    **means(TransferKind.DEPOSIT, "deposit", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdraw", elsewhere=True),
    **means(TransferKind.INTERNAL, "transfer", elsewhere=True),
    **means(FillKind.CONVERT, "convert"),
}
