"""OKX's trading account: balance (eq with unrealised profit, cashBal without), configuration, fee
rates, leverage, interest."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.okx.positions import OkxPositions, maintenance
from exchange_cache.simulator.dialects.okx.spot_cost import SpotCost
from exchange_cache.simulator.dialects.okx.wording import (
    FUTURES,
    MARGIN,
    OPTION,
    SWAP,
    ZERO,
    asked_type,
    currencies_of,
    num,
    ok,
    page,
    text_of,
    tidy,
    wrong,
)
from exchange_cache.simulator.venue import Account, Balance, Position
from exchange_cache.simulator.venue.prices import FIAT, STABLE
from exchange_cache.simulator.wire import Request

_DETAIL_EMPTY = dict.fromkeys(
    (
        "autoLendStatus",
        "borrowFroz",
        "clSpotInUseAmt",
        "colBorrAutoConversion",
        "collateralEnabled",
        "crossLiab",
        "frpType",
        "interest",
        "isoLiab",
        "liab",
        "maxLoan",
        "maxSpotInUse",
        "spotInUseAmt",
        "uplLiab",
    ),
    "",
)
_DETAIL_ZERO = dict.fromkeys(
    (
        "fixedBal",
        "isoEq",
        "isoUpl",
        "rewardBal",
        "smtSyncEq",
        "spotCopyTradingEq",
        "spotIsoBal",
        "stgyEq",
        "twap",
    ),
    "0",
)


class OkxBalances(OkxPositions):
    """account/* without positions and bills."""

    def balance(self, request: Request) -> Any:
        """Currencies that are not zero; in futures mode a currency's equity counts its open swaps'
        profit."""
        account = self._signed(request)
        asked = currencies_of(request)
        open_ones: dict[str, list[Position]] = defaultdict(list)
        for position in self.venue.positions(account.name):
            open_ones[position.market.settle or ""].append(position)
        moved = self._last_moves(account)
        held = [
            b
            for b in self.venue.balances(account.name, "trading")
            if b.total != 0 or open_ones[b.asset]
        ]
        details = [
            self._detail(account, b, open_ones[b.asset], request.now_ms)
            | {"uTime": str(moved.get(b.asset, account.created_ms))}
            for b in held
            if not asked or b.asset in asked
        ]
        upl = sum(
            (
                Decimal(d["upl"]) * Decimal(repr(self._usd(d["ccy"], request.now_ms)))
                for d in details
            ),
            ZERO,
        )
        total = sum((Decimal(d["eqUsd"]) for d in details), ZERO)
        empty = dict.fromkeys(
            (
                "adjEq",
                "availEq",
                "borrowFroz",
                "delta",
                "deltaLever",
                "imr",
                "mgnRatio",
                "mmr",
                "notionalUsd",
            ),
            "",
        )
        unused = dict.fromkeys(
            (
                "notionalUsdForBorrow",
                "notionalUsdForFutures",
                "notionalUsdForOption",
                "notionalUsdForSwap",
            ),
            "",
        )
        return ok(
            [
                {
                    **empty,
                    **unused,
                    "details": details,
                    "isoEq": "0",
                    "ordFroz": "",
                    "totalEq": tidy(total),
                    "uTime": str(request.now_ms),
                    "upl": tidy(upl),
                }
            ]
        )

    def _last_moves(self, account: Account) -> dict[str, int]:
        return {
            entry.asset: entry.time_ms
            for entry in self.venue.entries(account.name, wallet="trading")
        }

    def _detail(
        self, account: Account, b: Balance, open_ones: list[Position], now_ms: int
    ) -> dict[str, Any]:
        marks = [self._mark(p, now_ms) for p in open_ones]
        upl = sum((p.pnl(m) for p, m in zip(open_ones, marks, strict=True)), ZERO)
        worth = sum((p.notional(m) for p, m in zip(open_ones, marks, strict=True)), ZERO)
        imr = sum((p.notional(m) / p.leverage for p, m in zip(open_ones, marks, strict=True)), ZERO)
        mmr = sum((maintenance(p, m) for p, m in zip(open_ones, marks, strict=True)), ZERO)
        usd = Decimal(repr(self._usd(b.asset, now_ms)))
        eq = b.total + upl
        frozen = b.used + imr
        cost = self._spot_cost(account, b.asset, usd)
        return (
            _DETAIL_EMPTY
            | _DETAIL_ZERO
            | {
                "autoLendAmt": "0",
                "autoLendMtAmt": "0",
                "availBal": tidy(max(b.total - frozen, ZERO)),
                "availEq": tidy(max(eq - frozen, ZERO)),
                "cashBal": num(b.total),
                "ccy": b.asset,
                "colRes": "0",
                "collateralRestrict": False,
                "disEq": tidy(eq * usd),
                "eq": num(eq),
                "eqUsd": tidy(eq * usd),
                "frozenBal": tidy(frozen),
                "imr": tidy(imr),
                "mgnRatio": tidy(eq / mmr) if mmr else "",
                "mmr": tidy(mmr),
                "notionalLever": tidy(worth / eq) if eq > 0 else "0",
                "ordFrozen": num(b.used),
                "upl": num(upl),
            }
            | cost
        )

    def _spot_cost(self, account: Account, asset: str, usd: Decimal) -> dict[str, str]:
        """The exchange's own cost prices; money has none."""
        cost = SpotCost(asset, self._usd)
        if asset not in STABLE and asset not in FIAT and asset != "USD":
            cost.count(self.venue, account.name)
        return cost.reported(usd)

    # -- the account
    #   --------------------------------------------------------------------------------------------

    def config(self, request: Request) -> Any:
        account = self._signed(request)
        hedged = any(p.hedge for p in self.venue.positions(account.name))
        may = [
            "read_only",
            *(["trade"] if account.can_trade else []),
            *(["withdraw"] if account.can_withdraw else []),
        ]
        return ok(
            [
                {
                    "acctLv": "2",
                    "acctStpMode": "cancel_maker",
                    "autoLoan": False,
                    "ctIsoMode": "automatic",
                    "enableSpotBorrow": False,
                    "feeType": "0",
                    "greeksType": "PA",
                    "ip": ",".join(account.ips),
                    "kycLv": "3",
                    "label": account.name,
                    "level": "Lv1",
                    "levelTmp": "",
                    "liquidationGear": "-1",
                    "mainUid": account.uid,
                    "mgnIsoMode": "automatic",
                    "opAuth": "0",
                    "perm": ",".join(may),
                    "posMode": "long_short_mode" if hedged else "net_mode",
                    "roleType": "0",
                    "settleCcy": "USDT",
                    "settleCcyList": ["USD", "USDC", "USDT"],
                    "spotBorrowAutoRepay": False,
                    "spotOffsetType": "",
                    "spotRoleType": "0",
                    "spotTraderInsts": [],
                    "stgyType": "0",
                    "traderInsts": [],
                    "type": "0",
                    "uid": account.uid,
                }
            ]
        )

    def trade_fee(self, request: Request) -> Any:
        self._signed(request)
        asked = asked_type(request)
        fees = self.venue.profile(self.exchange).fees
        maker, taker = (
            num(-rate) for rate in (fees.spot if asked in ("SPOT", MARGIN) else fees.inverse)
        )
        usdt = [num(-rate) for rate in fees.linear] if asked in (SWAP, FUTURES) else ["", ""]
        return ok(
            [
                {
                    "category": "1",
                    "delivery": "",
                    "exercise": "0.0002" if asked == OPTION else "",
                    "feeGroup": [],
                    "fiat": [],
                    "instType": asked,
                    "level": "Lv1",
                    "maker": maker,
                    "makerU": usdt[0],
                    "makerUSDC": usdt[0],
                    "ruleType": "normal",
                    "taker": taker,
                    "takerU": usdt[1],
                    "takerUSDC": usdt[1],
                    "ts": str(request.now_ms),
                }
            ]
        )

    def leverage(self, request: Request) -> Any:
        account = self._signed(request)
        market, mode = self._listed(request), text_of(request, "mgnMode")
        if mode not in ("cross", "isolated"):
            raise wrong("mgnMode")
        levers = {
            p.side: num(p.leverage)
            for p in self.venue.positions(account.name)
            if p.market == market
        }
        sides = (
            ("long", "short")
            if any(p.hedge for p in self.venue.positions(account.name)) and mode == "isolated"
            else ("net",)
        )
        return ok(
            [
                {
                    "ccy": "",
                    "instId": market.id,
                    "lever": levers.get(side) or next(iter(levers.values()), "3"),
                    "mgnMode": mode,
                    "posSide": side,
                }
                for side in sides
            ]
        )

    def interest_accrued(self, request: Request) -> Any:
        """Interest deducted from the trading account."""
        account = self._signed(request)
        asked = currencies_of(request)
        paid = [
            row for row in self.venue.incomes(account.name, kind="interest")
            if row.wallet == "trading" and row.amount < 0 and (not asked or row.asset in asked)
        ]  # fmt: skip
        return ok(
            [
                {
                    "ccy": row.asset,
                    "instId": "",
                    "interest": num(-row.amount),
                    "interestFreeLiab": "0",
                    "interestRate": "0.0000068",
                    "liab": tidy(-row.amount / Decimal("0.0000068"), "1e-4"),
                    "mgnMode": "cross",
                    "totalLiab": "",
                    "ts": str(row.time_ms),
                    "type": "2",
                }
                for row in page(request, paid, lambda row: row.time_ms)
            ]
        )

    def _mark(self, position: Position, now_ms: int) -> Decimal:
        ticker = self.venue.ticker(self.exchange, position.symbol, now_ms)
        return position.entry_price if ticker is None else ticker.mark
