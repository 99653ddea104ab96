"""Wallets that lend and report more than is owned: raw answers -> the shape of a ccxt balance structure.

``free`` and ``used`` are what lies in the wallet, borrowed coins included; ``debt`` is what is owed of a coin, ``total`` what is
left of it once that is paid back: negative for a coin that was borrowed and sold.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exchange_cache.domain.money import EXACT, ZERO, to_decimal, to_text
from exchange_cache.errors import BadResponse
from exchange_cache.exchange.paging import RowsMissing, rows_of


def bybit_unified(response: Any, client: Any) -> Mapping[str, Any]:
    """The unified account: ``walletBalance`` less ``spotBorrow``, without the unrealised result that ``equity`` contains.

    Since September 2025 ``walletBalance`` includes what spot margin trading and manual borrowing lent ("Old walletBalance = New
    walletBalance - spotBorrow"; equity = walletBalance - spotBorrow + unrealisedPnl + option value). Losses of contracts that
    became a debt are in ``walletBalance`` itself, which they make negative. ``borrowAmount`` is the sum of both kinds of debt,
    and spot liabilities include the interest on them, so ``accruedInterest`` is not subtracted again. Answers from before have no
    ``spotBorrow``. ``availableToWithdraw`` is deprecated: what orders and positions bind is used, the rest free.

    Sources: https://bybit-exchange.github.io/docs/v5/account/wallet-balance and Bybit's help centre, Manual Borrow in UTA Loan.
    """
    try:
        coins = [row for account in rows_of(response, "result.list") for row in rows_of(account, "coin?")]
    except RowsMissing as error:
        raise BadResponse(f"{client.id}: {error}") from error
    return {str(client.safe_currency_code(row["coin"])): _bybit_coin(row) for row in coins}


def _bybit_coin(row: Mapping[str, Any]) -> dict[str, Any]:
    held, used = to_decimal(str(row["walletBalance"])), ZERO
    for name in ("locked", "totalPositionIM", "totalOrderIM"):
        used = EXACT.add(used, _number(row, name))
    return {
        "free": to_text(EXACT.subtract(held, used)),
        "used": to_text(used),
        "total": to_text(EXACT.subtract(held, _number(row, "spotBorrow"))),
        "debt": to_text(_number(row, "borrowAmount")),
    }


def _number(row: Mapping[str, Any], name: str) -> Decimal:
    return to_decimal(str(row.get(name) or 0))
