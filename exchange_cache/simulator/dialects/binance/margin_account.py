"""Margin wallets as they stand (/sapi/v1/margin): what may be traded and borrowed, the cross
account, the isolated pairs.

Written after developers.binance.com/docs/margin_trading/account. A user who never opened margin
trading is refused with -3003, or answered `created: false`; a pair without an isolated account is
refused with -11001 where it is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.earn import Earn
from exchange_cache.simulator.dialects.binance.spot_market import offers_margin
from exchange_cache.simulator.dialects.binance.words import eight, refuse, text
from exchange_cache.simulator.venue import MARGIN, SPOT, Account, Market, isolated_wallet
from exchange_cache.simulator.wire import Request

_ZERO = Decimal(0)
_MOST_SYMBOLS = 5
_LIQUIDATION = Decimal("1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One asset in a margin wallet."""

    asset: str
    free: Decimal = _ZERO
    locked: Decimal = _ZERO
    borrowed: Decimal = _ZERO
    interest: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        return self.free + self.locked

    @property
    def owed(self) -> Decimal:
        return self.borrowed + self.interest

    @property
    def net(self) -> Decimal:
        return self.total - self.owed


class MarginAccount(Earn):
    """What a margin wallet holds and owes."""

    MARGIN_ACCOUNT_ROUTES: ClassVar[dict[str, str]] = {
        "GET /sapi/v1/margin/allAssets": "margin_assets",
        "GET /sapi/v1/margin/allPairs": "margin_pairs",
        "GET /sapi/v1/margin/isolated/allPairs": "isolated_pairs",
        "GET /sapi/v1/margin/account": "margin_account",
        "GET /sapi/v1/margin/isolated/account": "isolated_account",
    }

    def margin_assets(self, request: Request) -> Any:
        self.keyed(request)
        return [
            {
                "assetFullName": asset,
                "assetName": asset,
                "isBorrowable": True,
                "isMortgageable": True,
                "userMinBorrow": "0",
                "userMinRepay": "0",
                "delistTime": None,
            }
            for asset in self._margin_assets()
        ]

    def margin_pairs(self, request: Request) -> Any:
        self.keyed(request)
        return [
            {"id": str(376_870_555_451_677_893 + n), **_pair(m)}
            for n, m in enumerate(self._margin_markets())
        ]

    def isolated_pairs(self, request: Request) -> Any:
        self.signed(request)
        return [_pair(market) for market in self._margin_markets()]

    def margin_account(self, request: Request) -> Any:
        """The cross wallet, with a row for every margin asset whether held or not."""
        account = self.signed(request)
        if account.margin == "none":
            raise no_margin_account()
        rows = (
            self.standings(account, MARGIN, self._margin_assets())
            if account.margin == "open"
            else []
        )
        held, owed = self._totals(rows, request.now_ms)
        level = eight(_level(held, owed))
        worth = held * Decimal(repr(self.venue.state.prices.rate("BTC", "USDT", request.now_ms)))
        return {
            "created": account.margin == "open",
            "borrowEnabled": True,
            "marginLevel": level,
            "collateralMarginLevel": level,
            **_btc(held, owed),
            "TotalCollateralValueInUSDT": eight(worth),
            "totalOpenOrderLossInUSDT": eight(_ZERO),
            "tradeEnabled": True,
            "transferInEnabled": True,
            "transferOutEnabled": True,
            "accountType": "MARGIN_1",
            "userAssets": [_cross_row(row) for row in rows],
        }

    def isolated_account(self, request: Request) -> Any:
        """All isolated pairs with their totals, or up to five that are named, without totals."""
        account = self.signed(request)
        named = text(request, "symbols")
        pairs = self.isolated_markets(account)
        if named is not None:
            selected = self._named_pairs(named)
            return {
                "assets": [
                    self._isolated_row(account, pair, request.now_ms)
                    for pair in pairs
                    if pair in selected
                ]
            }
        rows = [row for pair in pairs for row in self._both_sides(account, pair)]
        return {
            "assets": [self._isolated_row(account, pair, request.now_ms) for pair in pairs],
            **_btc(*self._totals(rows, request.now_ms)),
        }

    # -- shared
    #   --------------------------------------------------------------------------------------------

    def margin_user(self, request: Request) -> Account:
        """The account of a signed request that needs margin trading to be open."""
        account = self.signed(request)
        if account.margin != "open":
            raise no_margin_account()
        return account

    def isolated_markets(self, account: Account) -> list[Market]:
        return [
            self.venue.market(self.exchange, symbol)
            for symbol in self.venue.isolated_pairs(account.name)
        ]

    def isolated_of(self, account: Account, market: Market | None) -> str:
        """The wallet of a pair's isolated account; refused where the pair has none."""
        if market is None or market not in self.isolated_markets(account):
            raise refuse(-11001, "Isolated margin account does not exist.")
        return isolated_wallet(market.symbol)

    def standings(
        self, account: Account, wallet: str, always: Iterable[str] = ()
    ) -> list[Standing]:
        """Every asset of a margin wallet, those of `always` first; assets under the exchange's own
        names."""
        held = {self.asset_id(row.asset): row for row in self.venue.balances(account.name, wallet)}
        owed = {self.asset_id(row.asset): row for row in self.venue.debts(account.name, wallet)}
        return [
            Standing(
                asset=asset,
                free=held[asset].free if asset in held else _ZERO,
                locked=held[asset].used if asset in held else _ZERO,
                borrowed=owed[asset].borrowed if asset in owed else _ZERO,
                interest=owed[asset].interest if asset in owed else _ZERO,
            )
            for asset in dict.fromkeys((*always, *held, *owed))
        ]

    def _both_sides(self, account: Account, market: Market) -> list[Standing]:
        """Base and quote of an isolated pair, and BNB or another asset beside them if some is
        there."""
        names = (self.asset_id(market.base), self.asset_id(market.quote))
        return self.standings(account, isolated_wallet(market.symbol), names)

    def _isolated_row(self, account: Account, market: Market, now_ms: int) -> dict[str, Any]:
        base, quote, *_ = rows = self._both_sides(account, market)
        held, owed = self._totals(rows, now_ms)
        price = self.venue.price(self.exchange, market.symbol, now_ms)
        return {
            "baseAsset": self._side(base, now_ms),
            "quoteAsset": self._side(quote, now_ms),
            "symbol": market.id,
            "isolatedCreated": True,
            "enabled": True,
            "marginLevel": eight(_level(held, owed)),
            "marginLevelStatus": "EXCESSIVE" if _level(held, owed) > 2 else "NORMAL",
            "marginRatio": "10.00000000",
            "indexPrice": eight(price),
            "liquidatePrice": eight(_liquidation(base, quote)),
            "liquidateRate": "1.00000000",
            "tradeEnabled": market.trades_at(now_ms),
        }

    def _side(self, row: Standing, now_ms: int) -> dict[str, Any]:
        return {
            **_cross_row(row),
            "borrowEnabled": True,
            "netAssetOfBtc": eight(self._in_btc(row.asset, row.net, now_ms)),
            "repayEnabled": True,
            "totalAsset": eight(row.total),
        }

    def _totals(self, rows: Iterable[Standing], now_ms: int) -> tuple[Decimal, Decimal]:
        """What is held and what is owed, in BTC."""
        rows = list(rows)
        held = sum((self._in_btc(row.asset, row.total, now_ms) for row in rows), _ZERO)
        return held, sum((self._in_btc(row.asset, row.owed, now_ms) for row in rows), _ZERO)

    def _named_pairs(self, named: str) -> list[Market]:
        ids = named.split(",")
        if len(ids) > _MOST_SYMBOLS:
            raise refuse(-3026, "Your input param is invalid.")
        markets = [self.venue.market_by_id(self.exchange, market_id, SPOT) for market_id in ids]
        found = [market for market in markets if market is not None]
        if len(found) < len(ids):
            raise refuse(-1121, "Invalid symbol.")
        return found

    def _margin_markets(self) -> list[Market]:
        return [
            market for market in self.venue.markets(self.exchange, SPOT) if offers_margin(market)
        ]

    def _margin_assets(self) -> list[str]:
        codes = dict.fromkeys(
            code for market in self._margin_markets() for code in (market.base, market.quote)
        )
        return [self.asset_id(code) for code in codes]


def no_margin_account() -> Exception:
    return refuse(-3003, "Margin account does not exist.")


def _pair(market: Market) -> dict[str, Any]:
    return {
        "symbol": market.id,
        "base": market.base,
        "quote": market.quote,
        "isMarginTrade": True,
        "isBuyAllowed": True,
        "isSellAllowed": True,
    }


def _cross_row(row: Standing) -> dict[str, Any]:
    return {
        "asset": row.asset,
        "borrowed": eight(row.borrowed),
        "free": eight(row.free),
        "interest": eight(row.interest),
        "locked": eight(row.locked),
        "netAsset": eight(row.net),
    }


def _btc(held: Decimal, owed: Decimal) -> dict[str, str]:
    return {
        "totalAssetOfBtc": eight(held),
        "totalLiabilityOfBtc": eight(owed),
        "totalNetAssetOfBtc": eight(held - owed),
    }


def _level(held: Decimal, owed: Decimal) -> Decimal:
    """Assets over liabilities; 999 where nothing is owed."""
    return held / owed if owed else Decimal(999)


def _liquidation(base: Standing, quote: Standing) -> Decimal:
    """The price at which an isolated pair's assets are worth 1.1 times what it owes; zero where no
    price does that."""
    size = base.total - _LIQUIDATION * base.owed
    price = (_LIQUIDATION * quote.owed - quote.total) / size if size else _ZERO
    return max(price, _ZERO)
