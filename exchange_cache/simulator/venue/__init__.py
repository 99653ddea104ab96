"""The simulated exchanges' common core: one seeded world with double-entry books, asked by every dialect.

    venue = Venue(seed=1, fills=3200)                   # accounts main (binance), bybit, kraken
    venue.fills("main", symbol="BTC/USDT", start=ms)    # oldest first, start and end inclusive
    venue.closed_orders("bybit", kind="linear"), venue.open_orders(...), venue.orders(...)
    venue.transfers("main", kind="deposit"), venue.conversions(...), venue.incomes(..., kind="funding")
    venue.entries("kraken")                             # wallet ledger lines with the balance after each
    venue.balances("main", "spot"), venue.positions("bybit", "linear")
    venue.ticker("bybit", "BTC/USDT:USDT"), venue.candles(...), venue.markets("binance", "spot", listed_at=now)
    venue.oldest_served("bybit", "fills", "spot")       # retention; None = everything
    venue.trade("main", "BTC/USDT", "buy", Decimal("0.01")), venue.deposit(...), venue.transfer(...)
    venue.check_books(), venue.truth()

Symbols and asset codes inside are ccxt's unified ones; `market.id` and `venue.profile(exchange).asset_id(code)` are the
exchange's own. Wallets: binance spot, funding, linear, inverse; bybit unified, funding; kraken spot;
okx funding, trading, savings, staking.
"""

from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, DEFAULT_ACCOUNTS, Venue
from exchange_cache.simulator.venue.records import (
    INVERSE,
    LINEAR,
    SPOT,
    Account,
    Balance,
    BooksError,
    Candle,
    Conversion,
    Entry,
    Fill,
    Income,
    Market,
    Order,
    Position,
    Ticker,
    Transfer,
    VenueError,
)

__all__ = [
    "ALL_ACCOUNTS",
    "DEFAULT_ACCOUNTS",
    "INVERSE",
    "LINEAR",
    "SPOT",
    "Account",
    "Balance",
    "BooksError",
    "Candle",
    "Conversion",
    "Entry",
    "Fill",
    "Income",
    "Market",
    "Order",
    "Position",
    "Ticker",
    "Transfer",
    "Venue",
    "VenueError",
]
