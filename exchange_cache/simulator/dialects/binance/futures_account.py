"""Private state of futures accounts: account, balance, positionRisk, leverageBracket, position mode
(/fapi and /dapi).

Version 2 of positionRisk and of account, and all of COIN-M, list every symbol with rows of zeros;
version 3 lists only what is open, and does not tell the leverage.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.futures_margin import (
    BRACKETS,
    ZERO,
    AssetMargin,
    Exposure,
    asset_margin,
    order_margin,
)
from exchange_cache.simulator.dialects.binance.futures_market import FuturesMarket, family, pair_of
from exchange_cache.simulator.dialects.binance.words import eight, on_step, plain, text
from exchange_cache.simulator.venue import INVERSE, LINEAR, Account, Market
from exchange_cache.simulator.wire import Request

_ASSETS = {LINEAR: ("USDT", "USDC", "BNB", "FDUSD", "BTC", "ETH"), INVERSE: ("BTC", "ETH", "BNB")}


class FuturesAccount(FuturesMarket):
    """What a key may ask about margin and positions."""

    FUTURES_ACCOUNT_ROUTES: ClassVar[dict[str, str]] = {
        "GET /fapi/v2/account": "account_v2",
        "GET /fapi/v3/account": "account_v3",
        "GET /dapi/v1/account": "account_coin",
        "GET /fapi/v2/balance": "futures_balance",
        "GET /fapi/v3/balance": "futures_balance",
        "GET /dapi/v1/balance": "futures_balance",
        "GET /fapi/v2/positionRisk": "position_risk_v2",
        "GET /fapi/v3/positionRisk": "position_risk_v3",
        "GET /dapi/v1/positionRisk": "position_risk_v2",
        "GET /fapi/v1/leverageBracket": "leverage_bracket",
        "GET /dapi/v1/leverageBracket": "leverage_bracket",
        "GET /dapi/v2/leverageBracket": "leverage_bracket",
        "GET /fapi/v1/positionSide/dual": "position_mode",
        "GET /dapi/v1/positionSide/dual": "position_mode",
        "GET /fapi/v1/multiAssetsMargin": "multi_assets_mode",
    }

    # -- account
    #   --------------------------------------------------------------------------------------------

    def account_v3(self, request: Request) -> Any:
        account = self.signed(request)
        margins = self._margins(request, account)
        positions = [
            {
                "symbol": e.market.id,
                "positionSide": e.position_side,
                "positionAmt": _contracts(e),
                "unrealizedProfit": eight(e.pnl),
                "isolatedMargin": "0",
                "notional": eight(e.notional),
                "isolatedWallet": "0",
                "initialMargin": eight(e.initial_margin),
                "maintMargin": eight(e.maintenance_margin),
                "updateTime": e.position.updated_ms,
            }
            for e in self.exposures(request, account)
        ]
        rows = [self._asset_row(account, LINEAR, margin) for margin in margins]
        return {**_totals(margins), "assets": rows, "positions": positions}

    def account_v2(self, request: Request) -> Any:
        account = self.signed(request)
        margins = self._margins(request, account)
        assets = [{**self._asset_row(account, LINEAR, m), "marginAvailable": True} for m in margins]
        positions = [
            {
                **_position_row(market, exposure, side),
                "notional": "0" if exposure is None else eight(exposure.notional),
                "isolatedWallet": "0",
                "maxNotional": "50000",
                "bidNotional": "0",
                "askNotional": "0",
            }
            for market, exposure, side in self._all_sides(request, account)
        ]
        return {
            "feeTier": 0,
            "feeBurn": True,
            "canTrade": account.can_trade,
            "canDeposit": True,
            "canWithdraw": account.can_withdraw,
            "updateTime": 0,
            "multiAssetsMargin": False,
            "tradeGroupId": -1,
            **_totals(margins),
            "assets": assets,
            "positions": positions,
        }

    def account_coin(self, request: Request) -> Any:
        account = self.signed(request)
        return {
            "assets": [
                self._asset_row(account, INVERSE, margin)
                for margin in self._margins(request, account)
            ],
            "positions": [
                {
                    **_position_row(market, exposure, side),
                    "maxQty": "50",
                    "notionalValue": "0" if exposure is None else eight(exposure.notional),
                }
                for market, exposure, side in self._all_sides(request, account)
            ],
            "canDeposit": True,
            "canTrade": account.can_trade,
            "canWithdraw": account.can_withdraw,
            "feeTier": 0,
            "updateTime": 0,
        }

    def futures_balance(self, request: Request) -> Any:
        account = self.signed(request)
        kind = family(request)
        rows = []
        for m in self._margins(request, account):
            row: dict[str, Any] = {
                "accountAlias": "SgsR" if kind == LINEAR else "SgsRfW",
                "asset": m.asset,
            }
            row |= {
                "balance": eight(m.wallet),
                "crossWalletBalance": eight(m.wallet),
                "crossUnPnl": eight(m.pnl),
                "availableBalance": eight(m.available),
            }
            updated = self._updated(account, kind, m.asset)
            if kind == LINEAR:
                row |= {
                    "maxWithdrawAmount": eight(m.withdrawable),
                    "marginAvailable": True,
                    "updateTime": updated,
                }
            else:
                row |= {"withdrawAvailable": eight(m.withdrawable), "updateTime": updated}
            rows.append(row)
        return rows

    # -- positions
    #   --------------------------------------------------------------------------------------------

    def position_risk_v3(self, request: Request) -> Any:
        account = self.signed(request)
        asked = self.contract(request) if text(request, "symbol") is not None else None
        wallets = {m.asset: m.wallet for m in self._margins(request, account)}
        orders = self.venue.open_orders(account.name, kind=LINEAR)
        rows = []
        for e in self.exposures(request, account):
            m, tied = e.market, sum((order_margin(o) for o in orders if o.market == e.market), ZERO)
            if asked not in (None, m):
                continue
            rows.append(
                {
                    "symbol": m.id,
                    "positionSide": e.position_side,
                    "positionAmt": _contracts(e),
                    "entryPrice": plain(e.position.entry_price),
                    "breakEvenPrice": plain(_break_even(e)),
                    "markPrice": eight(e.mark),
                    "unRealizedProfit": eight(e.pnl),
                    "liquidationPrice": plain(e.liquidation_price(wallets[m.settle or m.quote])),
                    "isolatedMargin": "0",
                    "notional": eight(e.notional),
                    "marginAsset": m.settle,
                    "isolatedWallet": "0",
                    "initialMargin": eight(e.initial_margin + tied),
                    "maintMargin": eight(e.maintenance_margin),
                    "positionInitialMargin": eight(e.initial_margin),
                    "openOrderInitialMargin": eight(tied),
                    "adl": 2,
                    "bidNotional": "0",
                    "askNotional": "0",
                    "updateTime": e.position.updated_ms,
                }
            )
        return rows

    def position_risk_v2(self, request: Request) -> Any:
        """Every symbol, also where nothing is open; one row per side in hedge mode."""
        account = self.signed(request)
        kind = family(request)
        wallets = {m.asset: m.wallet for m in self._margins(request, account)}
        rows = []
        for market, e, side in self._all_sides(request, account):
            if text(request, "symbol") not in (None, market.id) or text(request, "pair") not in (
                None,
                pair_of(market),
            ):
                continue
            liquidation = (
                ZERO if e is None else e.liquidation_price(wallets[market.settle or market.quote])
            )
            notional = "0" if e is None else eight(e.notional)
            row = {
                "symbol": market.id,
                "positionAmt": "0" if e is None else _contracts(e),
                "entryPrice": "0.0" if e is None else plain(e.position.entry_price),
                "breakEvenPrice": "0.0" if e is None else plain(_break_even(e)),
                "markPrice": "0.00000000" if e is None else eight(e.mark),
                "unRealizedProfit": "0.00000000" if e is None else eight(e.pnl),
                "liquidationPrice": plain(liquidation),
                "leverage": "20" if e is None else plain(e.position.leverage),
                "marginType": "cross",
                "isolatedMargin": "0.00000000",
                "isAutoAddMargin": "false",
                "positionSide": side,
                "isolatedWallet": "0",
                "updateTime": 0 if e is None else e.position.updated_ms,
            }
            if kind == LINEAR:
                row |= {
                    "maxNotionalValue": "50000",
                    "notional": notional,
                    "isolated": False,
                    "adlQuantile": 0 if e is None else 2,
                }
            else:
                row |= {"maxQty": "50", "notionalValue": notional}
            rows.append(row)
        return rows

    def leverage_bracket(self, request: Request) -> Any:
        self.signed(request)
        kind = family(request)
        asked = (
            self.contract(request)
            if kind == LINEAR and text(request, "symbol") is not None
            else None
        )
        floor, cap = ("notionalFloor", "notionalCap") if kind == LINEAR else ("qtyFloor", "qtyCap")
        scale = 1 if kind == LINEAR else 10_000
        rows = []
        for market in self._listed(request):
            brackets = [
                {"bracket": n, "initialLeverage": leverage, cap: high // scale, floor: low // scale,
                 "maintMarginRatio": float(ratio), "cum": float(cum / scale)}
                for n, (leverage, low, high, ratio, cum) in enumerate(BRACKETS, 1)
            ]  # fmt: skip
            if asked in (None, market):
                rows.append({"symbol": market.id, "notionalCoef": 1.0, "brackets": brackets})
        return rows

    def position_mode(self, request: Request) -> Any:
        account = self.signed(request)
        return {"dualSidePosition": self._hedged(account, family(request))}

    def multi_assets_mode(self, request: Request) -> Any:
        self.signed(request)
        return {"multiAssetsMargin": False}

    # -- shared
    #   --------------------------------------------------------------------------------------------

    def exposures(self, request: Request, account: Account) -> list[Exposure]:
        """The family's open positions at their mark prices."""
        found = []
        for position in self.venue.positions(account.name, family(request)):
            ticker = self.venue.ticker(self.exchange, position.symbol, request.now_ms)
            found.append(
                Exposure(position, position.entry_price if ticker is None else ticker.mark)
            )
        return found

    def _margins(self, request: Request, account: Account) -> list[AssetMargin]:
        kind = family(request)
        exposures, orders = (
            self.exposures(request, account),
            self.venue.open_orders(account.name, kind=kind),
        )
        held = {row.asset: row for row in self.venue.balances(account.name, self._wallet(kind))}
        assets = dict.fromkeys((*_ASSETS[kind], *held))
        return [asset_margin(asset, held.get(asset), exposures, orders) for asset in assets]

    def _wallet(self, kind: str) -> str:
        return self.venue.profile(self.exchange).wallet_for[kind]

    def _updated(self, account: Account, kind: str, asset: str) -> int:
        """The time of the last change; zero for an asset that was never there."""
        entries = self.venue.entries(account.name, wallet=self._wallet(kind))
        return next((entry.time_ms for entry in reversed(entries) if entry.asset == asset), 0)

    def _asset_row(self, account: Account, kind: str, m: AssetMargin) -> dict[str, Any]:
        return {
            "asset": m.asset,
            "walletBalance": eight(m.wallet),
            "unrealizedProfit": eight(m.pnl),
            "marginBalance": eight(m.balance),
            "maintMargin": eight(m.maintenance),
            "initialMargin": eight(m.initial),
            "positionInitialMargin": eight(m.position_margin),
            "openOrderInitialMargin": eight(m.order_margin),
            "crossWalletBalance": eight(m.wallet),
            "crossUnPnl": eight(m.pnl),
            "availableBalance": eight(m.available),
            "maxWithdrawAmount": eight(m.withdrawable),
            "updateTime": self._updated(account, kind, m.asset),
        }

    def _hedged(self, account: Account, kind: str) -> bool:
        return any(position.hedge for position in self.venue.positions(account.name, kind))

    def _all_sides(
        self, request: Request, account: Account
    ) -> list[tuple[Market, Exposure | None, str]]:
        """Every symbol's sides with the exposure there, if any."""
        open_now = {(e.market.symbol, e.position_side): e for e in self.exposures(request, account)}
        sides = ("BOTH", "LONG", "SHORT") if self._hedged(account, family(request)) else ("BOTH",)
        return [
            (market, open_now.get((market.symbol, side)), side)
            for market in self._listed(request)
            for side in sides
        ]


def _position_row(market: Market, e: Exposure | None, side: str) -> dict[str, Any]:
    """A position inside version 2 of the account, zeros when nothing is open."""
    initial = "0" if e is None else eight(e.initial_margin)
    return {
        "symbol": market.id,
        "initialMargin": initial,
        "maintMargin": "0" if e is None else eight(e.maintenance_margin),
        "unrealizedProfit": "0.00000000" if e is None else eight(e.pnl),
        "positionInitialMargin": initial,
        "openOrderInitialMargin": "0",
        "leverage": "20" if e is None else plain(e.position.leverage),
        "isolated": False,
        "entryPrice": "0.0" if e is None else plain(e.position.entry_price),
        "breakEvenPrice": "0.0" if e is None else plain(_break_even(e)),
        "positionSide": side,
        "positionAmt": "0" if e is None else _contracts(e),
        "updateTime": 0 if e is None else e.position.updated_ms,
    }


def _contracts(exposure: Exposure) -> str:
    return on_step(exposure.amount, exposure.market.lot)


def _break_even(e: Exposure) -> Decimal:
    """The entry price moved by the taker fee."""
    return (e.position.entry_price * (1 + e.sign * Decimal("0.0005"))).quantize(Decimal("1e-8"))


def _totals(margins: list[AssetMargin]) -> dict[str, str]:
    """The sums of single-asset mode: USDT alone."""
    m = next(margin for margin in margins if margin.asset == "USDT")
    return {
        "totalInitialMargin": eight(m.initial),
        "totalMaintMargin": eight(m.maintenance),
        "totalWalletBalance": eight(m.wallet),
        "totalUnrealizedProfit": eight(m.pnl),
        "totalMarginBalance": eight(m.balance),
        "totalPositionInitialMargin": eight(m.position_margin),
        "totalOpenOrderInitialMargin": eight(m.order_margin),
        "totalCrossWalletBalance": eight(m.wallet),
        "totalCrossUnPnl": eight(m.pnl),
        "availableBalance": eight(m.available),
        "maxWithdrawAmount": eight(m.withdrawable),
    }
