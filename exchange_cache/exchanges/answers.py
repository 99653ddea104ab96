"""Where the answer about every wallet and list has its raw rows, and which fields a row must have:
policies are completed by it.

The fields are those that the exchange's documentation (the source of the policy's line) has in
every row. ccxt reads a missing one as zero, and leaves a row out that it cannot name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from exchange_cache.adapter.policy import KEY, CallPolicy, ExchangePolicy, RawRows


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
WALLETS: Mapping[str, Mapping[str, tuple[RawRows, ...]]] = {
    "binance": {
        "spot": _held("balances.*", "asset", "free", "locked"),
        "funding": _held("*", "asset", "free", "locked", "freeze", "withdrawing"),
        "linear": _held("assets.*", "asset", "walletBalance"),
        "inverse": _held("assets.*", "asset", "walletBalance"),
        "margin": _held("userAssets.*", "asset", *_OWING),
        "margin-isolated": _sides(
            "assets.*", "baseAsset", "quoteAsset", name="asset", figures=_OWING
        ),
        "earn": _held("rows.*", "asset", "amount"),
    },
    "bingx": {
        "spot": _held("data.balances.*", "asset", "free", "locked"),
        "funding": _held("data.assets.*", "asset", "free", "locked"),
        "linear": _BINGX_CONTRACTS,
        "inverse": _BINGX_CONTRACTS,
        "standard": _BINGX_CONTRACTS,
    },
    "bitfinex": {
        name: (RawRows(path="*", name="1", texts=("0",), figures=("2",), only=("0", kind)),)
        for name, kind in (("spot", "exchange"), ("margin", "margin"), ("funding", "funding"))
    },
    "bitstamp": {"spot": _held("*", "currency", "total")},
    "bitvavo": {"spot": _held("*", "symbol", "available", "inOrder")},
    "cryptocom": {
        "trading": _held("result.data.0.position_balances.*", "instrument_name", "quantity")
    },
    "deribit": {"trading": _held("result.summaries.*", "currency", "equity")},
    "gate": {
        "spot": _held("*", "currency", "available", "locked"),
        "margin": _sides(
            "*",
            "base",
            "quote",
            name="currency",
            figures=("available", "locked", "borrowed", "interest"),
        ),
        "futures-usdt": _GATE_CONTRACTS,
        "futures-btc": _GATE_CONTRACTS,
        "delivery-usdt": _GATE_CONTRACTS,
        "options": _GATE_CONTRACTS,
        "earn": _held("*", "currency", "amount"),
    },
    "gemini": {"spot": _held("*", "currency", "amount"), "earn": _held("*", "currency", "balance")},
    "htx": {
        "spot": _htx_list("data.list.*"),
        "margin": _htx_list("data.list.*"),
        "margin-isolated": _htx_list("data.*.list.*"),
        "linear": _held("data.details.*", "currency", "equity"),
        "inverse": _HTX_INVERSE,
        "inverse-dated": _HTX_INVERSE,
    },
    "hyperliquid": {
        "spot": _held("balances.*", "coin", "total"),
        "swap": (RawRows(path="marginSummary", figures=("accountValue",)),),
        "earn": (RawRows(path="", figures=("delegated", "undelegated", "totalPendingWithdrawal")),),
        "vaults": (RawRows(path="*", figures=("equity",)),),
    },
    "kraken": {"spot": _held("result.*", KEY, "balance")},
    "krakenfutures": {
        "futures-flex": _held("accounts.flex?.currencies.*", KEY, "quantity"),
        "futures-cash": _held("accounts.cash?.balances.*", KEY, ""),
        "futures-single": (RawRows(path="accounts.*", texts=("type",), keyed=True),),
    },
    "mexc": {
        "spot": _held("balances.*", "asset", "free", "locked"),
        "futures": _held("data.*", "currency", "equity"),
    },
    "okx": {
        "trading": _held("data.0.details.*", "ccy", "cashBal"),
        "funding": _held("data.*", "ccy", "bal"),
        "earn": _held("data.*", "ccy", "amt"),
        "earn-staking": _held("data.*.investData.*", "ccy", "amt"),
    },
    "phemex": {
        "spot": _held("data.*", "currency", "balanceEv"),
        "futures-usdt": _PHEMEX_CONTRACTS,
        "futures-usdc": _PHEMEX_CONTRACTS,
        "futures-btc": _PHEMEX_CONTRACTS,
        "futures-usd": _PHEMEX_CONTRACTS,
    },
}

#: Module of a policy -> the size of a position in a raw row.
SIZES: Mapping[str, tuple[str, ...]] = {
    "binance": ("positionAmt",),
    "bingx": ("positionAmt",),
    "bitfinex": ("2",),
    "cryptocom": ("quantity",),
    "deribit": ("size",),
    "gate": ("size",),
    "htx": ("volume",),
    "hyperliquid": ("position.szi",),
    "krakenfutures": ("size",),
    "mexc": ("holdVol",),
    "okx": ("pos",),
    "phemex": ("sizeRq|size",),
}

#: Module of a policy -> the field without which ccxt takes a position for a short one.
SIDES: Mapping[str, tuple[str, ...]] = {"htx": ("direction",)}

#: Module of a policy -> path of the tickers, the market's id in each, and the price, which is empty
#: for a market without a trade.
TICKERS: Mapping[str, tuple[str, str, str]] = {
    "binance": ("", "symbol", "lastPrice"),
    "bingx": ("data", "symbol", "lastPrice"),
    "bitfinex": ("", "0", "7"),
    "bitstamp": ("", "pair", "last"),
    "bitvavo": ("", "market", "last"),
    "cryptocom": ("result.data", "i", "a"),
    "deribit": ("result", "instrument_name", "last"),
    "gate": ("", "currency_pair", "last"),
    "gemini": ("", "pair", "price"),
    "htx": ("data", "symbol", "close"),
    "kraken": ("result", KEY, "c.0"),
    "krakenfutures": ("tickers", "symbol", "last|markPrice"),
    "mexc": ("", "symbol", "lastPrice"),
    "okx": ("data", "instId", "last"),
    "phemex": ("result", "symbol", "lastEp|closeEp|closeRp"),
}


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
