"""Policies: one module or package per exchange, found by its ccxt id; any other exchange gets a
cautious generic policy.

A policy is data with a source for each line; parsers of rows and wallets are next to it. Regional
and contract editions share the data of the exchange to which they belong.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from exchange_cache.adapter.policy import CallPolicy, ExchangePolicy, StreamPolicy
from exchange_cache.errors import ConfigError

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

#: How the ids of regional and contract editions begin: they share the errors, the key question and
#: the limits of the exchange to which they belong.
FAMILIES = ("binance", "bybit", "okx", "kucoin", "gate", "kraken")

#: Words that a user may write instead of an exchange's wallet names: every wallet that trades one
#: of these categories.
WORDS: Mapping[str, frozenset[str]] = {
    "spot": frozenset({"spot"}),
    "swap": frozenset({"linear", "inverse"}),
    "future": frozenset({"linear", "inverse"}),
}


#: The exchange of accounts without an API, whose rows come from files alone.
MANUAL = "manual"


def is_generic(exchange_id: str) -> bool:
    """Whether an exchange is read by the generic policy; imports no policy."""
    return exchange_id not in MODULES and exchange_id != MANUAL


def family_of(exchange_id: str) -> str:
    """The exchange of a regional or contract edition; any other id is its own."""
    if exchange_id == "myokx":
        return "okx"
    return next((name for name in FAMILIES if exchange_id.startswith(name)), exchange_id)


def policy_for(exchange_id: str) -> ExchangePolicy:
    """The policy of a ccxt exchange id; a generic one (``generic`` is True) where there is none."""
    if exchange_id == MANUAL:
        return _written(MANUAL)
    module, family = MODULES.get(exchange_id), family_of(exchange_id)
    if module is not None:
        policy = replace(_written(module), exchange=exchange_id)
    else:
        from exchange_cache.exchanges.generic import generic_policy

        policy = generic_policy(exchange_id)
    policy = replace(policy, family=family)
    return policy if family in {module, exchange_id} else _of_family(policy, _written(family))


def _written(module: str) -> ExchangePolicy:
    policy: ExchangePolicy = import_module(f"{__name__}.{module}").POLICY
    return policy


def _of_family(policy: ExchangePolicy, family: ExchangePolicy) -> ExchangePolicy:
    """An edition's policy with the errors, key question and limits of its exchange."""
    return replace(
        policy,
        codes=family.codes,
        words=family.words,
        ambiguous=family.ambiguous,
        key_question=policy.key_question or family.key_question,
        allowances=family.allowances,
        limits=family.limits,
    )


def narrowed(
    policy: ExchangePolicy, wallets: tuple[str, ...] | None, account: str
) -> ExchangePolicy:
    """The policy for the named wallets only: their balances and their histories; None: all."""
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


def wallet_words(policy: ExchangePolicy) -> list[str]:
    """The words that name wallets of an exchange: their names, and what they trade."""
    traded = {category for wallet in policy.wallets for category in wallet.trades}
    names = {wallet.name for wallet in policy.wallets}
    return sorted(names | {word for word, categories in WORDS.items() if traded & categories})


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
    """Whether a history belongs to one of the wallets."""
    return not wallet or wallet in chosen


def _own_wallet(call: CallPolicy) -> str:
    """The wallet without which a list is not requested: a list of pairs needs the pairs that its
    wallet names."""
    return call.wallet if call.opened_by else ""


def _is_selected(item: StreamPolicy | CallPolicy, categories: set[str]) -> bool:
    """Whether a history or list is selected: transfers belong to the whole account, all else to its
    category."""
    if isinstance(item, StreamPolicy) and item.transfer_kind is not None:
        return True
    also = item.also if isinstance(item, StreamPolicy) else frozenset()
    return item.category in categories or bool(also & categories)


def wallets_of(
    exchange: str, chosen: tuple[str, ...] | None, account: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The wallets that an exchange offers, and those of them that an account reads (``chosen`` in
    config.toml, or all); none under the generic policy, which does not know them."""
    if exchange not in MODULES:
        return (), ()
    policy = policy_for(exchange)
    offered = tuple(wallet.name for wallet in policy.wallets)
    try:
        read = narrowed(policy, chosen, account).wallets
    except ConfigError:
        return offered, offered  # the next sync refuses a wallet that does not exist
    return offered, tuple(wallet.name for wallet in read)
