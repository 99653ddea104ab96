"""Writes entries for beancount (version 3).

Beancount books removals itself, by FIFO or by the lots that are named, and derives the results from
them. Its arithmetic has 28 digits, so a cost per unit is exact only to those: a transaction may be
off by less than a millionth of a millionth of the reporting asset, and by nothing of any other. No
digit of an amount widens that, and balances have no tolerance at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from exchange_cache.export.accounts import (
    CONVERSIONS,
    INSIDE,
    LEFT_OUT,
    UNKNOWN,
    Account,
    Counter,
    account_of,
    counters,
    exchanged,
    split,
)
from exchange_cache.export.entries import (
    UNEXPLAINED,
    Balance,
    Change,
    Entry,
    Head,
    Item,
    Place,
    Price,
    Units,
)
from exchange_cache.export.names import Parts, component, currency
from exchange_cache.export.texts import caption, details, left_out, owed_priced, priced
from exchange_cache.money import ZERO, to_text
from exchange_cache.visible import visible

#: More than four digits: beancount rounds the amounts that it derives to a shorter one.
TOLERANCE = "0.0000000000010001"
#: Before everything: names are declared on this day.
_BEGINNING = "1970-01-01"
#: How a method is booked.
_NAMED = "lots are named, and beancount derives the gains"
_BOOKED = {
    "fifo": "beancount books the lots by FIFO and derives the gains",
    "average": "beancount does not book by average: costs and gains are written",
}


def beancount(head: Head, items: Iterable[Item]) -> Iterator[str]:
    """The lines of a file."""
    yield from _Writer(head).lines(items)


def _quoted(text: str) -> str:
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Writer:
    def __init__(self, head: Head) -> None:
        self._head = head
        self._money = currency(head.reporting_asset)
        self._accounts, self._assets = Parts(component), Parts(component)
        self._declared: set[str] = set()
        self._known: set[str] = set()
        self._open: list[str] = []
        self._booking = {"average": "NONE", "fifo": "FIFO"}.get(head.method, "STRICT")

    def lines(self, items: Iterable[Item]) -> Iterator[str]:
        yield from self._start()
        last = None
        for item in items:
            if isinstance(item, Entry):
                yield from self._entry(item)
            elif isinstance(item, Balance):
                yield from self._balance(item)
                last = item
            else:
                yield from self._price(item)
        if last is not None:
            yield from self._joined(last)

    def _start(self) -> Iterator[str]:
        head = self._head
        yield f"; excache {head.version}: method {head.method}, in {visible(head.reporting_asset)}"
        yield f"; {_BOOKED.get(head.method, _NAMED)}"
        if part := left_out(head):
            yield f"; {visible(part)}"
        yield f'option "operating_currency" {_quoted(self._money)}'
        yield 'option "tolerance_multiplier" "0"'
        yield f'option "inferred_tolerance_default" "{self._money}:{TOLERANCE}"'
        for name, exchange in head.accounts:
            yield f"; account {self._accounts(name)}: {visible(name)} ({visible(exchange)})"
        yield ""

    # --- entries ----------------------------------------------------------------------------------

    def _entry(self, entry: Entry) -> Iterator[str]:
        for change in entry.changes:
            if change.opened:
                yield from self._opening(entry, change)
        together, apart = split(entry)
        other = exchanged(apart)
        yield from self._transaction(
            entry, together, {LEFT_OUT: entry.left_over, CONVERSIONS: other}
        )
        for change in apart:
            own = -exchanged((change,))
            yield from self._transaction(entry, (change,), {CONVERSIONS: own})

    def _transaction(
        self, entry: Entry, changes: tuple[Change, ...], values: dict[Account, Decimal]
    ) -> Iterator[str]:
        kind = entry.event.kind
        lines = [line for one in changes for line in self._postings(one)]
        found = [each for one in changes for each in counters(one, kind)]
        place = changes[0].place if changes else Place(account=entry.event.account, asset="")
        found += [Counter(account, place, amount) for account, amount in values.items() if amount]
        lines += [self._counter(one) for one in sorted(found, key=lambda one: one.booked)]
        for change in changes:
            if change.unknown:
                lines.append(self._source(change, change.unknown, kind))
        yield from self._declarations()
        yield from self._heading(entry)
        yield from lines
        yield ""

    def _heading(self, entry: Entry) -> Iterator[str]:
        event = entry.event
        yield f"{entry.time:%Y-%m-%d} * {_quoted(event.account)} {_quoted(caption(entry))}"
        for key, text in details(entry):
            yield f"  {key}: {_quoted(text)}"

    def _opening(self, entry: Entry, change: Change) -> Iterator[str]:
        """Units that nothing explains, before they are removed."""
        account, asset = self._account(change.place), self._currency(change.place.asset)
        cost = f' {{0 {self._money}, {entry.time:%Y-%m-%d}, "opened"}}'
        units = to_text(change.opened)
        source = self._source(change, change.opened, UNEXPLAINED)
        yield from self._declarations()
        day = f"{entry.time:%Y-%m-%d}"
        yield f'{day} * {_quoted(change.place.account)} "opening: not explained by stored history"'
        yield f"  {account} {units} {asset}{cost if self._head.keeps_lots else self._at(ZERO)}"
        yield source
        yield ""

    def _source(self, change: Change, units: Decimal, kind: str) -> str:
        """Where units of unknown cost come from."""
        found = UNKNOWN if change.flow not in INSIDE else account_of(change.flow, kind)
        account = self._other(found, change.place)
        return f"  {account} {to_text(-units)} {self._currency(change.place.asset)}{self._at(ZERO)}"

    # --- postings ---------------------------------------------------------------------------------

    def _postings(self, change: Change) -> Iterator[str]:
        asset = self._currency(change.place.asset)
        if change.reporting:
            if change.units:
                yield f"  {self._account(change.place)} {to_text(change.units)} {asset}"
        elif self._head.keeps_lots or change.place.aside in INSIDE:
            yield from self._lots(change, asset)
        else:
            yield from self._average(change, asset)

    def _lots(self, change: Change, asset: str) -> Iterator[str]:
        account = self._account(change.place)
        worth = "" if change.unordered else self._worth(change)
        for units, lot in self._removed(change):
            yield f"  {account} {to_text(-units)} {asset} {{{lot}}}{worth}"
        for one in change.added:
            yield f"  {account} {to_text(one.quantity)} {asset} {self._lot(one)}"
        yield from self._owed(change, asset)

    def _removed(self, change: Change) -> Iterator[tuple[Decimal, str]]:
        """Units that are removed and the label of their lot; without one beancount chooses."""
        if change.unordered:
            yield from ((one.quantity, f'"{one.number}"') for one in change.taken)
            if change.opened:
                yield change.opened, '"opened"'
            return
        removed = sum((one.quantity for one in change.taken), ZERO) + change.opened
        if removed:
            yield removed, ""

    def _owed(self, change: Change, asset: str) -> Iterator[str]:
        if not (change.covered or change.borrowed):
            return
        account = self._account(change.place, "Short")
        for lot in change.covered:
            yield f'  {account} {to_text(lot.quantity)} {asset} {{"{lot.number}"}}'
        for lot in change.borrowed:
            yield f"  {account} {to_text(-lot.quantity)} {asset} {self._lot(lot)}"

    def _lot(self, lot: Units) -> str:
        cost = to_text(lot.cost or ZERO)
        return f'{{{{{cost} {self._money}, {lot.acquired:%Y-%m-%d}, "{lot.number}"}}}}'

    def _worth(self, change: Change) -> str:
        """The price at which units were removed."""
        if change.worth is None or change.worth < 0 or change.opened or change.owed:
            return ""
        return self._at(change.worth)

    def _at(self, amount: Decimal) -> str:
        return f" @@ {to_text(amount)} {self._money}"

    def _average(self, change: Change, asset: str) -> Iterator[str]:
        account = self._account(change.place)
        for number, cost in priced(change):
            yield f"  {account} {to_text(number)} {asset}{self._at(cost)}"
        short = self._account(change.place, "Short") if change.owed or change.proceeds else ""
        for number, cost in owed_priced(change):
            yield f"  {short} {to_text(number)} {asset}{self._at(cost)}"

    def _counter(self, found: Counter) -> str:
        account = self._other(found.account, found.place, found.asset)
        if found.booked and self._head.keeps_lots:
            return f"  {account}"
        return f"  {account} {to_text(found.amount)} {self._money}"

    # --- the end ----------------------------------------------------------------------------------

    def _balance(self, found: Balance) -> Iterator[str]:
        place = found.place
        account, asset = self._account(place), self._currency(place.asset)
        day = found.at.date() + timedelta(days=1)
        source = "reported by the exchange" if found.reported else "by the events alone"
        yield from self._declarations()
        yield f"{day} balance {account} {to_text(found.quantity)} ~ 0 {asset} ; {source}"

    def _joined(self, last: Balance) -> Iterator[str]:
        """The accounts that join two transactions hold nothing."""
        day, first = last.at.date() + timedelta(days=1), ":".join(CONVERSIONS)
        for account in sorted(one for one in self._declared if one.startswith(f"{first}:")):
            yield f"{day} balance {account} 0 ~ {TOLERANCE} {self._money} ; joins transactions"

    def _price(self, found: Price) -> Iterator[str]:
        asset = self._currency(found.asset)
        yield from self._declarations()
        if found.asset != self._head.reporting_asset:
            yield f"{found.at:%Y-%m-%d} price {asset} {to_text(found.price)} {self._money}"

    # --- names ------------------------------------------------------------------------------------

    def _currency(self, asset: str) -> str:
        name = currency(asset)
        if name not in self._known:
            self._known.add(name)
            self._open += [f"{_BEGINNING} commodity {name}", f"  name: {_quoted(asset)}"]
        return name

    def _account(self, place: Place, part: str = "") -> str:
        """Where units are. What no balance contains is beside the account, not below it."""
        owner, asset = self._accounts(place.account), self._assets(place.asset)
        if place.aside and place.aside not in INSIDE:
            found = f"Assets:{component(place.aside)}:{owner}:{asset}"
        else:
            below = part or place.aside
            found = f"Assets:{owner}:{asset}" + (f":{component(below)}" if below else "")
        booking = "NONE" if place.asset == self._head.reporting_asset else self._booking
        return self._opened(found, f' {self._currency(place.asset)} "{booking}"', place)

    def _other(self, account: Account, place: Place, asset: str = "") -> str:
        last = f":{self._assets(asset)}" if asset else ""
        found = f"{':'.join(account)}:{self._accounts(place.account)}{last}"
        return self._opened(found, "", place._replace(asset=asset))

    def _opened(self, account: str, rest: str, place: Place) -> str:
        """The account, declared when it is first used."""
        if account not in self._declared:
            self._declared.add(account)
            self._open.append(f"{_BEGINNING} open {account}{rest}")
            self._open.append(f"  account: {_quoted(place.account)}")
            if place.asset:
                self._open.append(f"  asset: {_quoted(place.asset)}")
        return account

    def _declarations(self) -> Iterator[str]:
        yield from self._open
        self._open.clear()
