"""What Coinbase calls its transactions (``type``).

Sources: https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions (the types of today);
those that it does not list any more, or not yet: ccxt (parse_ledger_entry) and
https://github.com/rotki/rotki (rotkehlchen/exchanges/coinbase.py).
"""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, means
from exchange_cache.records import FillKind, TransferKind


def _both_ways(*words: str) -> dict[str, Meaning]:
    """Words of what comes in and of what goes out: the sign tells them apart."""
    found = Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    return dict.fromkeys(words, found)


def _outside(wallet: str, *words: str) -> dict[str, Meaning]:
    """Moves between the accounts of the list and a wallet that is not in it."""
    found = Meaning(kind=TransferKind.INTERNAL, inside="spot", outside=wallet)
    return dict.fromkeys(words, found)


#: Trades: the list of fills has those of the exchange; the others are read from their transactions.
FILLS = means(FillKind.TRADE, "advanced_trade_fill", "fill")
SIMPLE = means(FillKind.FIAT, "buy", "sell")
#: "Sweep of dust balance" and the conversion of USDC for futures are converts as well.
CONVERTS = means(
    FillKind.CONVERT,
    "trade",
    "advanced_trade",
    "wrap_asset",
    "unwrap_asset",
    "retail_simple_dust",
    "fcm_futures_usdc_sell",
    "fcm_futures_usdc_sell_additional_encumberment_rollup",
)

TRANSACTIONS: dict[str, Meaning] = {
    **FILLS,
    **SIMPLE,
    **CONVERTS,
    **_both_ways(
        "send",
        "request",
        "onchain_transaction",
        "unsupported_asset_recovery",
        "cardspend",
    ),
    **means(TransferKind.DEPOSIT, "receive", "fiat_deposit"),
    **means(TransferKind.WITHDRAWAL, "fiat_withdrawal"),
    # the default of the documentation: "uncategorized"
    **means(TransferKind.UNCLASSIFIED, "tx"),
    **means(TransferKind.INTERNAL, "transfer", "vault_withdrawal", "intx_deposit"),
    **means(TransferKind.INTERNAL, "intx_withdrawal"),
    **_outside("exchange", "exchange_deposit", "exchange_withdrawal"),
    **_outside("pro", "pro_deposit", "pro_withdrawal"),
    **_outside("staking", "staking_transfer", "unstaking_transfer"),
    **means(
        TransferKind.REWARD,
        "staking_reward",
        "inflation_reward",
        "earn_payout",
        "learning_reward",
        "payouts",
        "incentives_rewards_payout",
        "incentives_shared_clawback",
        "subscription_rebate",
        "cardbuyback",
    ),
    **means(TransferKind.INTEREST, "interest"),
    **means(TransferKind.FEE, "subscription"),
    # "daily cash transfers between futures and spot accounts": they pay out the results of futures
    **means(TransferKind.SETTLEMENT, "derivatives_settlement"),
    # ETH2 became ETH: two rows, one of each code
    **means(TransferKind.SUBSCRIPTION, "retail_eth2_deprecation"),
    **means(TransferKind.ADJUSTMENT, "clawback"),
}
