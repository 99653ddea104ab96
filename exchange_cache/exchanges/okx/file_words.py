"""What OKX's files call their rows, and the subtypes of its archives, as the types of its API."""

from __future__ import annotations

from exchange_cache.records import FillKind, Side


def _each(kind: str, *words: str) -> dict[str, str]:
    return dict.fromkeys(words, kind)


#: Subtypes of the trading account's bills by type. The archive states the subtype alone.
#: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-3-months
SUBTYPES: dict[str, str] = {
    **_each("1", "11", "12", "200", "201", "202", "203", "220", "221"),
    **_each("2", "1", "2", "3", "4", "5", "6", "207", "208"),
    **_each("3", "112", "113", "117", "170", "171", "172"),
    **_each("4", "114", "115", "16", "17"),
    **_each("5", *(str(n) for n in range(100, 108)), "110", "111"),
    **_each("6", "160", "161", "162"),
    **_each("7", "9", "14", "15", "263"),
    **_each("8", "173", "174"),
    **_each("9", "125", "126", "127", "128"),
    **_each("10", "108"),
    **_each("11", "118", "119"),
    **_each("12", *(str(n) for n in range(290, 294)), "217", "218"),
    **_each("13", "131", "132"),
    **_each("14", "204", "205", "206", "207", "208", "209"),
    **_each("15", "212", "213"),
    **_each("22", "224", "225"),
    **_each("24", *(str(n) for n in range(270, 276))),
    **_each("27", "318", "319"),
    **_each("28", "236", "237"),
    **_each("32", "324", "325", "326", "327", "328", "329"),
    **_each("34", "280", "281"),
    **_each("250", "284"),
    **_each("251", "285"),
}

#: Parts of the words of the trading account's file (its action, else its trade type) in lower case,
#: in the order in which they are tried: the names of the same types.
TRADING: dict[str, str] = {
    "manual margin": "6",
    "auto margin": "6",
    "margin transfer": "6",
    "strategy": "12",
    "bot": "12",
    "token conversion": "11",
    "easy convert": "28",
    "convert": "27",
    "one-click": "29",
    "forced repayment": "4",
    "transfer": "1",
    "interest": "7",
    "funding fee": "8",
    "clawback": "10",
    "borrow": "16",
    "repay": "22",
    "settlement": "34",
    "profit sharing expense": "250",
    "profit sharing refund": "251",
}

#: Words of the funding account's file in lower case, as types of the funding account's bills.
#: https://github.com/BittyTax/BittyTax (conv/parsers/okx.py) lists the first of each line.
FUNDING: dict[str, str] = {
    "deposit": "1",
    "withdrawal": "2",
    "canceled withdrawal": "13",
    "withdrawal fee": "221",
    "transfer from sub-account": "21",
    "from sub-account": "21",
    "transfer to sub-account": "20",
    "to sub-account": "20",
    "to unified trading account": "131",
    "transfer to unified trading account": "131",
    "from unified trading account": "130",
    "transfer from unified trading account": "130",
    "to trading account": "131",
    "from trading account": "130",
    "savings subscription": "75",
    "savings redemption": "76",
    "flexible savings subscription": "75",
    "flexible savings redemption": "76",
    "stake": "80",
    "staking": "80",
    "redeem staking": "82",
    "staking yield": "83",
    "staking rewards": "83",
    "fee rebate": "48",
    "rebate": "48",
    "airdrop": "28",
    "airdrop payout": "28",
    "simple earn flexible interest": "126",
    "savings interest": "126",
    "deposit yield": "89",
    "jumpstart": "77",
    "jumpstart distribution": "77",
    "jumpstart token distribution": "77",
    "jumpstart lock-up": "78",
    "jumpstart payment": "174",
    "system reversal": "47",
    "subsidy": "88",
    "convert": "136",
    "small assets convert": "272",
    "p2p buy": "52",
    "p2p sell": "53",
    "gift": "72",
    "card payment": "134",
}

#: Types whose rows are trades that fills report too.
TRADES = frozenset({"2", "3", "5", "9", "13", "14", "24", "30", "32"})

#: Types whose rows are the legs of converts and sweeps.
CONVERTED = {"27": FillKind.CONVERT, "28": FillKind.DUST}

_BUYS = frozenset({"1", "3", "6", "101", "102", "105", "106", "113", "126", "127", "131"})
_SELLS = frozenset({"2", "4", "5", "100", "103", "104", "107", "112", "125", "128", "132"})
_BUYING = ("buy", "open long", "close short", "short")
_SELLING = ("sell", "open short", "close long", "long")


def side_of_subtype(subtype: str) -> Side | None:
    """Buy or sell, in the base; None for a subtype that does not say."""
    return Side.BUY if subtype in _BUYS else Side.SELL if subtype in _SELLS else None


def side_of_words(words: str) -> Side | None:
    """Buy or sell by the words of a trade; of a liquidation or a delivery, what closes the side
    that it names."""
    low = words.lower()
    for buying, selling in zip(_BUYING, _SELLING, strict=True):
        if (buying in low) != (selling in low):
            return Side.BUY if buying in low else Side.SELL
    return None
