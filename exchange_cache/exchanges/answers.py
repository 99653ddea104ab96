"""Where the answer about every wallet and list has its raw rows, and which fields a row must have:
policies are completed by it.

The fields are those that the exchange's documentation (the source of the policy's line) has in
every row. ccxt reads a missing one as zero, and leaves a row out that it cannot name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter.policy import CallPolicy, ExchangePolicy, RawRows

SIDES: Mapping[str, Any] = {}


def _held(path: str, name: str, *figures: str, blank: bool = False) -> tuple[RawRows, ...]:
    return (RawRows(path=path, name=name, figures=figures, blank=blank),)


def _sides(path: str, *sides: str, name: str, figures: tuple[str, ...]) -> tuple[RawRows, ...]:
    return tuple(RawRows(path=f"{path}.{side}", name=name, figures=figures) for side in sides)


def _htx_list(path: str) -> tuple[RawRows, ...]:
    return (RawRows(path=path, name="currency", texts=("type",), figures=("balance",)),)


_OWING = ("free", "locked", "borrowed", "interest")
_KUCOIN_SIDE = ("available", "hold", "total", "liability")
_BITGET_FUTURES = _held("data.*", "marginCoin", "accountEquity", "maxTransferOut")
_KUCOIN_FUTURES = _held("data", "currency", "accountEquity", "unrealisedPNL")
_GATE_CONTRACTS = _held("", "currency", "total")
_PHEMEX_CONTRACTS = _held("data.account", "currency", "accountBalanceRv|accountBalanceEv")
_BINGX_CONTRACTS = _held("data.*", "asset", "balance", blank=True)
_HTX_INVERSE = _held("data.*", "symbol", "margin_balance")

#: Module of a policy -> wallet -> its rows.
WALLETS: Mapping[str, Mapping[str, tuple[RawRows, ...]]] = {}

#: Module of a policy -> the size of a position in a raw row.
SIZES: Mapping[str, tuple[str, ...]] = {}

#: Module of a policy -> the field without which ccxt takes a position for a short one.

#: Module of a policy -> path of the tickers, the market's id in each, and the price, which is empty
#: for a market without a trade.
TICKERS: Mapping[str, tuple[str, str, str]] = {}


def completed(policy: ExchangePolicy, module: str) -> ExchangePolicy:
    """The policy with what is said here about its answers, where it states nothing itself."""
    rows, sizes, sides = WALLETS.get(module, {}), SIZES.get(module, ()), SIDES.get(module, ())
    return replace(
        policy,
        wallets=tuple(
            replace(wallet, rows=wallet.rows or rows.get(wallet.name, ()))
            for wallet in policy.wallets
        ),
        positions=tuple(
            replace(call, figures=call.figures or sizes, texts=call.texts or sides)
            for call in policy.positions
        ),
        tickers=tuple(_ticker(call, module) for call in policy.tickers),
    )


def _ticker(call: CallPolicy, module: str) -> CallPolicy:
    if module not in TICKERS or call.figures:
        return call
    path, name, price = TICKERS[module]
    return replace(call, rows=path, market_field=name, figures=(price,), blank=True)
