"""``excache sync --dry-run``: what a sync would request and why, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.render.listing import Listing
    from exchange_cache.sync.due import RunOptions
    from exchange_cache.sync.forecast import Foreseen

#: What stands for a reason where a part rests.
RESTS = "rests"


def print_forecast(
    app: App, accounts: Sequence[AccountSettings], options: RunOptions, form: str
) -> None:
    """Print what a sync of these accounts would request now."""
    from exchange_cache.render.output import write_listing

    found = [one for account in accounts for one in _foreseen(app, account, options)]
    listing = _listing(app, found)
    if form == "table":
        listing = _summed(listing)
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


def _foreseen(app: App, account: AccountSettings, options: RunOptions) -> Iterable[Foreseen]:
    from dataclasses import replace

    from exchange_cache.cli.running import start_ms_of
    from exchange_cache.exchanges import narrowed, policy_for
    from exchange_cache.sync.forecast import Forecast

    policy = narrowed(policy_for(account.exchange), account.wallets, account.name)
    own = replace(options, symbols=account.symbols, start_ms=start_ms_of(app, account))
    return Forecast(account.name, policy, app.repository(), app.clock, own).of()


def _listing(app: App, found: Sequence[Foreseen]) -> Listing:
    from exchange_cache.render.listing import Column, Listing

    sent = [one for one in found if one.why is not None]
    rest = [one for one in found if one.why is None]
    counts, left = (sum(one.requests for one in group) for group in (sent, rest))
    notes = [
        f"{counts:,} requests, and more where a page is full or something new is found; none was"
        " sent."
    ]
    if rest:
        notes.append(
            f"{left:,} more, marked {RESTS}, are left out: nothing was seen to move since they were"
            " last sent. They are sent as soon as something moves, else once a day."
        )
    return Listing(
        title="What a sync would request now",
        columns=(
            Column(key="account", heading="Account"),
            Column(key="data_type", heading="Data"),
            Column(key="part", heading="Part"),
            Column(key="symbols", heading="Symbols", kind="integer", priority=2),
            Column(key="requests", heading="Requests", kind="integer"),
            Column(key="reason", heading="Why", priority=1),
        ),
        rows=tuple(
            {
                "account": one.account,
                "data_type": str(one.data_type),
                "part": one.part,
                "symbols": one.symbols,
                "requests": one.requests,
                "reason": RESTS if one.why is None else str(one.why),
            }
            for one in (*sent, *rest)
        ),
        as_of=app.now(),
        notes=tuple(notes),
        empty="No account is enabled.",
        beside={"requests": counts, "resting_requests": left},
    )


def _summed(listing: Listing) -> Listing:
    """The same for people: one row per account, kind of data and reason."""
    from dataclasses import replace

    from exchange_cache.render.listing import Column

    keys = ("account", "data_type", "reason")
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    for row in listing.rows:
        key = tuple(row[name] for name in keys)
        parts, requests = sums.get(key, (0, 0))
        sums[key] = (parts + 1, requests + int(str(row["requests"])))
    order = {name: at for at, name in enumerate(dict.fromkeys(key[0] for key in sums))}
    rows = tuple(
        {**dict(zip(keys, key, strict=True)), "parts": parts, "requests": requests}
        for key, (parts, requests) in sorted(sums.items(), key=lambda one: order[one[0][0]])
    )
    return replace(
        listing,
        columns=(
            Column(key="account", heading="Account"),
            Column(key="data_type", heading="Data"),
            Column(key="parts", heading="Lists", kind="integer", priority=1),
            Column(key="requests", heading="Requests", kind="integer"),
            Column(key="reason", heading="Why"),
        ),
        rows=rows,
        notes=(*listing.notes, "Each list by its name: excache sync --dry-run --format csv"),
    )
