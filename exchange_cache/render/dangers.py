"""What endangers a portfolio: near liquidations, emptied accounts, keys that may withdraw, accounts
that failed or are old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.data_types import ALARMS, KEY_RIGHTS, WITHDRAW
from exchange_cache.render import words
from exchange_cache.render.health import is_trouble, of_accounts, trouble_lines
from exchange_cache.render.layout import Line, cells, text, wrapped
from exchange_cache.render.signs import Signs
from exchange_cache.value.states import State

if TYPE_CHECKING:
    from exchange_cache.findings import Finding
    from exchange_cache.value.freshness import Freshness
    from exchange_cache.value.reading import PortfolioReading, PositionReading

#: A liquidation closer than this part of the mark price is a danger.
NEAR = Decimal("0.1")
_FAILED = 4


def is_near(own: PositionReading) -> bool:
    return own.liquidation_distance is not None and own.liquidation_distance < NEAR


def is_danger(found: Finding) -> bool:
    """Whether a finding that is not accepted stands before the figures."""
    if found.accepted is not None:
        return False
    return found.code in ALARMS or (found.code == KEY_RIGHTS and WITHDRAW in found.message)


def danger_lines(
    reading: PortfolioReading, signs: Signs, width: int | None, *, refreshing: bool
) -> tuple[Line, ...]:
    """All dangers, then what is old."""
    lines = list(_liquidations(reading.positions, signs, width))
    for found in filter(is_danger, reading.warnings):
        lines += _finding(found, signs, width)
    return (*lines, *_troubles(reading, signs, width, refreshing=refreshing))


def sound_accounts(reading: PortfolioReading) -> int:
    """How many accounts have neither trouble nor an alarm."""
    troubled = {one.account for one in reading.freshness if is_trouble(one)}
    troubled |= {one.account for one in filter(is_danger, reading.warnings) if one.account}
    return len({*reading.accounts} - troubled)


def _liquidations(
    positions: Iterable[PositionReading], signs: Signs, width: int | None
) -> tuple[Line, ...]:
    """``main ETH long 1.3 % from liquidation (2,939.44); XRP long 8.9 %``, the nearest first, on
    one line; the table of positions has them all."""
    near = sorted(filter(is_near, positions), key=lambda one: one.liquidation_distance or 0)
    parts: list[str] = []
    account = ""
    for own in near:
        position = own.position
        place = f"{position.account} " if position.account != account else ""
        account = position.account
        away = words.percent(own.liquidation_distance)
        base = position.symbol.partition("/")[0]
        price = f" from liquidation ({words.price(position.liquidation_price)})"
        parts.append(f"{place}{base} {position.side} {away}{'' if parts else price}")
    if not parts:
        return ()
    for number in range(len(parts), 0, -1):
        more = "" if number == len(parts) else f"; {len(parts) - number} more"
        shown = "; ".join(parts[:number]) + more
        if width is None or cells(shown) + cells(signs.danger) + 1 <= width:
            break
    return wrapped(text(f"{signs.danger} ", "bad"), shown, width, role="bad")


def _finding(found: Finding, signs: Signs, width: int | None) -> tuple[Line, ...]:
    message, hint = found.message, found.hint
    if found.code == KEY_RIGHTS:
        message = f"{message}; replace it with one that only reads"
        hint = f"excache account check {found.account}"
    place = f"{found.account}: " if found.account else ""
    return wrapped(text(f"{signs.danger} ", "bad"), place + message, width, command=hint)


# --- accounts that failed or are old -------------------------------------------------------------


def _troubles(
    reading: PortfolioReading, signs: Signs, width: int | None, *, refreshing: bool
) -> Iterable[Line]:
    by_account: dict[str, list[Freshness]] = {}
    for verdict in reading.freshness:
        by_account.setdefault(verdict.account, []).append(verdict)
    troubled = {name: own for name, own in by_account.items() if any(map(is_trouble, own))}
    yield from _unsynced_lines(troubled, len(by_account), signs, width, refreshing=refreshing)
    troubled = {name: own for name, own in troubled.items() if not _is_unsynced(own)}
    old = {name: own for name, own in troubled.items() if _is_only_old(own)}
    failed = [name for name in troubled if name not in old]
    if len(old) == 1:
        failed, old = [name for name in troubled if name in old or name in failed], {}
    for name in failed[:_FAILED]:
        yield from trouble_lines(name, troubled[name], signs, width, refreshing)
    if len(failed) > _FAILED:
        rest = ", ".join(failed[_FAILED:])
        head = text(f"{signs.attention} ", "warn")
        sentence = f"{len(failed) - _FAILED} more have problems: {rest}"
        yield from wrapped(head, sentence, width, command="excache status")
    if old:
        yield from _old_lines(old, len(by_account), signs, width, refreshing=refreshing)


def _is_unsynced(own: Sequence[Freshness]) -> bool:
    """Whether nothing failed, and a first sync is all that an account needs."""
    found = [one for one in own if is_trouble(one)]
    return bool(found) and all(one.state == State.MISSING and one.error is None for one in found)


def _unsynced_lines(
    troubled: dict[str, list[Freshness]],
    accounts: int,
    signs: Signs,
    width: int | None,
    *,
    refreshing: bool,
) -> Iterable[Line]:
    """One line for the accounts whose first sync did not begin, one for those where it did not
    end: their rows so far are stored."""
    unsynced = {name: own for name, own in troubled.items() if _is_unsynced(own)}
    never = [
        name
        for name, own in unsynced.items()
        if all(one.state in {State.MISSING, State.NOT_OFFERED} for one in own)
    ]
    begun = [name for name in unsynced if name not in never]
    for names, what, sign, role in (
        (never, "never synced", signs.failed, "bad"),
        (begun, "the first sync is not complete", signs.attention, "warn"),
    ):
        if names:
            whose = "all accounts" if len(names) == accounts > 1 else ", ".join(names)
            command = f"excache sync{of_accounts(names, accounts)}"
            yield from wrapped(
                text(f"{sign} ", role),
                f"{whose}: {what}{'; refreshing now' if refreshing else ''}",
                width,
                command=None if refreshing else command,
            )


def _is_only_old(own: Sequence[Freshness]) -> bool:
    """Whether a reload cures all of an account's troubles, as far as is known."""
    return all(
        one.state == State.STALE and one.error is None and not one.lost
        for one in own
        if is_trouble(one)
    )


def _old_lines(
    old: dict[str, list[Freshness]],
    accounts: int,
    signs: Signs,
    width: int | None,
    *,
    refreshing: bool,
) -> tuple[Line, ...]:
    """One line for all accounts whose data are merely old."""
    stale = [one for own in old.values() for one in own if is_trouble(one)]
    kinds = list(dict.fromkeys(str(one.data_type) for one in stale))
    needed = {str(one.data_type) for own in old.values() for one in own}
    what = "everything" if len(kinds) == len(needed) > 1 else words.listed(kinds)
    whose = "of all accounts" if len(old) == accounts else f"of {words.listed(old)}"
    oldest = max((one.age for one in stale if one.age is not None), default=timedelta(0))
    sentence = f"{what} {whose} up to {words.age(oldest)} old"
    return wrapped(
        text(f"{signs.attention} ", "warn"),
        f"{sentence}; refreshing now" if refreshing else sentence,
        width,
        command=None if refreshing else f"excache reload{of_accounts(old, accounts)}",
    )
