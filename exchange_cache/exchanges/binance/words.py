"""The words by which Binance's ledgers call their rows: income of futures, and distributions."""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, means
from exchange_cache.records import FillKind, TransferKind

#: Other than fills report: the premium and the payoff of options that were traded inside futures
#: are together their result. An automatic exchange, and a swap of coins, are two rows: what was
#: given and what was received.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History
#: SPECIAL_FUNDING_FEE, MARKET_MAKER_REBATE, FEE and CONTRACT: ccxt (parse_ledger_entry_type) and
#: earlier editions of that page.
_INCOME: dict[str, Meaning] = {
    **means(TransferKind.FUNDING, "FUNDING_FEE", "SPECIAL_FUNDING_FEE"),
    **means(
        TransferKind.REWARD,
        "WELCOME_BONUS",
        "REFERRAL_KICKBACK",
        "COMMISSION_REBATE",
        "MARKET_MAKER_REBATE",
        "API_REBATE",
        "FEE_RETURN",
        "CONTEST_REWARD",
        "BFUSD_REWARD",
        "FUTURES_BONUS",
    ),
    **means(TransferKind.INSURANCE, "INSURANCE_CLEAR"),
    **means(
        TransferKind.SETTLEMENT,
        "DELIVERED_SETTELMENT",
        "OPTIONS_PREMIUM_FEE",
        "OPTIONS_SETTLE_PROFIT",
    ),
    **means(TransferKind.FEE, "POSITION_LIMIT_INCREASE_FEE", "FEE"),
    **means(
        TransferKind.INTERNAL,
        "TRANSFER",
        "INTERNAL_TRANSFER",
        "CROSS_COLLATERAL_TRANSFER",
        elsewhere=True,
    ),
    **means(FillKind.TRADE, "COMMISSION", "REALIZED_PNL", "CONTRACT"),
    **means(TransferKind.SUBSCRIPTION, "AUTO_EXCHANGE", "COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW"),
}

#: Income by the kind of contracts: moves to and from trading bots name the wallet.
INCOME: dict[str, dict[str, Meaning]] = {
    wallet: {
        **_INCOME,
        "STRATEGY_UMFUTURES_TRANSFER": Meaning(
            kind=TransferKind.INTERNAL, inside=wallet, outside="bots"
        ),
    }
    for wallet in ("linear", "inverse")
}

#: Parts of ``enInfo``, a free text in lower case, in the order in which they are tried. The page
#: documents the field by the example "BHFT distribution" alone; the words are those by which
#: Binance's statements of an account call the same rows, as public parsers list them.
#: https://developers.binance.com/docs/wallet/asset/assets-divided-record
#: https://github.com/BittyTax/BittyTax (conv/parsers/binance.py)
DISTRIBUTIONS: dict[str, Meaning] = {
    **means(
        TransferKind.SUBSCRIPTION,
        "launchpad",
        "token swap",
        "mainnet swap",
        "token migration",
        "redenomination",
        "rebranding",
        "auto-conversion",
        "auto conversion",
        "delisting conversion",
    ),
    **means(TransferKind.AIRDROP, "airdrop", "megadrop", "launchpool", "fork"),
    **means(
        TransferKind.REWARD,
        "vault",
        "staking",
        "soft stake",
        "locked",
        "reward",
        "rebate",
        "commission",
        "referral",
        "kickback",
        "cashback",
        "voucher",
        "bonus",
        "mining",
        "farming",
        "swap",
    ),
    **means(TransferKind.INTEREST, "interest", "savings", "flexible", "earn"),
    **means(TransferKind.REWARD, "distribution", "campaign", "competition"),
}
