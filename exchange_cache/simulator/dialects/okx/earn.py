"""OKX's earn products: Simple Earn Flexible (savings) and on-chain earn (staking-defi). Their money
is in neither account."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    ZERO,
    currencies_of,
    num,
    ok,
    page,
    stable_number,
    tidy,
)
from exchange_cache.simulator.venue import Account, Income, Transfer
from exchange_cache.simulator.wire import Request

_RATE = "0.031"
_MONTH_MS = 30 * DAY_MS


class OkxEarn(OkxAccess):
    """finance/*."""

    def savings(self, request: Request) -> Any:
        """Principal and reinvested earnings in `amt`."""
        account = self._signed(request)
        asked = currencies_of(request)
        earned: dict[str, Decimal] = defaultdict(Decimal)
        for row in self._interest(account):
            earned[row.asset] += row.amount
        held = [
            b
            for b in self.venue.balances(account.name, "savings")
            if b.total != 0 and (not asked or b.asset in asked)
        ]
        return ok(
            [
                {
                    "amt": num(b.total),
                    "ccy": b.asset,
                    "earnings": num(earned[b.asset]),
                    "loanAmt": num(b.total),
                    "pendingAmt": "0",
                    "rate": "0.01",
                    "redemptAmt": "",
                }
                for b in held
            ]
        )

    def lending_history(self, request: Request) -> Any:
        """The past month."""
        account = self._signed(request)
        asked, oldest = currencies_of(request), request.now_ms - _MONTH_MS
        rows = [
            row
            for row in self._interest(account)
            if row.time_ms >= oldest and (not asked or row.asset in asked)
        ]
        return ok(
            [
                {
                    "amt": tidy(row.amount / Decimal("0.0006"), "1e-8"),
                    "ccy": row.asset,
                    "earnings": num(row.amount),
                    "rate": _RATE,
                    "ts": str(row.time_ms),
                }
                for row in page(request, rows, lambda row: row.time_ms)
            ]
        )

    def _interest(self, account: Account) -> list[Income]:
        return [
            row
            for row in self.venue.incomes(account.name, kind="interest")
            if row.wallet == "savings"
        ]

    # -- on-chain
    #   --------------------------------------------------------------------------------------------

    def staking_active(self, request: Request) -> Any:
        """One running order an asset."""
        account = self._signed(request)
        asked = currencies_of(request)
        moves = self._staking(account, "to_wallet")
        return ok(
            [
                _order(
                    next(t for t in moves if t.asset == b.asset),
                    b.total,
                    self._rewards(account, b.asset),
                )
                | {
                    "cancelRedemptionDeadline": "",
                    "estSettlementTime": str(request.now_ms // DAY_MS * DAY_MS + DAY_MS),
                    "fastRedemptionData": [],
                    "state": "1",
                }
                for b in self.venue.balances(account.name, "staking")
                if b.total != 0 and (not asked or b.asset in asked)
            ]
        )

    def staking_history(self, request: Request) -> Any:
        """What was redeemed."""
        account = self._signed(request)
        asked = currencies_of(request)
        rows = [t for t in self._staking(account, "from_wallet") if not asked or t.asset in asked]
        return ok([
            _order(t, t.amount, ZERO) | {"redeemedTime": str(t.time_ms), "state": "3"}
            for t in page(request, rows, lambda t: int(t.id))
        ])  # fmt: skip

    def empty(self, request: Request) -> Any:
        """Products this account never used."""
        self._signed(request)
        return ok([])

    def _staking(self, account: Account, way: str) -> list[Transfer]:
        return [
            t
            for t in self.venue.transfers(account.name, kind="internal")
            if getattr(t, way) == "staking"
        ]

    def _rewards(self, account: Account, asset: str) -> Decimal:
        rows = self.venue.incomes(account.name, kind="dividend")
        return sum(
            (row.amount for row in rows if row.asset == asset and "Staking" in row.note), ZERO
        )


def _order(t: Transfer, amount: Decimal, earned: Decimal) -> dict[str, Any]:
    return {
        "apy": "0.062",
        "ccy": t.asset,
        "earningData": [{"ccy": t.asset, "earningType": "0", "earnings": num(earned)}],
        "investData": [{"amt": num(amount), "ccy": t.asset}],
        "ordId": stable_number(t.id, 6),
        "productId": "4005",
        "protocol": t.asset.title(),
        "protocolType": "staking",
        "purchasedTime": str(t.time_ms),
        "redeemingAmt": "",
        "tag": "",
        "term": "0",
    }
