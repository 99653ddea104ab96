"""The policy for an exchange that nobody wrote one for: what ccxt's ``.has`` and ``.features``
promise, as the question that is put to the exchange. How it really serves a history is observed
(``adapter.observing``), and the walk follows that.

An exchange that offers no fills is read by its orders, each of which is one fill at its average.
One that offers neither has no such history, and its guarantee says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.grammar import Identity, Unlisted
from exchange_cache.adapter.observation import USUAL_LIMIT
from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    ObservedPaging,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.ledger.coverage import Grade
from exchange_cache.records import DataType, TransferKind

#: Until something is observed: an end may be ignored, or refused, so none is sent.
_BOUNDS = TimeBounds(start="since", end=None)
_HISTORY_START = 1_483_228_800_000  # 2017
_FOREVER_DAYS = 3_650  # ccxt writes 100000 for "no limit"

#: What ccxt's ``.features`` describe, where they describe anything.
_DESCRIBED = frozenset({"fetchMyTrades", "fetchOrders", "fetchClosedOrders"})

_SPOT, _CONTRACTS = frozenset({"spot"}), frozenset({"linear", "inverse"})

_GUARANTEE = (
    "This exchange has no policy of its own: a handful of requests observe how it serves each"
    " history, and the walk follows what was seen. Coverage is observed or assumed, never proven,"
    " so histories may be incomplete. Balances, open orders and prices are as good as ccxt's."
)
_OF_ORDERS = (
    "It offers no fills: each order that filled counts as one fill at its average price, at the"
    " time that the order states."
)
_NO_FILLS = "It offers neither fills nor closed orders through ccxt, so no cost is known."

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
        candles=CandlePolicy(resolutions=_resolutions(client), source="ccxt .timeframes"),
        guarantee=" ".join((_GUARANTEE, *_without_fills(client))),
        not_read=_NOT_READ,
        source="ccxt .has and .features",
        generic=True,
    )


def _resolutions(client: Any) -> tuple[str, ...]:
    """The widths of candles that the exchange has by ccxt; none where it serves no candles."""
    offered = client.timeframes if client.has.get("fetchOHLCV") else None
    return tuple(name for name in CandlePolicy().resolutions if name in (offered or {}))


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
        if client.has.get(kind):
            for data_type, method, camel in _trading(client):
                found = _feature(client, kind, sub, camel)
                known = found is not None or kind == "spot"
                if known and (found is not None or not client.features or camel not in _DESCRIBED):
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


def _trading(client: Any) -> Iterator[tuple[DataType, str, str]]:
    """The histories of trading that ccxt reads: data type, method, and ccxt's name of it."""
    if client.has.get("fetchMyTrades") is True:
        yield DataType.FILLS, "fetch_my_trades", "fetchMyTrades"
        if client.has.get("fetchClosedOrders") is True:
            yield DataType.ORDERS, "fetch_closed_orders", "fetchClosedOrders"
        return
    for method, camel in _orders(client):
        yield DataType.FILLS, method, camel
        yield DataType.ORDERS, method, camel


def _orders(client: Any) -> Iterator[tuple[str, str]]:
    """The methods that together read every order that may have filled: canceled ones, too."""
    names = {
        "fetchCanceledAndClosedOrders": "fetch_canceled_and_closed_orders",
        "fetchOrders": "fetch_orders",
        "fetchClosedOrders": "fetch_closed_orders",
        "fetchCanceledOrders": "fetch_canceled_orders",
    }
    offered = [(method, camel) for camel, method in names.items() if client.has.get(camel) is True]
    whole = [pair for pair in offered if pair[1] in {"fetchCanceledAndClosedOrders", "fetchOrders"}]
    yield from whole[:1] or offered


def without_fills(exchange_id: str) -> tuple[str, ...]:
    """What is to be said of an exchange that offers no fills; nothing of the others."""
    return _without_fills(ccxt_class(exchange_id)())


def _without_fills(client: Any) -> tuple[str, ...]:
    methods = {method for data_type, method, _ in _trading(client) if data_type is DataType.FILLS}
    if "fetch_my_trades" in methods:
        return ()
    return (_OF_ORDERS,) if methods else (_NO_FILLS,)


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
        scope=f"{category} canceled" if method == "fetch_canceled_orders" else category,
        category=category,
        method=method,
        params=params,
        needs_symbol=bool(feature.get("symbolRequired")),
        bounds=_BOUNDS,
        paging=ObservedPaging(asked=int(limit) if limit else USUAL_LIMIT),
        page_size=int(limit) if limit else USUAL_LIMIT,
        window=_days(until),
        retention=_days(back),
        history_start_ms=_HISTORY_START,
        rows="*",
        grade=Grade.ASSUMED,
        partial=True,
        of_orders=data_type is DataType.FILLS and method != "fetch_my_trades",
        optional=kind != "spot",
        source="ccxt .features",
    )


def _transfers(method: str, scope: str, kind: TransferKind | None) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        bounds=_BOUNDS,
        paging=ObservedPaging(asked=USUAL_LIMIT),
        page_size=USUAL_LIMIT,
        history_start_ms=_HISTORY_START,
        rows="*",
        grade=Grade.ASSUMED,
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
