"""What happened to assets themselves: renames, redenominations, reused codes, mergers, split-offs.

An exchange lists balances and trades under the code of their day. An asset event states that from
its date on the units of one code are units of another, at a factor: nothing is sold, so cost, age
and lots of the units pass through, and nothing is realised.

Decisions:
- A code is the identity of an asset, at one exchange and time. Stored rows keep the code that the
  exchange wrote; ``bookings.recognise`` is the only place that reads them under another one, when
  cost and replay ask. So a corrected list needs no change of what is stored.
- Where an exchange books nothing, the event applies at its date to all that the account holds, at
  the exchanges that it names. The list names none where an exchange began with the new unit, or
  where its date is not documented: then only a booking, or config.toml, makes the event happen.
- After a rename or merger an exchange may write the old code for some time; such rows count as the
  new one. After a reuse the old code is another asset.
- A split-off leaves the old units where they are. The new ones take the stated share of their cost.

The shipped list is ``exchanges.asset_events``; config.toml extends and overrides it. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from exchange_cache.money import to_text

ONE = Decimal(1)


class EventKind(StrEnum):
    """What happened to an asset."""

    RENAME = "rename"
    REDENOMINATION = "redenomination"  # another unit under the same code
    REUSE = "reuse"  # a rename after which the old code is another asset
    MERGER = "merger"
    SPLIT_OFF = "split_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvent:
    """From ``at`` on, one unit of ``old`` is ``factor`` units of ``new``.

    ``exchanges``: where it applies without being booked; None: everywhere. ``cost_share``: the
    part of the cost that a split-off takes with it. ``source``: where it is documented.
    """

    kind: EventKind
    old: str
    new: str
    at: datetime
    factor: Decimal = ONE
    cost_share: Decimal | None = None
    exchanges: tuple[str, ...] | None = None
    source: str = ""
    ignored: bool = False  # the user states that it did not happen

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError(f"an asset event's time must be an aware UTC time, not {self.at!r}")
        if self.factor <= 0:
            raise ValueError(f"an asset event's factor must be positive, not {self.factor}")
        if (self.kind is EventKind.REDENOMINATION) != (self.old == self.new):
            raise ValueError(
                f"{self.kind} from {self.old} to {self.new}: one code is only for a redenomination"
            )
        share = self.cost_share
        if (self.kind is EventKind.SPLIT_OFF) != (share is not None):
            raise ValueError("a split-off states its share of the cost, no other event does")
        if share is not None and not 0 <= share <= 1:
            raise ValueError(f"a share of cost must be from 0 to 1, not {share}")

    @property
    def replaces(self) -> bool:
        """Whether the old code stands for the new asset afterwards."""
        return self.kind in {EventKind.RENAME, EventKind.MERGER}

    @property
    def sentence(self) -> str:
        """``rename MATIC -> POL, 1 to 1``."""
        share = "" if self.cost_share is None else f", {to_text(self.cost_share)} of the cost"
        name = self.kind.replace("_", "-")
        return f"{name} {self.old} -> {self.new}, 1 to {to_text(self.factor)}{share}"


def overridden(
    listed: Iterable[AssetEvent], stated: Sequence[AssetEvent]
) -> tuple[AssetEvent, ...]:
    """The listed events with those that the user states: one of the same two codes replaces the
    listed one, at the exchanges that it names. Ignored ones are included."""
    found = []
    for event in listed:
        own = [one for one in stated if (one.old, one.new) == (event.old, event.new)]
        named = {name for one in own for name in one.exchanges or ()}
        left = tuple(name for name in event.exchanges or () if name not in named)
        if not own:
            found.append(event)
        elif left and all(one.exchanges is not None for one in own):
            found.append(replace(event, exchanges=left))
    return tuple(sorted((*found, *stated), key=lambda one: (one.at, one.old, one.new)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvents:
    """The events that are in force, and the exchange of each account.

    ``aliases``: per account, codes that are another asset's at all times (ETH2 is ETH).
    ``unread``: per account, the wallets that moves name and no balance contains. ``apart``: per
    account, those of them that are an account of their own at another exchange, by the exchange.
    """

    events: tuple[AssetEvent, ...] = ()
    exchange_of: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: Mapping[str, frozenset[str]] = field(default_factory=dict)
    apart: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def applies(self, event: AssetEvent, account: str) -> bool:
        """Whether an event takes effect at an account that does not book it."""
        places = event.exchanges
        return places is None or self.exchange_of.get(account) in places

    def lead_to_each_other(self, account: str, wallet: str, other: str, its: str) -> bool:
        """Whether a wallet of one account is the other account, and one of the other's is the
        first."""
        there = self.apart.get(account, {}).get(wallet, "")
        back = self.apart.get(other, {}).get(its, "")
        return (there, back) == (self.exchange_of.get(other), self.exchange_of.get(account))

    def other_codes(self, asset: str, at: datetime) -> Iterator[tuple[str, Decimal, Decimal]]:
        """The codes that may have traded an asset instead at a time: its code before, if it was
        renamed later; or its other code, for an exchange that lists only the old or only the new
        one. With each two quantities, first of that code, then of the asset, of the same worth."""
        for event in self.events:
            after, renamed = at >= event.at, event.kind in {EventKind.RENAME, EventKind.REUSE}
            if event.new == asset and renamed and (event.replaces or not after):
                yield event.old, ONE, event.factor
            elif event.old == asset and (event.replaces if after else renamed):
                yield event.new, event.factor, ONE

    def codes(self) -> frozenset[str]:
        """Every code under which a row may book an event."""
        codes = {code for event in self.events for code in (event.old, event.new)}
        aliases = {
            code
            for known in self.aliases.values()
            for code, asset in known.items()
            if asset in codes
        }
        return frozenset(codes | aliases)

    def related(self, codes: Collection[str]) -> frozenset[str]:
        """The codes whose units come from or go to these, and their aliases."""
        found, last = set(codes), set[str]()
        while found != last:
            last = set(found)
            for event in self.events:
                if {event.old, event.new} & found:
                    found |= {event.old, event.new}
            for aliases in self.aliases.values():
                found |= {code for code, known in aliases.items() if known in found}
        return frozenset(found)

    def fingerprint(self) -> list[str]:
        """Everything that cost depends on, in a form to compare."""
        places = [f"{account}={name}" for account, name in sorted(self.exchange_of.items())]
        known = [
            f"{account}: {code}={asset}"
            for account, codes in sorted(self.aliases.items())
            for code, asset in sorted(codes.items())
        ]
        unread = [f"{account}: {sorted(names)}" for account, names in sorted(self.unread.items())]
        apart = [
            f"{account}: {sorted(names.items())}" for account, names in sorted(self.apart.items())
        ]
        return [*(repr(event) for event in self.events), *places, *known, *unread, *apart]
