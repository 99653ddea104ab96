"""The types and codes by which Gate's ledgers call their rows: of spot and of futures."""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, lent, means
from exchange_cache.records import FillKind, TransferKind


def _moved(outside: str, *words: str) -> dict[str, Meaning]:
    """Moves between the spot account and another wallet, or a product that is not read."""
    return dict.fromkeys(words, Meaning(kind=TransferKind.INTERNAL, inside="spot", outside=outside))


def _both_ways(*words: str) -> dict[str, Meaning]:
    """From and to somebody else."""
    return dict.fromkeys(
        words, Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    )


#: ``type`` of the spot ledger, which is deprecated, and the words of older rows for some of them.
#: Small balances, startups, renamed and merged assets are two rows: what was given, what was
#: received.
#: https://www.gate.com/docs/developers/apiv4/zh_CN/ (types of the ledger)
_TYPES: dict[str, Meaning] = {
    **means(
        FillKind.TRADE,
        *("new_order", "cancel_order", "order_fill", "order_rej", "order_fee", "system_fee"),
    ),
    **means(FillKind.CONVERT, "cv_buy", "cv_sell", "flash_swap_buy", "flash_swap_sell"),
    **means(
        TransferKind.DEPOSIT,
        *("deposit", "deposit_rej", "deposit_gatecode", "deposit_fireblock", "deposit_copper"),
        elsewhere=True,
    ),
    **means(
        TransferKind.WITHDRAWAL,
        *("withdraw", "withdraw_rej", "cancel_withdraw", "withdraw_gatecode"),
        *("withdraw_fireblock", "withdraw_copper"),
        elsewhere=True,
    ),
    **_both_ways(
        *("sub_account_transfer", "subaccount_trf", "buy_cl", "buy_cc", "deposit_finmo"),
        *("startup_withdraw", "c2c_om", "donation", "rp_sent", "rp_rcvd", "rp_rej"),
        *("ls_offered", "ls_rcvd", "pt_offered", "pt_rcvd", "push_dctd", "push_rcvd_dctd"),
        *("push_canceled", "push_rej", "push_sent", "push_rcvd"),
        *("nft_bm", "nft_om", "nft_fb", "nft_fs", "nft_ob", "nft_os", "nft_cd", "nft_crd"),
        *("nft_cf", "nft_cfr", "nft_ammd"),
    ),
    **means(
        TransferKind.SUBSCRIPTION,
        *("startup_prtcp", "startup_refund", "startup_sale", "startup_sale_rb", "eth_swap"),
        *("dust_swap_dctd", "dust_swap_gt_add", "points_purchase"),
    ),
    **means(TransferKind.AIRDROP, "airdrop"),
    **means(
        TransferKind.REWARD,
        *("referral_fee", "point_refr", "referral_rebate", "sec_rebate_out", "sec_rebate_in"),
        *("ab_rebate", "eb_rebate", "u_rebate", "ads_rebate", "au_rebate", "pis_rebate"),
        *("pds_rebate", "pu_rebate", "deposit_bonus", "trading_rewards", "purchase_bonus"),
        *("award", "mining_rewards", "quant_cmn_in", "fct_rcvd", "ntf_royalty"),
    ),
    **means(
        TransferKind.INTEREST,
        *("profit", "interest", "interest_in", "interest_out", "margin_interest_out"),
        *("hodl_int", "slot_int_in", "str_int_in"),
    ),
    **means(
        TransferKind.FEE,
        *("dust_swap_fee", "c2c_fee", "lending_fee", "quant_cmn_out", "quant_cmn_rtd"),
        *("fct_fee", "fct_fee_refund", "subs_deduct", "subs_in", "subs_refund"),
        *("subs_in_rcvd", "nft_wf", "nft_wfr", "ntf_mf", "ntf_mfr", "nft_ammdf", "point_fee"),
    ),
    **means(TransferKind.ADJUSTMENT, "points_expiration"),
    **_both_ways("points_trf", "points_trf_rej", "point_dnw"),
    **means(
        TransferKind.INTERNAL,
        *("margin_in", "margin_out", "margin_funding_in", "margin_funding_out"),
        *("cross_margin_in", "cross_margin_out", "cross_in", "cross_out", "spot_settle_in"),
        *("spot_settle_out", "futures_in", "futures_out", "perp_in", "perp_out"),
        *("perp_settle_in", "perp_settle_out", "delivery_in", "delivery_out"),
    ),
    **_moved("earn", "lend", "redeem", "lending_in", "lending_out", "lending_lent", "collected"),
    **_moved("auto-invest", "ai_in", "ai_out"),
    **_moved("options", "e_options_in", "e_options_out", "options_in", "options_out"),
    **_moved("warrants", "cbbc_in", "cbbc_out", "warrant_in", "warrant_out"),
    **_moved("bots", "quant_in", "quant_out", "quant_return"),
    **_moved("payment account", "pay_in", "pay_out"),
    **_moved(
        "copy trading", "copy_trading_in", "copy_trading_out", "fct_in", "fct_out", "fct_refund"
    ),
    **_moved("structured products", "dual_purchased", "dual_settled"),
    **_moved("liquidity mining", "liq_add", "liq_rm", "liq_rebalanced"),
    **_moved("P2P", "c2c_mop", "c2c_moc", "c2c_rop", "c2c_roc", "c2c_or"),
    **_moved("NFT", "nft_mp", "ntf_mr", "nft_amr", "nft_ocb", "nft_cr", "nft_ir", "nft_ammf"),
    **_moved("NFT", "nft_ammw"),
    **lent("spot", "borrow", "repay", "cl_borrow", "cl_repay", "cross_borrow", "cross_repay"),
    **_moved("loans", "cl_dctd", "cl_rtd"),
    **means(TransferKind.LOAN, "margin_borrow", elsewhere=True),
    **means(TransferKind.REPAYMENT, "margin_repay", elsewhere=True),
}

#: ``code`` of the spot ledger, which replaces the type.
#: https://www.gate.com/docs/developers/apiv4/en/#asset-record-code
_CODES: dict[str, Meaning] = {
    **means(FillKind.TRADE, "101", "102", "151"),
    **means(
        FillKind.CONVERT, "2601", "2602", "2605", "2606", "2612", "2613", "2609", "2610", "2611"
    ),
    **means(TransferKind.DEPOSIT, "110", "121", "122", "124", "2650", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "4", "17", "18", "19", "104", "2651", elsewhere=True),
    **_both_ways(
        *("303", "305", "315", "106", "329", "330", "331", "801", "802", "803", "804", "805"),
        *("806", "807", "1401", "150203", "150204", "150215", "150216", "150217", "150218"),
        *("150219", "1901", "1903", "1905", "1906", "1907", "1908", "3018", "3019", "3020"),
        *("3026", "3027", "3519", "3520", "190101", "190301", "190305", "190306", "190307"),
    ),
    **means(
        TransferKind.SUBSCRIPTION,
        # small balances, repayments, trades over the counter
        *("1301", "1302", "1307", "1310", "1311", "1312", "1322", "1323", "2603", "2604", "2615"),
        *("2616", "3701", "3702", "3703", "659", "660"),
        # other units of an asset, or another asset: 118 redenominated, 141 merged, 143 renamed
        *("118", "141", "142", "143", "144", "181", "182", "150101", "150102"),
        # Launchpad: 1134 paid, 1135 refunded, 1136 distributed; tokens sold by PUMP and others
        *("1134", "1135", "1136", "2970", "2971", "2972", "130101", "130102", "130111"),
        *("130112", "130113", "130114", "130119", "913", "915"),
        # Alpha
        *("6001", "6002", "6003", "6004", "6005", "6006", "6011", "6012", "130103", "130104"),
        *("130105", "130106", "130107", "130108"),
    ),
    **means(
        TransferKind.AIRDROP,
        *("404", "501", "502", "2614", "3104", "6010", "120102", "140204", "140205", "140206"),
    ),
    **means(
        TransferKind.REWARD,
        *("109", "162", "164", "166", "191", "401", "402", "403", "405", "681", "689", "739"),
        *("754", "1171", "1173", "1174", "1186", "1196", "1255", "2401", "3101", "3105", "3120"),
        *("3151", "3204", "3301", "3321", "3341", "3381", "3390", "3410", "3607", "3801", "4002"),
        *("4009", "120101", "140203", "160104", "160302", "160406", "170206", "210101", "210102"),
    ),
    **means(
        TransferKind.INTEREST,
        *("635", "643", "644", "658", "669", "672", "675", "676", "685", "688", "110106"),
        *("120103", "160301", "160401", "160402", "160501"),
    ),
    **means(
        TransferKind.FEE,
        *("123", "125", "308", "311", "616", "649", "696", "697", "1006", "1501", "1502", "1503"),
        *("1504", "2402", "2403", "2950", "2951", "3205", "3206", "3608", "3609", "4011"),
        *("5104", "5105", "5106", "6007", "110101", "110102", "130115", "130118"),
    ),
    **means(TransferKind.INSURANCE, "682", "683"),
    **means(TransferKind.ADJUSTMENT, "115", "903", "917", "3150", "100101", "100102", "180101"),
    **means(TransferKind.INTERNAL, "701", "702", "703", "704"),
    **_moved("margin", "601", "602"),
    **_moved("options", "1603", "1604"),
    **_moved("payment account", "3001", "3008", "3028"),
    **_moved("TradFi", "100202"),
    **_moved("CrossEx", "170201", "170204"),
    **_moved("block trades", "3401", "3402"),
    **_moved("earn", "661", "662"),
    **_moved("fixed savings", "686", "687", "160303", "160304"),
    **_moved("auto-invest", "911", "912"),
    **_moved("on-chain earn", "1181", "1184", "1191", "1194", "160607"),
    **_moved("Launchpad", "1203"),
    **_moved("Launchpool", "1251", "1253", "1258"),
    **_moved("structured products", "2001", "2004", "2011", "2012", "2021", "2022"),
    **_moved("structured products", "160201", "160202", "160608", "160609"),
    **_moved("funds", "160101", "160102", "160103", "170101", "170111", "170112", "170113"),
    **_moved("funds", "751", "753"),
    **_moved("bots", "1701", "1702", "1703", "150210", "150211"),
    **_moved("copy trading", "3201", "3202", "3203", "3601", "3602", "3603", "3604", "3605"),
    **_moved("copy trading", "3606"),
    **_moved("P2P", "301", "302", "304", "309", "310", "312", "313", "314"),
    **_moved("auction", "131", "132"),
    **_moved("fiat loans", "1001", "1002", "1003", "1004", "1005", "1007", "1008"),
    **_moved("BUGSFUNDED", "2952", "2953", "2954", "2956"),
    **_moved("mapped funds", "150201", "150202"),
    **_moved("locked rewards", "140207"),
    **lent("spot", "640", "641", "642", "655", "656", "657", "670", "671"),
    **_moved("loans", "645", "646", "647", "648", "160601", "160602"),
    **means(TransferKind.LOAN, "605", elsewhere=True),
    **means(TransferKind.REPAYMENT, "606", elsewhere=True),
}

BOOK = {**_TYPES, **_CODES}

#: Types of the ledgers of perpetual contracts; fills report results and fees.
#: https://www.gate.com/docs/developers/apiv4/en/#query-futures-account-change-history
FUTURES: dict[str, Meaning] = {
    **means(TransferKind.FUNDING, "fund"),
    **means(FillKind.TRADE, "pnl", "fee", "point_fee"),
    **means(TransferKind.INTERNAL, "dnw", "point_dnw", elsewhere=True),
    **means(TransferKind.REWARD, "refr", "point_refr", "bonus_dnw", "bonus_offset", "pv_dnw"),
    **means(TransferKind.SUBSCRIPTION, "point_convert"),
}
