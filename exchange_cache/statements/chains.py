"""Running balances as chains: where each row begins with the balance that the row before left,
nothing is missing between them.

A link is an unbroken part of a chain in one file. Links of several files continue each other where
the later one begins with the balance that the earlier one left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from exchange_cache.money import EXACT
from exchange_cache.statements.table import Checkpoint

#: So many breaks of one chain are kept; a file with more proves nothing.
MOST_BREAKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An unbroken part of the chain of an asset: from the balance ``opening`` before its first row
    to ``closing`` after its last. ``broken_by`` says what contradicts it before its first row."""

    chain: str
    asset: str
    start: datetime
    end: datetime
    opening: Decimal
    closing: Decimal
    first_line: int
    last_line: int
    broken_by: str | None = None
    file: int = 0


class _Chain:
    """One chain while it is read, as if its rows ran forwards or backwards."""

    def __init__(self, first: Checkpoint, *, backwards: bool) -> None:
        self._backwards = backwards
        self.links = [_link(first)]

    def add(self, row: Checkpoint) -> None:
        last, new = self.links[-1], _link(row)
        if self._backwards and last.opening == new.closing:
            self.links[-1] = replace(
                last, start=new.start, opening=new.opening, first_line=row.line
            )
        elif not self._backwards and last.closing == new.opening:
            self.links[-1] = replace(last, end=new.end, closing=new.closing, last_line=row.line)
        elif len(self.links) <= MOST_BREAKS:
            self.links.append(new)

    def ordered(self) -> list[Link]:
        links = self.links[::-1] if self._backwards else self.links
        return [links[0], *(_broken(one, two) for one, two in pairwise(links))]


def _link(row: Checkpoint) -> Link:
    return Link(
        chain=row.chain,
        asset=row.asset,
        start=row.time,
        end=row.time,
        opening=EXACT.subtract(row.after, row.change),
        closing=row.after,
        first_line=row.line,
        last_line=row.line,
    )


def _broken(before: Link, after: Link) -> Link:
    words = (
        f"line {after.first_line} begins with {after.opening} {after.asset}, where line"
        f" {before.last_line} left {before.closing}"
    )
    return replace(after, broken_by=words)


class Chains:
    """The chains of one file, by what its rows state one after another."""

    def __init__(self) -> None:
        self._ways: dict[tuple[str, str], tuple[_Chain, _Chain]] = {}
        self._last: datetime | None = None
        self._newest_first = 0  # how many more rows are older than the one before than newer

    def add(self, row: Checkpoint) -> None:
        if self._last is not None and row.time != self._last:
            self._newest_first += 1 if row.time < self._last else -1
        self._last = row.time
        key = (row.chain, row.asset)
        ways = self._ways.get(key)
        if ways is None:
            self._ways[key] = (_Chain(row, backwards=False), _Chain(row, backwards=True))
            return
        for way in ways:
            way.add(row)

    def links(self) -> tuple[Link, ...]:
        """The links of every chain, oldest first, read in the direction with fewer breaks; where
        both have as many, as after a credit that left again, in the direction of the times."""
        found: list[Link] = []
        for forwards, backwards in self._ways.values():
            backwards_first = self._newest_first > 0
            ways = (backwards, forwards) if backwards_first else (forwards, backwards)
            found += min(ways, key=lambda way: len(way.links)).ordered()
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a chain of an asset proves: from ``start`` to ``end`` nothing of it is missing.
    ``from_zero``: it begins with nothing, so nothing is missing before it either."""

    chain: str
    asset: str
    start: datetime
    end: datetime
    from_zero: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first place where a chain is broken, from the newest row backwards."""

    chain: str
    asset: str
    at: datetime
    words: str


def joined(links: Iterable[Link]) -> list[Link]:
    """Links of one chain in several files, as far as they continue each other, oldest first. What
    another file states without a break counts once, whatever breaks it here."""
    done: list[Link] = []
    for link in _widest(list(links)):
        last = done[-1] if done else None
        meets = last is not None and link.broken_by is None and link.file != last.file
        if last is not None and (
            last.closing == link.opening if link.start > last.end or not meets else meets
        ):
            done[-1] = replace(link, start=last.start, opening=last.opening)
            done[-1] = replace(done[-1], first_line=last.first_line, broken_by=last.broken_by)
        else:
            done.append(link)
    return done


def _widest(links: list[Link]) -> list[Link]:
    """The links that no link of another file contains, oldest first."""
    ordered = sorted(links, key=lambda one: (one.start, one.end, one.first_line))
    return [link for link in ordered if not any(_contains(other, link) for other in ordered)]


def _contains(other: Link, link: Link) -> bool:
    if other.file == link.file or not (other.start <= link.start and link.end <= other.end):
        return False
    same = (other.start, other.end) == (link.start, link.end)
    return not same or other.file < link.file


def proven(links: Iterable[Link], closes: Iterable[datetime]) -> tuple[Proven | None, Break | None]:
    """What the newest joined link of one chain proves, and the first break before it. ``closes``
    are moments at which the exchange's own API states a row or the balance of the chain: a link
    that reaches none of them is not proven."""
    parts = joined(links)
    if not parts:
        return None, None
    newest = parts[-1]
    broken = None
    if len(parts) > 1:
        words = newest.broken_by or (
            f"begins with {newest.opening} {newest.asset} where the file before left"
            f" {parts[-2].closing}"
        )
        broken = Break(chain=newest.chain, asset=newest.asset, at=newest.start, words=words)
    if not any(newest.start <= moment <= newest.end for moment in closes):
        return None, broken
    found = Proven(
        chain=newest.chain,
        asset=newest.asset,
        start=newest.start,
        end=newest.end,
        from_zero=not newest.opening,
    )
    return found, broken
