"""Bybit v5 history from before an account became unified (docs/v5/pre-upgrade/execution,
order-list).

Of what the classic account did the unified endpoints tell nothing, and these tell nothing else.
Rows are shorter than those of a unified account: there is no fee currency. Contracts settled in
USDC are reported for six months. That nothing is reported from more than two years back is assumed:
it is documented for the unified endpoints alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from exchange_cache.simulator.dialects.bybit_base import DAY_MS, OPTION, WEEK_MS
from exchange_cache.simulator.dialects.bybit_trading import (
    BybitTrading,
    Execution,
    moment,
    order_row,
)
from exchange_cache.simulator.venue import LINEAR, Account, Fill, Order
from exchange_cache.simulator.wire import Request

Reported = TypeVar("Reported", Fill, Order, Execution)
_USDC_MS = 180 * DAY_MS
_NOT_IN_EXECUTIONS = frozenset(
    {"feeCurrency", "execPnl", "seq", "marketUnit", "createType", "extraFees", "execFeeV2"}
)
_NOT_IN_ORDERS = frozenset(
    {
        "createType",
        "marketUnit",
        "slippageToleranceType",
        "slippageTolerance",
        "ocoTriggerBy",
        "tpLimitPrice",
        "slLimitPrice",
        "basePrice",
        "extraFees",
        "cumFeeDetail",
        "tpslMode",
    }
)


class BybitClassic(BybitTrading):
    """Executions and finished orders of the time before the upgrade."""

    def classic_executions(self, request: Request) -> Any:
        account = self._signed(request)
        category = self._category(request)
        start, end = self._before(request, account)
        rows = sorted(
            self._executed(request, account, category, start, end), key=moment, reverse=True
        )
        rows = [row for row in rows if self._still_reported(request, row)]
        page, cursor = self._token_page(request, rows, self._limit(request, 50, 100))
        reported = [
            self._fill(row) if isinstance(row, Fill) else self._funding(row) for row in page
        ]
        rows_reported = [_without(row, _NOT_IN_EXECUTIONS) for row in reported]
        return self._ok(
            request, {"list": rows_reported, "nextPageCursor": cursor, "category": category}
        )

    def classic_orders(self, request: Request) -> Any:
        """Orders by the time they were placed; without a symbol, linear ones settled in USDT
        alone."""
        account = self._signed(request)
        category = self._category(request)
        market = self._market(request, category)
        start, end = self._before(request, account)
        orders = (
            []
            if category == OPTION
            else self.venue.orders(account.name, kind=category, start=start, end=end)
        )
        week_ago = request.now_ms - WEEK_MS
        orders = [
            o for o in orders if o.status != "open" and (o.filled > 0 or o.created_ms >= week_ago)
        ]
        if market is not None:
            orders = [o for o in orders if o.market == market]
        elif category == LINEAR:
            orders = [o for o in orders if o.market.settle == "USDT"]
        orders.sort(key=lambda o: (o.created_ms, o.seq), reverse=True)
        page, cursor = self._token_page(request, orders, self._limit(request, 20, 50))
        rows_reported = [_without(order_row(o) | {"isLeverage": ""}, _NOT_IN_ORDERS) for o in page]
        return self._ok(
            request, {"list": rows_reported, "nextPageCursor": cursor, "category": category}
        )

    def _before(self, request: Request, account: Account) -> tuple[int, int]:
        """The asked window, up to the upgrade."""
        start, end = self._window(request, WEEK_MS, forgets=True)
        return start, min(end, account.upgraded_ms - 1)

    def _token_page(
        self, request: Request, rows: Sequence[Reported], limit: int
    ) -> tuple[list[Reported], str]:
        """A page of rows sorted newest first, and the token of the next one: escaped already, as
        Bybit hands it out."""
        token = (
            unquote(request.query.get("cursor", "")).removeprefix("page_token=").removesuffix("&")
        )
        if token:
            if not token.isdigit():
                raise self._refuse(request, 10001, "params error: cursor invalid")
            passed = next(
                (index for index, row in enumerate(rows) if row.seq == int(token)), len(rows)
            )
            rows = rows[passed + 1 :]
        page = list(rows[:limit])
        return page, f"page_token%3D{page[-1].seq}%26" if page else ""

    def _still_reported(self, request: Request, row: Execution) -> bool:
        usdc = row.market is not None and row.market.settle == "USDC"
        return not usdc or row.time_ms >= request.now_ms - _USDC_MS


def _without(row: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
