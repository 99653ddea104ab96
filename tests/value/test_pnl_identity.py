"""The identity at twenty seeds: the venue's own records as history, its books as balances, its
price path as rates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.averages import compute_basis
from exchange_cache.ledger.rates import Rate
from exchange_cache.ledger.replay import flows
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.simulator.venue import Venue
from exchange_cache.value.pnl import asset_identity, pnl_identity
from tests.ledger.held import held_at
from tests.value.builders import asset_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACCOUNTS = {"main": "binance", "bybit": "bybit", "kraken": "kraken", "okx": "okx"}
KINDS = {"deposit": TransferKind.DEPOSIT, "withdrawal": TransferKind.WITHDRAWAL}


class Path:
    """The venue's price path as rates in USDT."""

    def __init__(self, venue: Venue) -> None:
        self._path = venue.state.prices

    def rate(self, asset: str, at: datetime) -> Rate:
        return Rate(value=self.price(asset, at))

    def price(self, asset: str, at: datetime) -> Decimal:
        return Decimal(repr(self._path.rate(asset, "USDT", to_ms(at))))


def fills_of(venue: Venue, account: str) -> Iterator[Fill]:
    for one in venue.fills(account):
        market, spot = one.market, one.market.kind == "spot"
        inverse = market.kind == "inverse"
        face = one.amount * market.contract_size
        yield Fill(
            account=account,
            category=market.kind,
            symbol=market.symbol,
            fill_id=one.id,
            order_id=one.order_id,
            time=from_ms(one.time_ms),
            side=Side(one.side),
            base=market.base,
            quote=market.quote,
            quantity=one.amount if spot else face / one.price if inverse else face,
            price=one.price,
            cost=one.cost if spot else face if inverse else face * one.price,
            fees=tuple(Fee(asset=asset, amount=amount) for asset, amount in one.fees),
            settle=None if spot else market.settle,
            contracts=None if spot else one.amount,
            contract_size=None if spot else market.contract_size,
            realised_pnl=None if spot else one.realised_pnl,
        )
    for row in venue.conversions(account):
        yield Fill(
            account=account,
            category="spot",
            symbol=f"{row.from_asset}/{row.to_asset}",
            fill_id=row.id,
            order_id=None,
            time=from_ms(row.time_ms),
            side=Side.SELL,
            base=asset_of(row.from_asset),
            quote=asset_of(row.to_asset),
            quantity=row.from_amount,
            price=row.to_amount / row.from_amount,
            cost=row.to_amount,
            kind=FillKind.CONVERT,
        )


def transfers_of(venue: Venue, account: str) -> Iterator[Transfer]:
    def made(
        name: str, kind: TransferKind, time_ms: int, asset: str, amount: Decimal, **more
    ) -> Transfer:
        place = {"account": account, "scope": str(kind), "transfer_id": name}
        return Transfer(
            **place,
            kind=kind,
            time=from_ms(time_ms),
            asset=asset_of(asset),
            quantity=amount,
            **more,
        )

    for move in venue.transfers(account):
        kind = KINDS.get(move.kind, TransferKind.INTERNAL)
        fee = Fee(asset=asset_of(move.asset), amount=move.fee) if move.fee else None
        at = move.done_ms if kind is TransferKind.DEPOSIT else move.time_ms
        yield made(move.id, kind, at, move.asset, move.amount, fee=fee, tx_id=move.txid)
    for income in venue.incomes(account):
        kind = (
            TransferKind.FUNDING
            if income.kind == "funding"
            else TransferKind.REWARD
            if income.amount > 0
            else TransferKind.FEE
        )
        yield made(income.id, kind, income.time_ms, income.asset, income.amount)


def balances_of(venue: Venue) -> dict[tuple[str, str], Decimal]:
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account in ACCOUNTS:
        for row in venue.balances(account):
            held[account, asset_of(row.asset)] += row.total
    return held


@pytest.mark.parametrize("seed", range(20))
def test_the_identity_holds_for_every_asset_account_and_the_whole(seed: int) -> None:
    venue = Venue(seed, fills=150, accounts=ACCOUNTS, clock=lambda: to_ms(NOW))
    path = Path(venue)
    fills = [fill for account in ACCOUNTS for fill in fills_of(venue, account)]
    transfers = [transfer for account in ACCOUNTS for transfer in transfers_of(venue, account)]
    book = compute_basis(
        fills, transfers, reporting_asset="USDT", rates=path, cash=("EUR", "USD", "GBP")
    )
    held = balances_of(venue)
    prices = {asset: path.price(asset, NOW) for _, asset in held}
    whole_balances: dict[str, Decimal] = defaultdict(Decimal)
    for (account, asset), quantity in held.items():
        whole_balances[asset] += quantity
        known = book.by_account.get((account, asset))
        assert quantity == (known.quantity if known else 0), (
            account,
            asset,
            "the history is complete, so it adds up to the balance",
        )
    opened = {account: Decimal(0) for account in ACCOUNTS}
    for account in ACCOUNTS:
        for position in venue.positions(account):
            mark = venue.ticker(ACCOUNTS[account], position.symbol).mark
            opened[account] += position.pnl(mark) * prices.get(
                position.market.settle, path.price(position.market.settle, NOW)
            )
    for (account, asset), basis in book.by_account.items():
        assert (
            asset_identity(
                basis, held[account, asset], prices.get(asset), reporting_asset="USDT"
            ).residual
            == 0
        )
    for account in ACCOUNTS:
        own = [basis for (name, _), basis in book.by_account.items() if name == account]
        mine = {asset: quantity for (name, asset), quantity in held.items() if name == account}
        found = pnl_identity(
            own, mine, prices, reporting_asset="USDT", unrealised_outside=opened[account]
        )
        assert (found.residual, found.traded) == (0, 0)
    whole = pnl_identity(
        book.pooled.values(),
        whole_balances,
        prices,
        reporting_asset="USDT",
        unrealised_outside=sum(opened.values(), Decimal(0)),
    )
    assert (whole.residual, whole.traded, whole.moved) == (0, 0, 0)
    truth = sum(
        (quantity * prices[asset] for asset, quantity in whole_balances.items()), Decimal(0)
    ) + sum(opened.values())
    assert abs(whole.value - truth) < Decimal("1e-12")
    paid = [one for account in ACCOUNTS for one in venue.incomes(account, kind="funding")]
    funding = sum(
        (one.amount * path.price(asset_of(one.asset), from_ms(one.time_ms)) for one in paid),
        Decimal(0),
    )
    assert abs(whole.funding - funding) < Decimal("1e-12")


@pytest.mark.parametrize("seed", [3, 11])
def test_holdings_replayed_backwards_equal_the_books_of_any_day(seed: int) -> None:
    venue = Venue(seed, fills=150, accounts=ACCOUNTS, clock=lambda: to_ms(NOW))
    found = flows(
        [fill for account in ACCOUNTS for fill in fills_of(venue, account)],
        [transfer for account in ACCOUNTS for transfer in transfers_of(venue, account)],
    )
    now, times = balances_of(venue), dict.fromkeys(ACCOUNTS, NOW)
    for days in (0, 0.4, 3, 17.3, 100, 365.25, 700, 1100, 1250):
        moment = from_ms(to_ms(NOW) - int(days * 86_400_000))
        books: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for account in ACCOUNTS:
            for entry in venue.entries(account, end=to_ms(moment)):
                books[account, asset_of(entry.asset)] += entry.amount - entry.fee
        assert held_at(now, times, found, moment) == {
            place: quantity for place, quantity in books.items() if quantity
        }, days
