"""Writes entries for hledger and ledger, which take the same journal but for one sign.

Both balance exact totals (``@@``) to their last digit, and neither derives a result: every cost and
every gain is written. ``{}`` is not used, since hledger ignores it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from exchange_cache.export.accounts import (
    INSIDE,
    LEFT_OUT,
    UNKNOWN,
    Account,
    Counter,
    account_of,
    counters,
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
)
from exchange_cache.export.names import Parts, commodity, literal, part
from exchange_cache.export.texts import KEYS, caption, details, left_out, owed_priced, priced
from exchange_cache.money import ZERO, to_text
from exchange_cache.visible import visible

#: What a program reads in a comment: the end of a description, and dates.
_SPECIAL = str.maketrans({"[": "(", "]": ")", ";": ","})
_DATES = re.compile(r"\b(date2?|_):")


def hledger(head: Head, items: Iterable[Item]) -> Iterator[str]:
    """The lines of a journal for hledger."""
    yield from _Writer(head, "@@").lines(items)


def ledger(head: Head, items: Iterable[Item]) -> Iterator[str]:
    """The lines of a journal for ledger, whose prices are not those of costs."""
    yield from (f"tag {key}" for key in KEYS)
    yield from _Writer(head, "(@@)").lines(items)


def _text(text: str) -> str:
    """Text on one line in which nothing means anything."""
    plain = " ".join(visible(text).translate(_SPECIAL).split())
    return _DATES.sub(r"\1-", plain).replace("::", ": :")


class _Writer:
    def __init__(self, head: Head, total: str) -> None:
        self._head, self._total = head, total
        self._parts = Parts(part)
        self._declared: set[str] = set()
        self._open: list[str] = []
        self._money = commodity(head.reporting_asset)

    def lines(self, items: Iterable[Item]) -> Iterator[str]:
        head = self._head
        yield f"; excache {head.version}: method {head.method}, in {_text(head.reporting_asset)}"
        yield "; costs and gains are written: no lots are booked"
        if part := left_out(head):
            yield f"; {_text(part)}"
        for name, exchange in head.accounts:
            yield f"; account {self._parts(name)}: {_text(name)} ({_text(exchange)})"
        yield ""
        for item in items:
            found = list(self._item(item))
            yield from self._open
            self._open.clear()
            yield from found

    def _item(self, item: Item) -> Iterator[str]:
        if isinstance(item, Entry):
            yield from self._entry(item)
        elif isinstance(item, Balance):
            yield from self._balance(item)
        else:
            yield from self._price(item)

    # --- entries ----------------------------------------------------------------------------------

    def _entry(self, entry: Entry) -> Iterator[str]:
        for change in entry.changes:
            if change.opened:
                yield from self._opening(entry, change)
        kind = entry.event.kind
        yield f"{entry.time:%Y-%m-%d} * {_text(entry.event.account)} | {_text(caption(entry))}"
        for key, text in details(entry):
            yield f"    ; {key}: {_text(text)}"
        for change in entry.changes:
            yield from self._postings(change)
            for one in counters(change, kind):
                yield from self._counter(one)
        if entry.left_over:
            yield from self._counter(Counter(LEFT_OUT, entry.changes[0].place, entry.left_over))
        for change in entry.changes:
            if change.unknown:
                yield self._source(change, change.unknown, kind)
        yield ""

    def _opening(self, entry: Entry, change: Change) -> Iterator[str]:
        """Units that nothing explains, before they are removed."""
        owner = _text(change.place.account)
        yield f"{entry.time:%Y-%m-%d} * {owner} | opening: not explained by stored history"
        yield self._priced(self._account(change.place), change.opened, ZERO, change.place)
        yield self._source(change, change.opened, UNEXPLAINED)
        yield ""

    def _source(self, change: Change, units: Decimal, kind: str) -> str:
        """Where units of unknown cost come from."""
        found = UNKNOWN if change.flow not in INSIDE else account_of(change.flow, kind)
        return self._priced(self._other(found, change.place), -units, ZERO, change.place)

    def _postings(self, change: Change) -> Iterator[str]:
        account = self._account(change.place)
        if change.reporting:
            if change.units:
                yield self._amount(account, change.units)
            return
        for units, cost in (*priced(change), *owed_priced(change)):
            yield self._priced(account, units, cost, change.place)

    def _counter(self, found: Counter) -> Iterator[str]:
        if found.amount:
            account = self._other(found.account, found.place, found.asset)
            yield self._amount(account, found.amount)

    def _amount(self, account: str, amount: Decimal) -> str:
        return f"    {account}  {to_text(amount)} {self._commodity(self._head.reporting_asset)}"

    def _priced(self, account: str, units: Decimal, cost: Decimal, place: Place) -> str:
        asset, money = self._commodity(place.asset), self._commodity(self._head.reporting_asset)
        if asset == money:
            return f"    {account}  {to_text(units)} {asset}"
        return f"    {account}  {to_text(units)} {asset} {self._total} {to_text(cost)} {money}"

    # --- the end ----------------------------------------------------------------------------------

    def _balance(self, found: Balance) -> Iterator[str]:
        asset, day = self._commodity(found.place.asset), f"{found.at:%Y-%m-%d}"
        source = "reported by the exchange" if found.reported else "by the events alone"
        yield f"{day} * {_text(found.place.account)} | balance {_text(found.place.asset)}, {source}"
        yield f"    {self._account(found.place)}  0 {asset} = {to_text(found.quantity)} {asset}"
        yield ""

    def _price(self, found: Price) -> Iterator[str]:
        if found.asset != self._head.reporting_asset:
            asset, money = self._commodity(found.asset), self._money
            yield f"P {found.at:%Y-%m-%d} {asset} {to_text(found.price)} {money}"

    # --- names ------------------------------------------------------------------------------------

    def _commodity(self, asset: str) -> str:
        name = commodity(asset)
        stands_for = "" if name in {asset, f'"{asset}"'} else f"; {name} is {literal(asset)}"
        self._declare(f"commodity {name}", stands_for)
        return name

    def _account(self, place: Place) -> str:
        """Where units are: what no balance contains is in an account of its own."""
        apart = place.aside and place.aside not in INSIDE
        first = ("Assets", place.aside.title()) if apart else ("Assets",)
        return self._named(first, place.account, place.asset)

    def _other(self, account: Account, place: Place, asset: str = "") -> str:
        return self._named(account, place.account, asset)

    def _named(self, first: tuple[str, ...], account: str, asset: str) -> str:
        names = [account, *([asset] if asset else [])]
        parts = [self._parts(name) for name in names]
        found = ":".join((*first, *parts))
        same = parts == names
        self._declare(f"account {found}", "" if same else f"; {found} is {_literals(names)}")
        return found

    def _declare(self, line: str, comment: str) -> None:
        """A declaration before its first use; ``comment``: what its name stands for."""
        if line not in self._declared:
            self._declared.add(line)
            self._open += [comment, line] if comment else [line]


def _literals(names: list[str]) -> str:
    return ", ".join(map(literal, names))
