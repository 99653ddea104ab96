"""Policies: one data module per exchange, found by its ccxt id; every other exchange gets a
cautious generic one.

A module here holds nothing but data (``POLICY``) with the source of each line. Regional and
contract editions share the data of the exchange they belong to.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from exchange_cache.adapter.policy import CallPolicy, ExchangePolicy, StreamPolicy
from exchange_cache.errors import ConfigError
from exchange_cache.exchanges.answers import completed

#: ccxt id -> module of this package.
MODULES: Mapping[str, str] = {
    "binance": "binance",
    "bingx": "bingx",
    "bitfinex": "bitfinex",
    "bitget": "bitget",
    "bitstamp": "bitstamp",
    "bitvavo": "bitvavo",
    "bybit": "bybit",
    "bybiteu": "bybit",
    "coinbase": "coinbase",
    "cryptocom": "cryptocom",
    "deribit": "deribit",
    "gate": "gate",
    "gemini": "gemini",
    "htx": "htx",
    "hyperliquid": "hyperliquid",
    "kraken": "kraken",
    "krakenfutures": "krakenfutures",
    "kucoin": "kucoin",
    "mexc": "mexc",
    "myokx": "okx",
    "okx": "okx",
    "okxus": "okx",
    "phemex": "phemex",
    "whitebit": "whitebit",
}

#: What is traded in a wallet: the histories that belong to it. Wallets not named here hold, but
#: nothing is traded in them.
TRADED: Mapping[str, frozenset[str]] = {
    "spot": frozenset({"spot"}),
    "trade": frozenset({"spot"}),
    "trade_hf": frozenset({"spot"}),
    "margin": frozenset({"margin"}),
    "linear": frozenset({"linear"}),
    "inverse": frozenset({"inverse"}),
    "collateral": frozenset({"margin", "linear"}),
    "swap": frozenset({"linear", "inverse", "option"}),
    "futures": frozenset({"linear", "inverse", "option"}),
    "trading": frozenset({"spot", "margin", "linear", "inverse", "option"}),
    "unified": frozenset({"spot", "margin", "linear", "inverse", "option"}),
}

#: What a user may say in the place of an exchange's own wallet names: every wallet in which one of
#: these is traded.
WORDS: Mapping[str, frozenset[str]] = {
    "spot": frozenset({"spot"}),
    "swap": frozenset({"linear", "inverse"}),
    "future": frozenset({"linear", "inverse"}),
}


def is_generic(exchange_id: str) -> bool:
    """Whether an exchange is read by the generic policy; imports nothing."""
    return exchange_id not in MODULES


def policy_for(exchange_id: str) -> ExchangePolicy:
    """The policy of a ccxt exchange id; a generic one (``generic`` is True) where none was
    written."""
    module = MODULES.get(exchange_id)
    if module is None:
        from exchange_cache.exchanges.generic import generic_policy

        return generic_policy(exchange_id)
    policy = completed(import_module(f"{__name__}.{module}").POLICY, module)
    return policy if policy.exchange == exchange_id else replace(policy, exchange=exchange_id)


def narrowed(
    policy: ExchangePolicy, wallets: tuple[str, ...] | None, account: str
) -> ExchangePolicy:
    """The policy for the named wallets only: their balances, and the histories that can happen in
    them; None: all."""
    if wallets is None:
        return policy
    names = {wallet.name for wallet in policy.wallets}
    chosen = {found for word in wallets for found in _wallet_names(word, names, policy, account)}
    categories = {category for name in chosen for category in _traded(name)}
    return replace(
        policy,
        wallets=tuple(wallet for wallet in policy.wallets if wallet.name in chosen),
        streams=tuple(
            stream
            for stream in policy.streams
            if _is_of(stream.wallet, chosen) and _wanted(stream, categories)
        ),
        positions=tuple(call for call in policy.positions if _wanted(call, categories)),
        open_orders=tuple(
            call
            for call in policy.open_orders
            if _is_of(_own_wallet(call), chosen) and _wanted(call, categories)
        ),
    )


def _traded(wallet: str) -> frozenset[str]:
    """The categories traded in a wallet; wallets per currency (futures-usdt) are named by what is
    before the dash."""
    return TRADED.get(wallet.partition("-")[0], frozenset())


def _wallet_names(word: str, names: set[str], policy: ExchangePolicy, account: str) -> set[str]:
    if word in names:
        return {word}
    found = {name for name in names if _traded(name) & WORDS.get(word, frozenset())}
    if found:
        return found
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ConfigError(
        f"{policy.title} has no wallet {word!r}",
        account=account,
        hint=f"{hint}wallets: {', '.join(sorted(names))}",
    )


def _is_of(wallet: str, chosen: set[str]) -> bool:
    """A history of one wallet goes with it."""
    return not wallet or wallet in chosen


def _own_wallet(call: CallPolicy) -> str:
    """The wallet without which a list is not asked: one of pairs is asked for the pairs that its
    wallet names."""
    return call.wallet if call.opened_by else ""


def _wanted(item: StreamPolicy | CallPolicy, categories: set[str]) -> bool:
    """Transfers are of the whole account; everything else belongs to the category it is traded
    in."""
    if isinstance(item, StreamPolicy) and item.transfer_kind is not None:
        return True
    also = item.also if isinstance(item, StreamPolicy) else frozenset()
    return item.category in categories or bool(also & categories)
