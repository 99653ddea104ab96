"""What of an account moved, and when, as its balances, open orders and positions show.

Most runs of an account find nothing new. What its mirrors show then equals what they showed before,
and its histories need not be requested again. That is evidence and no proof: units that were sold
and bought again leave equal balances. So a history that rests on it covers no further time, and
once a day every history is requested, whatever the mirrors show. Pure; kept in the memory of the
account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.money import to_text
from exchange_cache.records import Balance, Order, Position

#: Where the memory of an account keeps what moved when, and what its mirrors showed.
MOVEMENT = "movement"
SEEN = "movement_seen"
#: After a movement its rows may be served so late: until then every run requests its histories.
LATE = timedelta(minutes=30)
#: Every history is requested so often: daily, also where hourly runs begin a little early.
ROUND = timedelta(hours=23, minutes=30)
_MS = timedelta(milliseconds=1)
_SEPARATOR = "\t"

#: What mirrors show, by the name of the thing: ``balance spot LDBTC BTC`` -> its figures.
Shown = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """When assets and symbols were last seen to have moved, and anything at all (``any_ms``).

    ``round_ms`` is the last run that requested every history, ``compared_ms`` the last comparison
    of the mirrors; None: there was none.
    """

    assets: Mapping[str, int] = field(default_factory=dict)
    symbols: Mapping[str, int] = field(default_factory=dict)
    any_ms: int | None = None
    round_ms: int | None = None
    compared_ms: int | None = None

    def is_round_due(self, now_ms: int) -> bool:
        """Whether this run requests every history; so does one whose clock went back."""
        last_ms = self.round_ms
        return last_ms is None or not last_ms <= now_ms < last_ms + ROUND // _MS

    def since_ms(self, symbol: str) -> int | None:
        """When anything moved that the history of a symbol ("": of all) may report; None: it was
        never seen to."""
        if not symbol:
            return self.any_ms
        names = {*symbol.replace(":", "/").split("/"), symbol.partition(":")[2].partition("-")[0]}
        times = [self.assets[name] for name in names if name in self.assets]
        return max(
            [*times, *([self.symbols[symbol]] if symbol in self.symbols else [])], default=None
        )

    def is_settled(self, symbol: str, read_ms: int) -> bool:
        """Whether a history that was read at a time then served all that was seen to move."""
        since_ms = self.since_ms(symbol)
        return since_ms is None or read_ms >= since_ms + LATE // _MS


def shown_by(
    balances: Iterable[Balance],
    orders: Iterable[Order],
    positions: Iterable[Position],
    margins: Collection[tuple[str, str]] = (),
) -> dict[str, str]:
    """What mirrors show, as text to compare. Prices, and what moves with them alone, are no part of
    it: results, and how much of the ``margins`` (wallet and asset) positions need."""
    shown = {
        _name("balance", one.wallet, one.code, one.asset): _figures(
            one.total,
            one.debt,
            *(() if (one.wallet, one.asset) in margins else (one.free, one.used)),
        )
        for one in balances
    }
    shown |= {
        _name("order", one.category, one.symbol, one.order_id): _figures(
            one.status, one.filled, one.amount, one.price
        )
        for one in orders
    }
    shown |= {
        _name("position", one.category, one.symbol, one.side): _figures(
            one.contracts, one.entry_price
        )
        for one in positions
    }
    return shown


def compared(known: Movement, before: Shown | None, now: Shown, now_ms: int) -> Movement:
    """What is known after a comparison; without an earlier one, everything may have moved."""
    changed = {
        name for name in {*(before or {}), *now} if (before or {}).get(name) != now.get(name)
    }
    moved = before is None or bool(changed)
    assets, symbols = _past(known.assets, now_ms), _past(known.symbols, now_ms)
    for name in changed:
        kind, _, *names = name.split(_SEPARATOR)
        if kind == "balance":
            assets |= dict.fromkeys(names, now_ms)
        else:
            symbols[names[0]] = now_ms
    return Movement(
        assets=assets,
        symbols=symbols,
        any_ms=now_ms if moved or known.any_ms is None else min(known.any_ms, now_ms),
        round_ms=known.round_ms,
        compared_ms=now_ms,
    )


def _past(times: Mapping[str, int], now_ms: int) -> dict[str, int]:
    """Times as they can be: a clock that was ahead stored later ones."""
    return {name: min(time, now_ms) for name, time in times.items()}


def _name(*words: str) -> str:
    return _SEPARATOR.join(word.replace(_SEPARATOR, " ") for word in words)


def _figures(*figures: Decimal | str | None) -> str:
    return " ".join(map(_figure, figures))


def _figure(figure: Decimal | str | None) -> str:
    if figure is None:
        return "-"
    return figure if isinstance(figure, str) else to_text(figure)


# --- kept in the memory of the account ------------------------------------------------------------


def stored(movement: Movement, now_ms: int) -> dict[str, object]:
    """What the memory keeps. What moved before the last round was read by it."""
    old_ms = now_ms - 2 * (ROUND // _MS)
    return {
        "assets": {name: ms for name, ms in movement.assets.items() if ms > old_ms},
        "symbols": {name: ms for name, ms in movement.symbols.items() if ms > old_ms},
        "any_ms": movement.any_ms,
        "round_ms": movement.round_ms,
        "compared_ms": movement.compared_ms,
    }


def remembered(memory: Mapping[str, Any]) -> Movement:
    kept = memory.get(MOVEMENT)
    return Movement(**kept) if isinstance(kept, dict) else Movement()


def shown_before(memory: Mapping[str, Any]) -> Shown | None:
    kept = memory.get(SEEN)
    return kept if isinstance(kept, dict) else None
