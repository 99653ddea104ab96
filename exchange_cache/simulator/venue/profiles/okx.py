"""OKX: funding and trading accounts, Simple Earn and on-chain earn beside them, swaps counted in
contracts.

Retention: three months of fills and orders (okx.com/docs-v5). The story leaves nearly all of its
history outside that window. The account traded swaps in net mode and changed to long/short mode 46
days ago, when it was flat. Makers of inverse swaps get a rebate. MATIC was delisted while its last
fills are still served.
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.happenings import launch
from exchange_cache.simulator.venue.perp_trading import open_position, trade_perp
from exchange_cache.simulator.venue.profile import Fees, Profile, perpetual, spot
from exchange_cache.simulator.venue.records import INVERSE, LINEAR, SPOT, Market, VenueError
from exchange_cache.simulator.venue.spot_trading import trade_spot
from exchange_cache.simulator.venue.story import Story

_ID = "okx"
_FLAT_DAYS = 48
_PAUSES = ((640.0, 585.0), (150.0, 118.0))

# base, quote, tick, lot, minimum
_SPOT_ROWS = (
    ("BTC", "USDT", "0.1", "0.00000001", "0.00001"), ("ETH", "USDT", "0.01", "0.000001", "0.001"),
    ("SOL", "USDT", "0.01", "0.000001", "0.01"), ("OKB", "USDT", "0.01", "0.000001", "0.01"),
    ("XRP", "USDT", "0.0001", "0.0001", "1"), ("DOGE", "USDT", "0.00001", "0.0001", "10"),
    ("TON", "USDT", "0.001", "0.0001", "0.1"), ("SUI", "USDT", "0.0001", "0.0001", "1"),
    ("DOT", "USDT", "0.001", "0.0001", "0.1"), ("MATIC", "USDT", "0.0001", "0.0001", "1"),
    ("APT", "USDT", "0.001", "0.0001", "0.1"),
    ("USDC", "USDT", "0.0001", "0.0001", "1"), ("BTC", "USDC", "0.1", "0.00000001", "0.00001"),
    ("ETH", "USDC", "0.01", "0.000001", "0.001"), ("SOL", "USDC", "0.01", "0.000001", "0.01"),
    ("BTC", "EUR", "0.1", "0.00000001", "0.00001"), ("ETH", "EUR", "0.01", "0.000001", "0.001"),
    ("USDT", "EUR", "0.0001", "0.0001", "1"), ("ETH", "BTC", "0.00001", "0.000001", "0.001"),
    ("SOL", "BTC", "0.0000001", "0.000001", "0.01"),
)  # fmt: skip

# base, quote, settle, tick, lot, contract size, highest leverage
_SWAP_ROWS = (
    ("BTC", "USDT", "USDT", "0.1", "0.01", "0.01", "100"),
    ("ETH", "USDT", "USDT", "0.01", "0.01", "0.1", "100"),
    ("SOL", "USDT", "USDT", "0.01", "0.01", "1", "50"),
    ("XRP", "USDT", "USDT", "0.0001", "0.01", "100", "50"),
    ("DOGE", "USDT", "USDT", "0.00001", "0.01", "1000", "50"),
    ("BTC", "USDC", "USDC", "0.1", "1", "0.0001", "50"),
    ("BTC", "USD", "BTC", "0.1", "1", "100", "100"),
    ("ETH", "USD", "ETH", "0.01", "1", "10", "100"),
)
_LEVERED = frozenset({"BTC", "ETH", "SOL", "XRP", "DOGE"})


def _spot(
    base: str, quote: str, tick: str, lot: str, minimum: str, *, has_last: bool = True
) -> Market:
    return spot(
        _ID,
        base,
        quote,
        tick,
        lot,
        min_amount=minimum,
        market_id=f"{base}-{quote}",
        cost_step=Decimal("1e-10"),
        min_cost=Decimal("0.00001" if quote == "BTC" else "1"),
        has_last=has_last,
        extra={"lever": "10" if base in _LEVERED and quote in ("USDT", "USDC", "BTC") else ""},
    )


MARKETS = (
    *(_spot(*row) for row in _SPOT_ROWS),
    _spot("OKB", "EUR", "0.01", "0.000001", "0.01", has_last=False),
    *(
        perpetual(
            _ID,
            b,
            q,
            settle,
            tick,
            lot,
            size=size,
            market_id=f"{b}-{q}-SWAP",
            extra={"lever": lever},
        )
        for b, q, settle, tick, lot, size, lever in _SWAP_ROWS
    ),
)

_WEIGHTS = {
    "BTC/USDT": 8,
    "ETH/USDT": 7,
    "SOL/USDT": 5,
    "OKB/USDT": 3,
    "XRP/USDT": 3,
    "DOGE/USDT": 2,
    "SUI/USDT": 2,
    "BTC/USDC": 3,
    "ETH/USDC": 2,
    "BTC/EUR": 2,
    "ETH/EUR": 2,
    "ETH/BTC": 2,
    "USDC/USDT": 1,
}


def story(s: Story) -> None:
    """A trader who keeps savings apart, lends and stakes a part, and forgets things in the funding
    account."""
    spot_fills = int(s.target_fills * 0.66)
    s.deposit(1184, "USDT", 26_000)
    s.deposit(1183, "EUR", 9_000)
    s.deposit(1000, "USDC", 8_000)
    s.save_regularly(1150, 8, 61, "EUR", 300, to="trading")
    s.deposit(340, "TON", "80.5")
    s.deposit(55, "XRP", "400")
    s.move(1182, "USDT", 1.0, "funding", "trading")
    s.move(1181.5, "EUR", 1.0, "funding", "trading")
    s.move(999, "USDC", 1.0, "funding", "trading")
    s.trade_all(1180, "BTC/USDT", "buy", part=0.25)
    s.trade_all(1179, "ETH/USDT", "buy", part=0.15)
    s.trade_all(1178, "SOL/USDT", "buy", part=0.1)
    trade_spot(
        s,
        _WEIGHTS,
        spot_fills,
        from_days=1177,
        pauses=_PAUSES,
        topup=("USDT", 1500),
        keep=("BTC", "ETH", "USDC", "SOL"),
    )
    _odd_orders(s)
    _moves(s)
    _earn(s)
    _derivatives(s, s.target_fills - spot_fills)


def _odd_orders(s: Story) -> None:
    """Ends of orders that clients stumble over."""
    s.trade_all(300, "DOT/USDT", "buy", part=0.03)
    s.trade_all(101, "DOT/USDT", "sell")
    s.trade_all(60, "MATIC/USDT", "buy", part=0.03)
    s.trade_all(43, "MATIC/USDT", "sell", part=0.9)
    for days in (72.0, 30.0, 3.5):
        _partly_filled_then_canceled(s, days, "ETH/USDT")
    _canceled_untouched(s, 5 / 24, "BTC/USDT")
    _canceled_untouched(s, 0.6 / 24, "BTC/USDT")
    _same_millisecond(s, 2.2, ("BTC/USDT", "ETH/USDT", "SOL/USDT"))
    s.open_limit(5, "BTC/USDT", "buy", 0.1, 0.84)
    s.open_limit(2, "ETH/USDT", "sell", 0.2, 1.28)


def _moves(s: Story) -> None:
    s.convert(380, "USDT", 0.03, "SOL", "trading")
    s.convert(41, "USDC", 0.06, "ETH", "trading")
    s.convert(9, "SOL", 0.05, "USDT", "trading")
    s.sweep_dust(70, ("DOT",), "USDT", "trading")
    s.trade_all(20, "DOT/USDT", "buy", part=0.02)
    s.trade_all(15, "DOT/USDT", "sell")
    s.sweep_dust(4.4, ("DOT", "TON"), "USDT", "trading")
    s.airdrop(50, "OKB", "0.42", "funding", "Event Reward")
    launch(s, 40, "USDT", 200, "APT", 40, "funding")
    s.move(290, "BTC", 0.08, "trading", "funding")
    s.withdraw(289.5, "BTC", 1.0, "0.0001")
    s.move(64, "ETH", 0.06, "trading", "funding")
    s.withdraw(63.5, "ETH", 0.8, "0.0004", to="binance")
    s.move(29, "EUR", 0.3, "trading", "funding")
    s.withdraw(28, "EUR", 0.9, "1")
    s.move(19, "USDT", 0.06, "trading", "funding")
    s.withdraw(18.5, "USDT", 0.9, "1", to="kraken")
    s.move(7, "SOL", 0.04, "trading", "funding")
    _pay(s, 33, "trading", "interest", "USDT", "-0.41837", "Interest deduction")
    _pay(s, 3, "trading", "interest", "USDC", "-0.00912", "Interest deduction")


def _earn(s: Story) -> None:
    s.move(700, "USDT", 0.12, "trading", "funding")
    s.move(699.5, "USDT", 1.0, "funding", "savings")
    s.dividends(
        699, 0.3, 7, "USDT", 0.0006, "savings", kind="interest", note="Simple Earn Flexible"
    )
    s.move(200, "USDT", 0.4, "savings", "funding")
    s.move(199.5, "USDT", 1.0, "funding", "trading")
    s.move(26, "BTC", 0.05, "trading", "funding")
    s.move(25.5, "BTC", 1.0, "funding", "savings")
    s.move(500, "SOL", 0.3, "trading", "funding")
    s.move(499.5, "SOL", 1.0, "funding", "staking")
    s.move(100, "SOL", 0.25, "staking", "funding")
    for days in (400, 300, 180, 80, 40, 12):
        _pay(s, days, "funding", "dividend", "SOL", "0.0213", "Staking yield")


def _derivatives(s: Story, fills: int) -> None:
    trade_perp(
        s, "BTC/USDT:USDT", int(fills * 0.34), from_days=1170, to_days=_FLAT_DAYS, pauses=_PAUSES
    )
    trade_perp(
        s, "ETH/USDT:USDT", int(fills * 0.24), from_days=1160, to_days=_FLAT_DAYS, pauses=_PAUSES
    )
    trade_perp(
        s, "SOL/USDT:USDT", int(fills * 0.14), from_days=900, to_days=_FLAT_DAYS, pauses=_PAUSES
    )
    trade_perp(
        s, "BTC/USD:BTC", int(fills * 0.18), from_days=1150, to_days=_FLAT_DAYS, pauses=_PAUSES
    )
    trade_perp(
        s, "ETH/USD:ETH", int(fills * 0.1), from_days=1100, to_days=_FLAT_DAYS, pauses=_PAUSES
    )
    trade_perp(s, "XRP/USDT:USDT", 30, from_days=86, to_days=_FLAT_DAYS)
    open_position(s, "BTC/USDT:USDT", "long", 14, 0.2, leverage=10, hedge=True)
    open_position(s, "BTC/USDT:USDT", "short", 9, 0.08, leverage=10, hedge=True)
    open_position(s, "ETH/USDT:USDT", "short", 11, 0.1, hedge=True)
    open_position(s, "BTC/USDC:USDC", "long", 16, 0.1, leverage=3, hedge=True)
    open_position(s, "BTC/USD:BTC", "short", 22, 0.25, leverage=2, hedge=True)
    open_position(s, "ETH/USD:ETH", "long", 6, 0.2, leverage=3, hedge=True)


def _pay(s: Story, days: float, wallet: str, kind: str, asset: str, amount: str, note: str) -> None:
    """An income of a fixed amount; negative is paid by the account."""

    def act(time_ms: int) -> None:
        s.moves.income(s.account, wallet, kind, asset, Decimal(amount), time_ms, note=note)

    s.agenda.at(s.when(days), act)


def _partly_filled_then_canceled(s: Story, days: float, symbol: str) -> None:
    """A limit order, filled to a third in two parts of one millisecond and cancelled an hour
    later."""

    def act(time_ms: int) -> None:
        market = s.market(symbol)
        price = s.state.prices.price(market, time_ms)
        money = s.state.books.free(s.account, "trading", market.quote)
        amount = max(money * Decimal("0.03") / price, market.min_amount * 6)
        try:
            order = s.trader.place(
                s.account, market, "buy", "limit", amount, time_ms, price=price, post_only=True
            )
        except VenueError:
            return
        piece = (order.amount / 6).quantize(market.lot)
        for _ in range(2):
            s.trader.fill(order, piece, price, time_ms + 900, maker=True)
        s.agenda.at(time_ms + 3_600_000, lambda t: s.trader.finish(order, "canceled", t))

    s.agenda.at(s.when(days), act)


def _canceled_untouched(s: Story, days: float, symbol: str) -> None:
    """A limit order far away, cancelled five seconds after it was placed."""

    def act(time_ms: int) -> None:
        market = s.market(symbol)
        price = s.state.prices.price(market, time_ms, 0.7)
        try:
            order = s.trader.place(
                s.account, market, "buy", "limit", market.min_amount * 2, time_ms, price=price
            )
        except VenueError:
            return
        s.agenda.at(time_ms + 5000, lambda t: s.trader.finish(order, "canceled", t))

    s.agenda.at(int(s.now_ms - days * 86_400_000), act)


def _same_millisecond(s: Story, days: float, symbols: tuple[str, ...]) -> None:
    """Market orders in several instruments, executed in the same millisecond."""

    def act(time_ms: int) -> None:
        for symbol in symbols:
            market = s.market(symbol)
            price = s.state.prices.price(market, time_ms)
            amount = (
                s.state.books.free(s.account, "trading", market.quote) * Decimal("0.01") / price
            )
            s.execute(market, "buy", amount, time_ms, price)

    s.agenda.at(s.when(days), act)


PROFILE = Profile(
    exchange=_ID,
    account="okx",
    markets=MARKETS,
    wallets=("funding", "trading", "savings", "staking"),
    wallet_for={SPOT: "trading", LINEAR: "trading", INVERSE: "trading"},
    share=0.24,
    fees=Fees(
        spot=(Decimal("0.0008"), Decimal("0.001")),
        linear=(Decimal("0.0002"), Decimal("0.0005")),
        inverse=(Decimal("-0.00005"), Decimal("0.0005")),
    ),
    listed_days={"MATIC/USDT": (None, 40.0)},
    retention_days={
        (data, kind): 90 for data in ("fills", "orders") for kind in (SPOT, LINEAR, INVERSE)
    },
    secret_format="uuid",
    has_password=True,
)
