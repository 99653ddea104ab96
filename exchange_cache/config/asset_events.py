"""``[[asset_events]]`` of config.toml: events that the shipped list does not have, other dates or
factors for those that it has, and those to ignore.

Every fault is collected with its place, like those of other settings. Two statements that cannot
both be true are faults too: one change stated twice, and changes of one moment that lead in a
circle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from exchange_cache.clock import EPOCH
from exchange_cache.config import values
from exchange_cache.config.faults import Key, Wrong, kind_of, suggestion
from exchange_cache.config.toml_values import to_toml

if TYPE_CHECKING:
    from exchange_cache.ledger.asset_events import AssetEvent

#: The kinds of events; without one, the other keys decide.
KINDS = ("rename", "redenomination", "reuse", "merger", "split_off")


def asset_events(value: object) -> tuple[AssetEvent, ...]:
    """The events in the order of the file; Wrong names the place of each fault."""
    if not isinstance(value, list):
        raise Wrong(f"must be tables, each headed [[asset_events]], not {kind_of(value)}")
    wrong: list[tuple[Key, str]] = []
    found: list[tuple[int, AssetEvent]] = []
    for index, table in enumerate(value):
        try:
            found.append((index, _event(table)))
        except Wrong as exc:
            wrong += [((index, *below), what) for below, what in exc.parts]
    wrong += _contradictions(found)
    if wrong:
        raise Wrong.several(wrong)
    return tuple(event for _, event in found)


def _code(value: object) -> str:
    return values.code(value)


def _moment(value: object) -> datetime:
    """A day (its beginning, UTC) or a time with its zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            raise Wrong(f"must be a date such as 2024-09-13, not {to_toml(value)}") from None
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise Wrong("must state its zone, such as 2024-09-13T10:00:00Z")
        return value.astimezone(UTC)
    day = values.day(value)
    assert isinstance(day, date)
    return datetime.combine(day, time(), UTC)


def _factor(value: object) -> Decimal:
    found = values.amount(value)
    if not found:
        raise Wrong("must be greater than 0: the new units that one old unit becomes")
    return found


def _share(value: object) -> Decimal:
    found = values.amount(value)
    if found > 1:
        raise Wrong(f"must be a part of the cost, from 0 to 1, not {to_toml(found)}")
    return found


_READERS: Mapping[str, Callable[[object], Any]] = {
    "from": _code,
    "to": _code,
    "at": _moment,
    "factor": _factor,
    "kind": values.choice(*KINDS),
    "cost_share": _share,
    "exchanges": values.list_of(values.text),
    "ignore": values.flag,
}


def _event(table: object) -> AssetEvent:
    if not isinstance(table, dict):
        raise Wrong(f"must be a table, not {kind_of(table)}")
    wrong: list[tuple[Key, str]] = []
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            what = f"is unknown; {suggestion(key, tuple(_READERS))}"
            wrong.append(((key,), what))
            continue
        try:
            found[key] = _READERS[key](value)
        except Wrong as exc:
            wrong += [((key, *below), what) for below, what in exc.parts]
    needed = ("from", "to") if found.get("ignore") else ("from", "to", "at")
    missing = [key for key in needed if key not in table]
    if missing:
        wrong.append(((), f"must state {', '.join(missing)}"))
    if wrong:
        raise Wrong.several(wrong)
    return _made(found)


def _made(found: Mapping[str, Any]) -> AssetEvent:
    """The event; its kind follows from the other keys unless it is stated."""
    from exchange_cache.ledger.asset_events import AssetEvent, EventKind

    old, new, share = found["from"], found["to"], found.get("cost_share")
    kind = found.get("kind") or _usual(old, new, share)
    if (kind == "redenomination") != (old == new):
        cure = "is a redenomination" if old == new else f"has two codes, {old} and {new}"
        raise Wrong(f"must not be a {kind}: it {cure}", at=("kind",))
    if (kind == "split_off") != (share is not None):
        where: Key = ("kind",) if share is None else ("cost_share",)
        raise Wrong("must go with the other: a split_off states its cost_share", at=where)
    return AssetEvent(
        kind=EventKind(kind),
        old=old,
        new=new,
        at=found.get("at", EPOCH),
        factor=found.get("factor", Decimal(1)),
        cost_share=share,
        exchanges=found.get("exchanges"),
        source="config.toml",
        ignored=found.get("ignore", False),
    )


def _usual(old: str, new: str, share: Decimal | None) -> str:
    if old == new:
        return "redenomination"
    return "rename" if share is None else "split_off"


def _contradictions(found: Sequence[tuple[int, AssetEvent]]) -> list[tuple[Key, str]]:
    wrong: list[tuple[Key, str]] = []
    for number, (index, event) in enumerate(found):
        earlier = [one for _, one in found[:number] if _meet(one, event)]
        if any((one.old, one.new, one.at) == (event.old, event.new, event.at) for one in earlier):
            wrong.append(((index,), f"states {event.old} to {event.new} twice; remove one of them"))
        elif event.old != event.new and _leads(event.new, event.old, event, earlier):
            what = f"leads in a circle: at that moment {event.new} becomes {event.old} as well"
            wrong.append(((index,), f"{what}; remove or date one of them differently"))
    return wrong


def _meet(one: AssetEvent, other: AssetEvent) -> bool:
    """Whether both apply at some exchange."""
    if one.exchanges is None or other.exchanges is None:
        return True
    return bool({*one.exchanges} & {*other.exchanges})


def _leads(code: str, goal: str, event: AssetEvent, others: Sequence[AssetEvent]) -> bool:
    """Whether a code becomes another one by events of the same moment."""
    reached, more = {code}, True
    while more:
        following = {
            one.new for one in others if one.old in reached and one.at == event.at
        } - reached
        reached, more = reached | following, bool(following)
    return goal in reached
