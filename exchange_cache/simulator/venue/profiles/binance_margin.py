"""What the account main did on margin at Binance: longs and shorts with borrowed money, in the
cross wallet and in an isolated one.

ATOM and NEAR are traded nowhere else. ATOM is short now; of NEAR nothing is left but its fills: no
balance, no transfer, no interest. SOL/USDT is traded on spot, in the cross wallet and in the
isolated one, with ids of one sequence.
"""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.simulator.venue.margin_trading import MarginTrader, widest_fall
from exchange_cache.simulator.venue.records import MARGIN, isolated_wallet
from exchange_cache.simulator.venue.story import Story

_PAIR = "SOL/USDT"


def margin_story(s: Story) -> None:
    cross = MarginTrader(s, MARGIN, every_days=5)
    cross.fund(700, "USDT", 4000)
    _long_with_borrowed_money(s, cross)
    _short_that_was_covered(s, cross)
    cross.sweep_dust(418, ("ETH", "XRP"), "BNB")
    _gone_without_a_trace(s, cross)
    cross.fund(170, "USDT", 500)
    cross.leave(150, "USDT", 0.1, "1")
    _cancelled_part_filled(s, cross)
    _short_now(s, MarginTrader(s, MARGIN))
    _isolated(s, MarginTrader(s, isolated_wallet(_PAIR), rate="0.0004"))


def _long_with_borrowed_money(s: Story, cross: MarginTrader) -> None:
    eth = s.market("ETH/USDT")
    cross.at(691, lambda t: cross.borrow("USDT", Decimal(2000), t))
    cross.at(690, lambda t: cross.limit_order(eth, "buy", cross.worth(eth, 5500, t), t))
    cross.at(641, lambda t: cross.market_order(eth, "sell", cross.free("ETH"), t))
    cross.at(640.9, lambda t: cross.repay("USDT", t))


def _short_that_was_covered(s: Story, cross: MarginTrader) -> None:
    """Borrowed, sold, bought back where the price had fallen most, repaid; the rest of the last lot
    is dust."""
    xrp = s.market("XRP/USDT")
    opened, covered = widest_fall(s, "XRP/USDT", 560, 425, 9)
    cross.at(opened + 0.1, lambda t: cross.borrow("XRP", cross.worth(xrp, 1200, t), t))
    cross.at(opened, lambda t: cross.market_order(xrp, "sell", cross.free("XRP"), t))
    cross.at(
        covered,
        lambda t: cross.limit_order(
            xrp, "buy", cross.to_cover(xrp), t, then=lambda later: cross.repay("XRP", later)
        ),
    )


def _gone_without_a_trace(s: Story, cross: MarginTrader) -> None:
    """A round amount, so that the fee leaves whole lots and the sale nothing at all."""
    near = s.market("NEAR/USDT")
    cross.at(392, lambda t: cross.borrow("USDT", Decimal(300), t))
    cross.at(390, lambda t: cross.market_order(near, "buy", Decimal(100), t))
    cross.at(352, lambda t: cross.market_order(near, "sell", cross.free("NEAR"), t, parts=3))
    cross.at(351, lambda t: cross.repay("USDT", t))


def _cancelled_part_filled(s: Story, cross: MarginTrader) -> None:
    sol = s.market(_PAIR)
    cross.at(120, lambda t: cross.cancel_part_filled(sol, cross.worth(sol, 900, t), t))
    cross.at(110, lambda t: cross.market_order(sol, "sell", cross.free("SOL") / 2, t, parts=1))


def _short_now(s: Story, cross: MarginTrader) -> None:
    """Borrowed and sold a month ago, a third bought back since, the rest still owed; a bid for more
    waits."""
    atom = s.market("ATOM/USDT")
    cross.at(36.1, lambda t: cross.borrow("ATOM", cross.worth(atom, 700, t), t))
    cross.at(36, lambda t: cross.market_order(atom, "sell", cross.free("ATOM"), t))
    cross.at(12, lambda t: cross.market_order(atom, "buy", cross.to_cover(atom) / 3, t))
    cross.at(11.9, lambda t: cross.repay("ATOM", t))
    cross.at(2, lambda t: cross.leave_open(atom, "buy", cross.worth(atom, 150, t), 0.8, t))


def _isolated(s: Story, pair: MarginTrader) -> None:
    sol = s.market(_PAIR)
    pair.fund(75, "USDT", 1200)
    pair.at(74.6, lambda t: pair.borrow("USDT", Decimal(800), t))
    pair.at(74.5, lambda t: pair.limit_order(sol, "buy", pair.worth(sol, 1900, t), t, parts=3))
    pair.at(28, lambda t: pair.market_order(sol, "sell", pair.free("SOL") / 2, t))
    pair.at(27.9, lambda t: pair.repay("USDT", t))
    pair.at(1.5, lambda t: pair.leave_open(sol, "sell", pair.free("SOL") / 4, 1.25, t))
