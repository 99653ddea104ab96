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
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, required_number
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.bitfinex.ids import grammar
from exchange_cache.exchanges.verbs import (
    WalletParser,
    fill_of,
    listed,
    market_of,
    signed,
    summed,
)
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Fill, TransferKind

# --- rows -----------------------------------------------------------------------------------------


def _named(row: Any, names: str) -> dict[str, Any]:
    """The first fields of a list row by name; ``_`` skips one."""
    return {name: value for name, value in zip(names.split(), row, strict=False) if name != "_"}


def _is_margin(order_type: Any, market: Market) -> bool:
    """Whether an order is of spot (EXCHANGE LIMIT …); LIMIT on a spot pair is of a margin
    position."""
    return not market.get("contract") and not str(order_type or "EXCHANGE").startswith("EXCHANGE")


def fill(row: Any, desk: Desk) -> tuple[Record, ...]:
    """A trade (https://docs.bitfinex.com/reference/rest-auth-trades); a negative fee was paid.

    A margin trade moves no asset: it changes a position that settles in the quote, so it is
    recorded like a derivative's.
    """
    trade = _named(row, "id symbol mts order amount price type _ maker fee fee_currency")
    market = market_of(desk, trade)
    amount = required_number(desk.origin, trade, "amount")
    fee = (
        None
        if trade.get("fee") is None
        else EXACT.minus(required_number(desk.origin, trade, "fee"))
    )
    made = fill_of(
        desk,
        trade,
        market,
        fill_id=str(trade["id"]),
        order_id=str(trade["order"]),
        time=desk.time(trade, "mts"),
        side="sell" if amount < 0 else "buy",
        price=trade["price"],
        amount=str(amount.copy_abs()),
        charges=None if fee is None else [(desk.code(str(trade["fee_currency"])), str(fee))],
        liquidity="maker" if str(trade.get("maker")) == "1" else "taker",
    )
    return (_as_margin(made) if _is_margin(trade.get("type"), market) else made,)


def _as_margin(made: Fill) -> Fill:
    return replace(
        made,
        category="margin",
        settle=made.quote,
        contracts=made.quantity,
        contract_size=EXACT.create_decimal(1),
    )


def order(row: Any, desk: Desk) -> tuple[Record, ...]:
    """An order (https://docs.bitfinex.com/reference/rest-auth-orders-history), which states the
    unfilled amount; ccxt reads the time of its last change as that of its creation."""
    fields = _named(row, "id _ _ symbol created updated _ _ type")
    market = market_of(desk, fields)
    times = {"timestamp": fields["created"], "lastUpdateTimestamp": fields["updated"]}
    parsed, stated = desk.parsed_order({"result": row}, market)
    stated = {**stated, "filled": parsed["filled"]}
    made = translate.order(desk.origin, parsed | times, stated, market)
    if market.get("contract"):
        return (made,)
    # whatever list asks: the answer has all orders, and each of them is in one wallet
    category = "margin" if _is_margin(fields.get("type"), market) else "spot"
    return (replace(made, category=category),)


#: Words of a ledger row's description, first match first; None: another list contains the row.
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
    """A ledger row (https://docs.bitfinex.com/reference/rest-auth-ledgers), by its description."""
    entry = _named(row, "id currency wallet mts _ amount balance _ description")
    words = str(entry.get("description") or "").lower().partition(" on wallet ")[0]
    kind = next((kind for part, kind in _LEDGER.items() if part in words), TransferKind.OTHER)
    if kind is None:
        return ()
    return (
        signed(
            desk,
            entry,
            transfer_id=str(entry["id"]),
            kind=kind,
            time=desk.time(entry, "mts"),
            asset=desk.asset(entry, "currency"),
            amount=required_number(desk.origin, entry, "amount"),
        ),
    )


def position(row: Any, market: Market) -> tuple[Row, Market]:
    """A position (https://docs.bitfinex.com/reference/rest-auth-positions), which ccxt reads
    without its size."""
    fields = _named(
        row, "symbol status amount base_price _ _ pl _ liquidation leverage _ id created"
    )
    amount = str(fields["amount"])
    structure = {
        "contracts": amount.removeprefix("-"),
        "side": "short" if amount.startswith("-") else "long",
        "entryPrice": fields.get("base_price"),
        "unrealizedPnl": fields.get("pl"),
        "liquidationPrice": fields.get("liquidation"),
        "leverage": fields.get("leverage"),
        "timestamp": fields.get("created"),
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
    """One kind of wallet from the list of all; derivative twins (USTF0) count as the asset."""

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


def _wallet(name: str, kind: str, trades: frozenset[str], note: str = "") -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=trades,
        method="privatePostAuthRWallets",
        parser=wallet_of_kind(kind),
        rows=(RawRows(name="1", texts=("0",), figures=("2",), only=("0", kind)),),
        source=f"{_DOCS}/rest-auth-wallets{note}",
    )


def _history(
    data_type: DataType, scope: str, method: str, page_size: int, source: str, **more: Any
) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method=method,
        bounds=_BOUNDS,
        page_size=page_size,
        history_start_ms=_FOUNDED,
        source=f"{_DOCS}/{source}",
        **more,
    )


POLICY = ExchangePolicy(
    exchange="bitfinex",
    title="Bitfinex",
    wallets=(
        _wallet("spot", "exchange", frozenset({"spot"})),
        _wallet(
            "margin",
            "margin",
            frozenset({"margin", "linear"}),
            ": loans of margin positions are in the positions; unsettled interest is a field of its"
            " own, left out",
        ),
        _wallet("funding", "funding", frozenset()),
    ),
    streams=(
        _history(
            DataType.FILLS,
            "trades",
            "privatePostAuthRTradesHist",
            2500,
            "rest-auth-trades",
            parser=fill,
            market_field="1",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            paging=_back("2"),
            note=(
                "without a limit Bitfinex returns 25 rows; margin trades are recorded as positions"
            ),
        ),
        _history(
            DataType.ORDERS,
            "orders",
            "privatePostAuthROrdersHist",
            2500,
            "rest-auth-orders-history",
            parser=order,
            market_field="3",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            note="canceled without a fill: two weeks",
        ),
        _history(
            DataType.TRANSFERS,
            "movements",
            "privatePostAuthRMovementsHist",
            1000,
            "rest-auth-movements: deposits and withdrawals by their sign",
            paging=_back("5"),
        ),
        _history(
            DataType.TRANSFERS,
            "ledger",
            "privatePostAuthRLedgersHist",
            2500,
            "rest-auth-ledgers",
            parser=ledger,
            paging=_back("3"),
            transfer_kind=TransferKind.OTHER,
            optional=True,
            note="lending income, funding, moves; trades and movements have their own lists",
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
            figures=("2",),
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
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field="0",
            figures=("7",),
            blank=True,
        ),
    ),
    discovery_quotes=("USD", "USDT", "BTC", "EUR", "ETH"),
    grammar=grammar,
    unlisted_ids={"spot": "t{base}{quote}", "linear": "t{base}F0:{quote}F0"},
    unlisted_contract_sizes={"linear": "1"},
    words={
        # ["error", 10001, "api_key: permission invalid (#10001)"], ["error", 10100, "apikey:
        # invalid"]
        "(#10001)": PermissionMissing,
        "apikey: invalid": KeyRefused,
    },
    guarantee=(
        "Fills, deposits, withdrawals and the ledger are complete for all symbols and all time."
        " Orders canceled without a fill are served for two weeks. Results of margin positions are"
        " computed from their fills."
    ),
    # what exists: docs.bitfinex.com, REST: Merchants, Positions, Funding, Sub-accounts
    not_read=(
        "sub-accounts",
        "single funding offers, loans and credits (the funding wallet contains them)",
        "Bitfinex Pay invoices",
        "Bitfinex Borrow",
        "OTC trades",
    ),
    source=_DOCS,
)
