"""Asset events that the stored data suggest and the list does not contain.

Two signs, and nothing else: units of one asset leave and units of another one are credited at one
moment, booked as no trade, in a plain ratio; or an account holds exactly ten, a hundred or a
thousand times (or such a part) of what its events add up to. Each becomes a finding whose hint is
the setting that states the event, filled in, for the user to check. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.findings import Finding
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.bookings import MAY_BOOK, recognise
from exchange_cache.ledger.pairing import has_happened
from exchange_cache.money import EXACT, ZERO, grouped, to_text
from exchange_cache.records import Balance, Transfer

CODE = "asset_event_suspected"
#: The two rows of one booking are at most this far apart.
MOMENT = timedelta(minutes=1)
#: The factors that a change of unit has.
MULTIPLES = tuple(Decimal(10) ** power for power in (1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6))
#: A ratio with more digits than this is the price of a trade rather than a factor.
PLAIN_DIGITS = 2
ROUNDING = Decimal("1e-6")


def suspected_swaps(transfers: Iterable[Transfer], assets: AssetEvents) -> Iterator[Finding]:
    """The swaps that no known event explains; of any accounts."""
    with localcontext(EXACT):
        rows = recognise(assets, (), transfers).transfers
        for account in sorted({one.account for one in rows}):
            yield from _swaps([one for one in rows if one.account == account])


def suspected_units(balances: Iterable[Balance], bases: Iterable[AssetBasis]) -> Iterator[Finding]:
    """The assets of which one account holds a power of ten times its history. ``bases``: of that
    account."""
    with localcontext(EXACT):
        yield from _multiples(balances, {one.asset: one for one in bases})


def _swaps(transfers: Iterable[Transfer]) -> Iterator[Finding]:
    rows = [one for one in transfers if one.kind in MAY_BOOK and has_happened(one)]
    rows.sort(key=lambda one: (one.time, one.key))
    left = [one for one in rows if one.quantity < 0]
    credited = [one for one in rows if one.quantity > 0]
    seen: set[tuple[str, str]] = set()
    for out in left:
        near = [
            one
            for one in credited
            if one.asset != out.asset
            and abs(one.time - out.time) <= MOMENT
            and _is_plain(one.quantity / -out.quantity)
        ]
        if len(near) == 1 and (out.asset, near[0].asset) not in seen:
            seen.add((out.asset, near[0].asset))
            yield _swap(out, near[0])


def _is_plain(factor: Decimal) -> bool:
    return len(factor.normalize().as_tuple().digits) <= PLAIN_DIGITS


def _swap(out: Transfer, credited: Transfer) -> Finding:
    factor = credited.quantity / -out.quantity
    return Finding(
        code=CODE,
        account=out.account,
        asset=credited.asset,
        message=(
            f"{grouped(-out.quantity)} {out.asset} left and {grouped(credited.quantity)}"
            f" {credited.asset} were credited at one moment ({out.time:%Y-%m-%d}) without a trade:"
            " if that was a rename, state it, so that the cost goes on"
        ),
        hint=setting(out.asset, credited.asset, min(out.time, credited.time), factor),
    )


def _multiples(balances: Iterable[Balance], bases: Mapping[str, AssetBasis]) -> Iterator[Finding]:
    held: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for balance in balances:
        held[balance.account, balance.asset] += balance.total
    for (account, asset), total in sorted(held.items()):
        basis = bases.get(asset)
        if basis is None or basis.quantity <= 0 or total <= 0 or basis.last_event is None:
            continue
        factor = next((one for one in MULTIPLES if _equal(basis.quantity * one, total)), None)
        if factor is None:
            continue
        after = basis.last_event.replace(hour=0, minute=0, second=0, microsecond=0)
        yield Finding(
            code=CODE,
            account=account,
            asset=asset,
            message=(
                f"{grouped(total)} {asset} are held, exactly {grouped(factor)} times the"
                f" {grouped(basis.quantity)} that the history adds up to: if the asset was"
                " redenominated, state it"
            ),
            hint=setting(asset, asset, after + timedelta(days=1), factor),
        )


def _equal(exact: Decimal, total: Decimal) -> bool:
    return abs(total - exact) <= exact * ROUNDING


def setting(old: str, new: str, at: datetime, factor: Decimal) -> str:
    """The line of config.toml that states an event: it belongs above the first table."""
    by = "" if factor == 1 else f", factor = {to_text(factor)}"
    event = f'{{ from = "{old}", to = "{new}", at = {at:%Y-%m-%dT%H:%M:%SZ}{by} }}'
    return f"config.toml: asset_events = [{event}]"
