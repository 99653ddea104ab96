"""WhiteBIT: fills and orders per market for half a year, by offset inside a window; deposits and
withdrawals as one list without times.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.adapter.policy import (
    DAY,
    KEY,
    CallPolicy,
    ExchangePolicy,
    OffsetPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.errors import KeyRefused, PermissionMissing, RateLimited
from exchange_cache.exchanges.verbs import ids, listed, market_of
from exchange_cache.money import to_amount
from exchange_cache.records import DataType, Fee, FillKind, TransferKind

# --- rows -----------------------------------------------------------------------------------------

#: WhiteBIT's words for the state of an order -> those that ccxt reads.
_ORDER_STATES = {
    "NEW": "OPEN",
    "PARTIAL_FILLED": "PARTIALLY_FILLED",
    "CANCELLED": "CANCELED",
    "PARTIAL_CANCELED": "CANCELED",
    "CANCELED_TAKER_BAND": "CANCELED",
    "AUTO_CANCELED_REDUCE_ONLY": "CANCELED",
}

#: The numbers of states; all others are on their way (15), or held for the user or a review.
_PARTIAL = "18"
_MOVE_STATES = {"3": "ok", "7": "ok", _PARTIAL: "ok", "4": "canceled", "9": "canceled"}


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An open order names its market and what is ``left``; a finished one is asked per market."""
    market = desk.market or market_of(desk, row, "market")
    state = text(row, "status") or ("OPEN" if "left" in row else "FILLED")
    parsed, stated = desk.parsed_order({**row, "status": _ORDER_STATES.get(state, state)}, market)
    parsed |= {"reduceOnly": row.get("reduceOnly")}
    return (translate.order(desk.origin, parsed, stated, market),)


def conversion(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert over one or several steps; ccxt takes the end of the first one for the whole."""
    first, last = dig_or_none(row, "path.0"), dig_or_none(row, "path.-1")
    if first is None or last is None:
        raise desk.origin.bad("has no path", row)
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "id"),
            time=desk.time(row, "date", "s"),
            given=(desk.asset(first, "from"), required_number(desk.origin, row, "give")),
            got=(desk.asset(last, "to"), required_number(desk.origin, row, "receive")),
        ),
    )


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal; of a partial one what was processed. ccxt takes WhiteBIT's own id
    for that of the chain."""
    state, asset = text(row, "status"), desk.asset(row, "ticker")
    figures, amount, charge = row, "amount", "fee"
    if state == _PARTIAL:
        figures = dig_or_none(row, "details.partial") or {}
        amount, charge = "processedAmount", "processedFee"
    fee = number(desk.origin, figures, charge)
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "transactionId"),
            kind=desk.stream.transfer_kind,
            time=desk.time(row, "createdAt", "s"),
            asset=asset,
            quantity=required_number(desk.origin, figures, amount),
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=_MOVE_STATES.get(str(state), "pending"),
            tx_id=text(row, "transactionHash"),
            network=text(row, "network"),
        ),
    )


#: The documentation shows the time of a payment in seconds, ccxt's source in milliseconds.
_DIGITS_OF_SECONDS = 10


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A payment of a perpetual, negative where it was paid. Rows have no id; hedged positions of
    one market differ in their amounts."""
    market = market_of(desk, row, "market")
    unit = (
        "s" if len(required_text(desk.origin, row, "fundingTime")) <= _DIGITS_OF_SECONDS else "ms"
    )
    return (
        desk.transfer(
            row,
            transfer_id=ids(desk, row, "market", "fundingTime", "positionAmount"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "fundingTime", unit),
            asset=str(market["settle"]),
            quantity=required_number(desk.origin, row, "fundingAmount"),
            symbol=str(market["symbol"]),
        ),
    )


def position(row: Row, market: Market) -> tuple[Mapping[str, Any], Market]:
    """A position of the collateral account. ``pnl`` is what was realised; ccxt takes it for what is
    not. Outside hedge mode the side is BOTH, and the amount has a sign."""
    amount = to_amount(row["amount"])
    signed = "short" if amount < 0 else "long"
    structure = {
        "contracts": str(amount.copy_abs()),
        "side": {"LONG": "long", "SHORT": "short", "BOTH": signed}.get(str(row["positionSide"])),
        "entryPrice": row.get("basePrice"),
        "unrealizedPnl": row.get("unrealizedPnl"),
        "liquidationPrice": row.get("liquidationPrice"),
        "initialMargin": row.get("margin"),
    }
    return structure, market


# --- wallets --------------------------------------------------------------------------------------


def collateral_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """What is borrowed lies in positions, not in the balance."""
    return {
        str(client.safe_currency_code(row["asset"])): {
            "free": row["availableWithoutBorrow"],
            "used": None,
            "total": row["balance"],
            "debt": row["borrow"],
        }
        for row in listed(response, "")
    }


# --- policy ---------------------------------------------------------------------------------------

_DOCS = "https://docs.whitebit.com/api-reference"
_TRADING, _ACCOUNT = f"{_DOCS}/trading", f"{_DOCS}/account-wallet"
_FOUNDED = 1_541_030_400_000  # 2018-11
_HALF_YEAR = 180 * DAY
_MONTH = 30 * DAY
_OFFSET = OffsetPaging(param="offset")
_COUNTED = OffsetPaging(param="offset", total="total")
_DATES = TimeBounds(start="startDate", end="endDate", unit="s")


def _per_market(data_type: DataType, category: str, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=category,
        category=category,
        needs_symbol=True,
        symbol_param="market",
        bounds=_DATES,
        paging=_OFFSET,
        page_size=500,
        retention=_HALF_YEAR,
        **more,
    )


def _fills(category: str) -> StreamPolicy:
    return _per_market(
        DataType.FILLS,
        category,
        method="v4PrivatePostTradeAccountExecutedHistory",
        note="six months; spot, margin and futures alike",
        source=f"{_TRADING}/query-executed-order-history",
    )


def _orders(category: str) -> StreamPolicy:
    return _per_market(
        DataType.ORDERS,
        category,
        method="v4PrivatePostTradeAccountOrderHistory",
        parser=order,
        window=_MONTH,
        rows="*",
        note="six months, 31 days a request; the rows lie under the name of their market",
        source=f"{_TRADING}/query-executed-orders",
    )


def _whole_list(scope: str, kind: TransferKind, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        bounds=TimeBounds(start=None, end=None),
        page_size=100,
        history_start_ms=_FOUNDED,
        rows="records",
        transfer_kind=kind,
        note="takes no time and names no order, so every sync reads the whole list",
        **more,
    )


def _moves(scope: str, direction: int, kind: TransferKind) -> StreamPolicy:
    return _whole_list(
        scope,
        kind,
        method="v4PrivatePostMainAccountHistory",
        params={"transactionMethod": direction},
        parser=move,
        paging=_COUNTED,
        source=f"{_ACCOUNT}/get-deposit-withdraw-history",
    )


POLICY = ExchangePolicy(
    exchange="whitebit",
    title="WhiteBIT",
    wallets=(
        WalletPolicy(
            name="main",
            params={"account": "main"},
            rows=(RawRows(path="*", name=KEY, figures=("main_balance",)),),
            source=f"{_ACCOUNT}/main-balance",
        ),
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            params={"account": "spot"},
            rows=(RawRows(path="*", name=KEY, figures=("available", "freeze")),),
            source=f"{_TRADING}/trading-balance",
        ),
        WalletPolicy(
            name="collateral",
            trades=frozenset({"margin", "linear"}),
            method="v4PrivatePostCollateralAccountBalanceSummary",
            parser=collateral_wallet,
            rows=(
                RawRows(
                    path="*",
                    name="asset",
                    figures=("balance", "borrow", "availableWithoutBorrow"),
                ),
            ),
            optional=True,
            source=f"{_TRADING}/collateral-account-balance-summary",
        ),
    ),
    streams=(
        _fills("spot"),
        _fills("linear"),
        _orders("spot"),
        _orders("linear"),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="converts",
            method="v4PrivatePostConvertHistory",
            parser=conversion,
            bounds=TimeBounds(start="from", end="to", unit="s"),
            paging=_COUNTED,
            page_size=100,
            window=_MONTH - timedelta(minutes=1),
            retention=_HALF_YEAR,
            rows="records",
            fill_kind=FillKind.CONVERT,
            optional=True,
            note="six months, 30 days a request",
            source=f"{_DOCS}/convert/convert-history",
        ),
        _moves("deposits", 1, TransferKind.DEPOSIT),
        _moves("withdrawals", 2, TransferKind.WITHDRAWAL),
        _whole_list(
            "funding",
            TransferKind.FUNDING,
            category="linear",
            method="v4PrivatePostCollateralAccountFundingHistory",
            parser=funding,
            needs_symbol=True,
            symbol_param="market",
            market_field="market",
            paging=_OFFSET,
            optional=True,
            source=f"{_TRADING}/funding-history",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="collateral",
            method="v4PrivatePostCollateralAccountPositionsOpen",
            parser=position,
            rows="",
            market_field="market",
            mixed=True,
            texts=("positionSide",),
            figures=("amount",),
            optional=True,
            source=f"{_TRADING}/open-positions",
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet=wallet,
            method="v4PrivatePostOrders",
            params={"limit": 100},
            parser=order,
            paging=_OFFSET,
            page_size=100,
            rows="",
            market_field="market",
            mixed=True,
            source=f"{_TRADING}/query-unexecuted-orders",
        )
        for category, wallet in (("spot", "spot"), ("linear", "collateral"))
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field=KEY,
            figures=("last_price",),
            blank=True,
        ),
    ),
    discovery_quotes=("USDT", "USDC", "EUR", "BTC", "ETH", "UAH", "TRY"),
    unlisted_ids={"spot": "{base}_{quote}", "linear": "{base}_PERP"},
    unlisted_contract_sizes={"linear": "1"},
    words={
        # docs.whitebit.com, "Authentication": a disabled key or a foreign IP address says "Enable
        # your key", a nonce that is no larger than the one before "Too many requests."; "to perform
        # this action" is from the ``exceptions`` table of the installed ccxt (code 4)
        "Enable your key in API settings": KeyRefused,
        "permission to use this endpoint": PermissionMissing,
        "not authorized to perform this action": PermissionMissing,
        "Too many requests.": RateLimited,
    },
    guarantee=(
        "WhiteBIT serves fills, orders and converts for six months, fills and orders per market:"
        " sync at least twice a year. Deposits, withdrawals and funding are complete. Fills do not"
        " say whether they were spot or margin: those of margin count as spot, and margin positions"
        " on spot markets are left out. Moves between the three balances, WhiteBIT codes, lending"
        " plans and interest on what is borrowed are not read. The documentation does not say"
        " whether the amount of a withdrawal contains its fee: the fee counts beside it."
    ),
    source=_DOCS,
)
