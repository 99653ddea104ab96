"""HTX's wallets: spot, margin with loans below zero, contracts in USDT and in coins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exchange_cache.adapter.policy import RawRows, WalletParser, WalletPolicy
from exchange_cache.adapter.values import text_or_empty
from exchange_cache.exchanges.verbs import PairSide, listed, netted
from exchange_cache.money import ZERO, to_amount


def _cross(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross margin: a row per coin and type; loans and interest are negative."""
    return _rows(client, listed(response, "data.list"))


def _isolated(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: a list per pair."""
    return _rows(
        client, [row for pair in listed(response, "data") for row in pair.get("list") or ()]
    )


_COLUMNS = {"trade": "free", "frozen": "used", "loan": "debt", "interest": "debt"}


def _rows(client: Any, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows of a margin account, each with one figure of one coin; other types are limits.

    Sources: https://www.htx.com/en-us/opend/newApiPages (GET /v1/margin/accounts/balance,
    /v1/cross-margin/accounts/balance) and their examples in ccxt.
    """
    return netted(client, (_side(row) for row in rows if text_or_empty(row, "type") in _COLUMNS))


def _side(row: Mapping[str, Any]) -> PairSide:
    """One coin of a margin account; a loan and its interest are below zero."""
    column, amount = _COLUMNS[str(row["type"])], to_amount(str(row["balance"]))
    figures = {"free": ZERO, "used": ZERO, "debt": ZERO} | {
        column: amount.copy_negate() if column == "debt" else amount
    }
    return PairSide(str(row["currency"]), **figures)


def _inverse(response: Any, client: Any) -> Mapping[str, Any]:
    """Coin-margined accounts: ``margin_balance`` contains the unrealised result."""
    return {
        str(client.safe_currency_code(row["symbol"])): {
            "free": None if free is None else str(free),
            "used": None,
            "total": str(row["margin_balance"]),
        }
        for row in listed(response, "data")
        for free in (row.get("margin_available"),)
    }


def _list(path: str) -> tuple[RawRows, ...]:
    return (RawRows(path=path, name="currency", texts=("type",), figures=("balance",)),)


def _loaned(name: str, method: str, parser: WalletParser, path: str, source: str) -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=frozenset({"margin"}),
        method=method,
        parser=parser,
        must_have="data",
        rows=_list(path),
        optional=True,
        source=f"{source}: trade + frozen + loan + interest, the last two below zero",
    )


def _in_coins(name: str, method: str) -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=frozenset({"inverse"}),
        method=method,
        parser=_inverse,
        must_have="data",
        rows=(RawRows(path="data.*", name="symbol", figures=("margin_balance",)),),
        includes_unrealised=True,
        optional=True,
        source="margin_balance (ccxt's total excludes the margin of positions)",
    )


WALLETS = (
    WalletPolicy(
        name="spot",
        trades=frozenset({"spot"}),
        params={"type": "spot"},
        must_have="data.list",
        rows=_list("data.list.*"),
        source="v1/account/accounts/{id}/balance",
    ),
    _loaned(
        "margin",
        "spotPrivateGetV1CrossMarginAccountsBalance",
        _cross,
        "data.list.*",
        "v1/cross-margin/accounts/balance",
    ),
    _loaned(
        "margin-isolated",
        "spotPrivateGetV1MarginAccountsBalance",
        _isolated,
        "data.*.list.*",
        "v1/margin/accounts/balance",
    ),
    WalletPolicy(
        name="linear",
        trades=frozenset({"linear"}),
        params={"type": "swap", "subType": "linear"},
        must_have="data",
        rows=(RawRows(path="data.details.*", name="currency", figures=("equity",)),),
        includes_unrealised=True,
        optional=True,
        source="v5/account/balance: equity",
    ),
    _in_coins("inverse", "contractPrivatePostSwapApiV1SwapAccountInfo"),
    _in_coins("inverse-dated", "contractPrivatePostApiV1ContractAccountInfo"),
)
