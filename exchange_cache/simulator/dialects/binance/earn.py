"""Simple Earn (/sapi/v1/simple-earn) and staking.

A flexible earn position shows twice: here under the asset's own name, and in the spot wallet as its
LD twin.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.conversions import Conversions
from exchange_cache.simulator.dialects.binance.words import (
    days,
    paged,
    plain,
    refuse,
    required,
    text,
    times_of,
)
from exchange_cache.simulator.venue import Account, Balance
from exchange_cache.simulator.wire import Request

_PREFIX = "LD"


class Earn(Conversions):
    """What lies outside the plain wallets."""

    EARN_ROUTES: ClassVar[dict[str, str]] = {
        "GET /sapi/v1/simple-earn/account": "earn_account",
        "GET /sapi/v1/simple-earn/flexible/position": "flexible_positions",
        "GET /sapi/v1/simple-earn/locked/position": "no_earn_rows",
        "GET /sapi/v1/simple-earn/flexible/history/subscriptionRecord": "subscriptions",
        "GET /sapi/v1/simple-earn/flexible/history/redemptionRecord": "redemptions",
        "GET /sapi/v1/simple-earn/flexible/history/rewardsRecord": "flexible_rewards",
        "GET /sapi/v1/simple-earn/locked/history/rewardsRecord": "no_earn_rows",
        "GET /sapi/v1/eth-staking/account": "eth_staking",
        "GET /sapi/v2/eth-staking/account": "eth_staking_v2",
    }

    # -- earn
    #   --------------------------------------------------------------------------------------------

    def earn_account(self, request: Request) -> Any:
        account = self.signed(request)
        btc = sum(
            (self._in_btc(row.asset, row.total, request.now_ms) for row in self._twins(account)),
            Decimal(0),
        )
        usdt = self.venue.state.prices.rate("BTC", "USDT", request.now_ms)
        total = plain((btc * Decimal(repr(usdt))).quantize(Decimal("1e-8")))
        return {
            "totalAmountInBTC": plain(btc),
            "totalAmountInUSDT": total,
            "totalFlexibleAmountInBTC": plain(btc),
            "totalFlexibleAmountInUSDT": total,
            "totalLockedInBTC": "0",
            "totalLockedInUSDT": "0",
        }

    def flexible_positions(self, request: Request) -> Any:
        account = self.signed(request)
        asked = text(request, "asset")
        rows = []
        for twin in self._twins(account):
            asset = twin.asset[len(_PREFIX) :]
            earned = sum(
                (
                    i.amount
                    for i in self.venue.incomes(account.name, kind="interest")
                    if i.asset == twin.asset
                ),
                Decimal(0),
            )
            rows.append(
                {
                    "totalAmount": plain(twin.total),
                    "tierAnnualPercentageRate": {},
                    "latestAnnualPercentageRate": "0.00312000",
                    "yesterdayAirdropPercentageRate": "0",
                    "asset": asset,
                    "airDropAsset": "",
                    "canRedeem": True,
                    "collateralAmount": "0",
                    "productId": f"{asset}001",
                    "yesterdayRealTimeRewards": "0",
                    "cumulativeBonusRewards": "0",
                    "cumulativeRealTimeRewards": plain(earned),
                    "cumulativeTotalRewards": plain(earned),
                    "autoSubscribe": False,
                }
            )
        return paged(request, [row for row in rows if asked in (None, row["asset"])])

    def subscriptions(self, request: Request) -> Any:
        return self._earn_moves(request, "earn_subscribe")

    def redemptions(self, request: Request) -> Any:
        return self._earn_moves(request, "earn_redeem")

    def flexible_rewards(self, request: Request) -> Any:
        account = self.signed(request)
        kind = required(request, "type")
        if kind not in ("ALL", "BONUS", "REALTIME", "REWARDS"):
            raise refuse(-1130, "Data sent for parameter 'type' is not valid.")
        start, end = _earn_window(request)
        rows = [
            {
                "asset": i.asset[len(_PREFIX) :],
                "rewards": plain(i.amount),
                "projectId": f"{i.asset[len(_PREFIX) :]}001",
                "type": "REALTIME",
                "time": i.time_ms,
            }
            for i in self.venue.incomes(account.name, kind="interest", start=start, end=end)
            if i.asset.startswith(_PREFIX) and kind in ("ALL", "REALTIME")
        ]
        return paged(request, rows[::-1])

    def no_earn_rows(self, request: Request) -> Any:
        self.signed(request)
        return {"total": 0, "rows": []}

    def eth_staking(self, request: Request) -> Any:
        self.signed(request)
        return {"cumulativeProfitInBETH": "0", "lastDayProfitInBETH": "0"}

    def eth_staking_v2(self, request: Request) -> Any:
        self.signed(request)
        return {
            "holdingInETH": "0",
            "holdings": {"wbethAmount": "0", "bethAmount": "0"},
            "thirtyDaysProfitInETH": "0",
            "profit": {"amountFromWBETH": "0", "amountFromBETH": "0"},
        }

    def _twins(self, account: Account) -> list[Balance]:
        """LD rows of the spot wallet that stand for an earn position (LDO is a coin)."""
        known = set(self.spot_assets())
        return [
            row for row in self.venue.balances(account.name, "spot")
            if row.total and row.asset.startswith(_PREFIX) and row.asset not in known
            and row.asset[len(_PREFIX) :] in known
        ]  # fmt: skip

    def _earn_moves(self, request: Request, kind: str) -> Any:
        account = self.signed(request)
        start, end = _earn_window(request)
        subscribed = kind == "earn_subscribe"
        rows = []
        for move in self.venue.transfers(account.name, kind=kind, start=start, end=end):
            asset = move.asset if subscribed else (move.to_asset or move.asset)
            row: dict[str, Any] = {
                "amount": plain(move.amount),
                "asset": asset,
                "time": move.time_ms,
            }
            if subscribed:
                row |= {
                    "purchaseId": int(move.id),
                    "productId": f"{asset}001",
                    "type": "NORMAL",
                    "sourceAccount": "SPOT",
                    "amtFromSpot": plain(move.amount),
                    "amtFromFunding": "0",
                    "status": "SUCCESS",
                }
            else:
                row |= {
                    "projectId": f"{asset}001",
                    "redeemId": int(move.id),
                    "destAccount": "SPOT",
                    "status": "PAID",
                }
            rows.append(row)
        return paged(request, rows[::-1])


def _earn_window(request: Request) -> tuple[int, int]:
    """The last 30 days by default, 30 days on from a lone start, back from a lone end; at most
    three months."""
    start, end = times_of(request)
    if start is not None and end is not None and end - start >= days(90):
        raise refuse(-6021, "Query time range too large")
    if start is None:
        last = request.now_ms if end is None else end
        return last - days(30), last
    return start, start + days(30) if end is None else end
