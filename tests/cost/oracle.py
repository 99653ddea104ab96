"""The rules of cost a second time, as slowly and plainly as they can be written, to hold the real
thing against.

Rational numbers, lists that are sorted anew for every sale, one entry per asset and account;
nothing is shared with the code under test but the records. Written from the rulings on cost
(design) and the decisions explained at the top of ``events`` and ``lots``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from exchange_cache.records import Fill, Side, Transfer, TransferKind

RateOf = Callable[[str, datetime], Fraction | None]
POOL = ""
#: Money without anything in return, by the flow of its value.
CASH = {
    TransferKind.REWARD: "income",
    TransferKind.AIRDROP: "income",
    TransferKind.INTEREST: "income",
    TransferKind.FUNDING: "funding",
    TransferKind.SETTLEMENT: "derivative",
    TransferKind.LIQUIDATION: "derivative",
}
#: Changes that are neither deposits nor results.
NAMELESS = {TransferKind.ADJUSTMENT: "adjusted", TransferKind.UNCLASSIFIED: "unclassified"}
UNKNOWN = None


@dataclass
class Lot:
    age: tuple[int, int]  # the event that brought it, and its place among the lots of its pot
    quantity: Fraction
    price: Fraction | None  # None: unknown


@dataclass
class Pot:
    """One asset in one place."""

    lots: list[Lot] = field(default_factory=list)
    oversold: Fraction = Fraction(0)
    last_was_removal: bool = False
    entered: int = 0
    sums: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    def total(self, *, known: bool) -> Fraction:
        return sum(
            (lot.quantity for lot in self.lots if (lot.price is not UNKNOWN) == known), Fraction(0)
        )

    @property
    def cost(self) -> Fraction:
        return sum(
            (lot.quantity * lot.price for lot in self.lots if lot.price is not None), Fraction(0)
        )

    def add(self, age: int, quantity: Fraction, price: Fraction | None) -> None:
        self.entered += 1
        self.lots.append(Lot((age, self.entered), quantity, price))


class Oracle:
    """Plays a history once, account by account; or with the ``twin`` that did so at hand, as one
    pool of all accounts.

    What an account gave away without having it is nobody else's: the pool asks its twin how much of
    a change that was. The twin wrote one line (how much more was oversold after it) for everything
    that came or went, and the pool reads them in turn.
    """

    def __init__(
        self,
        *,
        reporting: str,
        rate: RateOf,
        method: str,
        dust: Mapping[str, Decimal],
        cash: Sequence[str],
        twin: Oracle | None = None,
    ):
        self.reporting, self.given_rate, self.method, self.cash, self.pooled = (
            reporting,
            rate,
            method,
            cash,
            twin is not None,
        )
        self.written: list[Fraction] = []
        self.read = iter(twin.written if twin is not None else ())
        self.dust = {asset: Fraction(limit) for asset, limit in dust.items()}
        self.pots: dict[tuple[str, str], Pot] = defaultdict(Pot)
        self.now = 0

    # --- what a pot does --------------------------------------------------------------------------

    def pot(self, account: str, asset: str) -> Pot:
        return self.pots[POOL if self.pooled else account, asset]

    def rate(self, asset: str, at: datetime) -> Fraction | None:
        return Fraction(1) if asset == self.reporting else self.given_rate(asset, at)

    def write_dust_off(self, pot: Pot, asset: str) -> None:
        known, all_of_it = pot.total(known=True), pot.total(known=True) + pot.total(known=False)
        if (
            asset != self.reporting
            and pot.last_was_removal
            and known
            and all_of_it <= self.dust.get(asset, 0)
        ):
            pot.sums["trading"] -= pot.cost
            pot.lots = []
            pot.add(self.now, all_of_it, UNKNOWN)

    def come(
        self,
        account: str,
        asset: str,
        quantity: Fraction,
        value: Fraction | None,
        flow: str,
        age: int | None = None,
    ) -> None:
        pot, age = self.pot(account, asset), self.now if age is None else age
        self.write_dust_off(pot, asset)
        pot.last_was_removal = False
        made_good = Fraction(0) if value is not None else min(quantity, pot.oversold)
        made_good = -next(self.read) if self.pooled else made_good
        self.written.append(-made_good)
        if asset == self.reporting:
            paid = quantity if value is None else value
            pot.sums[flow] += paid
            pot.sums["trading"] += quantity - paid
            pot.add(age, quantity, Fraction(1))
        elif value is None:
            pot.oversold -= made_good
            if quantity > made_good:
                pot.add(age, quantity - made_good, UNKNOWN)
        else:
            pot.sums[flow] += value
            pot.add(age, quantity, value / quantity)

    def take(self, pot: Pot, asset: str, quantity: Fraction) -> tuple[list[Lot], Fraction]:
        """The lots that go (their ages and prices), and how much was not there."""
        pot.last_was_removal = True
        there = sum((lot.quantity for lot in pot.lots), Fraction(0))
        absent = Fraction(0) if asset == self.reporting else max(quantity - there, Fraction(0))
        absent = next(self.read) if self.pooled else absent
        self.written.append(absent)
        if asset == self.reporting:
            pot.add(self.now, -quantity, Fraction(1))
            return [Lot((self.now, 0), quantity, Fraction(1))], Fraction(0)
        going = quantity - absent
        pot.oversold += absent
        gone = (
            self._take_alike(pot, going, there)
            if self.method == "average"
            else self._take_in_turn(pot, going)
        )
        pot.lots = [lot for lot in pot.lots if lot.quantity]
        return gone, quantity - going

    def _take_alike(self, pot: Pot, going: Fraction, there: Fraction) -> list[Lot]:
        """All units are alike: the same share of what is known and of what is not, at the mean
        price."""
        if not going:
            return []
        known, unknown, cost = pot.total(known=True), pot.total(known=False), pot.cost
        gone = []
        pot.lots = []
        for part, price in ((known, cost / known if known else None), (unknown, UNKNOWN)):
            if part:
                gone.append(Lot((self.now, 0), part * going / there, price))
                pot.add(self.now, part - part * going / there, price)
        return gone

    def _take_in_turn(self, pot: Pot, going: Fraction) -> list[Lot]:
        gone = []
        for lot in sorted(pot.lots, key=self._turn):
            part = min(lot.quantity, going)
            if part:
                gone.append(Lot(lot.age, part, lot.price))
            lot.quantity -= part
            going -= part
        return gone

    def _turn(self, lot: Lot) -> tuple[Fraction | int, ...]:
        if self.method == "fifo":
            return lot.age
        if self.method == "lifo":
            return (-lot.age[0], -lot.age[1])
        return (1, 0, *lot.age) if lot.price is None else (0, -lot.price, *lot.age)

    def go(
        self, account: str, asset: str, quantity: Fraction, value: Fraction | None, flow: str
    ) -> None:
        """Disposed of for a value; without one its cost is written off."""
        pot = self.pot(account, asset)
        gone, _ = self.take(pot, asset, quantity)
        known = sum((lot.quantity for lot in gone if lot.price is not None), Fraction(0))
        cost = sum((lot.quantity * lot.price for lot in gone if lot.price is not None), Fraction(0))
        if value is None:
            pot.sums["written_off"] += cost
            return
        share = (
            value * known / quantity if quantity else value
        )  # nothing given away for something: all of it is result
        pot.sums[flow] -= value
        pot.sums["unexplained"] += value - share
        if known or not quantity:
            pot.sums["trading"] += share - cost

    def leave(self, account: str, asset: str, quantity: Fraction, flow: str) -> None:
        """Gone at what it cost."""
        pot = self.pot(account, asset)
        cost = sum(
            (
                lot.quantity * lot.price
                for lot in self.take(pot, asset, quantity)[0]
                if lot.price is not None
            ),
            Fraction(0),
        )
        pot.sums[flow] -= cost
        if flow == "expenses":
            pot.sums["fees"] += cost

    # --- what happens -----------------------------------------------------------------------------

    def trade(self, fill: Fill) -> None:
        buys = fill.side is Side.BUY
        in_base, in_quote, others = Fraction(0), Fraction(0), []
        for fee in fill.fees:
            if fee.asset == fill.base:
                in_base += Fraction(fee.amount)
            elif fee.asset == fill.quote:
                in_quote += Fraction(fee.amount)
            elif fee.amount:
                others.append((fee.asset, Fraction(fee.amount), self.rate(fee.asset, fill.time)))
        base = Fraction(fill.quantity) - in_base if buys else Fraction(fill.quantity) + in_base
        quote = Fraction(fill.cost) + in_quote if buys else Fraction(fill.cost) - in_quote
        value = self._worth(fill, base, quote)
        on_top = sum(
            (amount * price for _, amount, price in others if price is not None), Fraction(0)
        )
        subject = fill.base if fill.base != self.reporting else fill.quote
        fees = on_top
        if value is not None and quote:
            fees += (
                (in_quote + in_base * Fraction(fill.cost) / Fraction(fill.quantity)) * value / quote
            )
        base_value = quote_value = value
        if value is not None and subject == fill.base:
            base_value = value + on_top if buys else value - on_top
        elif value is not None:
            quote_value = value - on_top if buys else value + on_top
        self._side(fill.account, fill.quote, quote, quote_value, comes=not buys)
        self._side(fill.account, fill.base, base, base_value, comes=buys)
        for asset, amount, price in others:
            self._third_fee(fill.account, asset, amount, price, attached=value is not None)
        self.pot(fill.account, subject).sums["fees"] += fees

    def _worth(self, fill: Fill, base: Fraction, quote: Fraction) -> Fraction | None:
        if fill.quote == self.reporting:
            return quote
        if fill.base == self.reporting:
            return base
        of_quote, of_base = self.rate(fill.quote, fill.time), self.rate(fill.base, fill.time)
        if of_quote is not None:
            return quote * of_quote
        if of_base is not None and fill.cost:
            return Fraction(fill.quantity) * of_base * quote / Fraction(fill.cost)
        return None

    def _side(
        self, account: str, asset: str, quantity: Fraction, value: Fraction | None, *, comes: bool
    ) -> None:
        """A fee may eat more than what should come (or a rebate give more than what should go):
        then the side turns round."""
        if not quantity and not value:
            return
        if comes and quantity > 0:
            self.come(account, asset, quantity, value, "trade")
        elif not comes and quantity > 0:
            self.go(account, asset, quantity, value, "trade")
        elif comes:
            self.go(account, asset, -quantity, None if value is None else -value, "trade")
        else:
            self.come(account, asset, -quantity, None if value is None else -value, "trade")

    def _third_fee(
        self, account: str, asset: str, amount: Fraction, price: Fraction | None, *, attached: bool
    ) -> None:
        flow = "fee" if attached and price is not None else "expenses"
        if amount < 0:
            self.come(account, asset, -amount, None if price is None else -amount * price, flow)
        elif price is None:
            self.leave(account, asset, amount, "expenses")
        else:
            self.go(account, asset, amount, amount * price, flow)

    def money(self, account: str, asset: str, quantity: Fraction, flow: str, at: datetime) -> None:
        """Cash that comes or goes with nothing in return."""
        price = self.rate(asset, at)
        if quantity > 0:
            self.come(account, asset, quantity, None if price is None else quantity * price, flow)
        elif quantity < 0 and price is None:
            self.leave(account, asset, -quantity, flow)
        elif quantity < 0:
            self.go(account, asset, -quantity, -quantity * price, flow)

    def transfer_fee(self, transfer: Transfer) -> None:
        fee = transfer.fee
        if fee is not None and fee.amount > 0:
            self.leave(transfer.account, fee.asset, Fraction(fee.amount), "expenses")
        elif fee is not None and fee.amount < 0:
            self.come(transfer.account, fee.asset, -Fraction(fee.amount), None, "expenses")

    def alone(self, transfer: Transfer) -> None:
        """Any transfer that is not one end of a move between own accounts."""
        account, asset, quantity, kind = (
            transfer.account,
            transfer.asset,
            Fraction(transfer.quantity),
            transfer.kind,
        )
        charges = {TransferKind.FEE, TransferKind.INSURANCE}
        if quantity < 0:
            charges.add(TransferKind.INTEREST)
        if kind in charges and quantity < 0:
            self.leave(account, asset, -quantity, "expenses")
        elif kind in charges:
            self.money(account, asset, quantity, "expenses", transfer.time)
        elif kind in CASH:
            self.money(account, asset, quantity, CASH[kind], transfer.time)
        elif kind is TransferKind.WITHDRAWAL:
            self.leave(account, asset, quantity, "deposited")
        elif kind in NAMELESS and quantity < 0:
            self.leave(account, asset, -quantity, NAMELESS[kind])
        elif kind is not TransferKind.INTERNAL and quantity:
            priced = asset == self.reporting or (
                kind is TransferKind.DEPOSIT and asset in self.cash
            )
            price = self.rate(asset, transfer.time) if priced else None
            flow = NAMELESS.get(kind, "deposited")
            self.come(account, asset, quantity, None if price is None else quantity * price, flow)
        self.transfer_fee(transfer)

    def move(self, left: Transfer, arrived: Transfer) -> None:
        asset, moved = left.asset, Fraction(min(left.quantity, arrived.quantity))
        if self.pooled:
            self.misplace(self.pot(left.account, asset), next(self.read))
        else:
            before = len(self.written)
            source = self.pot(left.account, asset)
            gone, missing = self.take(source, asset, moved)
            target = self.pot(arrived.account, asset)
            self.write_dust_off(target, asset)
            for lot in gone:
                worth = None if lot.price is None else lot.quantity * lot.price
                source.sums["moved"] -= worth or 0
                self.come(arrived.account, asset, lot.quantity, worth, "moved", lot.age[0])
            if missing:
                self.come(arrived.account, asset, missing, None, "moved", -1)
            self.written[before:] = [sum(self.written[before:], Fraction(0))]
        self.transfer_fee(left)
        if left.quantity > moved:
            self.leave(left.account, asset, Fraction(left.quantity) - moved, "expenses")
        self.transfer_fee(arrived)
        if arrived.quantity > moved:
            self.come(arrived.account, asset, Fraction(arrived.quantity) - moved, None, "deposited")

    def misplace(self, pot: Pot, quantity: Fraction) -> None:
        """In the pool: units that one account sent without having had them are oversold there and
        unknown where they arrived.

        A negative quantity: unknown units arrived that had been oversold there, so there are no
        such units any more.
        """
        if quantity > 0:
            pot.oversold += quantity
            pot.add(-1, quantity, UNKNOWN)
        going = min(-quantity, pot.total(known=False))
        for lot in sorted((lot for lot in pot.lots if lot.price is UNKNOWN), key=self._turn):
            part = min(lot.quantity, max(going, Fraction(0)))
            lot.quantity -= part
            pot.oversold -= part
            going -= part
        pot.lots = [lot for lot in pot.lots if lot.quantity]

    def contract(self, fill: Fill, result: Fraction) -> None:
        self.money(fill.account, fill.settle or "", result, "derivative", fill.time)
        for fee in fill.fees:
            self.money(fill.account, fee.asset, -Fraction(fee.amount), "expenses", fill.time)
            price = self.rate(fee.asset, fill.time)
            if price is not None:
                self.pot(fill.account, fill.settle or "").sums["fees"] += (
                    Fraction(fee.amount) * price
                )

    def answers(self) -> dict[tuple[str, str], dict[str, Fraction]]:
        for (_, asset), pot in self.pots.items():
            self.write_dust_off(pot, asset)
        return {place: self._answer(pot) for place, pot in self.pots.items()}

    @staticmethod
    def _answer(pot: Pot) -> dict[str, Fraction]:
        sums, explained, unknown = pot.sums, pot.total(known=True), pot.total(known=False)
        closed = (
            sums["trading"]
            + sums["derivative"]
            + sums["funding"]
            + sums["income"]
            + sums["expenses"]
        )
        return {
            "quantity": explained + unknown - pot.oversold,
            "explained_quantity": explained,
            "unknown_quantity": unknown,
            "oversold_quantity": pot.oversold,
            "cost": pot.cost,
            "realised_pnl": closed,
            "trading_pnl": sums["trading"],
            "derivative_pnl": sums["derivative"],
            "funding": sums["funding"],
            "income": sums["income"],
            "expenses": sums["expenses"],
            "deposited": sums["deposited"],
            "traded": sums["trade"] + sums["fee"],
            "moved": sums["moved"],
            "adjusted": sums["adjusted"],
            "unclassified": sums["unclassified"],
            "unexplained_proceeds": sums["unexplained"],
            "written_off": sums["written_off"],
            "fees_paid": sums["fees"],
        }


def results_of_contracts(fills: Iterable[Fill]) -> dict[tuple[str, str, str, str], Fraction]:
    """Netted positions at their mean entry: what each fill closed (one-way mode), in the asset that
    it settles in."""
    size: dict[tuple[str, str], Fraction] = defaultdict(
        Fraction
    )  # long is positive; inverse contracts in units of the quote
    worth: dict[tuple[str, str], Fraction] = defaultdict(
        Fraction
    )  # at entry, in the settle asset, never negative
    results = {}
    for fill in sorted(
        fills,
        key=lambda one: (
            one.time,
            one.account,
            one.category,
            one.symbol,
            len(one.fill_id),
            one.fill_id,
        ),
    ):
        place, sign = (fill.account, fill.symbol), 1 if fill.side is Side.BUY else -1
        inverse = fill.settle == fill.base
        amount = Fraction(fill.cost if inverse else fill.quantity)
        here = amount / Fraction(fill.price) if inverse else Fraction(fill.cost)
        held = size[place]
        closing = min(amount, abs(held)) if held * sign < 0 else Fraction(0)
        result = Fraction(0)
        if closing:
            entry, exit_ = worth[place] * closing / abs(held), here * closing / amount
            result = (exit_ - entry) * (1 if held > 0 else -1) * (-1 if inverse else 1)
            worth[place] -= entry
        worth[place] += here * (amount - closing) / amount
        size[place] += sign * amount
        results[fill.key] = result
    return results


def judge(
    fills: Sequence[Fill],
    transfers: Sequence[Transfer],
    *,
    reporting: str,
    rate: RateOf,
    method: str,
    dust: Mapping[str, Decimal],
    cash: Sequence[str] = (),
) -> dict[tuple[str, str], dict[str, Fraction]]:
    """All figures by (account, asset), the pooled ones under the account ``""``. Own transfers are
    known by their ``tx_id``."""
    ends = {one.tx_id: one for one in transfers if one.tx_id and one.kind is TransferKind.DEPOSIT}
    starts = {
        one.tx_id: one for one in transfers if one.tx_id and one.kind is TransferKind.WITHDRAWAL
    }
    results = results_of_contracts([fill for fill in fills if fill.is_derivative])
    answers: dict[tuple[str, str], dict[str, Fraction]] = {}
    oracle = None
    for _ in ("own accounts", "pooled"):
        oracle = Oracle(
            reporting=reporting, rate=rate, method=method, dust=dust, cash=cash, twin=oracle
        )
        for step in sorted(
            _happenings(fills, transfers, starts, ends, results), key=lambda item: item[0]
        ):
            step[1](oracle)
            oracle.now += 1
        answers |= oracle.answers()
    return answers


def _happenings(
    fills: Sequence[Fill],
    transfers: Sequence[Transfer],
    starts: Mapping[str | None, Transfer],
    ends: Mapping[str | None, Transfer],
    results: Mapping[tuple[str, str, str, str], Fraction],
) -> list[tuple[tuple[object, ...], Callable[[Oracle], None]]]:
    """Everything with its place in time: at one instant first what arrives, then trades, then
    moves, then what leaves."""
    found: list[tuple[tuple[object, ...], Callable[[Oracle], None]]] = []
    for fill in fills:
        place = (
            fill.time,
            1,
            fill.account,
            fill.category,
            fill.symbol,
            len(fill.fill_id),
            fill.fill_id,
        )
        if fill.is_derivative:
            found.append(
                (place, lambda oracle, fill=fill: oracle.contract(fill, results[fill.key]))
            )  # type: ignore[misc]
        else:
            found.append((place, lambda oracle, fill=fill: oracle.trade(fill)))  # type: ignore[misc]
    for one in transfers:
        paired = one.tx_id in starts and one.tx_id in ends
        if paired and one.kind is TransferKind.WITHDRAWAL:
            end = ends[one.tx_id]
            place = (
                min(one.time, end.time),
                2,
                one.account,
                one.scope,
                "",
                len(one.transfer_id),
                one.transfer_id,
            )
            found.append((place, lambda oracle, one=one, end=end: oracle.move(one, end)))  # type: ignore[misc]
        elif not paired:
            leaves = (
                one.kind in {TransferKind.WITHDRAWAL, TransferKind.INTERNAL} or one.quantity < 0
            )
            place = (
                one.time,
                3 if leaves else 0,
                one.account,
                one.scope,
                "",
                len(one.transfer_id),
                one.transfer_id,
            )
            found.append((place, lambda oracle, one=one: oracle.alone(one)))  # type: ignore[misc]
    return found
