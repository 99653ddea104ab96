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
from exchange_cache.exchanges.tables import with_tables

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
}

#: What the ids of regional and contract editions begin with: they share the errors, the question
#: about the key and the allowances of the exchange that they belong to.
FAMILIES = ("binance", "bybit", "okx", "kucoin", "gate", "kraken")

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


def family_of(exchange_id: str) -> str:
    """The exchange that a regional or contract edition belongs to; any other id is its own."""
    if exchange_id == "myokx":
        return "okx"
    return next((name for name in FAMILIES if exchange_id.startswith(name)), exchange_id)


def policy_for(exchange_id: str) -> ExchangePolicy:
    """The policy of a ccxt exchange id; a generic one (``generic`` is True) where none was
    written."""
    module, family = MODULES.get(exchange_id), family_of(exchange_id)
    if module is not None:
        policy = replace(_written(module), exchange=exchange_id)
    else:
        from exchange_cache.exchanges.generic import generic_policy

        policy = generic_policy(exchange_id)
    return policy if family in {module, exchange_id} else _of_family(policy, _written(family))


def _written(module: str) -> ExchangePolicy:
    policy = import_module(f"{__name__}.{module}").POLICY
    return with_tables(completed(policy, module))


def _of_family(policy: ExchangePolicy, family: ExchangePolicy) -> ExchangePolicy:
    """An edition with what it shares with its family."""
    return replace(
        policy,
        codes=family.codes,
        words=family.words,
        ambiguous=family.ambiguous,
        key_question=policy.key_question or family.key_question,
        allowances=family.allowances,
    )


def narrowed(
    policy: ExchangePolicy, wallets: tuple[str, ...] | None, account: str
) -> ExchangePolicy:
    """The policy for the named wallets only: their balances, and the histories that can happen in
    them; None: all."""
    if wallets is None:
        return policy
    names = {wallet.name for wallet in policy.wallets}
    chosen = {found for word in wallets for found in _wallet_names(word, names, policy, account)}
    categories = {
        category for wallet in policy.wallets if wallet.name in chosen for category in wallet.trades
    }
    return replace(
        policy,
        wallets=tuple(wallet for wallet in policy.wallets if wallet.name in chosen),
        streams=tuple(
            stream
            for stream in policy.streams
            if _is_of(stream.wallet, chosen) and _is_selected(stream, categories)
        ),
        positions=tuple(call for call in policy.positions if _is_selected(call, categories)),
        open_orders=tuple(
            call
            for call in policy.open_orders
            if _is_of(_own_wallet(call), chosen) and _is_selected(call, categories)
        ),
    )


def _wallet_names(word: str, names: set[str], policy: ExchangePolicy, account: str) -> set[str]:
    if word in names:
        return {word}
    meant = WORDS.get(word, frozenset())
    found = {wallet.name for wallet in policy.wallets if wallet.trades & meant}
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


def _is_selected(item: StreamPolicy | CallPolicy, categories: set[str]) -> bool:
    """Transfers are of the whole account; everything else belongs to the category it is traded
    in."""
    if isinstance(item, StreamPolicy) and item.transfer_kind is not None:
        return True
    also = item.also if isinstance(item, StreamPolicy) else frozenset()
    return item.category in categories or bool(also & categories)
