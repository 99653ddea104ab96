"""What the name of a field says about its value: one rule for all exchanges, by the words in it.

``ordId`` is an id, ``avgPx`` a price, ``cumExecFee`` an amount. The same name may stand over
numbers and texts (``fee``: "0.1", ``feeAsset``: "BTC"), so each has its own function. A name that
says nothing is ``UNKNOWN``; the disguise then decides by the value, and rather replaces too much.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Kind(Enum):
    """What a field holds."""

    ID = "id"  # of an order, a fill, a user, an address …
    PERSONAL = "personal"  # free text about a person: names, labels, notes
    MESSAGE = "message"  # an error in the exchange's words; inside a row, of a person
    MARKET = "market"  # a market, a currency, a network
    PRICE = "price"  # a price, a rate, a ratio, a market's rule: independent of the amounts
    AMOUNT = "amount"
    TIME = "time"
    WORD = "word"  # a word from a list of the exchange: a state, a side, a type
    UNKNOWN = "unknown"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PERSONAL = _set(
    """alias avatar comment comments country description email firstname fullname invite ip ips
    label lastname login mail memo mobile name nick nickname note notes phone referral remark
    remarks subtitle title user username"""
)
_MESSAGE = _set("error errors errmsg message messages msg smsg warning warnings")
_ID_ALWAYS = _set(
    """addr address addresses addressto addressfrom aid cloid hash oid ref refid serial sn
    tag trx tx txid txn uid uids userref uuid"""
)
_ID = _set(
    """after before client cursor id ids key link next no number path portfolio previous resource
    starting token trace uri url"""
)
_NOT_IDS = _set("bid paid void valid grid mid avoid unpaid prepaid liquid invalid solid")
_MARKET = _set(
    """asset assets base ccy chain coin contract currencies currency family inst instrument market
    network pair product quote settle symbol symbols underlying uly"""
)
_PRICE_ALWAYS = _set(
    """apr apy bps decimals increment lev level lever leverage multiplier pct percent percentage
    precision price prices px rate rates ratio scale step tick tier vwap"""
)
_AMOUNT = _set(
    """amount amounts amt avail available bal balance balances bonus borrow borrowed cash change chg
    collateral commission contracts cost credit cum debit debt dust eq equity exec executed fee fees
    fill filled free freeze frozen funds hold holds im imr income initial interest leaves liab
    liability loan locked loss maint maintenance margin mm mmr net notional paid pnl pos position
    principal profit qty quantity received redeemed remaining repaid reward rewards size spent
    staked sum sz total turnover upl used val value vol volume withdrawing"""
)
_PRICE_MAYBE = _set("ask average avg bid entry high index last low mark strike")
_TIME = _set(
    """at begin closetm created date day deadline end expire expired expires expiretm expiry listing
    month opentm since start starttm time timestamp tm ts until updated"""
)
_PAGE = _set("count items limit num offset page pages rows")
_CURSOR = _set("after before cursor from starting to")
_FLAGS = _set("code idx mode side state status type")
_BLANK = _set("amount value")
_WORDS = _set(
    """action aclass category code direction effect flag force kind liquidity maker method
    misc mode ordertype permission permissions role side state status subtype tif trend type
    types"""
)
#: Two words that name a rule of the market, which no amount of the account enters.
_RULES = (
    _set("contract size"),
    _set("contract value"),
    _set("contract val"),
    _set("ct val"),
    _set("lot size"),
    _set("lot sz"),
    _set("min size"),
    _set("max size"),
    _set("min sz"),
    _set("min qty"),
    _set("max qty"),
    _set("min notional"),
)


@cache
def is_flag(name: str) -> bool:
    """Whether a whole number under a name is one of a fixed list, such as the code of an error."""
    return bool(words_of(name) & _FLAGS) and not _is_id(words_of(name), name.lower())


@cache
def number_kind(name: str) -> Kind:
    """The kind of the numbers under a name."""
    words, lower = words_of(name), name.lower()
    if words & _PRICE_ALWAYS or any(rule <= words for rule in _RULES):
        return Kind.PRICE
    if words & _PAGE:
        return Kind.WORD
    for found, kind in (
        (_is_id(words, lower), Kind.ID),
        (words & _FLAGS, Kind.WORD),
        (words & _AMOUNT, Kind.AMOUNT),
        (words & _PERSONAL, Kind.PERSONAL),
        (is_time(name), Kind.TIME),
        (words & _PRICE_MAYBE, Kind.PRICE),
        (words & (_WORDS | _MESSAGE | _MARKET), Kind.WORD),
    ):
        if found:
            return kind
    return Kind.UNKNOWN


@cache
def text_kind(name: str) -> Kind:
    """The kind of the texts under a name that are no numbers."""
    words, lower = words_of(name), name.lower()
    for found, kind in (
        (words & _MESSAGE, Kind.MESSAGE),
        (words & _MARKET and not words & _ID_ALWAYS, Kind.MARKET),
        (words & _PERSONAL, Kind.PERSONAL),
        (_is_id(words, lower), Kind.ID),
        (words & (_WORDS | _PRICE_ALWAYS), Kind.WORD),
        (is_time(name), Kind.TIME),
    ):
        if found:
            return kind
    return Kind.UNKNOWN


def words_of(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(name))


def is_time(name: str) -> bool:
    """Whether a plausible time under this name is one, whatever else the name says."""
    return bool(words_of(name) & _TIME) or name.lower().endswith(("time", "tm"))


def kind_of_parent(parent: str, name: str) -> str:
    """The name that decides about the values under ``name`` inside an object under ``parent``."""
    if words_of(name) <= _BLANK and number_kind(parent) is Kind.PRICE:
        return parent  # {"price": {"value": "1.5", "currency": "USD"}}
    is_silent = number_kind(name) is Kind.UNKNOWN and text_kind(name) is Kind.UNKNOWN
    if is_silent and (number_kind(parent) is Kind.PRICE or text_kind(parent) is Kind.WORD):
        return parent  # {"permissions": {"spot": ["Trade"]}}
    return name


def is_cursor(name: str) -> bool:
    """Whether a parameter of this name asks for what lies beyond an id, or beyond a time."""
    return bool(words_of(name) & _CURSOR)


def _is_id(words: frozenset[str], lower: str) -> bool:
    return bool(words & (_ID | _ID_ALWAYS)) or (
        lower.endswith(("id", "hash", "address")) and lower not in _NOT_IDS
    )
