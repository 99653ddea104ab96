"""The words of people for the scopes of histories: no scope reaches a screen as policies spell it.

A name is composed of parts, so that alike histories of all exchanges are called alike. A policy
whose scope has no name fails the tests.
"""

from __future__ import annotations

import re

#: Scopes, and parts of them, by themselves.
_NAMES = {
    "spot": "spot",
    "spot-classic": "spot before 2024",
    "margin": "margin",
    "margin-isolated": "isolated margin",
    "linear": "linear futures",
    "linear-isolated": "linear futures with isolated margin",
    "linear-usdt": "USDT-settled futures",
    "linear-usdc": "USDC-settled futures",
    "inverse": "inverse futures",
    "option": "options",
    "swap": "perpetual futures",
    "futures": "futures",
    "contracts": "futures",
    "usdt-futures": "USDT-M futures",
    "usdc-futures": "USDC-M futures",
    "coin-futures": "COIN-M futures",
    "futures-usdt": "USDT-settled perpetual futures",
    "futures-btc": "BTC-settled perpetual futures",
    "delivery-usdt": "USDT-settled dated futures",
    "trades": "all markets",
    "fills": "all markets",
    "orders": "all markets",
    "trades-recent": "all markets in the last day",
    "converts": "conversions",
    "dust": "dust conversions",
    "margin-dust": "dust conversions of margin",
    "card-buys": "card purchases",
    "card-sells": "card sales",
    "deposits": "deposits",
    "withdrawals": "withdrawals",
    "internal-deposits": "deposits from other users",
    "fiat-deposits": "fiat deposits",
    "fiat-withdrawals": "fiat withdrawals",
    "movements": "deposits and withdrawals",
    "transfers": "deposits, withdrawals and transfers",
    "moves": "transfers between wallets",
    "margin-moves": "transfers to and from margin",
    "dividends": "distributions",
    "earn": "earn rewards",
    "earn-bonus": "earn bonuses",
    "earn-realtime": "real-time earn rewards",
    "earn-rewards": "earn rewards",
    "staking": "staking rewards",
    "interest": "interest",
    "savings-interest": "savings interest",
    "income": "income of futures",
    "ledger": "account ledger",
    "funding-ledger": "funding wallet ledger",
    "transactions": "account transactions",
    "history": "account history",
    "journal": "account journal",
    "log": "account log",
    "funding": "funding payments",
    "log-settlement": "settlements",
    "log-interest": "interest on loans",
    "log-borrow": "loans taken",
    "log-repay": "loans repaid",
    "log-airdrop": "airdrops",
    "log-bonus": "bonuses",
    "log-rest": "other account changes",
    "bills-rest": "other account changes",
}
#: The wallets that scopes of transfers name.
_WALLETS = {
    "main": "spot",
    "spot": "spot",
    "funding": "funding",
    "fund": "funding",
    "margin": "margin",
    "umfuture": "USDT-M futures",
    "cmfuture": "COIN-M futures",
    "usdtmperp": "USDT-M perpetual futures",
    "futures": "futures",
}
_MOVES = re.compile(r"moves-([a-z]+)[-_]([a-z]+)")
#: What surrounds a named part, and the words for both; the longest are tried first.
_AROUND = (
    ("uta-funding-", "", "funding payments of {} in the unified account"),
    ("uta-records-", "", "changes of {} in the unified account"),
    ("uta-", "", "{} in the unified account"),
    ("pre-upgrade-", "", "{} before the account upgrade"),
    ("bills-", "", "changes of {}"),
    ("funding-", "", "funding payments of {}"),
    ("", "-interest", "interest on {}"),
    ("", "-income", "income of {}"),
    ("", " canceled", "{}, canceled"),
)
#: Histories of transfers that hold deposits and withdrawals among others.
_ACCOUNTS = {"ledger", "transactions", "history", "journal", "log", "movements", "transfers"}
_SETTLED = {"usdt": "USDT-settled futures", "btc": "BTC-settled futures"}


def known_name(scope: str) -> str | None:
    """The name of a scope; None where nobody named it."""
    if scope in _NAMES:
        return _NAMES[scope]
    move = _MOVES.fullmatch(scope)
    if move is not None and {*move.groups()} <= _WALLETS.keys():
        source, target = (_WALLETS[wallet] for wallet in move.groups())
        return f"transfers from {source} to {target}"
    for before, after, words in _AROUND:
        if scope.startswith(before) and scope.endswith(after):
            part = scope[len(before) : len(scope) - len(after)]
            inner = _NAMES.get(part) or _SETTLED.get(part)
            if inner is not None:
                return words.format(inner)
    return None


def scope_name(scope: str) -> str:
    """The name of a scope; one that an earlier version stored is shown with spaces."""
    return known_name(scope) or re.sub("[-_]", " ", scope)


def history_name(data_type: str, scope: str) -> str:
    """``fills spot``, ``transfers from spot to margin``: a history in messages and progress; its
    scope may be followed by a symbol."""
    first, _, symbol = scope.partition(" ")
    name = known_name(scope) or f"{scope_name(first)} {symbol}".strip()
    return name if name.startswith(f"{data_type} ") else f"{data_type} {name}".strip()


def trades(scope: str) -> str:
    """What a history of fills is about, in one word: spot, margin, futures, options; "" if it holds
    no trades or those of all markets."""
    name = known_name(scope) or ""
    return next((word for word in ("futures", "options", "margin", "spot") if word in name), "")


def of_all_markets(scope: str) -> bool:
    """Whether a history of fills holds those of all markets."""
    return (known_name(scope) or "").startswith("all markets")


def moves_funds(scope: str) -> bool:
    """Whether a history of transfers holds deposits or withdrawals."""
    return scope in _ACCOUNTS or any(word in scope for word in ("deposit", "withdraw"))
