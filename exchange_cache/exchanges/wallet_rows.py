"""Wallets that ccxt's ``fetch_balance`` does not read: raw answers -> the shape of a ccxt balance
structure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.paging import RowsMissing, dig_or_none, rows_of
from exchange_cache.errors import BadResponse, NotOffered
from exchange_cache.exchanges.lending_rows import (
    bybit_unified,
    htx_side,
    kraken_extended,
    kucoin_cross,
    kucoin_side,
    netted,
    okx_coin,
    side,
)
from exchange_cache.exchanges.rows_phemex import scale_of
from exchange_cache.exchanges.told_rows import hyperliquid_averages, okx_averages
from exchange_cache.money import EXACT, ZERO, to_amount, to_text

WalletParser = Callable[[Any, Any], Mapping[str, Any]]


def _summed(client: Any, found: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    totals: dict[str, Decimal] = {}
    for asset_id, amount in found:
        code = str(client.safe_currency_code(str(asset_id)))
        totals[code] = EXACT.add(totals.get(code, ZERO), to_amount(str(amount)))
    return {
        code: {"free": None, "used": None, "total": to_text(total)}
        for code, total in totals.items()
    }


def _listed(response: Any, path: str) -> list[Any]:
    try:
        return rows_of(response, path)
    except RowsMissing as error:
        raise BadResponse(str(error)) from error


def _column(client: Any, response: Any, path: str, asset: str, amount: str) -> dict[str, Any]:
    rows = _listed(response, path)
    missing = [row for row in rows if not row.get(asset) or row.get(amount) in (None, "")]
    if missing:
        raise BadResponse(f"{client.id}: a row at {path!r} has no {asset} or no {amount}")
    return _summed(client, ((row[asset], row[amount]) for row in rows))


def binance_locked_earn(response: Any, client: Any) -> Mapping[str, Any]:
    """Locked simple-earn positions; flexible ones lie in the spot wallet as LD twins already."""
    total = dig_or_none(response, "total")
    if total is not None and int(total) > 100:
        raise BadResponse("binance: more than 100 locked positions; excache reads one page")
    return _column(client, response, "rows?", "asset", "amount")


def binance_margin(response: Any, client: Any) -> Mapping[str, Any]:
    """The cross margin wallet, net of what is owed with its interest; NotOffered where the account
    never opened one."""
    if response.get("created") is False:
        raise NotOffered(f"{client.id}: the account has no cross margin wallet")
    return {
        str(client.safe_currency_code(row["asset"])): _owing(row)
        for row in _listed(response, "userAssets")
    }


def _owing(row: Mapping[str, Any]) -> dict[str, Any]:
    """One asset of a margin wallet: ``total`` is what would be left after everything borrowed was
    paid back."""
    free, locked, borrowed, interest = (
        to_amount(str(row[name])) for name in ("free", "locked", "borrowed", "interest")
    )
    debt = EXACT.add(borrowed, interest)
    return {
        "free": to_text(free),
        "used": to_text(locked),
        "total": to_text(EXACT.subtract(EXACT.add(free, locked), debt)),
        "debt": to_text(debt),
    }


def binance_isolated(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: both sides of every pair, net of what is owed; an asset in several pairs is
    summed."""
    sides = [
        (side["asset"], _owing(side))
        for pair in _listed(response, "assets")
        for side in (pair["baseAsset"], pair["quoteAsset"])
    ]
    columns = {
        name: _summed(client, ((asset, figures[name]) for asset, figures in sides))
        for name in ("free", "used", "total", "debt")
    }
    return {
        code: {name: column[code]["total"] for name, column in columns.items()}
        for code in columns["total"]
    }


def binance_contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """A USD-M or COIN-M wallet: ``walletBalance``, without the unrealised result that marginBalance
    (ccxt's total) contains."""
    try:
        rows = rows_of(response, "assets")
    except RowsMissing as error:
        raise BadResponse(f"{client.id}: {error}") from error
    return {
        str(client.safe_currency_code(row["asset"])): {
            "free": row.get("availableBalance"),
            "used": row.get("initialMargin"),
            "total": row["walletBalance"],
        }
        for row in rows
    }


def bybit_earn(response: Any, client: Any) -> Mapping[str, Any]:
    return _column(client, response, "result.list", "coin", "amount")


def okx_trading(response: Any, client: Any) -> Mapping[str, Any]:
    """The trading account by ``cashBal``: without the unrealised result that ``eq`` contains."""
    try:
        rows = rows_of(response, "data.0.details")
    except RowsMissing as error:
        raise BadResponse(f"{client.id}: {error}") from error
    return {
        str(client.safe_currency_code(row["ccy"])): {
            **okx_coin(row),
            "averages": tuple(okx_averages(row)),
        }
        for row in rows
    }


def kucoin_contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """One currency's futures account: equity without the unrealised result."""
    row = response["data"]
    total = EXACT.subtract(
        to_amount(str(row["accountEquity"])), to_amount(str(row.get("unrealisedPNL") or "0"))
    )
    code = str(client.safe_currency_code(row["currency"]))
    return {code: {"free": row.get("availableBalance"), "used": None, "total": to_text(total)}}


def kucoin_isolated(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: both sides of every pair, net of what is owed; an asset in several pairs is
    summed."""
    rows = [
        pair[name]
        for pair in _listed(response, "data.assets")
        for name in ("baseAsset", "quoteAsset")
    ]
    return netted(client, map(kucoin_side, rows))


def okx_savings(response: Any, client: Any) -> Mapping[str, Any]:
    return _column(client, response, "data", "ccy", "amt")


def okx_staking(response: Any, client: Any) -> Mapping[str, Any]:
    """On-chain earn orders: what was invested, per asset."""
    orders = rows_of(response, "data")
    found = [item for order in orders for item in order.get("investData") or ()]
    return _summed(client, ((item["ccy"], item["amt"]) for item in found))


def bitget_margin(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross or isolated margin; isolated pairs repeat a coin. ``totalAmount`` contains what was
    borrowed, ``net`` does not."""
    rows = _listed(response, "data")
    owned, parts = (
        _column(client, response, "data", "coin", "net"),
        ("available", "frozen", "borrow", "interest"),
    )
    found = netted(client, (side(row, "coin", *parts) for row in rows))
    return {code: {**figures, "total": owned[code]["total"]} for code, figures in found.items()}


def bitget_earn(response: Any, client: Any) -> Mapping[str, Any]:
    return _column(client, response, "data", "coin", "amount")


def gate_margin(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated pairs: both sides of each, less what was borrowed and the interest on it, which is a
    field of its own."""
    rows = [row for pair in _listed(response, "") for row in (pair["base"], pair["quote"])]
    return netted(
        client,
        (side(row, "currency", "available", "locked", "borrowed", "interest") for row in rows),
    )


def gate_contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """One settle currency: ``total`` is what was paid in and closed, without the unrealised
    result."""
    code = str(client.safe_currency_code(str(response["currency"]).upper()))
    return {code: {"free": response.get("available"), "used": None, "total": response["total"]}}


def gate_lends(response: Any, client: Any) -> Mapping[str, Any]:
    return _column(client, response, "", "currency", "amount")


def htx_cross(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross margin: a row per coin and type; loans and interest are negative."""
    return _htx_rows(client, _listed(response, "data.list"))


def htx_isolated(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: a list per pair."""
    return _htx_rows(
        client, [row for pair in _listed(response, "data") for row in pair.get("list") or ()]
    )


def _htx_rows(client: Any, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return netted(client, (found for found in map(htx_side, rows) if found is not None))


def htx_inverse(response: Any, client: Any) -> Mapping[str, Any]:
    """Coin-margined accounts: ``margin_balance`` holds the unrealised result."""
    return {
        str(client.safe_currency_code(row["symbol"])): {
            "free": str(row.get("margin_available"))
            if row.get("margin_available") is not None
            else None,
            "used": None,
            "total": str(row["margin_balance"]),
        }
        for row in _listed(response, "data")
    }


def mexc_contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """Contract accounts: ``equity`` holds the margin of positions and the unrealised result."""
    return {
        str(client.safe_currency_code(row["currency"])): {
            "free": row.get("availableBalance"),
            "used": None,
            "total": row["equity"],
        }
        for row in _listed(response, "data")
    }


def _bitfinex(kind: str) -> WalletParser:
    """One kind of wallet out of the list of all; derivative twins (USTF0) lie beside their
    asset."""

    def read(response: Any, client: Any) -> Mapping[str, Any]:
        rows = [row for row in _listed(response, "") if row[0] == kind]
        held = _summed(client, ((row[1], row[2]) for row in rows))
        free = _summed(client, ((row[1], row[4]) for row in rows if row[4] is not None))
        return {
            code: {**figures, "free": free[code]["total"] if code in free else None}
            for code, figures in held.items()
        }

    return read


def krakenfutures_flex(response: Any, client: Any) -> Mapping[str, Any]:
    currencies = (dig_or_none(response, "accounts.flex.currencies") or {}).items()
    return {
        str(client.safe_currency_code(name.upper())): {
            "free": row.get("available"),
            "used": None,
            "total": row["quantity"],
        }
        for name, row in currencies
    }


def krakenfutures_cash(response: Any, client: Any) -> Mapping[str, Any]:
    return _summed(
        client,
        (
            (name.upper(), amount)
            for name, amount in (dig_or_none(response, "accounts.cash.balances") or {}).items()
        ),
    )


def krakenfutures_single(response: Any, client: Any) -> Mapping[str, Any]:
    """Every single-collateral account holds its currency, beside the size of its positions (fi_…,
    pi_…)."""
    accounts = [
        one
        for one in dig_or_none(response, "accounts").values()
        if one.get("type") == "marginAccount"
    ]
    held = [
        (name.upper(), amount)
        for one in accounts
        for name, amount in one["balances"].items()
        if "_" not in name
    ]
    return _summed(client, held)


def gemini_staking(response: Any, client: Any) -> Mapping[str, Any]:
    return _column(client, response, "", "currency", "balance")


def hyperliquid_spot(response: Any, client: Any) -> Mapping[str, Any]:
    return {
        str(client.update_spot_currency_code(client.safe_currency_code(row["coin"]))): {
            "free": None,
            "used": row.get("hold"),
            "total": row["total"],
            "averages": tuple(hyperliquid_averages(row)),
        }
        for row in _listed(response, "balances")
    }


def hyperliquid_perps(response: Any, client: Any) -> Mapping[str, Any]:
    """Collateral of perpetuals: the account's value, which holds the unrealised result."""
    return {
        "USDC": {
            "free": response.get("withdrawable"),
            "used": None,
            "total": dig_or_none(response, "marginSummary.accountValue"),
        }
    }


def hyperliquid_staking(response: Any, client: Any) -> Mapping[str, Any]:
    parts = [response.get(name) for name in ("delegated", "undelegated", "totalPendingWithdrawal")]
    return _summed(client, (("HYPE", part) for part in parts if part is not None))


def hyperliquid_vaults(response: Any, client: Any) -> Mapping[str, Any]:
    return _summed(client, (("USDC", row["equity"]) for row in _listed(response, "")))


def bingx_contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """Contract accounts; one without any money is a row without an asset, or one whose figures are
    empty texts."""
    rows = [row for row in _listed(response, "data") if row.get("asset") and row["balance"] != ""]
    held = _summed(client, ((row["asset"], row["balance"]) for row in rows))
    free = {
        str(client.safe_currency_code(row["asset"])): row.get("availableMargin")
        or row.get("availableBalance")
        for row in rows
    }
    return {code: {**figures, "free": free.get(code)} for code, figures in held.items()}


def phemex_contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """One settle currency; newer accounts tell real values (Rv), older ones scaled integers
    (Ev)."""
    account = dig_or_none(response, "data.account")
    code = str(client.safe_currency_code(account["currency"]))
    if account.get("accountBalanceRv") is not None:
        return {
            code: {
                "free": None,
                "used": account.get("totalUsedBalanceRv"),
                "total": account["accountBalanceRv"],
            }
        }
    scale = -scale_of(client, code)
    total, used = (
        EXACT.scaleb(to_amount(str(account[name])), scale)
        for name in ("accountBalanceEv", "totalUsedBalanceEv")
    )
    return {code: {"free": None, "used": to_text(used), "total": to_text(total)}}


def kucoin_earn(response: Any, client: Any) -> Mapping[str, Any]:
    return _column(client, response, "data.items", "currency", "holdAmount")


WALLET_PARSERS: Mapping[str, WalletParser] = {
    "binance_locked_earn": binance_locked_earn,
    "binance_contracts": binance_contracts,
    "binance_isolated": binance_isolated,
    "binance_margin": binance_margin,
    "bybit_earn": bybit_earn,
    "bybit_unified": bybit_unified,
    "kraken_extended": kraken_extended,
    "kucoin_contracts": kucoin_contracts,
    "kucoin_cross": kucoin_cross,
    "okx_savings": okx_savings,
    "okx_trading": okx_trading,
    "okx_staking": okx_staking,
    "kucoin_earn": kucoin_earn,
    "kucoin_isolated": kucoin_isolated,
    "bitget_margin": bitget_margin,
    "bitget_earn": bitget_earn,
    "mexc_contracts": mexc_contracts,
    "bitfinex_exchange": _bitfinex("exchange"),
    "bitfinex_margin": _bitfinex("margin"),
    "bitfinex_funding": _bitfinex("funding"),
    "krakenfutures_flex": krakenfutures_flex,
    "krakenfutures_cash": krakenfutures_cash,
    "krakenfutures_single": krakenfutures_single,
    "gemini_staking": gemini_staking,
    "hyperliquid_spot": hyperliquid_spot,
    "hyperliquid_perps": hyperliquid_perps,
    "hyperliquid_staking": hyperliquid_staking,
    "hyperliquid_vaults": hyperliquid_vaults,
    "bingx_contracts": bingx_contracts,
    "phemex_contracts": phemex_contracts,
    "gate_margin": gate_margin,
    "gate_contracts": gate_contracts,
    "gate_lends": gate_lends,
    "htx_cross": htx_cross,
    "htx_isolated": htx_isolated,
    "htx_inverse": htx_inverse,
}
