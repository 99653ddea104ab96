"""Markets that end: a dated future in the ids of each exchange that the venue gives derivatives, a
spot pair elsewhere.

Ids as documented: Binance `BTCUSDT_250926` ("Exchange Information"), Bybit `BTCUSDT-26SEP25` ("Get
Instruments Info"), OKX `BTC-USDT-250926` ("Get instruments"), KuCoin `XBTMU25` ("Get All Symbols":
M and the letter of the delivery month). The symbol is ccxt's, with the day of delivery.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from exchange_cache.simulator.venue.records import Market

_LETTERS = "FGHJKMNQUVXZ"
_BASES = {
    "binance": "BTC/USDT:USDT",
    "bybit": "BTC/USDT:USDT",
    "okx": "BTC/USDT:USDT",
    "kucoin": "BTC/USD:BTC",
}
#: Where the venue has spot markets only: the pair that it is like, its symbol and its id.
_PAIRS = {
    "kraken": ("SOL/EUR", "UNI/EUR", "UNIEUR"),
    "coinbase": ("SOL/USD", "UNI/USD", "UNI-USD"),
}


def ending_market(exchange: str, markets: dict[tuple[str, str], Market], until_ms: int) -> Market:
    """A market of the exchange that is listed until `until_ms`."""
    if exchange in _PAIRS:
        like, symbol, name = _PAIRS[exchange]
        pair = markets[exchange, like]
        extra = {**pair.extra, **({"altname": name} if "altname" in pair.extra else {})}
        base = symbol.split("/")[0]
        return replace(pair, id=name, symbol=symbol, base=base, listed_until=until_ms, extra=extra)
    model = markets[exchange, _BASES[exchange]]
    day = datetime.fromtimestamp(until_ms / 1000, UTC)
    extra = {"inst_type": "FUTURES", "lever": "50"} if exchange == "okx" else {}
    return replace(
        model,
        id=_dated_id(exchange, day),
        symbol=f"{model.symbol}-{day:%y%m%d}",
        listed_until=until_ms,
        extra={**model.extra, **extra, "expiry": until_ms},
    )


def _dated_id(exchange: str, day: datetime) -> str:
    return {
        "binance": f"BTCUSDT_{day:%y%m%d}",
        "bybit": f"BTCUSDT-{day:%d%b%y}".upper(),
        "okx": f"BTC-USDT-{day:%y%m%d}",
        "kucoin": f"XBTM{_LETTERS[day.month - 1]}{day:%y}",
    }[exchange]
