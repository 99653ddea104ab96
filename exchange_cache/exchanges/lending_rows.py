"""Wallets that lend and report more than is owned: raw answers as ccxt balance structures.

``free`` and ``used`` are what lies in the wallet, borrowed coins included; ``debt`` is what is owed
of a coin, ``total`` what is left of it once that is paid back: negative for a coin that was
borrowed and sold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from exchange_cache.adapter.paging import RowsMissing, rows_of
from exchange_cache.errors import BadResponse
from exchange_cache.money import EXACT, ZERO, to_amount, to_amount_or_none, to_text


class Side(NamedTuple):
    """One asset in one wallet, or on one side of a pair."""

    asset_id: str
    free: Decimal
    used: Decimal
    debt: Decimal


def netted(client: Any, sides: Iterable[Side]) -> dict[str, Any]:
    """Sides by asset, summed: an asset may be in several pairs."""
    sums: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for side in sides:
        code = str(client.safe_currency_code(side.asset_id))
        free, used, debt = sums.get(code, (ZERO, ZERO, ZERO))
        sums[code] = (
            EXACT.add(free, side.free),
            EXACT.add(used, side.used),
            EXACT.add(debt, side.debt),
        )
    return {
        code: _figures(EXACT.subtract(EXACT.add(free, used), debt), free, used, debt)
        for code, (free, used, debt) in sums.items()
    }


def _figures(total: Decimal, free: Decimal, used: Decimal, debt: Decimal) -> dict[str, Any]:
    return {
        "free": to_text(free),
        "used": to_text(used),
        "total": to_text(total),
        "debt": to_text(debt),
    }


def side(row: Mapping[str, Any], asset: str, free: str, used: str, *owed: str) -> Side:
    """A side by the names of its fields, which must be there; ``owed`` are summed."""
    debt = ZERO
    for name in owed:
        debt = EXACT.add(debt, _amount(row[name]))
    return Side(str(row[asset]), _amount(row[free]), _amount(row[used]), debt)


def _amount(value: Any) -> Decimal:
    """An amount that may be empty text; None is no amount."""
    return ZERO if value == "" else to_amount(value)


def bybit_unified(response: Any, client: Any) -> Mapping[str, Any]:
    """The unified account: ``walletBalance`` less ``spotBorrow``, without the unrealised result.

    Since September 2025 ``walletBalance`` includes what spot margin trading and manual borrowing
    lent ("Old walletBalance = New walletBalance - spotBorrow"; equity = walletBalance - spotBorrow
    + unrealisedPnl + option value). Losses of contracts that became a debt are in
    ``walletBalance`` itself, which they make negative. ``borrowAmount`` is the sum of both kinds
    of debt, and spot liabilities include the interest on them, so ``accruedInterest`` is not
    subtracted again. Answers from before have no ``spotBorrow``. ``availableToWithdraw`` is
    deprecated: what orders and positions bind is used, the rest free.

    Sources: https://bybit-exchange.github.io/docs/v5/account/wallet-balance; Bybit's help centre,
    Manual Borrow in UTA Loan.
    """
    try:
        coins = [
            row for account in rows_of(response, "result.list") for row in rows_of(account, "coin?")
        ]
    except RowsMissing as error:
        raise BadResponse(f"{client.id}: {error}") from error
    return {str(client.safe_currency_code(row["coin"])): _bybit_coin(row) for row in coins}


def _bybit_coin(row: Mapping[str, Any]) -> dict[str, Any]:
    held, used = to_amount(str(row["walletBalance"])), ZERO
    for name in ("locked", "totalPositionIM", "totalOrderIM"):
        used = EXACT.add(used, _number(row, name))
    total = EXACT.subtract(held, _number(row, "spotBorrow"))
    return _figures(total, EXACT.subtract(held, used), used, _number(row, "borrowAmount"))


def okx_coin(row: Mapping[str, Any]) -> dict[str, Any]:
    """A currency of OKX's trading account: ``cashBal`` less the ``interest`` accrued on its debt.

    ``cashBal`` is below zero where more was sold or lost than was there, so it is net of the debt;
    equity = cashBal + floating PnL + options value - accrued interest, so interest is not in it
    until it is deducted. ``liab`` is |min(0, equity)| and the liabilities of isolated margin
    positions (``isoLiab``), which lie beside this balance, as their margin does.

    Sources: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance; OKX's help
    centre, Multi-currency margin mode: cross margin trading, and Borrow in spot mode.
    """
    debt = EXACT.subtract(_number(row, "liab").copy_abs(), _number(row, "isoLiab").copy_abs())
    return {
        "free": row.get("availBal") or None,
        "used": row.get("frozenBal") or None,
        "total": to_text(
            EXACT.subtract(to_amount(str(row["cashBal"])), _number(row, "interest").copy_abs())
        ),
        "debt": to_text(max(ZERO, debt)),
    }


def kraken_extended(response: Any, client: Any) -> Mapping[str, Any]:
    """The spot balance less what is used of a credit line, which some accounts are granted.

    "available balance = balance + credit - credit_used - hold_trade": by that, what is drawn of
    the credit stays in ``balance``. Loans of margin positions are not in the balances.
    Source: https://docs.kraken.com/api-reference/account-data/get-extended-balance
    """
    found = {}
    for asset_id, row in response["result"].items():
        held, used, debt = (
            to_amount(str(row["balance"])),
            _number(row, "hold_trade"),
            _number(row, "credit_used"),
        )
        found[str(client.safe_currency_code(asset_id))] = _figures(
            EXACT.subtract(held, debt), EXACT.subtract(held, used), used, debt
        )
    return found


def kucoin_cross(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross margin (version 1): the balance contains what was borrowed, ``liability`` is all of it.

    ccxt drops the liability, since no interest is beside it. Source:
    https://www.kucoin.com/docs/rest/funding/funding-overview/get-account-detail-margin
    """
    rows = rows_of(response, "data.accounts")
    return netted(
        client,
        (side(row, "currency", "availableBalance", "holdBalance", "liability") for row in rows),
    )


def kucoin_side(row: Mapping[str, Any]) -> Side:
    """One side of an isolated pair: ``total`` contains what was borrowed.

    ``liability`` = ``liabilityPrincipal`` + ``liabilityInterest``; where neither is reported,
    interest is in a field of its own. Source:
    https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-isolated-margin
    """
    return side(
        row,
        "currency",
        "available",
        "hold",
        "liability",
        *(() if "liabilityInterest" in row else ("interest",)),
    )


_HTX_COLUMNS = {"trade": "free", "frozen": "used", "loan": "debt", "interest": "debt"}


def htx_side(row: Mapping[str, Any]) -> Side | None:
    """A row of a margin account, one figure of one coin: a loan and its interest are below zero.

    None for rows that are limits. Sources: https://www.htx.com/en-us/opend/newApiPages (GET
    /v1/margin/accounts/balance, /v1/cross-margin/accounts/balance) and their examples in ccxt.
    """
    column = _HTX_COLUMNS.get(str(row.get("type")))
    if column is None:
        return None
    amount = to_amount(str(row["balance"]))
    figures = {"free": ZERO, "used": ZERO, "debt": ZERO} | {
        column: amount.copy_negate() if column == "debt" else amount
    }
    return Side(str(row["currency"]), **figures)


def _number(row: Mapping[str, Any], name: str) -> Decimal:
    return to_amount_or_none(row.get(name)) or ZERO
