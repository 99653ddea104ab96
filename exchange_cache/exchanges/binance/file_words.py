"""What Binance's statement of all wallets calls its rows (``Operation``) and wallets (``Account``),
in lower case: spellings vary between years.

Source: https://github.com/BittyTax/BittyTax (conv/parsers/binance.py) and
https://github.com/rotki/rotki (data_import/importers/binance.py) list the operations seen.
"""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, lent, means, part_in
from exchange_cache.exchanges.binance.wallets import MOVES
from exchange_cache.exchanges.binance.words import DISTRIBUTIONS
from exchange_cache.records import FillKind, TransferKind

#: Wallets of the statement by this project's names.
WALLETS = {
    "spot": "spot",
    "funding": "funding",
    "p2p": "funding",
    "card": "funding",
    "pay": "funding",
    "usdt-futures": "linear",
    "usd-m futures": "linear",
    "usd-mfutures": "linear",
    "usdⓢ-m futures": "linear",
    "um futures": "linear",
    "futures": "linear",
    "coin-futures": "inverse",
    "coin-m futures": "inverse",
    "coin-mfutures": "inverse",
    "cm futures": "inverse",
    "crossmargin": "margin",
    "cross margin": "margin",
    "margin": "margin",
    "isolatedmargin": "margin-isolated",
    "isolated margin": "margin-isolated",
    "earn": "earn",
    "savings": "earn",
    "staking": "earn",
    "pool": "mining",
    "mining": "mining",
    "option": "options",
    "options": "options",
}
#: Wallets of contracts, where results and fees are rows of their own.
CONTRACTS = frozenset({"linear", "inverse", "options"})

#: Legs of trades, by what they are parts of: purchases and sales are apart since 2022.
BOUGHT, SOLD, TRADED = "bought", "sold", "traded"
LEGS = {
    "transaction buy": BOUGHT,
    "transaction spend": BOUGHT,
    "transaction sold": SOLD,
    "transaction revenue": SOLD,
    "buy": TRADED,
    "sell": TRADED,
    "transaction related": TRADED,
}
FEES = frozenset({"fee", "transaction fee"})

#: Assets exchanged for others, besides trades.
EXCHANGES: dict[str, FillKind] = {
    **dict.fromkeys(
        (
            "binance convert",
            "convert",
            "large otc trading",
            "eth 2.0 staking",
            "eth 2.0 staking withdrawals",
            "bnb fee deduction",
            "asset conversion transfer",
            "leverage token redemption",
            "leveraged token redemption",
            "auto-invest transaction",
        ),
        FillKind.CONVERT,
    ),
    **dict.fromkeys(("small assets exchange bnb", "small assets exchange"), FillKind.DUST),
    **dict.fromkeys(
        ("buy crypto with card", "buy crypto with fiat", "buy crypto", "sell crypto to fiat"),
        FillKind.FIAT,
    ),
}

#: Exchanges that the API lists among the distributions, a row for each side.
SUBSCRIBED = frozenset(
    {
        "token swap - redenomination/rebranding",
        "token swap - distribution",
        "token swap",
        "stablecoins auto-conversion",
        "mainnet swap",
    }
)


def _moved(outside: str | None, *words: str) -> dict[str, Meaning]:
    return dict.fromkeys(words, Meaning(kind=TransferKind.INTERNAL, outside=outside))


def _income(*words: str) -> dict[str, Meaning]:
    """Distributions, as the API's own list of them calls the same texts; a reward where it does
    not."""
    reward = Meaning(kind=TransferKind.REWARD)
    found = {word: part_in(DISTRIBUTIONS, word) for word in words}
    return {word: DISTRIBUTIONS[part] if part else reward for word, part in found.items()}


def _both_ways(*words: str) -> dict[str, Meaning]:
    return dict.fromkeys(
        words, Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    )


_EARN = (
    *("simple earn flexible subscription", "simple earn flexible redemption"),
    *("simple earn locked subscription", "simple earn locked redemption"),
    *("savings purchase", "savings principal redemption", "pos savings purchase"),
    *("pos savings redemption", "staking purchase", "staking redemption"),
    *("launchpool subscription", "launchpool redemption", "launchpool subscription/redemption"),
    *("bnb vault subscription", "bnb vault redemption", "launchpad subscribe"),
    *("liquid swap add", "liquid swap remove"),
)

OPERATIONS: dict[str, Meaning] = {
    **_income(
        *("distribution", "airdrop assets", "cash voucher distribution", "savings interest"),
        *("pos savings interest", "staking rewards", "eth 2.0 staking rewards"),
        *("launchpool interest", "launchpool airdrop", "hodler airdrops distribution"),
        *("megadrop rewards", "commission history", "commission rebate", "referral kickback"),
        *(
            "referral commission",
            "bnb vault rewards",
            "liquid swap rewards",
            "binance card cashback",
        ),
        *("launchpool airdrop - user claim distribution", "trading bonus", "token airdrop"),
    ),
    **means(
        TransferKind.REWARD,
        "simple earn flexible interest",
        "simple earn flexible - rewards income",
        "simple earn flexible airdrop",
        "simple earn locked rewards",
    ),
    **means(TransferKind.SUBSCRIPTION, *SUBSCRIBED),
    **_moved("earn", *_EARN),
    **_moved(
        None,
        "transfer_in",
        "transfer_out",
        "transfer between spot account and um futures account",
        "transfer between spot account and cm futures account",
        "transfer between main and funding wallet",
        "transfer between main account/futures and margin account",
        "transfer between main account and margin account",
        "transfer between spot and funding wallet",
        "transfer from main account/futures to margin account",
        "transfer from margin account to main account/futures",
        "main and funding account transfer",
        "isolatedmargin transfer",
        "isolated margin transfer",
        "internal transfer",
    ),
    **_moved("mining", "transfer between main account and mining account"),
    **_moved("mining", "transfer between spot account and mining account"),
    **_moved("options", "transfer between spot account and options account"),
    **_moved("bots", "strategy trading transfer", "transfer between spot account and strategy"),
    **means(TransferKind.DEPOSIT, "deposit", "fiat deposit"),
    **means(TransferKind.WITHDRAWAL, "withdraw", "withdrawal", "fiat withdraw", "fiat withdrawal"),
    **_both_ways(
        *("fiat ocbs - add fiat and fees", "send", "receive", "binance card spending"),
        *("crypto box", "p2p trading", "c2c transfer", "binance pay", "pay"),
        *("sub-account transfer", "transfer between sub-account and main account"),
        *("transfer between main-account and sub-account",),
    ),
    **means(TransferKind.ADJUSTMENT, "asset recovery", "balance adjustment"),
    **means(TransferKind.SETTLEMENT, "realize profit and loss", "realized profit and loss"),
    **means(TransferKind.FUNDING, "funding fee"),
    **means(TransferKind.FEE, "fee", "transaction fee", "insurance fee"),
    **means(
        TransferKind.INSURANCE,
        "insurance fund compensation",
        "insurance fund refund",
        "insurance clear",
    ),
    **lent("margin", "margin loan", "cross margin loan", "margin repayment"),
    **lent("margin", "cross margin repayment", "auto margin repayment"),
    **lent("margin-isolated", "isolated margin loan", "isolated margin repayment"),
    **dict.fromkeys(
        ("margin interest", "cross margin interest", "cross margin liquidation - interest"),
        Meaning(kind=TransferKind.INTEREST, inside="margin"),
    ),
    "isolated margin interest": Meaning(kind=TransferKind.INTEREST, inside="margin-isolated"),
}

_LISTED: dict[str, tuple[str, ...]] = {
    "deposit": ("transfers/deposits",),
    "fiat deposit": ("transfers/fiat-deposits",),
    **dict.fromkeys(("withdraw", "withdrawal"), ("transfers/withdrawals",)),
    **dict.fromkeys(("fiat withdraw", "fiat withdrawal"), ("transfers/fiat-withdrawals",)),
    "simple earn flexible interest": (
        *("transfers/earn-bonus", "transfers/earn-realtime", "transfers/earn-rewards"),
    ),
}
_EXCHANGED = {
    FillKind.CONVERT: ("fills/converts",),
    FillKind.DUST: ("fills/dust", "fills/margin-dust"),
    FillKind.FIAT: ("fills/card-buys", "fills/card-sells"),
}
#: The histories of the API's moves between wallets, by the wallets of both ends.
_ENDS = {"main": "spot", "umfuture": "linear", "cmfuture": "inverse"}
MOVED = {
    tuple(_ENDS.get(end, end) for end in word.lower().split("_")): (f"transfers/moves-{word}",)
    for word in map(str.lower, MOVES)
}
_CHARGED = frozenset({TransferKind.FUNDING, TransferKind.SETTLEMENT, TransferKind.INSURANCE})
#: The API lists it nowhere.
NOWHERE = ("",)


def histories_of(operation: str, wallet: str) -> tuple[str, ...]:
    """The API's histories that list what an operation of a wallet is; a name that none has where
    none does."""
    if operation in EXCHANGES:
        return _EXCHANGED[EXCHANGES[operation]]
    if operation in LEGS or (operation in FEES and wallet not in CONTRACTS):
        return (f"fills/{'spot' if wallet == 'funding' else wallet}",)
    kind = OPERATIONS[operation].kind if operation in OPERATIONS else None
    if wallet in CONTRACTS and (operation in FEES or kind in _CHARGED):
        return (f"transfers/{wallet}-income",)
    if kind is TransferKind.INTEREST:
        return (f"transfers/{wallet}-interest",)
    listed = operation in SUBSCRIBED or part_in(DISTRIBUTIONS, operation)
    return _LISTED.get(operation, ("transfers/dividends",) if listed else NOWHERE)


#: Since 2026 a bonus of Earn is a row of Earn and one of Spot, of which the second is the credit.
COPIED, CREDITED = "simple earn flexible - rewards income", "simple earn flexible interest"
