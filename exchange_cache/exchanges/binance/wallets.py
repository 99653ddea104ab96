"""Binance wallets that ccxt does not parse, or parses incompletely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.errors import BadResponse, NotOffered
from exchange_cache.exchanges.verbs import column, listed, summed
from exchange_cache.money import EXACT, to_amount, to_text

#: Pairs of wallets between which people move assets (universal transfer types).
MOVES = (
    "MAIN_UMFUTURE",
    "UMFUTURE_MAIN",
    "MAIN_CMFUTURE",
    "CMFUTURE_MAIN",
    "MAIN_FUNDING",
    "FUNDING_MAIN",
    "MAIN_MARGIN",
    "MARGIN_MAIN",
    "FUNDING_UMFUTURE",
    "UMFUTURE_FUNDING",
)


def locked_earn(response: Any, client: Any) -> Mapping[str, Any]:
    """Locked simple-earn positions; the spot wallet lists flexible ones as LD twins."""
    total = dig_or_none(response, "total")
    if total is not None and int(total) > 100:
        raise BadResponse("binance: more than 100 locked positions; excache reads one page")
    return column(client, response, "rows?", "asset", "amount")


def margin(response: Any, client: Any) -> Mapping[str, Any]:
    """The cross margin wallet net of its debt; NotOffered where the account never opened one."""
    if response.get("created") is False:
        raise NotOffered(f"{client.id}: the account has no cross margin wallet")
    return {
        str(client.safe_currency_code(row["asset"])): _owing(row)
        for row in listed(response, "userAssets")
    }


def _owing(row: Mapping[str, Any]) -> dict[str, Any]:
    """One asset of a margin wallet; ``total`` is net of the debt."""
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


def isolated(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: both sides of every pair net of debt, summed by asset."""
    sides = [
        (side["asset"], _owing(side))
        for pair in listed(response, "assets")
        for side in (pair["baseAsset"], pair["quoteAsset"])
    ]
    columns = {
        name: summed(client, ((asset, figures[name]) for asset, figures in sides))
        for name in ("free", "used", "total", "debt")
    }
    return {
        code: {name: column[code]["total"] for name, column in columns.items()}
        for code in columns["total"]
    }


def contracts(response: Any, client: Any) -> Mapping[str, Any]:
    """A futures wallet by ``walletBalance``; ccxt's total contains the unrealised result."""
    return {
        str(client.safe_currency_code(row["asset"])): {
            "free": row.get("availableBalance"),
            "used": row.get("initialMargin"),
            "total": row["walletBalance"],
        }
        for row in listed(response, "assets")
    }
