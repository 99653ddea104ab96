"""What happens to assets and contracts themselves: another name or unit, a launch, a delivery.

Each is booked as an exchange books it: rows of one moment that no order explains, and no trade.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.simulator.venue.dated import ending_market
from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.records import Market
from exchange_cache.simulator.venue.story import Amount, Story

_DELIVERY_MS = 8 * 3_600_000  # after midnight UTC


def buy_for(story: Story, days_ago: float, symbol: str, money: int) -> None:
    """Deposit money and buy for it, so that what else the account does stays as it is."""
    market = story.market(symbol)
    story.deposit(days_ago + 0.1, market.quote, money)

    def act(time_ms: int) -> None:
        price = story.state.prices.price(market, time_ms)
        story.execute(market, "buy", Decimal(money) * Decimal("0.98") / price, time_ms, price)

    story.agenda.at(story.when(days_ago), act)


def swap(
    story: Story, days_ago: float, old: str, new: str, factor: Amount, wallet: str, note: str
) -> None:
    """Take all units of the old code and credit `factor` units of the new one for each, as two
    distributions of one moment; nothing where none is free."""

    def act(time_ms: int) -> None:
        held = story.state.books.free(story.account, wallet, old)
        if held <= 0:
            return
        for asset, amount in ((old, -held), (new, held * Decimal(factor))):
            story.moves.income(story.account, wallet, "dividend", asset, amount, time_ms, note=note)

    story.agenda.at(story.when(days_ago), act)


def launch(
    story: Story, days_ago: float, paid: str, amount: int, new: str, units: Amount, wallet: str
) -> None:
    """Deposit an amount and pay it for units of a new asset before that is listed."""
    story.deposit(days_ago + 0.1, paid, amount, wallet=wallet)

    def act(time_ms: int) -> None:
        income = story.moves.income
        income(story.account, wallet, "launch_paid", paid, -Decimal(amount), time_ms)
        income(story.account, wallet, "launch_allotted", new, Decimal(units), time_ms + 3_600_000)

    story.agenda.at(story.when(days_ago), act)


def held_to_delivery(
    story: Story, opened_days_ago: float, delivered_days_ago: float, side: str, amount: Amount
) -> None:
    """Open a position in a dated future and hold it until the contract is delivered, at 08:00
    UTC."""
    day = int(story.now_ms - delivered_days_ago * DAY_MS) // DAY_MS * DAY_MS
    market = _listed(story, day + _DELIVERY_MS)

    def deliver(time_ms: int) -> None:
        price = story.state.prices.price(market, time_ms)
        result = story.state.positions.deliver(story.account, market, price)
        if result is not None:
            story.moves.income(
                story.account,
                story.profile.wallet_for[market.kind],
                "delivery",
                market.settle or market.quote,
                result,
                time_ms,
                market=market,
            )

    def open_(time_ms: int) -> None:
        price = story.state.prices.price(market, time_ms)
        story.execute(market, side, Decimal(amount), time_ms, price)

    story.agenda.at(story.when(opened_days_ago), open_)
    story.agenda.at(day + _DELIVERY_MS, deliver)


def _listed(story: Story, until_ms: int) -> Market:
    """List a dated future that ends then."""
    exchange, state = story.profile.exchange, story.state
    market = ending_market(exchange, state.markets, until_ms)
    known = state.profiles[exchange]
    state.profiles[exchange] = replace(known, markets=(*known.markets, market))
    state.markets[exchange, market.symbol] = market
    return market
