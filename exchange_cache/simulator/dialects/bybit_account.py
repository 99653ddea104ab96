"""Bybit v5 unified account: wallet balance, account and key information, transaction log
(docs/v5/account, docs/v5/user).

Loans as Bybit describes them since September 2025 (docs/v5/account/wallet-balance; docs/v5/enum,
type(uta-translog); help centre, Manual Borrow in UTA Loan): walletBalance includes what spot margin
trades and manual loans borrowed; spotBorrow is that with the interest accrued on it; borrowAmount =
spot liabilities + derivatives liabilities; equity = walletBalance - spotBorrow + unrealisedPnl; the
log has BORROW, REPAY and INTEREST ("interest occurred due to borrowing"). No example of these rows
is documented: that BORROW and REPAY move the wallet, and INTEREST what is owed alone, follows from
the above. Only the owner repays spot liabilities.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from exchange_cache.simulator.dialects.bybit_base import (
    CATEGORIES,
    DAY_MS,
    WEEK_MS,
    BybitBase,
    made_uuid,
    num,
    pair_cursor,
    tidy,
)
from exchange_cache.simulator.dialects.bybit_positions import initial_margin, maintenance_margin
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    SPOT,
    Account,
    Balance,
    Conversion,
    Entry,
    Fill,
    Income,
    LoanEvent,
    Transfer,
    liability,
)
from exchange_cache.simulator.wire import Request

_ZERO = Decimal(0)
_CONTRACTS = (LINEAR, INVERSE)
_LOGGED = ("unified", liability("unified", "interest"))
_KEY_PERMISSIONS: dict[str, list[str]] = {
    "ContractTrade": ["Order", "Position"],
    "Spot": ["SpotTrade"],
    "Wallet": ["AccountTransfer"],
    "Options": ["OptionsTrade"],
    "Derivatives": ["DerivativesTrade"],
    "CopyTrading": [],
    "BlockTrade": [],
    "Exchange": ["ExchangeHistory"],
    "NFT": [],
    "Affiliate": [],
    "Earn": ["Earn"],
    "FiatP2P": [],
    "FiatBybitPay": [],
    "FiatConvertBroker": [],
}


class BybitAccount(BybitBase):
    """The unified wallet and what moved it."""

    def wallet_balance(self, request: Request) -> Any:
        """Coins held or owed, or those asked for; walletBalance leaves unrealised profit out and
        includes loans, equity not."""
        account = self._signed(request)
        if request.query.get("accountType") != "UNIFIED":
            raise self._refuse(request, 10001, "accountType only support UNIFIED.")
        asked = [coin for coin in request.query.get("coin", "").split(",") if coin]
        held = self.venue.balances(account.name, "unified")
        shown = [
            b
            for b in held
            if (b.asset in asked if asked else b.total != 0 or b.used != 0 or b.owed != 0)
        ]
        realised = self._realised(account)
        coins = [
            self._coin(account, balance, realised[balance.asset], request.now_ms)
            for balance in shown
        ]
        return self._ok(request, {"list": [_totals(coins)]})

    def _realised(self, account: Account) -> dict[str, Decimal]:
        """All profit ever realised by contracts, by settle coin, fees and funding included."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for kind in _CONTRACTS:
            for fill in self.venue.fills(account.name, kind=kind):
                sums[fill.market.settle or ""] += fill.realised_pnl - sum(
                    fee for _, fee in fill.fees
                )
        for income in self.venue.incomes(account.name, kind="funding"):
            sums[income.asset] += income.amount
        return sums

    def _coin(
        self, account: Account, balance: Balance, realised: Decimal, now_ms: int
    ) -> dict[str, str | bool]:
        open_ones = [
            p for p in self.venue.positions(account.name) if p.market.settle == balance.asset
        ]
        marks = [self.venue.ticker(self.exchange, p.symbol, now_ms) for p in open_ones]
        gain = sum(
            (p.pnl(t.mark) for p, t in zip(open_ones, marks, strict=True) if t is not None), _ZERO
        )
        usd = Decimal(repr(self.venue.state.prices.usd(balance.asset, now_ms)))
        equity, interest = (
            balance.total + gain,
            self.venue.loans.debt(account.name, "unified", balance.asset).interest,
        )
        return {
            "coin": balance.asset,
            "equity": num(equity),
            "usdValue": tidy(equity * usd),
            "walletBalance": num(balance.total + balance.owed),
            "locked": num(balance.used),
            "borrowAmount": num(balance.owed),
            "availableToBorrow": "",
            "availableToWithdraw": "",
            "accruedInterest": num(interest),
            "totalOrderIM": "0",
            "totalPositionIM": tidy(sum((initial_margin(p) for p in open_ones), _ZERO)),
            "totalPositionMM": tidy(sum((maintenance_margin(p) for p in open_ones), _ZERO)),
            "unrealisedPnl": num(gain),
            "cumRealisedPnl": num(realised),
            "bonus": "0",
            "spotHedgingQty": "0",
            "spotBorrow": num(balance.owed),
            "collateralSwitch": True,
            "marginCollateral": True,
        }

    def account_info(self, request: Request) -> Any:
        account = self._signed(request)
        return self._ok(
            request,
            {
                "unifiedMarginStatus": 6,
                "marginMode": "REGULAR_MARGIN",
                "isMasterTrader": False,
                "spotHedgingStatus": "OFF",
                "updatedTime": str(account.created_ms),
                "dcpStatus": "OFF",
                "timeWindow": 10,
                "smpGroup": 0,
            },
        )

    def api_key(self, request: Request) -> Any:
        """What the key may do; answered to any key that signs."""
        account = self._signed(request, any_permission=True)
        may = {
            name: list(rights) if account.can_read else []
            for name, rights in _KEY_PERMISSIONS.items()
        }
        if account.can_withdraw:
            may["Wallet"].append("Withdraw")
        end_ms = account.expires_ms or request.now_ms + 90 * DAY_MS
        return self._ok(
            request,
            {
                "id": account.uid,
                "note": account.name,
                "apiKey": account.api_key,
                "readOnly": 0 if account.can_trade else 1,
                "secret": "",
                "permissions": may,
                "ips": list(account.ips) or ["*"],
                "type": 1,
                "deadlineDay": -2 if account.ips else (end_ms - request.now_ms) // DAY_MS,
                "expiredAt": _iso(end_ms),
                "createdAt": _iso(account.created_ms),
                "unified": 0,
                "uta": 1,
                "userID": int(account.uid),
                "inviterID": 0,
                "vipLevel": "No VIP",
                "mktMakerLevel": "0",
                "affiliateID": 0,
                "rsaPublicKey": "",
                "isMaster": True,
                "parentUid": "0",
                "kycLevel": "LEVEL_1",
                "kycRegion": "",
            },
            "",
        )

    # -- transaction log
    #   ------------------------------------------------------------------------------------------

    def transaction_log(self, request: Request) -> Any:
        """Every change of the unified wallet, newest first: a day by default, at most seven."""
        account = self._signed(request)
        query = request.query
        if query.get("accountType", "UNIFIED") not in ("", "UNIFIED"):
            raise self._refuse(request, 10001, "accountType only support UNIFIED.")
        if query.get("category"):
            self._category(request, allowed=CATEGORIES)
        start, end = self._window(request, WEEK_MS, DAY_MS, forgets=True)
        start = max(start, account.upgraded_ms)
        entries = [
            entry
            for wallet in _LOGGED
            for entry in self.venue.entries(account.name, wallet=wallet, start=start, end=end)
        ]
        entries = [
            entry for entry in entries if entry.wallet == "unified" or entry.kind == "loan_interest"
        ]
        rows = sorted(entries, key=lambda e: (e.time_ms, e.seq), reverse=True)
        after = self._cursor_pairs(request)
        if after is not None:
            rows = [e for e in rows if (e.time_ms, e.seq) < (after[1], int(after[0]))]
        if query.get("baseCoin"):
            rows = [e for e in rows if _base_coin(e) == query["baseCoin"]]
        selected = {
            name: query[name] for name in ("category", "currency", "type") if query.get(name)
        }
        sizes = self._sizes(account) if rows else {}
        lines = ((e, self._log_line(account, e, sizes)) for e in rows)
        chosen = (
            pair
            for pair in lines
            if all(pair[1][name] == value for name, value in selected.items())
        )
        page = list(islice(chosen, self._limit(request, 20, 50)))
        cursor = pair_cursor(*((e.seq, e.time_ms) for e, _ in (page[0], page[-1]))) if page else ""
        return self._ok(request, {"nextPageCursor": cursor, "list": [line for _, line in page]})

    def _sizes(self, account: Account) -> dict[str, Decimal]:
        """By fill id, the size the position had after it."""
        net: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
        sizes: dict[str, Decimal] = {}
        for kind in _CONTRACTS:
            for fill in self.venue.fills(account.name, kind=kind):
                key = (fill.symbol, fill.position_side)
                net[key] += fill.amount if fill.side == "buy" else -fill.amount
                sizes[fill.id] = abs(net[key])
        return sizes

    def _log_line(
        self, account: Account, entry: Entry, sizes: dict[str, Decimal]
    ) -> dict[str, str]:
        line = {
            "symbol": "",
            "category": "",
            "side": "None",
            "type": log_type(entry),
            "qty": num(abs(entry.amount)),
            "size": "0",
            "tradePrice": "0",
            "funding": "",
            "feeRate": "0",
            "tradeId": "",
            "orderId": "",
            "orderLinkId": "",
        }
        source = entry.source
        if isinstance(source, Fill):
            line |= self._trade_part(entry, source, sizes)
        elif isinstance(source, Income) and source.market is not None:
            line |= _funding_part(source)
        elif isinstance(source, Transfer | Conversion | LoanEvent):
            line["tradeId"] = source.id
        funding = line["type"] == "SETTLEMENT"
        return line | {
            "id": f"{account.uid}_{line['symbol'] or entry.asset}_{entry.id}",
            "transactionTime": str(entry.time_ms),
            "currency": entry.asset,
            "fee": num(entry.fee),
            "cashFlow": "0" if funding else num(entry.amount),
            "change": num(entry.amount - entry.fee),
            "cashBalance": num(self._cash(entry)),
            "bonusChange": "",
            "extraFees": "",
        }

    def _cash(self, entry: Entry) -> Decimal:
        """The wallet after a line; interest leaves it as it was."""
        if entry.wallet == "unified":
            return entry.balance
        before = self.venue.entries(entry.account, wallet="unified", end=entry.time_ms)
        return next(
            (
                one.balance
                for one in reversed(before)
                if one.asset == entry.asset and one.seq < entry.seq
            ),
            _ZERO,
        )

    def _trade_part(self, entry: Entry, fill: Fill, sizes: dict[str, Decimal]) -> dict[str, str]:
        """Spot tells each coin's own quantity with its sign, contracts the quantity of the
        trade."""
        spot = fill.market.kind == SPOT
        rate = self.venue.profile(self.exchange).fees.rate(fill.market.kind, fill.maker)
        return {
            "symbol": fill.market.id,
            "category": fill.market.kind,
            "side": fill.side.capitalize(),
            "qty": num(entry.amount if spot else fill.amount),
            "size": "0" if spot else num(sizes[fill.id]),
            "tradePrice": num(fill.price),
            "feeRate": num(rate if entry.fee else 0),
            "tradeId": fill.id,
            "orderId": fill.order_id,
            "orderLinkId": fill.client_id,
        }

    def contract_transaction_log(self, request: Request) -> Any:
        """Only accounts whose inverse contracts are apart have lines here; a unified 2.0 account
        has none."""
        self._signed(request)
        return self._ok(request, {"nextPageCursor": "", "list": []})


_LOG_TYPES = {
    "trade": "TRADE",
    "pnl": "TRADE",
    "funding": "SETTLEMENT",
    "dividend": "AIRDROP",
    "interest": "INTEREST",
    "loan_interest": "INTEREST",
    "borrow": "BORROW",
    "repay": "REPAY",
    "deposit": "TRANSFER_IN",
    "withdrawal": "TRANSFER_OUT",
}


def log_type(entry: Entry) -> str:
    if entry.kind in _LOG_TYPES:
        return _LOG_TYPES[entry.kind]
    into = entry.amount > 0
    if entry.kind in ("convert", "dust"):
        return "CURRENCY_BUY" if into else "CURRENCY_SELL"
    return "TRANSFER_IN" if into else "TRANSFER_OUT"


def _base_coin(entry: Entry) -> str:
    market = getattr(entry.source, "market", None)
    return market.base if market is not None else ""


def _funding_part(income: Income) -> dict[str, str]:
    assert income.market is not None
    return {
        "symbol": income.market.id,
        "category": income.market.kind,
        "side": "Sell" if income.position_side == "short" else "Buy",
        "qty": num(income.size),
        "size": num(income.size),
        "tradePrice": num(income.price),
        "funding": num(income.amount),
        "feeRate": num(income.rate),
        "tradeId": made_uuid(f"funding {income.id}"),
        "orderId": made_uuid(f"order {income.id}"),
        "orderLinkId": "",
    }


def _totals(coins: list[dict[str, str | bool]]) -> dict[str, Any]:
    """The account's sums in dollars; rates are shares of the margin balance."""
    wallet = gain = margin = kept = _ZERO
    for coin in coins:
        equity = Decimal(str(coin["equity"]))
        price = Decimal(str(coin["usdValue"])) / equity if equity else _ZERO
        wallet += Decimal(str(coin["walletBalance"])) * price
        gain += Decimal(str(coin["unrealisedPnl"])) * price
        margin += Decimal(str(coin["totalPositionIM"])) * price
        kept += Decimal(str(coin["totalPositionMM"])) * price
    whole = wallet + gain
    shares = [tidy(part / whole, "1e-4") if whole else "0" for part in (margin, kept)]
    return {
        "accountType": "UNIFIED",
        "totalEquity": tidy(whole),
        "totalWalletBalance": tidy(wallet),
        "totalMarginBalance": tidy(whole),
        "totalAvailableBalance": tidy(whole - margin),
        "totalPerpUPL": tidy(gain),
        "totalInitialMargin": tidy(margin),
        "totalMaintenanceMargin": tidy(kept),
        "accountIMRate": shares[0],
        "accountMMRate": shares[1],
        "accountIMRateByMp": shares[0],
        "accountMMRateByMp": shares[1],
        "totalInitialMarginByMp": tidy(margin),
        "totalMaintenanceMarginByMp": tidy(kept),
        "accountLTV": "0",
        "coin": coins,
    }


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
