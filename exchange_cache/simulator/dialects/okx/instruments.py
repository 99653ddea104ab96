"""OKX's public data: time, status, instruments of all five types, tickers, mark and index prices,
funding rates.

Dated futures and options are listed and quoted but never traded by the simulated accounts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    FUTURES,
    HOUR_MS,
    MARGIN,
    OPTION,
    SWAP,
    asked_type,
    family,
    inst_type,
    num,
    ok,
    refuse,
    stable_number,
    text_of,
    tidy,
    wrong,
)
from exchange_cache.simulator.venue import LINEAR, SPOT, Market, Ticker
from exchange_cache.simulator.venue.market_data import ticker as ticker_of
from exchange_cache.simulator.wire import Request

_FUNDING_MS = 8 * HOUR_MS
_QUOTES = ("USDT", "USDC", "USD")
_OPTION_FAMILIES = {"BTC-USD": 5000, "ETH-USD": 250}


class OkxInstruments(OkxAccess):
    """Public market data without candles."""

    def time(self, request: Request) -> Any:
        return ok([{"ts": str(request.now_ms)}])

    def status(self, request: Request) -> Any:
        return ok([])

    # -- instruments
    #   --------------------------------------------------------------------------------------------

    def instruments(self, request: Request) -> Any:
        asked = asked_type(request)
        selected = text_of(request, "instFamily") or text_of(request, "uly")
        if asked == OPTION and not selected:
            raise refuse("50015", "Either parameter uly or instFamily is required.")
        rows = (
            self._options(request.now_ms, selected)
            if asked == OPTION
            else self._instruments(request.now_ms, asked)
        )
        inst_id = text_of(request, "instId")
        if inst_id and not any(row["instId"] == inst_id for row in rows):
            raise refuse(
                "51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.", 200
            )
        return ok(
            [r for r in rows if inst_id in ("", r["instId"]) and selected in ("", r["instFamily"])]
        )

    def account_instruments(self, request: Request) -> Any:
        """The instruments this account may trade: all of them."""
        self._signed(request)
        return self.instruments(request)

    def _instruments(self, now_ms: int, asked: str) -> list[dict[str, Any]]:
        if asked == FUTURES:
            return [_instrument(m, FUTURES) for m in self._dated(now_ms)]
        listed = self.venue.markets(self.exchange, listed_at=now_ms)
        if asked == MARGIN:
            return [_instrument(m, MARGIN) for m in listed if m.kind == SPOT and m.extra["lever"]]
        return [_instrument(m, asked) for m in listed if inst_type(m) == asked]

    def _dated(self, now_ms: int) -> list[Market]:
        """Futures of BTC and ETH on this and the next quarter's last Friday, linear and inverse,
        and those of the venue."""
        markets = self.venue.markets(self.exchange, listed_at=now_ms)
        swaps = [
            m
            for m in markets
            if inst_type(m) == SWAP and m.base in ("BTC", "ETH") and m.quote in ("USDT", "USD")
        ]
        made = [_future(swap, expiry) for swap in swaps for expiry in _expiries(now_ms)]
        return [*made, *(m for m in markets if inst_type(m) == FUTURES)]

    def _options(self, now_ms: int, selected: str) -> list[dict[str, Any]]:
        """A few strikes about the price, calls and puts."""
        if selected not in _OPTION_FAMILIES:
            raise wrong("uly")
        step, base = _OPTION_FAMILIES[selected], selected.split("-")[0]
        middle = round(self._usd(base, now_ms) / step) * step
        expiry = _expiries(now_ms)[0]
        return [
            _option(selected, expiry, middle + away * step, way)
            for away in (-1, 0, 1)
            for way in ("C", "P")
        ]

    # -- prices
    #   --------------------------------------------------------------------------------------------

    def tickers(self, request: Request) -> Any:
        asked = asked_type(request, allowed=("SPOT", SWAP, FUTURES, OPTION))
        selected = text_of(request, "instFamily") or text_of(request, "uly")
        if asked == OPTION and not selected:
            raise refuse("50015", "Either parameter uly or instFamily is required.")
        if asked == OPTION:
            return ok(
                [
                    _unquoted(row["instId"], request.now_ms)
                    for row in self._options(request.now_ms, selected)
                ]
            )
        if asked == FUTURES:
            markets = self._dated(request.now_ms)
        else:
            markets = [
                m
                for m in self.venue.markets(self.exchange, listed_at=request.now_ms)
                if inst_type(m) == asked
            ]
        return ok(
            [_ticker(self._tick(m, request.now_ms)) for m in markets if selected in ("", family(m))]
        )

    def ticker(self, request: Request) -> Any:
        return ok([_ticker(self._tick(self._any_listed(request), request.now_ms))])

    def mark_price(self, request: Request) -> Any:
        asked = asked_type(request, allowed=(MARGIN, SWAP, FUTURES, OPTION))
        inst_id = text_of(request, "instId")
        dated = asked == FUTURES
        listed = self.venue.markets(self.exchange, listed_at=request.now_ms)
        markets = self._dated(request.now_ms) if dated else listed
        kind = "SPOT" if asked == MARGIN else asked
        rows = [
            self._tick(m, request.now_ms)
            for m in markets
            if inst_type(m) == kind and inst_id in ("", m.id)
        ]
        return ok(
            [
                {
                    "instId": t.market.id,
                    "instType": asked,
                    "markPx": num(t.mark),
                    "ts": str(t.time_ms),
                }
                for t in rows
            ]
        )

    def index_tickers(self, request: Request) -> Any:
        quote, inst_id = text_of(request, "quoteCcy"), text_of(request, "instId")
        if not (quote or inst_id):
            raise refuse("50015", "Either parameter quoteCcy or instId is required.")
        bases = dict.fromkeys(
            m.base for m in self.venue.markets(self.exchange, listed_at=request.now_ms)
        )
        names = [inst_id] if inst_id else [f"{base}-{quote}" for base in bases if base != quote]
        return ok([self._index(name, set(bases), request.now_ms) for name in names])

    def exchange_rate(self, request: Request) -> Any:
        return ok([{"usdCny": "7.162"}])

    def funding_rate(self, request: Request) -> Any:
        market = self._listed(request)
        if market.kind == SPOT:
            raise wrong("instId")
        due = (request.now_ms // _FUNDING_MS + 1) * _FUNDING_MS
        rate = Decimal(int(stable_number(f"{market.id}{due}")) % 140 - 40).scaleb(-6)
        return ok(
            [
                {
                    "formulaType": "withRate",
                    "fundingRate": num(rate),
                    "fundingTime": str(due),
                    "impactValue": "20000",
                    "instId": market.id,
                    "instType": SWAP,
                    "interestRate": "0.0001",
                    "maxFundingRate": "0.00375",
                    "method": "current_period",
                    "minFundingRate": "-0.00375",
                    "nextFundingRate": "",
                    "nextFundingTime": str(due + _FUNDING_MS),
                    "premium": num(rate / 2),
                    "settFundingRate": num(rate),
                    "settState": "settled",
                    "ts": str(request.now_ms),
                }
            ]
        )

    def _index(self, name: str, bases: set[str], now_ms: int) -> dict[str, str]:
        base, _, quote = name.partition("-")
        if base not in bases | set(_QUOTES) or quote not in {*_QUOTES, "BTC", "EUR"}:
            raise refuse("51014", "Index doesn't exist.", 200)

        def at(when: int) -> str:
            return tidy(Decimal(repr(self.venue.state.prices.rate(base, quote, when))), "1e-6")

        low, high = sorted((at(now_ms), at(now_ms - DAY_MS)), key=Decimal)
        return {
            "instId": name,
            "idxPx": at(now_ms),
            "high24h": high,
            "sodUtc0": at(now_ms // DAY_MS * DAY_MS),
            "open24h": at(now_ms - DAY_MS),
            "low24h": low,
            "sodUtc8": at(_utc8_day(now_ms)),
            "ts": str(now_ms),
        }

    def _any_listed(self, request: Request) -> Market:
        """A listed instrument, dated futures too."""
        dated = {m.id: m for m in self._dated(request.now_ms)}
        return dated.get(text_of(request, "instId")) or self._listed(request)

    def _tick(self, market: Market, now_ms: int) -> Ticker:
        return ticker_of(self.venue.state.prices, market, now_ms)


def _expiries(now_ms: int) -> list[int]:
    """The last Fridays, 08:00 UTC, of this quarter (or the next, once past) and of the one
    after."""
    found: list[int] = []
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    year, month = now.year, (now.month - 1) // 3 * 3 + 3
    while len(found) < 2:
        first_after = datetime(year + month // 12, month % 12 + 1, 1, 8, tzinfo=UTC)
        last = first_after - timedelta(days=1)
        friday = last - timedelta(days=(last.weekday() - 4) % 7)
        when = int(friday.timestamp() * 1000)
        if when > now_ms:
            found.append(when)
        year, month = (year + 1, 3) if month == 12 else (year, month + 3)
    return found


def _future(swap: Market, expiry: int) -> Market:
    name = datetime.fromtimestamp(expiry / 1000, UTC).strftime("%y%m%d")
    return Market(
        exchange=swap.exchange,
        id=f"{swap.base}-{swap.quote}-{name}",
        symbol=f"{swap.symbol}-{name}",
        base=swap.base,
        quote=swap.quote,
        settle=swap.settle,
        kind=swap.kind,
        contract_size=swap.contract_size,
        tick=swap.tick,
        lot=swap.lot,
        min_amount=swap.min_amount,
        extra={"inst_type": FUTURES, "expiry": expiry, "lever": "50"},
    )


_EMPTY = {
    "alias": "",
    "auctionEndTime": "",
    "baseCcy": "",
    "category": "1",
    "contTdSwTime": "",
    "ctMult": "",
    "ctType": "",
    "ctVal": "",
    "ctValCcy": "",
    "expTime": "",
    "futureSettlement": False,
    "groupId": "1",
    "instFamily": "",
    "lever": "",
    "listTime": "1548133413000",
    "maxIcebergSz": "9999999999.0000000000000000",
    "maxLmtAmt": "20000000",
    "maxLmtSz": "9999999999",
    "maxMktAmt": "1000000",
    "maxMktSz": "1000000",
    "maxPlatOILmt": "1000000000",
    "maxStopSz": "1000000",
    "maxTriggerSz": "9999999999.0000000000000000",
    "maxTwapSz": "9999999999.0000000000000000",
    "openType": "",
    "optType": "",
    "posLmtAmt": "",
    "posLmtPct": "",
    "preMktSwTime": "",
    "quoteCcy": "",
    "ruleType": "normal",
    "settleCcy": "",
    "state": "live",
    "stk": "",
    "tradeQuoteCcyList": [],
    "uly": "",
}


def _instrument(market: Market, asked: str) -> dict[str, Any]:
    row = _EMPTY | {
        "instId": market.id,
        "instIdCode": int(stable_number(market.id, 9)),
        "instType": asked,
        "lever": market.extra["lever"],
        "lotSz": num(market.lot),
        "minSz": num(market.min_amount),
        "tickSz": num(market.tick),
    }
    if market.listed_from:
        row["listTime"] = str(market.listed_from)
    if market.kind == SPOT:
        lever = "" if asked == "SPOT" and not market.extra["lever"] else market.extra["lever"]
        return row | {
            "baseCcy": market.base,
            "quoteCcy": market.quote,
            "lever": lever,
            "tradeQuoteCcyList": [market.quote],
        }
    linear = market.kind == LINEAR
    return row | {
        "ctMult": "1",
        "ctType": "linear" if linear else "inverse",
        "ctVal": num(market.contract_size),
        "ctValCcy": market.base if linear else "USD",
        "instFamily": family(market),
        "uly": family(market),
        "settleCcy": market.settle,
        "expTime": str(market.extra.get("expiry", "")),
        "alias": "quarter" if asked == FUTURES else "",
    }


def _option(name: str, expiry: int, strike: int, way: str) -> dict[str, Any]:
    day = datetime.fromtimestamp(expiry / 1000, UTC).strftime("%y%m%d")
    base = name.split("-")[0]
    inst_id = f"{name}-{day}-{strike}-{way}"
    return _EMPTY | {
        "ctMult": "0.01" if base == "BTC" else "0.1",
        "ctVal": "1",
        "ctValCcy": base,
        "expTime": str(expiry),
        "instFamily": name,
        "instId": inst_id,
        "instIdCode": int(stable_number(inst_id, 9)),
        "instType": OPTION,
        "lotSz": "1",
        "minSz": "1",
        "optType": way,
        "settleCcy": base,
        "stk": str(strike),
        "tickSz": "0.0001",
        "uly": name,
    }


def _ticker(row: Ticker) -> dict[str, str]:
    """Prices of 24 hours; what has never traded has no last price. Contract volumes count contracts
    and base units."""
    market = row.market
    base = row.base_volume
    if market.kind == SPOT:
        vol, vol_ccy = base, row.quote_volume
    else:
        vol = (
            base / market.contract_size
            if market.kind == LINEAR
            else base * row.index / market.contract_size
        )
        vol_ccy = base
    traded = row.last is not None
    return {
        "instType": inst_type(market),
        "instId": market.id,
        "last": num(row.last),
        "lastSz": num(row.bid_size) if traded else "",
        "askPx": num(row.ask),
        "askSz": num(row.ask_size),
        "bidPx": num(row.bid),
        "bidSz": num(row.bid_size),
        "open24h": num(row.open) if traded else "",
        "high24h": num(row.high) if traded else "",
        "low24h": num(row.low) if traded else "",
        "volCcy24h": tidy(vol_ccy, "1e-4") if traded else "0",
        "vol24h": tidy(vol, "1e-4") if traded else "0",
        "ts": str(row.time_ms),
        "sodUtc0": num(row.open) if traded else "",
        "sodUtc8": num(row.open) if traded else "",
    }


def _unquoted(inst_id: str, now_ms: int) -> dict[str, str]:
    """An option nobody has traded: bid and ask are empty too."""
    names = (
        "last",
        "lastSz",
        "askPx",
        "askSz",
        "bidPx",
        "bidSz",
        "open24h",
        "high24h",
        "low24h",
        "sodUtc0",
        "sodUtc8",
    )
    volumes = {"volCcy24h": "0", "vol24h": "0"}
    return {
        "instType": OPTION,
        "instId": inst_id,
        **dict.fromkeys(names, ""),
        **volumes,
        "ts": str(now_ms),
    }


def _utc8_day(now_ms: int) -> int:
    """The last midnight in Hong Kong."""
    return (now_ms + 8 * HOUR_MS) // DAY_MS * DAY_MS - 8 * HOUR_MS
