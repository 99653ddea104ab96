"""Histories as exchanges really serve them: which of what a request says is honoured, how many rows
a page has, from which end it is filled, and whether rows have ids.

Each dialect writes the rows of one exchange of ccxt that nobody reviewed, as its documentation
shows them (the examples in ccxt's parse methods): Poloniex takes a start, an end and a limit;
HollaEx a start and a limit, and its rows have no id; LATOKEN a limit alone. Binance US needs a
symbol, and refuses a start and an end that are more than a day apart; HashKey needs a symbol for
contracts, which ccxt's description of it does not say. Upbit has no fills, only orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from exchange_cache.clock import from_ms, to_ms
from tests.exchanges.builders import NOW_MS
from tests.exchanges.stub import Answer, Asked

DAY_MS = 86_400_000
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Done:
    """One fill as the exchange has it; ``number`` distinguishes it from all others. ``shared_id``:
    its id does not."""

    number: int
    at_ms: int
    market: str = "BTC_USDT"
    shared_id: bool = False


def fills(count: int, every_ms: int = 3 * 3_600_000, end_ms: int = NOW_MS - DAY_MS) -> list[Done]:
    """So many fills, the last at ``end_ms``."""
    return [Done(number, end_ms - (count - number) * every_ms) for number in range(1, count + 1)]


@dataclass
class Served:
    """One history. ``cap`` rows fit on a page, ``usual`` where no limit is honoured. ``window_ms``:
    what spans more is answered with nothing. ``ids``: unique, missing, or those of the orders, of
    which each has two fills."""

    fills: Sequence[Done]
    since: bool = True
    until: bool = True
    limit: bool = True
    cap: int = 100
    usual: int = 50
    newest_first: bool = False
    excludes_since: bool = False
    ids: str = "unique"
    window_ms: int | None = None
    now_ms: int = NOW_MS
    requests: list[Asked] = field(default_factory=list)

    def rows(self, since: int | None, until: int | None, limit: int | None) -> list[Done]:
        """The page for a request, in the order in which it is sent."""
        since = since if self.since else None
        until = until if self.until else None
        end = self.now_ms if until is None else until
        if self.window_ms is not None and since is not None and end - since > self.window_ms:
            return []
        start = None if since is None else since + self.excludes_since
        chosen = [
            done
            for done in sorted(self.fills, key=lambda done: (done.at_ms, done.number))
            if (start is None or done.at_ms >= start) and (until is None or done.at_ms <= until)
        ]
        size = min(limit if self.limit and limit is not None else self.usual, self.cap)
        return chosen[::-1][:size] if self.newest_first else chosen[:size]


Script = Callable[[Asked], Any]


def beside_the_time(served: Served, answer: Script) -> Script:
    """A server that also states its time, which is no request for the history."""
    return lambda asked: {"serverTime": served.now_ms} if "/time" in asked.path else answer(asked)


def poloniex(served: Served) -> Script:
    """``GET /trades`` of Poloniex spot."""

    def answer(asked: Asked) -> Any:
        served.requests.append(asked)
        found = served.rows(*(_number(asked, name) for name in ("startTime", "endTime", "limit")))
        return [_poloniex_row(done, served.ids) for done in found]

    return beside_the_time(served, answer)


def _poloniex_row(done: Done, ids: str) -> dict[str, Any]:
    order = str(50_000 + done.number // 2)
    row = {
        "id": _id_of(done) if ids == "unique" else order,
        "symbol": done.market,
        "accountType": "SPOT",
        "orderId": order,
        "side": "BUY",
        "type": "MARKET",
        "matchRole": "TAKER",
        "createTime": done.at_ms,
        "price": str(100 + done.number),
        "quantity": "0.5",
        "amount": str((100 + done.number) / 2),
        "feeCurrency": "USDT",
        "feeAmount": "0.01",
    }
    if ids == "missing":
        del row["id"]
    return row


def _id_of(done: Done) -> str:
    return "29999999" if done.shared_id else str(30_000_000 + done.number)


def hollaex(served: Served) -> Script:
    """``GET /v2/user/trades`` of HollaEx: without an id, the time as text."""

    def answer(asked: Asked) -> Any:
        served.requests.append(asked)
        start = asked.params.get("start_date")
        since = None if start is None else to_ms(datetime.fromisoformat(start).astimezone(UTC))
        found = served.rows(since, None, _number(asked, "limit"))
        return {"count": len(served.fills), "data": [_hollaex_row(done) for done in found]}

    return beside_the_time(served, answer)


def _hollaex_row(done: Done) -> dict[str, Any]:
    return {
        "side": "buy",
        "symbol": "btc-usdt",
        "size": 0.5,
        "price": 100 + done.number,
        "timestamp": from_ms(done.at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "order_id": f"order-{done.number}",
        "fee": 0.01,
        "fee_coin": "usdt",
    }


def latoken(served: Served) -> Script:
    """``GET /v2/auth/trade`` of LATOKEN."""

    def answer(asked: Asked) -> Any:
        served.requests.append(asked)
        found = served.rows(None, None, _number(asked, "limit"))
        return [_latoken_row(done) for done in found]

    return beside_the_time(served, answer)


def _latoken_row(done: Done) -> dict[str, Any]:
    return {
        "id": f"trade-{done.number}",
        "isMakerBuyer": False,
        "direction": "TRADE_DIRECTION_BUY",
        "baseCurrency": "btc-id",
        "quoteCurrency": "usdt-id",
        "price": str(100 + done.number),
        "quantity": "0.5",
        "cost": str((100 + done.number) / 2),
        "fee": "0.01",
        "order": f"order-{done.number}",
        "timestamp": done.at_ms,
        "makerBuyer": False,
    }


def binanceus(served: Served, *, heeds_symbol: bool = True) -> Script:
    """``GET /api/v3/myTrades`` of Binance US."""

    def answer(asked: Asked) -> Any:
        served.requests.append(asked)
        since, until = _number(asked, "startTime"), _number(asked, "endTime")
        if since is not None and until is not None and until - since > DAY_MS:
            said = "More than 24 hours between startTime and endTime."
            return Answer({"code": -1127, "msg": said}, status=400)
        markets = [asked.params["symbol"]] if heeds_symbol else ["BTCUSDT", "ETHUSDT"]
        own = [done for done in served.fills if done.market in markets]
        found = replace(served, fills=own).rows(since, until, _number(asked, "limit"))
        return [_binanceus_row(done) for done in found]

    return beside_the_time(served, answer)


def _binanceus_row(done: Done) -> dict[str, Any]:
    return {
        "symbol": done.market,
        "id": done.number,
        "orderId": 100 + done.number,
        "price": str(100 + done.number),
        "qty": "0.5",
        "quoteQty": str((100 + done.number) / 2),
        "commission": "0.01",
        "commissionAsset": "USDT",
        "time": done.at_ms,
        "isBuyer": True,
        "isMaker": False,
    }


def hashkey(served: Served) -> Script:
    """``GET /api/v1/futures/userTrades`` of HashKey."""

    def answer(asked: Asked) -> Any:
        served.requests.append(asked)
        names = ("startTime", "endTime", "limit")
        found = served.rows(*(_number(asked, name) for name in names))
        return [_hashkey_row(done) for done in found]

    return beside_the_time(served, answer)


def _hashkey_row(done: Done) -> dict[str, Any]:
    return {
        "time": str(done.at_ms),
        "tradeId": str(done.number),
        "orderId": str(500 + done.number),
        "symbol": "BTCUSDT-PERPETUAL",
        "price": str(100 + done.number),
        "quantity": "3",
        "commissionAsset": "USDT",
        "commission": "0.01",
        "makerRebate": "0",
        "type": "LIMIT",
        "side": "BUY_OPEN",
        "realizedPnl": "0",
        "isMarker": False,
    }


def upbit(served: Served, canceled: int = 0) -> Script:
    """``GET /v1/orders/closed`` of Upbit: orders that filled, and those that were canceled after
    they filled in part (each ``canceled``-th)."""

    def answer(asked: Asked) -> Any:
        served.requests.append(asked)
        done = asked.params["state"] == "done"
        own = [one for one in served.fills if done != bool(canceled and one.number % canceled == 0)]
        names = ("start_time", "end_time", "limit")
        found = replace(served, fills=own).rows(*(_number(asked, name) for name in names))
        return [_upbit_row(one, asked.params["state"]) for one in found]

    return beside_the_time(served, answer)


def _upbit_row(done: Done, state: str) -> dict[str, Any]:
    filled = "0.5" if state == "done" else "0.2"
    return {
        "uuid": f"order-{done.number}",
        "side": "bid",
        "ord_type": "limit",
        "price": "9000",
        "state": state,
        "market": "USDT-BTC",
        "created_at": from_ms(done.at_ms).isoformat(),
        "volume": "0.5",
        "remaining_volume": str(0.5 - float(filled)),
        "reserved_fee": "0",
        "remaining_fee": "0",
        "paid_fee": "0.01",
        "locked": "0",
        "executed_volume": filled,
        "executed_funds": str((100 + done.number) * float(filled)),
        "trades_count": 1,
        "time_in_force": "gtc",
    }


def refusing(dialect: Script, name: str) -> Script:
    """A server that refuses a parameter, as those do that check them all."""

    def answer(asked: Asked) -> Any:
        if name in asked.params:
            return Answer({"code": 400, "message": f"unknown parameter {name}"}, status=400)
        return dialect(asked)

    return answer


def _number(asked: Asked, name: str) -> int | None:
    return int(asked.params[name]) if name in asked.params else None
