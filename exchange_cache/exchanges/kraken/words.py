"""What Kraken calls the rows of its ledger.

A word is the ``type`` of a row; for moves it is the ``subtype``, whatever the type; and for the
other rows of ``transfer`` and ``earn`` it is ``type/subtype``.

Sources: https://docs.kraken.com/api-reference/account-data/get-ledgers-info (``type``),
https://support.kraken.com/articles/360001169383-how-to-interpret-ledger-history-fields
"""

from __future__ import annotations

from exchange_cache.adapter.meanings import Meaning, means
from exchange_cache.records import FillKind, TransferKind

#: Subtypes of moves, each of which has a row in the wallet that it leaves and one where it arrives.
MOVES: dict[str, Meaning] = {
    **means(
        TransferKind.INTERNAL,
        "spottostaking",
        "stakingfromspot",
        "stakingtospot",
        "spotfromstaking",
        "allocation",
        "autoallocation",
        "deallocation",
        "autodeallocation",
        "migration",
    ),
    **dict.fromkeys(
        ("spottofutures", "spotfromfutures"),
        Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="futures"),
    ),
}

LEDGER: dict[str, Meaning] = {
    **means(FillKind.TRADE, "trade"),
    **means(
        FillKind.CONVERT,
        "spend",
        "receive",
        "sale",
        "conversion",
        "quick_buy",
        "quick_sell",
        "collateralconversion",
        "marginconversion",
    ),
    **means(TransferKind.DEPOSIT, "deposit"),
    **means(TransferKind.WITHDRAWAL, "withdrawal"),
    **MOVES,
    "nfttrade": Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="nft"),
    "custodytransfer": Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="custody"),
    **means(
        TransferKind.REWARD,
        "staking",
        "dividend",
        "reward",
        "earn",
        "earn/reward",
        "earn/bonus",
        "invite bonus",
        "nftrebate",
    ),
    # "credit of supported airdrops and forks"; what is taken is a delisted asset
    "transfer": Meaning(kind=TransferKind.AIRDROP, outgoing=TransferKind.ADJUSTMENT),
    **means(TransferKind.AIRDROP, "transfer/airdrop", "earn/airdrop"),
    **means(TransferKind.SETTLEMENT, "margin", "settled"),
    **means(TransferKind.FEE, "rollover", "nftcreatorfee"),
    **means(
        TransferKind.ADJUSTMENT,
        "adjustment",
        "credit",
        "transfer/delistingconversion",
        "earn/delistingconversion",
    ),
    **means(TransferKind.UNCLASSIFIED, "none"),
}

#: Words of rows that are one leg of an exchange where another row of their ``refid`` has another
#: asset.
LEGS = frozenset(
    {word for word, found in LEDGER.items() if found.kind is FillKind.CONVERT}
    | {"adjustment", "settled", "transfer/delistingconversion", "earn/delistingconversion"}
)


def word_of(kind: str, subtype: str) -> str:
    """The word of a row by its ``type`` and ``subtype``."""
    if subtype in MOVES:
        return subtype
    return f"{kind}/{subtype}" if subtype and kind in {"transfer", "earn"} else kind
