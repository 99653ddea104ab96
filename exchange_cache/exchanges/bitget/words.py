"""The words by which Bitget's ledgers call their rows: of the spot, margin, futures and unified
accounts."""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, lent, means
from exchange_cache.records import LOAN, FillKind, TransferKind


def _moved(outside: str, *words: str, inside: str = "spot") -> dict[str, Meaning]:
    """Moves between an account and another wallet, or a product that is not read."""
    return dict.fromkeys(words, Meaning(kind=TransferKind.INTERNAL, inside=inside, outside=outside))


def _both_ways(*words: str) -> dict[str, Meaning]:
    """From and to somebody else."""
    return dict.fromkeys(
        words, Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    )


#: Parts of a bill of the spot account, its group and its type in lower case and with spaces, in
#: the order in which they are tried. The page lists all groups, and of the types those of deposits,
#: trades, moves, rewards and locks; Earn, loans and launches have types of their own.
#: https://www.bitget.com/api-doc/spot/account/Get-Account-Bills
SPOT: dict[str, Meaning] = {
    **means(FillKind.DUST, "small exchange"),
    **means(FillKind.TRADE, "transaction: "),
    **means(FillKind.CONVERT, "convert: ", "order exchange"),
    **means(TransferKind.DEPOSIT, "deposit: ", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdraw: ", "address withdraw", elsewhere=True),
    **_both_ways("subaccount", "sub account"),
    **means(TransferKind.SUBSCRIPTION, "launchpad", "ipo prime"),
    **means(TransferKind.AIRDROP, "airdrop"),
    **means(TransferKind.INTEREST, "interest"),
    **means(TransferKind.REWARD, "reward", "rebate", "bonus", "cashback"),
    **_moved("loans", "pledge", "collateral"),
    **lent("spot", "borrow", "repay", "loan: "),
    **_moved("launchpool", "launchpool", "poolx"),
    **means(TransferKind.INTERNAL, "system lock", "user lock", "unlock"),  # its balance has them
    **_moved("bots", "strategy"),
    **_moved("copy trading", "trace: "),
    **_moved("on-chain trades", "on chain: "),
    **_moved("earn", "subscri", "redeem", "redemption"),
    **means(TransferKind.INTERNAL, "transfer: "),
    **_both_ways("c2c: ", "pre c2c: ", "fait: ", "pay: "),
}

#: Groups with a history of their own.
APART = ("transfer", "financial")

#: All bills of the spot account, without them.
SPOT_REST = {
    **means(TransferKind.INTERNAL, *(f"{group}: " for group in APART), elsewhere=True),
    **{part: meaning for part, meaning in SPOT.items() if part != "transfer: "},
}

#: Types of the bills of futures accounts; fills report results and fees, and the spot account's
#: bills the moves from and to it. Margin that is added to a position stays in the account.
#: https://www.bitget.com/api-doc/contract/account/Get-Account-Bill
FUTURES: dict[str, Meaning] = {
    **means(TransferKind.FUNDING, "contract_settle_fee"),
    **means(
        FillKind.TRADE,
        *("open_long", "open_short", "close_long", "close_short", "buy", "sell"),
        *("force_close_long", "force_close_short", "force_buy", "force_sell"),
        *("burst_long_loss_query", "burst_short_loss_query", "burst_buy", "burst_sell"),
        *("adl_close_long", "adl_close_short", "adl_buy_in_single_side_mode"),
        *("adl_sell_in_single_side_mode", "delivery_long", "delivery_short"),
    ),
    **means(
        TransferKind.INTERNAL,
        *("trans_from_exchange", "trans_to_exchange", "trans_from_contract", "trans_to_contract"),
        *("trans_from_cross", "trans_to_cross", "trans_from_isolated", "trans_to_isolated"),
        *("append_margin", "adjust_down_lever_append_margin", "reduce_margin"),
        "auto_append_margin",
        elsewhere=True,
    ),
    **dict.fromkeys(
        ("trans_from_otc", "trans_to_otc"),
        Meaning(kind=TransferKind.INTERNAL, outside="funding"),
    ),
    **dict.fromkeys(
        ("trans_from_strategy", "trans_to_strategy"),
        Meaning(kind=TransferKind.INTERNAL, outside="bots"),
    ),
    **means(
        TransferKind.REWARD,
        *("cash_gift_issue", "cash_gift_recycle", "bonus_issue", "bonus_recycle"),
        *("bonus_expired", "tracking_trader_income"),
    ),
    **means(TransferKind.FEE, "tracking_follow_pay", "tracking_follow_back"),
    **means(TransferKind.INSURANCE, "risk_captital_user_transfer"),
    **means(TransferKind.INTEREST, "settle_interest"),
    **means(TransferKind.SUBSCRIPTION, "user_exchange_buy", "user_exchange_sell"),
}

#: All bills of a futures account, without the funding that has a history of its own.
FUTURES_REST = {**FUTURES, **means(TransferKind.FUNDING, "contract_settle_fee", elsewhere=True)}

#: Types of the crossed margin wallet's flows; its balance is net of loans, which grow by the
#: interest that another history lists.
#: https://www.bitget.com/api-doc/margin/cross/record/Get-Cross-Finance-Records
MARGIN: dict[str, Meaning] = {
    **means(FillKind.TRADE, "deal_in", "deal_out"),
    **means(TransferKind.LOAN, "borrow", elsewhere=True),
    **means(TransferKind.REPAYMENT, "repay", elsewhere=True),
    **means(TransferKind.INTEREST, "interest_repay", elsewhere=True),
    **means(TransferKind.INTERNAL, "transfer_in", "transfer_out"),
    "liquidation_fee": Meaning(kind=TransferKind.FEE, inside="margin"),
    **means(TransferKind.INSURANCE, "compensate"),
    **means(TransferKind.LIQUIDATION, "confiscated"),
    **means(TransferKind.SUBSCRIPTION, "exchange_in", "exchange_out"),
}

_CONTRACTS = ("CONTRACT_MAIN", "MARGIN", "FIXED", "RWA_FIXED", "RWA_CONTRACT_MAIN")

#: Types of the unified account's financial records; fills report trades, liquidations included.
#: What repays a debt, or replaces a delisted asset, is two rows: what was given, what was received.
#: https://www.bitget.com/api-doc/uta/enum#type-financial-records
#: https://www.bitget.com/api-doc/uta/enum#tax-type
UNIFIED: dict[str, Meaning] = {
    **means(
        FillKind.TRADE,
        *("ORDER_DEALT_FROZEN_OUT", "ORDER_DEALT_IN", "ORDER_PLF_FEE_OUT"),
        *("OPEN_LONG", "OPEN_SHORT", "CLOSE_LONG", "CLOSE_SHORT", "BUY_DEAL", "SELL_DEAL"),
        *("FORCE_CLOSE_LONG", "FORCE_CLOSE_SHORT", "FORCE_BUY_SSM", "FORCE_SELL_SSM"),
        *("BURST_CLOSE_LONG", "BURST_CLOSE_SHORT", "BURST_BUY_SSM", "BURST_SELL_SSM"),
        *("OFFSET_REDUCE_CLOSE_LONG", "OFFSET_REDUCE_CLOSE_SHORT"),
        *("ADL_CLOSE_LONG", "ADL_CLOSE_SHORT"),
        *("ADL_BUY_IN_SINGLE_SIDE_MODE", "ADL_SELL_IN_SINGLE_SIDE_MODE"),
        *("MARGIN_OPEN_LONG", "MARGIN_OPEN_SHORT", "MARIN_BUY_DEAL", "MARIN_SELL_DEAL"),
        *("MARGIN_OFFSET_IN_SSM_LONG", "MARGIN_OFFSET_IN_SSM_SHORT"),
        *("FIXED_OPEN_LONG", "FIXED_OPEN_SHORT", "FIXED_BUY_DEAL", "FIXED_SELL_DEAL"),
        *("FIXED_CLOSE_LONG", "FIXED_CLOSE_SHORT"),
        *("FIXED_FORCE_CLOSE_LONG", "FIXED_FORCE_CLOSE_SHORT"),
        *("FIXED_BURST_CLOSE_LONG", "FIXED_BURST_CLOSE_SHORT"),
        *("FIXED_ADL_CLOSE_LONG", "FIXED_ADL_CLOSE_SHORT"),
        *("FIXED_FORCE_BUY_SSM", "FIXED_FORCE_SELL_SSM"),
        *("FIXED_BURST_BUY_SSM", "FIXED_BURST_SELL_SSM"),
        *("FIXED_OFFSET_IN_SSM_LONG", "FIXED_OFFSET_IN_SSM_SHORT"),
        *("FIXED_REDUCE_ONLY_OFFSET_IN_SSM_LONG", "FIXED_REDUCE_ONLY_OFFSET_IN_SSM_SHORT"),
    ),
    **means(FillKind.CONVERT, "CONVERT_TRANSFER_IN", "CONVERT_TRANSFER_OUT"),
    **means(
        TransferKind.FUNDING,
        *(f"{name}_SETTLE_FEE_USER_{way}" for name in _CONTRACTS for way in ("IN", "OUT")),
    ),
    **means(
        TransferKind.INTERNAL,  # between the free part of the account and the margin of a position
        *("INCREASE_MARGIN", "REDUCE_MARGIN", "MARGIN_LEVER_ORDER_REFROZEN", "MARGIN_BACK"),
        *("MARGIN_LEVER_ORDER_FROZEN", "MARGIN_LEVER_POS_IN", "FIXED_BACK"),
        *("FIXED_INCREASE_MARGIN", "FIXED_REDUCE_MARGIN", "FIXED_LEVER_POS_IN"),
        *("FIXED_ORDER_PLACE_FROZEN", "FIXED_ORDER_FROZEN_RETURN"),
        elsewhere=True,
    ),
    **dict.fromkeys(
        ("TRANSFER_IN", "TRANSFER_OUT", "SYSTEM_TRANSFER_IN", "SYSTEM_TRANSFER_OUT"),
        Meaning(kind=TransferKind.INTERNAL, inside="unified"),
    ),
    **_moved("earn", "FINANCIAL_TRANSFER_IN", "FINANCIAL_TRANSFER_OUT", inside="unified"),
    **_moved(
        "copy trading",
        *("TRACE_TRANSFER_USER_IN", "TRACE_TRANSFER_USER_OUT", "TRACE_TRANSFER_REFUND_IN"),
        *("TRACE_LOCK_USER_IN", "TRACE_LOCK_USER_OUT"),
        inside="unified",
    ),
    **_moved(
        "on-chain trades",
        *("ON_CHAIN_TRANSFER_OUT", "ON_CHAIN_TRANSFER_REFUND"),
        inside="unified",
    ),
    **_moved("MT5", "MT5_TRANSFER_IN", "MT5_TRANSFER_OUT", "MT5_REFUND_IN", inside="unified"),
    **_moved("demo trading", "PAPTRADING_USER_IN", "PAPTRADING_USER_OUT", inside="unified"),
    **_moved(
        "institutional loans",
        *("RESERVE_TRANSFER_IN", "RESERVE_TRANSFER_OUT", "LIQ_TRANSFER_IN", "LIQ_TRANSFER_OUT"),
        *("INS_LOAN_DISBURSE_RESERVE_USER_OUT", "INS_LOAN_REPAY_RESERVE_USER_IN"),
        *("INS_LOAN_TRANSFER_USER_IN", "INS_LOAN_TRANSFER_USER_OUT"),
        inside="unified",
    ),
    **lent(
        "unified",
        *("BORROW", "REPAYMENT", "LIQ_REPAYMENT", "INS_LOAN_DISBURSE_USER_IN"),
        *("INS_LOAN_REPAY_POOL_USER_OUT", "INS_LOAN_REPAY_NON_MARGIN_USER_OUT"),
    ),
    **_both_ways("BGPAY_TRANSFER_OUT", "BGPAY_REFUND_IN"),
    **dict.fromkeys(
        ("INTEREST_SETTLEMENT_OUT", "INTEREST_REPAYMENT", "INS_LOAN_REPAY_INTEREST_USER_OUT"),
        Meaning(kind=TransferKind.INTEREST, inside=LOAN),
    ),
    **means(
        TransferKind.FEE, "LIQ_FEE", "INS_LOAN_REPAY_FEE_USER_OUT", "TRACE_SHARE_BENEFIT_USER_OUT"
    ),
    **means(TransferKind.REWARD, "TRACE_SHARE_BENEFIT_USER_IN", "BONUS_ISSUE"),
    **means(
        TransferKind.LIQUIDATION,
        *("RISK_LIQ_USER_IN", "RISK_LIQ_USER_OUT", "LIQ_FUND_IN", "LIQ_FUND_OUT"),
        *("FIXED_RISK_LIQ_USER_IN", "FIXED_RISK_LIQ_USER_OUT", "INS_LOAN_REPAY_FUND_USER_IN"),
    ),
    **means(
        TransferKind.SUBSCRIPTION,
        *("EXCHANGE_SOURCE_TOKEN_USER_OUT", "EXCHANGE_TARGET_TOKEN_USER_IN"),
        *("REPAY_SOURCE_USER_OUT", "REPAY_TARGET_USER_IN"),
        *("RISK_SOURCE_USER_OUT", "RISK_TARGET_USER_IN"),
        *("LIQ_CONVERT_USER_OUT", "LIQ_CONVERT_USER_IN", "LIQ_CONVERT_OUT", "LIQ_CONVERT_IN"),
        *("INS_LOAN_EXCHANGE_USER_OUT", "INS_LOAN_EXCHANGE_USER_IN"),
        *("DELIST_MARGIN_TOKEN_SOURCE_USER_OUT", "DELIST_MARGIN_TOKEN_TARGET_USER_IN"),
        *("SMALL_ASSET_SOURCE_TOKEN_USER_OUT", "SMALL_ASSET_TARGET_TOKEN_USER_IN"),
        "CONVERSION_UPON_DELISTING",
    ),
    **means(
        TransferKind.ADJUSTMENT,
        *("CONFISCATE_TOKEN_USER_OUT", "DELIST_SMALL_BALANCE_USER_OUT"),
        "DELIST_SMALL_LIABILITY_USER_IN",
    ),
}
