"""Kraken's histories: TradesHistory, ClosedOrders, Ledgers by offset, fifty at a time, newest
first; and the Query calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.dialects.kraken.account import order_row
from exchange_cache.simulator.dialects.kraken.wording import (
    asset_class,
    bound,
    cost_decimals,
    decimals,
    fixed,
    inside,
    page,
    price_text,
    refusal,
    seconds,
    truthy,
    window_ms,
)  # fmt: skip
from exchange_cache.simulator.venue import Account, Entry, Fill, Income, Order, Transfer
from exchange_cache.simulator.wire import ApiError, Request

_MOST_IDS = 50


class HistoryCalls(Dialect):
    """Past trades, orders and ledger entries; the whole history is served."""

    CALLS: ClassVar[dict[str, str]] = {
        "TradesHistory": "trades_history",
        "QueryTrades": "query_trades",
        "ClosedOrders": "closed_orders",
        "QueryOrders": "query_orders",
        "Ledgers": "ledgers",
        "QueryLedgers": "query_ledgers",
    }

    def signed(self, request: Request) -> Account:
        raise NotImplementedError

    def trades_history(self, request: Request) -> Any:
        """Trades by txid; `start` exclusive, `end` inclusive, seconds or txid."""
        account, form = self.signed(request).name, request.form

        def time_of(txid: str) -> float | None:
            return next(
                (seconds(f.time_ms) for f in self.venue.fills(account) if f.id == txid), None
            )

        start, end = bound(form, "start", time_of), bound(form, "end", time_of)
        low, high = window_ms(start, end)
        fills = [
            f
            for f in self.venue.fills(account, start=low, end=high)
            if inside(seconds(f.time_ms), start, end)
        ]
        if form.get("type", "all") not in ("all", "no position"):
            fills = []
        rows, count = page(request, fills)
        ledgers = self.ledger_ids(account) if truthy(form, "ledgers") else None
        result: dict[str, Any] = {"trades": {fill.id: trade_row(fill, ledgers) for fill in rows}}
        return result if truthy(form, "without_count") else {**result, "count": count}

    def query_trades(self, request: Request) -> Any:
        account = self.signed(request).name
        by_id = {fill.id: fill for fill in self.venue.fills(account)}
        return {txid: trade_row(by_id[txid], None) for txid in _ids(request, "txid", by_id)}

    def closed_orders(self, request: Request) -> Any:
        """Finished orders by txid; `closetime` says whether open, close or both times are held
        against the bounds."""
        account, form = self.signed(request).name, request.form
        which = form.get("closetime", "both")
        if which not in ("open", "close", "both"):
            raise ApiError(refusal("EGeneral:Invalid arguments:closetime"))

        def time_of(txid: str) -> float | None:
            return next(
                (seconds(o.created_ms) for o in self.venue.orders(account) if o.id == txid), None
            )

        start, end = bound(form, "start", time_of), bound(form, "end", time_of)

        def matches(order: Order) -> bool:
            opened = inside(seconds(order.created_ms), start, end)
            closed = inside(seconds(order.updated_ms), start, end)
            return opened if which == "open" else closed if which == "close" else opened or closed

        selected = form.get("cl_ord_id") or form.get("userref")
        orders = [] if selected else [o for o in self.venue.closed_orders(account) if matches(o)]
        rows, count = page(request, orders)
        with_trades = truthy(form, "trades")
        result: dict[str, Any] = {
            "closed": {order.id: order_row(order, with_trades=with_trades) for order in rows}
        }
        return result if truthy(form, "without_count") else {**result, "count": count}

    def query_orders(self, request: Request) -> Any:
        account = self.signed(request).name
        by_id = {order.id: order for order in self.venue.orders(account)}
        with_trades = truthy(request.form, "trades")
        return {
            txid: order_row(by_id[txid], with_trades=with_trades)
            for txid in _ids(request, "txid", by_id)
        }

    def ledgers(self, request: Request) -> Any:
        """Ledger entries by id; `asset` is a comma list, `type` one type or all."""
        account, form = self.signed(request).name, request.form

        def time_of(entry_id: str) -> float | None:
            return next(
                (seconds(e.time_ms) for e in self.venue.entries(account) if e.id == entry_id), None
            )

        start, end = bound(form, "start", time_of), bound(form, "end", time_of)
        low, high = window_ms(start, end)
        kind = form.get("type", "all")
        assets = self._selected_assets(str(form.get("asset", "all")))
        entries = [
            e for e in self.venue.entries(account, start=low, end=high)
            if inside(seconds(e.time_ms), start, end)
            and (kind == "all" or _entry_type(e)[0] == kind)
            and (assets is None or self._name(e.asset) in assets)
        ]  # fmt: skip
        rows, count = page(request, entries)
        result: dict[str, Any] = {"ledger": {entry.id: self._entry(entry) for entry in rows}}
        return result if truthy(form, "without_count") else {**result, "count": count}

    def query_ledgers(self, request: Request) -> Any:
        account = self.signed(request).name
        by_id = {entry.id: entry for entry in self.venue.entries(account)}
        return {entry_id: self._entry(by_id[entry_id]) for entry_id in _ids(request, "id", by_id)}

    def _name(self, code: str) -> str:
        return self.venue.profile(self.exchange).asset_id(code)

    def _selected_assets(self, text: str) -> frozenset[str] | None:
        """Own names for a comma list of own names or altnames; None for all."""
        if text in ("", "all"):
            return None
        names = text.split(",")
        return (
            frozenset(names)
            | {
                known
                for known in ("XXBT", "XETH", "XXRP", "XXDG", "XLTC", "XXLM")
                if known[1:] in names
            }
            | {known for known in ("ZEUR", "ZUSD") if known[1:] in names}
        )

    def ledger_ids(self, account: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in self.venue.entries(account):
            if entry.kind == "trade":
                found.setdefault(entry.ref, []).append(entry.id)
        return found

    def _entry(self, entry: Entry) -> dict[str, Any]:
        name = self._name(entry.asset)
        places = decimals(name)
        kind, subtype = _entry_type(entry)
        return {
            "aclass": asset_class(name),
            "amount": fixed(entry.amount, places),
            "asset": name,
            "balance": fixed(entry.balance, places),
            "fee": fixed(entry.fee, places),
            "refid": entry.ref,
            "time": seconds(entry.time_ms),
            "type": kind,
            "subtype": subtype,
        }


def _entry_type(entry: Entry) -> tuple[str, str]:
    """Kraken's type and subtype of a ledger line."""
    if entry.kind == "trade":
        return "trade", "tradespot"
    if entry.kind == "convert":
        return ("spend", "") if entry.amount < 0 else ("receive", "")
    if entry.kind in ("earn_subscribe", "earn_redeem"):
        return _earn_type(entry)
    if entry.kind in ("dividend", "interest"):
        return (
            ("staking", "")
            if entry.asset.endswith(".S")
            else ("earn", "reward")
            if "." in entry.asset
            else ("transfer", "")
        )
    if entry.kind == "ledger":  # of an event that no other list has, such as a margin result
        assert isinstance(entry.source, Income)
        return entry.source.note, ""
    return entry.kind, ""


def _earn_type(entry: Entry) -> tuple[str, str]:
    """Flexible earn (.F) and the older staking (.S) are reported differently."""
    move = entry.source
    assert isinstance(move, Transfer)
    subscribe = entry.kind == "earn_subscribe"
    twin = (move.to_asset if subscribe else move.asset) or ""
    if twin.endswith(".F"):
        return "earn", "autoallocation" if subscribe else "deallocation"
    outgoing = entry.amount < 0
    subtypes = (
        ("spottostaking", "stakingfromspot") if subscribe else ("stakingtospot", "spotfromstaking")
    )
    return "transfer", subtypes[0] if outgoing else subtypes[1]


def trade_row(fill: Fill, ledgers: dict[str, list[str]] | None) -> dict[str, Any]:
    market = fill.market
    places = cost_decimals(market)
    row: dict[str, Any] = {
        "ordertxid": fill.order_id,
        "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": market.id,
        "aclass": "forex",
        "time": seconds(fill.time_ms),
        "type": fill.side,
        "ordertype": fill.order_type,
        "price": price_text(market, fill.price),
        "cost": fixed(fill.cost, places),
        "fee": fixed(_fee_in_quote(fill), places),
        "vol": fixed(fill.amount, 8),
        "margin": "0.00000",
        "leverage": "0",
        "misc": "",
        "trade_id": 40_000_000 + fill.seq,
        "maker": fill.maker,
    }
    if ledgers is not None:
        row["ledgers"] = ledgers.get(fill.id, [])
    return row


def _fee_in_quote(fill: Fill) -> Decimal:
    """TradesHistory states every fee in the quote; the ledger has the one that was charged
    (https://docs.kraken.com/api/docs/rest-api/get-trade-history)."""
    asset, fee = fill.fees[0]
    return fee * fill.price if asset == fill.market.base else fee


def _ids(request: Request, name: str, known: dict[str, Any]) -> list[str]:
    """The comma list of ids, all of which must be known."""
    ids = [part.strip() for part in str(request.form.get(name, "")).split(",") if part.strip()]
    if not ids or len(ids) > _MOST_IDS:
        raise ApiError(refusal(f"EGeneral:Invalid arguments:{name}"))
    if any(one not in known for one in ids):
        raise ApiError(refusal("EQuery:Unknown Asset" if name == "id" else "EOrder:Invalid order"))
    return ids
