"""The states of ``fold`` as JSON and back, exactly: every number as text, every time in full.

Lots are not part of it: they are rows of their own (``lots.LotSource``), and so are the results of
earlier days.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cost.aside import place_of
from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.contracts import Contract
from exchange_cache.cost.fold import Holding
from exchange_cache.cost.lot_book import Lot, LotBook
from exchange_cache.cost.lots import UnknownPart
from exchange_cache.cost.shorts import LotShort, Short
from exchange_cache.ledger.results import Exposure, SymbolExposure

_FIGURES = ("trading", "unexplained", "written_off", "fees", "outside", "realised", "lent")
_BOOK = ("explained", "unknown", "oversold", "cost")


def pack(holding: Holding) -> str:
    """A holding as JSON."""
    trail = holding.trail
    found = {
        "digest": f"{trail.digest:x}",
        "events": trail.events,
        "fills": trail.fills,
        "first": _time(trail.first),
        "last": _time(trail.last),
        "flags": trail.flags,
        "states": {str(state.book.method): _state(state) for state in holding.states},
    }
    return json.dumps(found, separators=(",", ":"))


def unpack(holding: Holding, text: str) -> None:
    """Bring a new holding to a stored state."""
    found, trail = json.loads(text), holding.trail
    trail.digest = int(found["digest"], 16)
    trail.events, trail.fills, trail.flags = found["events"], found["fills"], found["flags"]
    trail.first, trail.last = _moment(found["first"]), _moment(found["last"])
    states = found["states"]
    for state in holding.states:
        (only,) = states.values() if len(states) == 1 else (states[str(state.book.method)],)
        _fill_state(state, only)


def _state(state: AssetState) -> dict[str, Any]:
    book = state.book
    found: dict[str, Any] = {name: str(getattr(state, name)) for name in _FIGURES}
    found |= {name: str(getattr(book, name)) for name in _BOOK}
    found["flows"] = {name: str(value) for name, value in state.flows.items() if value}
    found["shrunk"] = book.shrunk
    if book.parts:
        found["parts"] = [
            [one.reason, str(one.quantity), one.count, _time(one.first), _time(one.last)]
            for one in book.parts.values()
        ]
    if state.oversold_at is not None:
        found["oversold_at"] = _time(state.oversold_at)
    if state.by_day:
        day = max(state.by_day)
        found["day"] = [day.isoformat(), str(state.by_day[day])]
    if isinstance(book, LotBook):
        found["entered"] = book.entered
    if state.aside:
        found["aside"] = {flow: _aside(place) for flow, place in state.aside.items()}
    if book.short.quantity or isinstance(book.short, LotShort):
        found["short"] = _short(book.short)
    return found


def _fill_state(state: AssetState, found: dict[str, Any]) -> None:
    book = state.book
    for name in _FIGURES:
        setattr(state, name, Decimal(found[name]))
    for name in _BOOK:
        setattr(book, name, Decimal(found[name]))
    state.flows.update({name: Decimal(value) for name, value in found["flows"].items()})
    book.shrunk = found["shrunk"]
    for reason, quantity, count, first, last in found.get("parts", ()):
        book.parts[reason] = UnknownPart(
            reason=reason,
            quantity=Decimal(quantity),
            count=count,
            first=datetime.fromisoformat(first),
            last=datetime.fromisoformat(last),
        )
    state.oversold_at = _moment(found.get("oversold_at"))
    if "day" in found:
        day, amount = found["day"]
        state.stored_until = date.fromisoformat(day)
        state.by_day = {state.stored_until: Decimal(amount)}
    if isinstance(book, LotBook):
        book.entered = found["entered"]
    for flow, kept in found.get("aside", {}).items():
        _fill_aside(place_of(state, flow), kept)
    if "short" in found:
        _fill_short(book.short, found["short"])


def _aside(place: AssetState) -> dict[str, Any]:
    """Units set aside, with their lots: they are few."""
    found = _state(place)
    if isinstance(place.book, LotBook):
        found["lots"] = [
            [*key, lot.order, str(lot.quantity), None if lot.cost is None else str(lot.cost)]
            for *key, lot in place.book.lots
        ]
    return found


def _fill_aside(place: AssetState, found: dict[str, Any]) -> None:
    _fill_state(place, found)
    if isinstance(place.book, LotBook):
        place.book.lots = [
            (key, age, entered, Lot(order, Decimal(size), None if cost is None else Decimal(cost)))
            for key, age, entered, order, size, cost in found["lots"]
        ]


def _short(short: Short) -> dict[str, Any]:
    found: dict[str, Any] = {"quantity": str(short.quantity), "proceeds": str(short.proceeds)}
    if isinstance(short, LotShort):
        found["entered"] = short.entered
        found["lots"] = [
            [[part if isinstance(part, int) else str(part) for part in key], str(size), str(worth)]
            for key, size, worth in short.lots
        ]
    return found


def _fill_short(short: Short, found: dict[str, Any]) -> None:
    short.quantity, short.proceeds = Decimal(found["quantity"]), Decimal(found["proceeds"])
    if isinstance(short, LotShort):
        short.entered = found["entered"]
        short.lots = [
            (
                tuple(part if isinstance(part, int) else Decimal(part) for part in key),
                Decimal(size),
                Decimal(worth),
            )
            for key, size, worth in found["lots"]
        ]


def pack_contract(contract: Contract) -> str:
    """The exposure of one contract as JSON."""
    both = [
        [_side(side) for side in one.sides.values()] for one in (contract.one_way, contract.hedged)
    ]
    found = {"settle": contract.settle, "inverse": contract.inverse, "sides": both}
    return json.dumps(found, separators=(",", ":"))


def unpack_contract(text: str) -> Contract:
    found = json.loads(text)
    contract = Contract(
        found["settle"], found["inverse"], SymbolExposure(False), SymbolExposure(True)
    )
    for symbol, sides in zip((contract.one_way, contract.hedged), found["sides"], strict=True):
        for side, kept in zip(symbol.sides.values(), sides, strict=True):
            _fill_side(side, kept)
    return contract


def _side(side: Exposure) -> dict[str, Any]:
    return {
        "size": str(side.size),
        "opened": str(side.opened),
        "contracts": None if side.contracts is None else str(side.contracts),
        "realised": str(side.realised),
        "reported": None if side.reported is None else str(side.reported),
        "fees": {asset: str(amount) for asset, amount in side.fees.items()},
        "times": [_time(one) for one in side.times],
        "count": side.count,
    }


def _fill_side(side: Exposure, kept: dict[str, Any]) -> None:
    side.size, side.opened = Decimal(kept["size"]), Decimal(kept["opened"])
    side.contracts = None if kept["contracts"] is None else Decimal(kept["contracts"])
    side.realised = Decimal(kept["realised"])
    side.reported = None if kept["reported"] is None else Decimal(kept["reported"])
    side.fees.update({asset: Decimal(amount) for asset, amount in kept["fees"].items()})
    side.times = [datetime.fromisoformat(one) for one in kept["times"]]
    side.count = kept["count"]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
