"""Replayed holdings as records, and the warnings of a replay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import NamedTuple

from exchange_cache.cost.derivatives import DerivativeBasis
from exchange_cache.findings import Finding
from exchange_cache.ledger.replay import Place
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Balance, Position
from exchange_cache.value.reading import PortfolioReading

#: Replayed quantities have no known wallet.
REPLAYED_WALLET = "replayed"


#: The candles that would price these assets at a moment and were never requested.
Fetchable = Callable[[datetime, Iterable[str]], Sequence[tuple[str, datetime]]]


class Repeated(NamedTuple):
    """The command that shows the ``same`` reading, and the one that shows it in the reporting
    asset."""

    same: str
    unquoted: str

    @classmethod
    def of(cls, moment: datetime, quote: str) -> Repeated:
        """Those of a moment in ``quote`` (empty: the reporting asset)."""
        command = f"excache portfolio --at {moment:%Y-%m-%dT%H:%MZ}"
        return cls(f"{command} --quote {quote}" if quote else command, command)


def of_the_past(
    reading: PortfolioReading, moment: datetime, fetchable: Fetchable, same: str
) -> Iterator[Finding]:
    """The warnings of a replay; those about prices concern that day, and offer a command only
    where it can help. ``same``: the command that shows the reading."""
    command = f"{same} --wait"
    open_assets = {asset for asset, _ in fetchable(moment, _unpriced(reading, "unpriced", "stale"))}
    for code, state, sentence in _PRICES:
        missing = _unpriced(reading, state)
        cured = [asset for asset in missing if asset in open_assets]
        rest = [asset for asset in missing if asset not in open_assets]
        if cured:
            yield Finding(code=code, message=f"{sentence} {_some(cured)}", hint=command)
        if rest:
            nobody = "; none of your exchanges serves one" if state == "unpriced" else ""
            yield Finding(code=code, message=f"{sentence} {_some(rest)}{nobody}")
    yield from (
        one
        for one in reading.warnings
        if one.code not in ("unpriced", "stale_price", "position_unpriced")
    )


#: A finding's code, the state of its prices, and what it says.
_PRICES = (
    ("past_prices", "unpriced", "no price of that day is stored for"),
    ("past_prices_later", "stale", "valued at the first price after that time:"),
)


def _unpriced(reading: PortfolioReading, *states: str) -> list[str]:
    return [one.asset for one in reading.holdings if one.price_state in states]


def _some(assets: Sequence[str]) -> str:
    more = f" and {len(assets) - 6} more" if len(assets) > 6 else ""
    return ", ".join(assets[:6]) + more


def balance_of(place: Place, quantity: Decimal, moment: datetime) -> Balance:
    return Balance(
        account=place[0],
        wallet=REPLAYED_WALLET,
        code=place[1],
        asset=place[1],
        free=None,
        used=None,
        total=quantity,
        fetched_at=moment,
    )


def position_of(basis: DerivativeBasis, moment: datetime) -> Position:
    """A position that was open at a moment, by its fills, without its unrealised result."""
    contracts = basis.contracts if basis.contracts else basis.quantity
    return Position(
        account=basis.account,
        wallet=REPLAYED_WALLET,
        category=basis.category,
        symbol=basis.symbol,
        side=basis.side,
        contracts=contracts,
        contract_size=basis.quantity / contracts,
        base_quantity=None if basis.inverse else basis.quantity,
        entry_price=basis.entry_price,
        mark_price=None,
        notional=None,
        unrealised_pnl=None,
        settle_asset=basis.settle,
        fetched_at=moment,
    )


def open_results(positions: Iterable[Position]) -> Iterator[Finding]:
    named = [f"{one.account} {one.symbol} {one.side}" for one in positions]
    if named:
        some = ", ".join(named[:4]) + (f" and {len(named) - 4} more" if len(named) > 4 else "")
        yield Finding(
            code="past_open_result",
            message=f"results of positions open then are in no total: {some}",
            hint="excache history --recorded",
        )


def still_read(
    reading: PortfolioReading,
    wallets: Mapping[str, Collection[str]],
    ignored: Mapping[str, Collection[str]],
) -> PortfolioReading:
    """The part of a reading that is still read: of each account these ``wallets`` (all, without an
    entry), without ``ignored`` assets. A position belongs to a wallet of balances or to none."""

    def is_read(account: str, wallet: str, asset: str) -> bool:
        own = wallets.get(account)
        return (not own or wallet in own) and asset not in ignored.get(account, ())

    held = {(part.account, part.wallet) for one in reading.holdings for part in one.wallets}
    holdings = (
        replace(
            one,
            wallets=tuple(
                part for part in one.wallets if is_read(part.account, part.wallet, one.asset)
            ),
        )
        for one in reading.holdings
    )
    positions = (
        own
        for own in reading.positions
        if (own.position.account, own.position.wallet) not in held
        or is_read(own.position.account, own.position.wallet, "")
    )
    shown = tuple(one for one in holdings if one.wallets)
    return replace(reading, holdings=shown, positions=tuple(positions))


def before(held: Mapping[Place, Decimal], moved: Mapping[Place, Decimal]) -> dict[Place, Decimal]:
    """What was held before units moved."""
    with localcontext(EXACT):
        found = {place: held.get(place, ZERO) - moved.get(place, ZERO) for place in {*held, *moved}}
    return {place: quantity for place, quantity in found.items() if quantity}
