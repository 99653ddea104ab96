"""What the units are that an average leaves out, each with the command that gives them a cost."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.cost.reconcile import UNSEEN, reason_words, unseen_units
from exchange_cache.money import ROUNDING, ZERO, to_text
from exchange_cache.render import words
from exchange_cache.render.words import rounded

if TYPE_CHECKING:
    from exchange_cache.cost.basis import AssetBasis
    from exchange_cache.cost.reconcile import Reconciled
    from exchange_cache.records import Transfer
    from exchange_cache.value.completeness import Complete
    from exchange_cache.value.places import PlaceDifference

#: What lists files and archives of the past.
MISSING = "excache status --missing"
_SOLD = "sold_more_than_known"
#: How the cause begins that the user limits the history.
OWN_START = "history is read from "
UNFETCHED = "its history is not fetched yet"
_DAYS = re.compile(r"\d{4}-\d\d-\d\d")
_DAY = re.compile(r" (\d{4}-\d\d-\d\d)")
_TIMES = re.compile(r" x(\d+)$")
#: So many times at which units came have a line each.
EACH = 5
#: The kinds of history in which units of an asset are bought and received.
_BOUGHT = ("spot", "margin", "trades", "transfers")


class Rest(NamedTuple):
    """Some units of unknown cost: how many (None: unknown how many of them), why, and the cure."""

    quantity: Decimal | None
    text: str
    command: str | None


def rest_of(
    result: Reconciled,
    basis: AssetBasis | None,
    own: Sequence[AssetBasis],
    places: Sequence[PlaceDifference],
    complete: Mapping[str, Sequence[Complete]],
    curable: Collection[str] = (),
    unfetched: Collection[str] = (),
    received: Sequence[Transfer] = (),
) -> list[Rest]:
    """The units that no average covers, those that no row brought first.

    ``curable``: accounts of which a file or an archive brings what their exchange no longer serves.
    ``unfetched``: accounts whose first sync is not over. A sync may still bring their units, so
    no cost of them is to be stated. ``received``: what came on the days of the reasons.
    """
    stored = ZERO if basis is None else basis.unknown_quantity
    known = [one for one in result.reasons if one.split()[0] not in UNSEEN]
    dated = [one for one in known if _DAY.search(one)]
    others = [one for one in known if not _DAY.search(one) and one != "rounding"]
    left = unseen_units(result, basis)
    found = list(_unseen(result, own, places, complete, left, curable, unfetched))
    found += _dated(result.asset, stored, dated, own, received)
    for reason in others:
        inside = result.unrealised_inside if reason == "unrealised_in_wallet" else None
        found.append(Rest(inside, reason_words(reason), None))
    return found


def _unseen(
    result: Reconciled,
    own: Sequence[AssetBasis],
    places: Sequence[PlaceDifference],
    complete: Mapping[str, Sequence[Complete]],
    left: Decimal,
    curable: Collection[str],
    unfetched: Collection[str],
) -> Iterable[Rest]:
    """Units that were held before the stored history begins, or that no list shows. Where some of
    those of several accounts are sold, nothing states of which account the others are."""
    if not left:
        return
    more = [place for place in places if place.difference > 0]
    room = left + abs(result.balance) * ROUNDING
    whole = sum(place.difference for place in more) <= room
    for place in more:
        quantity = left if len(more) == 1 else place.difference if whole else None
        if place.account in unfetched:
            yield Rest(quantity, f"{place.account}: {UNFETCHED}", "excache sync")
            continue
        since = _begins(complete.get(place.account, ()))
        first = _oversold(place.account, own)
        if any(cause.startswith(OWN_START) for cause in place.causes):
            first, since = "", None
        if first or since:
            begins = f"its stored history begins{f' ({words.month(since)})' if since else ''}"
            text = f"{place.account}: held before {begins}"
        else:
            text = f"{place.account}: {', '.join(place.causes)}"
        at = first or (words.day(since) if since else "")
        if at and place.account in curable:
            command = f"{MISSING} --account {place.account}"
        elif at:
            command = _stated(result.asset, place.account, place.difference, at)
        else:
            command = f"excache status --coverage --account {place.account}"
        yield Rest(quantity, text, command)
    if not more:
        reasons = [one for one in result.reasons if one.split()[0] in UNSEEN]
        text = "; ".join(reason_words(one) for one in reasons) or reason_words("not_in_history")
        yield Rest(left, text, "excache status --coverage")


def _dated(
    asset: str,
    stored: Decimal,
    reasons: Sequence[str],
    own: Sequence[AssetBasis],
    received: Sequence[Transfer],
) -> Iterable[Rest]:
    """Units that came on known days without a price: each time by itself where it is clear which
    these are. How many are left of them is known for one reason alone."""
    for reason in reasons:
        holders = [one for one in own if one.account and _has(one, reason)]
        quantity = rounded(stored, words.QUANTITY_DIGITS) if len(reasons) == 1 else None
        came = _came(reason, holders, received)
        if came:
            for one in came:
                left = quantity if len(came) == 1 else None
                yield _arrival(asset, one, left, reason.split()[0])
            continue
        accounts = [str(one.account) for one in holders]
        place = f"{', '.join(accounts)}: " if accounts else ""
        day = _DAY.search(reason)
        command = f"excache transfers --asset {asset}"
        if quantity and day and len(accounts) == 1:
            command = _stated(asset, accounts[0], quantity, day[1])
        yield Rest(quantity, f"{place}{reason_words(reason)}", command)


def _arrival(asset: str, one: Transfer, left: Decimal | None, code: str) -> Rest:
    """One time at which units came, and the command that states what they cost."""
    day = f"{one.time:%Y-%m-%d}"
    why = f"{one.account}: {reason_words(f'{code} {day}')}"
    return Rest(left, why, _stated(asset, one.account, one.quantity, day))


def _came(
    reason: str, holders: Sequence[AssetBasis], received: Sequence[Transfer]
) -> Sequence[Transfer]:
    """The times that a reason counts; none where others may be among them, or where they are
    many."""
    code, days = reason.split()[0], _DAYS.findall(reason)
    counted = _TIMES.search(reason)
    accounts = {one.account for one in holders}
    found = [
        one
        for one in received
        if one.kind == code
        and one.account in accounts
        and one.quantity > 0
        and min(days) <= f"{one.time:%Y-%m-%d}" <= max(days)
    ]
    return found if len(found) == (int(counted[1]) if counted else 1) <= EACH else ()


def _has(basis: AssetBasis, reason: str) -> bool:
    """Whether an account has the same reason on days within those of ``reason``."""
    code, days = reason.split()[0], _DAYS.findall(reason)
    return any(
        own.split()[0] == code and min(days) <= min(_DAYS.findall(own)) <= max(days)
        for own in basis.unknown_reasons
        if _DAYS.search(own)
    )


def _stated(asset: str, account: str, quantity: Decimal, at: str) -> str:
    """The command that states a cost; it asks for the price."""
    where = f" --account {account}" if account else ""
    return f"excache basis set {asset}{where} --quantity {to_text(quantity)} --at {at}"


def _begins(kinds: Sequence[Complete]) -> datetime | None:
    """When the history of an account's trades or funds begins to be complete."""
    times = [one.since for one in kinds if one.since is not None and one.kind in _BOUGHT]
    return max(times, default=None)


def _oversold(account: str, own: Sequence[AssetBasis]) -> str:
    """The day on which an account first sold more than its history had added."""
    for basis in own:
        if basis.account == account:
            for reason in basis.unknown_reasons:
                if reason.startswith(f"{_SOLD} "):
                    return reason.removeprefix(f"{_SOLD} ")
    return ""


def rest_title(result: Reconciled) -> str:
    """``What the other 2.84 ETH are``; all of them if nothing is covered."""
    which = "the other " if result.explained else ""
    return f"What {which}{words.brief(result.unknown)} {result.asset} are"
