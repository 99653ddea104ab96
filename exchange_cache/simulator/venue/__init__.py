"""The simulated exchanges' common core: one seeded world with double-entry books, asked by every
dialect.

    venue = Venue(seed=1, fills=3200)                   # accounts main (binance), bybit, kraken
    venue.fills("main", symbol="BTC/USDT", start=ms)    # oldest first, start and end inclusive
    venue.closed_orders("bybit", kind="linear"), venue.open_orders(...), venue.orders(...)
    venue.transfers("main", kind="deposit"), venue.conversions(...), venue.incomes(...,
    kind="funding") venue.entries("kraken")                             # wallet ledger lines with
    the balance after each venue.balances("main", "spot"), venue.positions("bybit", "linear")
    venue.ticker("bybit", "BTC/USDT:USDT"), venue.candles(...), venue.markets("binance", "spot",
    listed_at=now) venue.oldest_served("bybit", "fills", "spot")       # retention; None =
    everything venue.trade("main", "BTC/USDT", "buy", Decimal("0.01")), venue.deposit(...),
    venue.transfer(...) venue.fills("main", kind="margin"), venue.debts("main", "margin"),
    venue.loan_events("main", kind="repay") venue.margin_trade("main", "SOL/USDT", "sell",
    Decimal(5)), venue.margin_place(...), venue.repay("main", "SOL") venue.borrow("bybit", "USDT",
    Decimal(200)), venue.accrue("bybit", "USDT")   # by the profile's lending wallet
    venue.check_books(), truth_of(venue)

Symbols and asset codes inside are ccxt's unified ones; `market.id` and
`venue.profile(exchange).asset_id(code)` are the exchange's own. Wallets: binance spot, funding,
margin, isolated:SOL/USDT (one per pair), linear, inverse; bybit unified, funding; kraken spot; okx
funding, trading, savings, staking.
"""

from exchange_cache.simulator.venue.books import liability
from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, DEFAULT_ACCOUNTS, Venue
from exchange_cache.simulator.venue.loans import Debt
from exchange_cache.simulator.venue.records import (
    INVERSE,
    LINEAR,
    MARGIN,
    SPOT,
    Account,
    Balance,
    BooksError,
    Candle,
    Conversion,
    CostEdit,
    Entry,
    Fill,
    Income,
    LoanEvent,
    Market,
    Order,
    Position,
    Ticker,
    Transfer,
    VenueError,
    is_margin,
    isolated_wallet,
)
from exchange_cache.simulator.venue.truth import truth_of

__all__ = [
    "ALL_ACCOUNTS",
    "DEFAULT_ACCOUNTS",
    "INVERSE",
    "LINEAR",
    "MARGIN",
    "SPOT",
    "Account",
    "Balance",
    "BooksError",
    "Candle",
    "Conversion",
    "CostEdit",
    "Debt",
    "Entry",
    "Fill",
    "Income",
    "LoanEvent",
    "Market",
    "Order",
    "Position",
    "Ticker",
    "Transfer",
    "Venue",
    "VenueError",
    "is_margin",
    "isolated_wallet",
    "liability",
    "truth_of",
]
