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
    "bitfinex": {
        name: (RawRows(path="*", name="1", texts=("0",), figures=("2",), only=("0", kind)),)
        for name, kind in (("spot", "exchange"), ("margin", "margin"), ("funding", "funding"))
    },
    "bitget": {
        "spot": _held("data.*", "coin", "available", "frozen", "locked"),
        "futures-usdt": _BITGET_FUTURES,
        "futures-usdc": _BITGET_FUTURES,
        "futures-coin": _BITGET_FUTURES,
        "margin": _held("data.*", "coin", "net"),
        "margin-isolated": _held("data.*", "coin", "net"),
        "earn": _held("data.*", "coin", "amount"),
        "unified": _held("data.assets.*", "coin", "equity"),
        "funding": _held("data.*", "coin", "balance"),
    },
    "bitstamp": {"spot": _held("*", "currency", "total")},
    "bybit": {
        "unified": _held("result.list.*.coin.*", "coin", "walletBalance"),
        "funding": _held("result.balance.*", "coin", "walletBalance"),
        "earn": _held("result.list.*", "coin", "amount"),
        "earn-onchain": _held("result.list.*", "coin", "amount"),
    },
    "coinbase": {
        "spot": _held(
            "accounts.*", "available_balance.currency", "available_balance.value", "hold.value"
        )
    },
    "cryptocom": {
        "trading": _held("result.data.0.position_balances.*", "instrument_name", "quantity")
    },
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
    "htx": {
        "spot": _htx_list("data.list.*"),
        "margin": _htx_list("data.list.*"),
        "margin-isolated": _htx_list("data.*.list.*"),
        "linear": _held("data.details.*", "currency", "equity"),
        "inverse": _HTX_INVERSE,
        "inverse-dated": _HTX_INVERSE,
    },
    "kraken": {"spot": _held("result.*", KEY, "balance")},
    "krakenfutures": {
        "futures-flex": _held("accounts.flex?.currencies.*", KEY, "quantity"),
        "futures-cash": _held("accounts.cash?.balances.*", KEY, ""),
        "futures-single": (RawRows(path="accounts.*", texts=("type",), keyed=True),),
    },
    "kucoin": {
        **{name: _held("data.*", "currency", "balance") for name in ("trade", "trade_hf", "main")},
        "futures-usdt": _KUCOIN_FUTURES,
        "futures-usdc": _KUCOIN_FUTURES,
        "futures-btc": _KUCOIN_FUTURES,
        "margin": _held("data.accounts.*", "currency", "totalBalance", "liability"),
        "margin-isolated": _sides(
            "data.assets.*", "baseAsset", "quoteAsset", name="currency", figures=_KUCOIN_SIDE
        ),
        "earn": _held("data.items.*", "currency", "holdAmount"),
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
}

#: Module of a policy -> the size of a position in a raw row.
SIZES: Mapping[str, tuple[str, ...]] = {
    "binance": ("positionAmt",),
    "bitfinex": ("2",),
    "bitget": ("total",),
    "bybit": ("size",),
    "coinbase": ("number_of_contracts",),
    "cryptocom": ("quantity",),
    "gate": ("size",),
    "htx": ("volume",),
    "krakenfutures": ("size",),
    "kucoin": ("currentQty",),
    "mexc": ("holdVol",),
    "okx": ("pos",),
}

#: Module of a policy -> the field without which ccxt takes a position for a short one.
SIDES: Mapping[str, tuple[str, ...]] = {"htx": ("direction",)}

#: Module of a policy -> path of the tickers, the market's id in each, and the price, which is empty
#: for a market without a trade.
TICKERS: Mapping[str, tuple[str, str, str]] = {
    "binance": ("", "symbol", "lastPrice"),
    "bitfinex": ("", "0", "7"),
    "bitget": ("data", "symbol", "lastPr"),
    "bitstamp": ("", "pair", "last"),
    "bybit": ("result.list", "symbol", "lastPrice"),
    "coinbase": ("products", "product_id", "price"),
    "cryptocom": ("result.data", "i", "a"),
    "gate": ("", "currency_pair", "last"),
    "htx": ("data", "symbol", "close"),
    "kraken": ("result", KEY, "c.0"),
    "krakenfutures": ("tickers", "symbol", "last|markPrice"),
    "kucoin": ("data.ticker", "symbol", "last"),
    "mexc": ("", "symbol", "lastPrice"),
    "okx": ("data", "instId", "last"),
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
