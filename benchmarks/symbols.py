"""An account that traded in as many symbols as are asked for, at a simulated exchange."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from exchange_cache.simulator.venue import SPOT, Venue
from exchange_cache.simulator.venue.prices import FIAT, STABLE, USD_NOW

#: How an exchange writes the name of a market.
_NAMES = {
    **dict.fromkeys(("binance", "bybit", "kraken"), "{0}{1}"),
    **dict.fromkeys(("coinbase", "kucoin", "okx"), "{0}-{1}"),
}


def trade_in(venue: Venue, account: str, number: int) -> None:
    """One purchase in each of so many symbols; markets that the exchange does not have are
    listed."""
    exchange = venue.account(account).exchange
    quotes = (venue.profile(exchange).busiest.split("/")[1], "USDC", "BTC")
    for quote in quotes:
        _fund(venue, account, quote)
    for base, quote in list(_pairs(venue, exchange, quotes))[:number]:
        if (exchange, f"{base}/{quote}") not in venue.state.markets:
            _list(venue, exchange, base, quote)
        money = Decimal(50) / Decimal(str(USD_NOW[quote]))
        venue.trade(account, f"{base}/{quote}", "buy", quote_amount=money)


def _pairs(venue: Venue, exchange: str, quotes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Pairs that can be traded now, those of the first quote first."""
    skipped = {*quotes, *STABLE, *FIAT, "USD"}
    coins = [name for name in USD_NOW if name.isascii() and name not in skipped]
    for quote in quotes:
        for base in coins:
            known = venue.state.markets.get((exchange, f"{base}/{quote}"))
            if known is None or known.trades_at(venue.now()):
                yield base, quote


def _fund(venue: Venue, account: str, asset: str) -> None:
    profile = venue.profile(venue.account(account).exchange)
    amount = Decimal(10_000) / Decimal(str(USD_NOW[asset]))
    first, wallet = profile.wallets[0], profile.wallet_for[SPOT]
    venue.deposit(account, asset, amount)
    if first != wallet:
        venue.transfer(account, asset, amount, first, wallet)


def _list(venue: Venue, exchange: str, base: str, quote: str) -> None:
    """A market like the busiest one of the exchange, fine enough for every price."""
    profile = venue.profile(exchange)
    like, name = venue.market(exchange, profile.busiest), _NAMES[exchange].format(base, quote)
    market = replace(
        like,
        id=name,
        symbol=f"{base}/{quote}",
        base=base,
        quote=quote,
        tick=Decimal("1e-12"),
        lot=Decimal("1e-8"),
        min_amount=Decimal("1e-8"),
        extra={**like.extra, **({"altname": name} if "altname" in like.extra else {})},
    )
    venue.state.profiles[exchange] = replace(profile, markets=(*profile.markets, market))
    venue.state.markets[exchange, market.symbol] = market
