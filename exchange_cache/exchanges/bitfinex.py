"""Bitfinex: all symbols and all time in large pages; rows are lists, and everything is read by
POST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import (
    CallPolicy,
    ExchangePolicy,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, required_number
from exchange_cache.exchanges.verbs import (
    WalletParser,
    fill_of,
    listed,
    signed,
    summed,
)
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Fill, TransferKind

# --- rows -----------------------------------------------------------------------------------------


def _named(row: Any, *names: str) -> dict[str, Any]:
    """The first fields of a list row by name; ``_`` skips one."""
    return {name: value for name, value in zip(names, row, strict=False) if name != "_"}


def _is_margin(order_type: Any, market: Market) -> bool:
    """Spot orders are called EXCHANGE LIMIT and so on; LIMIT on a spot pair opens or closes a
    margin position."""
    return not market.get("contract") and not str(order_type or "EXCHANGE").startswith("EXCHANGE")


def fill(row: Any, desk: Desk) -> tuple[Record, ...]:
    """A trade (https://docs.bitfinex.com/reference/rest-auth-trades). The fee is negative when
    paid.

    A margin trade moves no asset: it changes a position that settles in the quote, so it is
    recorded like a derivative's.
    """
    told = _named(
        row,
        "id",
        "symbol",
        "mts",
        "order",
        "amount",
        "price",
        "type",
        "_",
        "maker",
        "fee",
        "fee_currency",
    )
    market = desk.market_by_id(str(told["symbol"]), desk.stream.category)
    amount = required_number(desk.origin, told, "amount")
    fee = (
        None if told.get("fee") is None else EXACT.minus(required_number(desk.origin, told, "fee"))
    )
    made = fill_of(
        desk,
        told,
        market,
        fill_id=str(told["id"]),
        order_id=str(told["order"]),
        time=desk.time(told, "mts"),
        side="sell" if amount < 0 else "buy",
        price=told["price"],
        amount=str(amount.copy_abs()),
        charges=None if fee is None else [(desk.code(str(told["fee_currency"])), str(fee))],
        liquidity="maker" if str(told.get("maker")) == "1" else "taker",
    )
    return (_as_margin(made) if _is_margin(told.get("type"), market) else made,)


def _as_margin(made: Fill) -> Fill:
    return replace(
        made,
        category="margin",
        settle=made.quote,
        contracts=made.quantity,
        contract_size=EXACT.create_decimal(1),
    )


def order(row: Any, desk: Desk) -> tuple[Record, ...]:
    """An order (https://docs.bitfinex.com/reference/rest-auth-orders-history); what is left of the
    amount is told.

    ccxt takes the time of its last change for that of its making.
    """
    told = _named(row, "id", "_", "_", "symbol", "created", "updated", "_", "_", "type")
    market = desk.market_by_id(str(told["symbol"]), desk.stream.category)
    times = {"timestamp": told["created"], "lastUpdateTimestamp": told["updated"]}
    parsed, stated = desk.parsed_order({"result": row}, market)
    stated = {**stated, "filled": parsed["filled"]}
    if parsed["average"] is not None and float(parsed["average"]) == 0:
        stated["average"] = None
    made = translate.order(desk.origin, parsed | times, stated, market)
    return (replace(made, category="margin") if _is_margin(told.get("type"), market) else made,)


#: What a ledger row's description begins with or contains, first match first; None: another list
#: tells it.
_LEDGER: Mapping[str, TransferKind | None] = {
    "margin funding payment": TransferKind.REWARD,
    "earned fees": TransferKind.REWARD,
    "affiliate": TransferKind.REWARD,
    "rebate": TransferKind.REWARD,
    "staking": TransferKind.REWARD,
    "funding event": TransferKind.FUNDING,
    "funding cost": TransferKind.FEE,
    "swap cost": TransferKind.FEE,
    "margin funding charge": TransferKind.FEE,
    "unused": TransferKind.FEE,
    "transfer": TransferKind.INTERNAL,
    "trading fee": None,
    "exchange": None,
    "deposit": None,
    "withdrawal": None,
    "position": None,
    "settlement": None,
}


def ledger(row: Any, desk: Desk) -> tuple[Record, ...]:
    """A ledger row (https://docs.bitfinex.com/reference/rest-auth-ledgers), read by its
    description."""
    told = _named(
        row, "id", "currency", "wallet", "mts", "_", "amount", "balance", "_", "description"
    )
    words = str(told.get("description") or "").lower().partition(" on wallet ")[0]
    kind = next((kind for part, kind in _LEDGER.items() if part in words), TransferKind.OTHER)
    if kind is None:
        return ()
    return (
        signed(
            desk,
            told,
            transfer_id=str(told["id"]),
            kind=kind,
            time=desk.time(told, "mts"),
            asset=desk.asset(told, "currency"),
            amount=required_number(desk.origin, told, "amount"),
        ),
    )


def position(row: Any, market: Market) -> tuple[Row, Market]:
    """A position (https://docs.bitfinex.com/reference/rest-auth-positions), which ccxt reads
    without its size."""
    told = _named(
        row,
        "symbol",
        "status",
        "amount",
        "base_price",
        "_",
        "_",
        "pl",
        "_",
        "liquidation",
        "leverage",
        "_",
        "id",
        "created",
    )
    amount = str(told["amount"])
    structure = {
        "contracts": amount.removeprefix("-"),
        "side": "short" if amount.startswith("-") else "long",
        "entryPrice": told.get("base_price"),
        "unrealizedPnl": told.get("pl"),
        "liquidationPrice": told.get("liquidation"),
        "leverage": told.get("leverage"),
        "timestamp": told.get("created"),
    }
    margin = {
        "contract": True,
        "linear": True,
        "inverse": False,
        "contractSize": "1",
        "settle": market["quote"],
    }
    return structure, market if market.get("contract") else {**market, **margin}


# --- wallets --------------------------------------------------------------------------------------


def wallet_of_kind(kind: str) -> WalletParser:
    """One kind of wallet out of the list of all; derivative twins (USTF0) lie beside their
    asset."""

    def read(response: Any, client: Any) -> Mapping[str, Any]:
        rows = [row for row in listed(response, "") if row[0] == kind]
        held = summed(client, ((row[1], row[2]) for row in rows))
        free = summed(client, ((row[1], row[4]) for row in rows if row[4] is not None))
        return {
            code: {**figures, "free": free[code]["total"] if code in free else None}
            for code, figures in held.items()
        }

    return read


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://docs.bitfinex.com/reference"
_BOUNDS = TimeBounds(start="start", end="end")
_FOUNDED = 1_357_000_000_000  # 2013


def _back(field: str) -> TimePaging:
    return TimePaging(field=field, id_field="0", backward=True)


POLICY = ExchangePolicy(
    exchange="bitfinex",
    title="Bitfinex",
    wallets=tuple(
        WalletPolicy(
            name=name,
            method="privatePostAuthRWallets",
            parser=wallet_of_kind(kind),
            source=f"{_DOCS}/rest-auth-wallets{what}",
        )
        for name, kind, what in (
            ("spot", "exchange", ""),
            (
                "margin",
                "margin",
                (
                    ": loans of margin positions are in the positions; unsettled interest is a"
                    " field of its own, left out"
                ),
            ),
            ("funding", "funding", ""),
        )
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="trades",
            method="privatePostAuthRTradesHist",
            parser=fill,
            market_field="1",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            bounds=_BOUNDS,
            paging=_back("2"),
            page_size=2500,
            history_start_ms=_FOUNDED,
            note=(
                "without a limit Bitfinex answers 25 rows; margin trades are recorded as positions"
            ),
            source=f"{_DOCS}/rest-auth-trades",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="orders",
            method="privatePostAuthROrdersHist",
            parser=order,
            market_field="3",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            bounds=_BOUNDS,
            page_size=2500,
            history_start_ms=_FOUNDED,
            note="canceled without a fill: two weeks",
            source=f"{_DOCS}/rest-auth-orders-history",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="movements",
            method="privatePostAuthRMovementsHist",
            bounds=_BOUNDS,
            paging=_back("5"),
            page_size=1000,
            history_start_ms=_FOUNDED,
            source=f"{_DOCS}/rest-auth-movements: deposits and withdrawals by their sign",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="ledger",
            method="privatePostAuthRLedgersHist",
            parser=ledger,
            bounds=_BOUNDS,
            paging=_back("3"),
            page_size=2500,
            history_start_ms=_FOUNDED,
            transfer_kind=TransferKind.OTHER,
            optional=True,
            note="lending income, funding, moves; trades and movements come from their own lists",
            source=f"{_DOCS}/rest-auth-ledgers",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="margin",
            method="privatePostAuthRPositions",
            parser=position,
            market_field="0",
            mixed=True,
            rows="",
            optional=True,
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="spot" if category == "spot" else "margin",
            method="privatePostAuthROrders",
            parser=order,
            market_field="3",
            mixed=True,
            rows="",
            texts=("8",),
            optional=category != "spot",
        )
        for category in ("spot", "margin", "linear")
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    discovery_quotes=("USD", "USDT", "BTC", "EUR", "ETH"),
    unlisted_ids={"spot": "t{base}{quote}", "linear": "t{base}F0:{quote}F0"},
    unlisted_contract_sizes={"linear": "1"},
    guarantee=(
        "Fills, deposits, withdrawals and the ledger are complete for all symbols and all time."
        " Orders canceled without a fill are served for two weeks. Results of margin positions are"
        " computed from their fills."
    ),
    source=_DOCS,
)
