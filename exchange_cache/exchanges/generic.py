"""The cautious policy for an exchange without its own: derived from ccxt's ``.has`` and
``.features``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.grammar import Identity, Unlisted
from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    ExchangePolicy,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.records import DataType, TransferKind

_BOUNDS = TimeBounds(start="since", end="until")
_DEFAULT_WINDOW = 30 * DAY
_HISTORY_START = 1_483_228_800_000  # 2017
#: A small page on purpose: a full page counts as cut and its window is halved, so an exchange's own
#: limit cannot hide rows.
_PAGE, _SMALL_PAGE = 100, 50
_FOREVER_DAYS = 3_650  # ccxt writes 100000 for "no limit"

_SPOT, _CONTRACTS = frozenset({"spot"}), frozenset({"linear", "inverse"})

_GUARANTEE = (
    "This exchange has no policy of its own: histories are requested in windows as ccxt describes"
    " them, which may be incomplete where ccxt's description is wrong, and rows without a time are"
    " lost. Balances, open orders and prices are as good as ccxt's."
)

#: ccxt has unified methods for none of these.
_NOT_READ = (
    "sub-accounts",
    "staking, savings and other Earn products",
    "loans",
    "trading bots and copy trading",
    "P2P orders",
    "rebates",
)


def generic_policy(exchange_id: str) -> ExchangePolicy:
    """The policy, built from the ccxt class; sends no request."""
    client = ccxt_class(exchange_id)({"number": str})
    return ExchangePolicy(
        exchange=exchange_id,
        title=str(client.name or exchange_id),
        wallets=tuple(_wallets(client)),
        streams=tuple(_streams(client)),
        positions=(
            (CallPolicy(category="linear", method="fetch_positions", optional=True),)
            if client.has.get("fetchPositions")
            else ()
        ),
        open_orders=_open_orders(client),
        tickers=(
            (CallPolicy(category="spot", method="fetch_tickers"),)
            if client.has.get("fetchTickers")
            else ()
        ),
        credentials=_credentials(client),
        keep_options=tuple(
            name for name in client.options.get("marketHelperProps", ()) if isinstance(name, str)
        ),
        grammar=grammar,
        candles=bool(client.has.get("fetchOHLCV")),
        guarantee=_GUARANTEE,
        not_read=_NOT_READ,
        source="ccxt .has and .features",
        generic=True,
    )


def grammar(unlisted: Unlisted) -> Identity | None:
    """Nobody reviewed the ids: a spot pair is read where a separator sets its listed quote off, and
    everything else waits for the market list."""
    found = (unlisted.separated(separator) for separator in "-_/")
    pair = next((pair for pair in found if pair is not None), None)
    if pair is None or not unlisted.is_spot or pair[1].upper() not in unlisted.quotes:
        return None
    return unlisted.spot(*pair)


def _wallets(client: Any) -> list[WalletPolicy]:
    """The spot wallet, and one for contracts where ccxt states that the exchange has both.

    ccxt's total is free + used, including borrowed amounts, wherever it also reports a debt (its
    parsers of binance, gate, kucoin and mexc).
    """
    spot = WalletPolicy(name="spot", trades=_SPOT, debt_in_total=False)
    swap = WalletPolicy(name="swap", trades=_CONTRACTS, debt_in_total=False)
    if not client.has.get("spot"):
        return [swap]
    if not client.has.get("swap"):
        return [spot]
    return [spot, replace(swap, params={"type": "swap"}, optional=True)]


def _streams(client: Any) -> list[StreamPolicy]:
    streams: list[StreamPolicy] = []
    for category, kind, sub in (
        ("spot", "spot", None),
        ("linear", "swap", "linear"),
        ("inverse", "swap", "inverse"),
    ):
        for data_type, method, camel in (
            (DataType.FILLS, "fetch_my_trades", "fetchMyTrades"),
            (DataType.ORDERS, "fetch_closed_orders", "fetchClosedOrders"),
        ):
            if client.has.get(camel) is True and client.has.get(kind):
                found = _feature(client, kind, sub, camel)
                if found is not None or (kind == "spot" and not client.features):
                    streams.append(_stream(data_type, category, kind, sub, method, found or {}))
    for method, camel, transfer_kind, scope in (
        ("fetch_deposits", "fetchDeposits", TransferKind.DEPOSIT, "deposits"),
        ("fetch_withdrawals", "fetchWithdrawals", TransferKind.WITHDRAWAL, "withdrawals"),
    ):
        if client.has.get(camel) is True:
            streams.append(_transfers(method, scope, transfer_kind))
    if (
        client.has.get("fetchDepositsWithdrawals") is True
        and client.has.get("fetchDeposits") is not True
    ):
        streams.append(_transfers("fetch_deposits_withdrawals", "transactions", None))
    return streams


def _feature(client: Any, kind: str, sub: str | None, camel: str) -> dict[str, Any] | None:
    section = (client.features or {}).get(kind)
    if isinstance(section, dict) and sub is not None:
        section = section.get(sub)
    found = section.get(camel) if isinstance(section, dict) else None
    return found if isinstance(found, dict) else None


def _stream(
    data_type: DataType,
    category: str,
    kind: str,
    sub: str | None,
    method: str,
    feature: dict[str, Any],
) -> StreamPolicy:
    params: dict[str, object] = {} if kind == "spot" else {"type": kind, "subType": sub}
    until, back, limit = (feature.get(name) for name in ("untilDays", "daysBack", "limit"))
    return StreamPolicy(
        data_type=data_type,
        scope=category,
        category=category,
        method=method,
        params=params,
        needs_symbol=bool(feature.get("symbolRequired")),
        bounds=_BOUNDS,
        page_size=min(int(limit), _PAGE) if limit else _SMALL_PAGE,
        window=_days(until) or _DEFAULT_WINDOW,
        retention=_days(back),
        history_start_ms=_HISTORY_START,
        rows="*",
        partial=True,
        optional=kind != "spot",
        source="ccxt .features",
    )


def _transfers(method: str, scope: str, kind: TransferKind | None) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        bounds=_BOUNDS,
        page_size=_SMALL_PAGE,
        window=_DEFAULT_WINDOW,
        history_start_ms=_HISTORY_START,
        rows="*",
        partial=True,
        transfer_kind=kind,
        optional=True,
        source="ccxt .has",
    )


def _days(value: Any) -> timedelta | None:
    return None if not value or int(value) >= _FOREVER_DAYS else int(value) * DAY


def _open_orders(client: Any) -> tuple[CallPolicy, ...]:
    if not client.has.get("fetchOpenOrders"):
        return ()
    feature = _feature(client, "spot", None, "fetchOpenOrders") or {}
    return (
        CallPolicy(
            category="spot",
            method="fetch_open_orders",
            needs_symbol=bool(feature.get("symbolRequired")),
        ),
    )


def _credentials(client: Any) -> tuple[str, ...]:
    names = {
        "apiKey": "api_key",
        "secret": "secret",
        "password": "password",
        "uid": "uid",
        "walletAddress": "wallet_address",
        "login": "login",
    }
    return tuple(ours for theirs, ours in names.items() if client.requiredCredentials.get(theirs))
