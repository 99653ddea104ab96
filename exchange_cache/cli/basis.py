"""``excache basis set | list | remove``: costs that the user states for unexplained units."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.meant import account_meant, asset_meant
from exchange_cache.cli.options import MOST, Amount, Moment, Text, Whole, completed, output_options
from exchange_cache.cli.reads import can_ask
from exchange_cache.errors import UsageError
from exchange_cache.money import ZERO, grouped

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository


@click.group("basis")
def command() -> None:
    """State what units cost that no fill explains.

    They were bought elsewhere, or before the stored history begins.

    \b
    Example:
      excache basis list
    """


@command.command("set")
@click.argument("asset", shell_complete=completed("assets"))
@click.option("--quantity", type=Amount(positive=True), required=True, help="How many units.")
@click.option(
    "--price",
    type=Amount(),
    help="What one unit cost, in the reporting asset; prompted for on a terminal.",
)
@click.option(
    "--at",
    type=Moment(),
    required=True,
    help="When they were received: the time of the deposit, or shortly before the first sale.",
)
@click.option(
    "--account",
    shell_complete=completed("configured accounts"),
    help="The account that received them (default: any).",
)
@click.option("--note", type=Text(), help="A note for yourself.")
@click.pass_obj
def set_basis(
    app: App,
    asset: str,
    quantity: Decimal,
    price: Decimal | None,
    at: datetime,
    account: str | None,
    note: str | None,
) -> None:
    """State what units cost that no fill explains.

    For deposits without a cost, and for units bought before the stored history starts.

    \b
    Examples:
      excache basis set SOL --quantity 8.7 --price 61.20 --at 2024-11-02
      excache basis list
    """
    from exchange_cache.cache.stored import StatedCost

    known = app.filled()
    asset = asset_meant(app, known, asset)
    owner = "" if account is None else account_meant(app, known, account)
    if price is None:
        price = _asked(app, asset)
    repository = app.repository()
    with app.lock() as lock:
        lock.acquire("basis set", wait_seconds=60)
        cost = StatedCost(
            account=owner,
            asset=asset,
            quantity=quantity,
            price=price,
            quote=app.settings.reporting_asset,
            at=at,
            note=note,
        )
        number = repository.derived.state_cost(cost, app.now())
        derive_again(app)
    app.say(f"Stored as {number}. Undo it: excache basis remove {number}")
    left = unplaced(app).get(number)
    if left:
        app.say(
            f"No deposit without a cost was found for {grouped(left)} of {grouped(quantity)}"
            f" {asset}, so that part has no effect. For units from before the history starts, name"
            " the account that held them: --account NAME"
        )


def _asked(app: App, asset: str) -> Decimal:
    """The price that the user types."""
    if not can_ask(app):
        raise UsageError(f"what did one {asset} cost?", hint="add --price NUMBER")
    reporting = app.settings.reporting_asset
    price: Decimal = click.prompt(f"Price of one {asset} in {reporting}", type=Amount(), err=True)
    return price


@command.command("list")
@output_options
@click.pass_obj
def list_bases(app: App, form: str) -> None:
    """List the stated costs.

    \b
    Example:
      excache basis list
    """
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing

    left, surplus = unplaced(app), superfluous(app)
    rows: tuple[dict[str, Any], ...] = tuple(
        {
            "number": item.id,
            "account": item.account or "any",
            "asset": item.asset,
            "quantity": item.quantity,
            "price": item.price,
            "quote": item.quote,
            "at": item.at,
            "unused": left.get(item.id),
            "note": item.note,
        }
        for item in _stored(app).derived.stated_costs()
    )
    columns = (
        Column(key="number", heading="No", kind="integer"),
        Column(key="account", heading="Account"),
        Column(key="asset", heading="Asset", kind="code"),
        Column(key="quantity", heading="Quantity", kind="decimal"),
        Column(key="price", heading="Price", kind="price"),
        Column(key="quote", heading="In"),
        Column(key="at", heading="At", kind="time"),
        Column(key="unused", heading="Unused", kind="decimal"),
        Column(key="note", heading="Note", priority=1),
    )
    listing = Listing(
        title="",
        columns=columns,
        rows=rows,
        as_of=app.now(),
        notes=tuple(
            f"No. {row['number']}: {grouped(surplus[row['number']])} of"
            f" {grouped(row['quantity'])} {row['asset']} are explained by stored rows as well, or"
            f" match none. Remove it: excache basis remove {row['number']}"
            for row in rows
            if row["number"] in surplus
        ),
        empty="No cost has been stated yet. How: excache basis set --help",
    )
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


@command.command("remove")
@click.argument("number", type=Whole(1, MOST), shell_complete=completed("stated costs"))
@click.pass_obj
def remove(app: App, number: int) -> None:
    """Remove a stated cost.

    \b
    Example:
      excache basis remove 1
    """
    repository = app.repository()
    with app.lock() as lock:
        lock.acquire("basis remove", wait_seconds=60)
        if not repository.derived.remove_stated_cost(number):
            raise UsageError(f"there is no stated cost {number}", hint="excache basis list")
        derive_again(app)
    app.say(f"Removed {number}.")


def _stored(app: App) -> ExchangeCacheRepository:
    """The cache for reading, made where there is none."""
    return app.cached() or app.repository()


def unplaced(app: App) -> dict[int, Decimal]:
    """The part of each stated cost that no deposit or account could use, by its number."""
    from exchange_cache.sync.costs import ledger_of, stated_bases

    asset, repository = app.settings.reporting_asset, _stored(app)
    ledger = ledger_of(repository, app.cost_settings())
    numbers = [item.id for item in repository.derived.stated_costs() if item.quote == asset]
    numbered = zip(numbers, stated_bases(repository, asset), strict=True)
    left: dict[int, Decimal] = {}
    # Otherwise equal ones are in the order of their quantities.
    rest = list(ledger.timeline.unplaced)
    for number, stated in sorted(numbered, key=lambda item: item[1].quantity):
        found = next(
            (
                one
                for one in rest
                if replace(one, quantity=stated.quantity) == stated
                and one.quantity <= stated.quantity
            ),
            None,
        )
        if found is not None:
            left[number] = found.quantity
            rest.remove(found)
    return left


def superfluous_if_readable(app: App) -> dict[int, Decimal] | None:
    """The same as ``superfluous``; None where a row that it needs cannot be read."""
    from exchange_cache.cache.cells import UNREADABLE
    from exchange_cache.errors import CacheUnreadable

    try:
        return superfluous(app)
    except (*UNREADABLE, CacheUnreadable):
        return None


def superfluous(app: App) -> dict[int, Decimal]:
    """The part of each stated cost that has no effect, or that the account's other events explain
    already: with it they add up to more than is held."""
    left = unplaced(app)
    stated = _stored(app).derived.stated_costs()
    excess = _excess(app) if any(item.account for item in stated) else {}
    for item in stated:
        place = item.account, item.asset
        more = min(item.quantity - left.get(item.id, ZERO), excess.get(place, ZERO))
        if more > 0:
            left[item.id] = left.get(item.id, ZERO) + more
            excess[place] -= more
    return left


def _excess(app: App) -> dict[tuple[str, str], Decimal]:
    """By account and asset, what all events add up to beyond what is held and its rounding."""
    from exchange_cache.cost.reconcile import ROUNDING
    from exchange_cache.cost.unrealised import unrealised_inside
    from exchange_cache.sync.costs import stored_bases

    repository = _stored(app)
    balances = app.reading_settings().named(repository.mirror.balances())
    inside = unrealised_inside(repository.mirror.positions(), balances).by_place
    held: dict[tuple[str, str], Decimal] = {}
    for one in balances:
        place = one.account, one.asset
        held[place] = held.get(place, ZERO) + one.total
    read = {account for account, _ in held}
    found = {}
    for basis in stored_bases(repository, app.cost_settings()):
        if basis.account in read:
            place = basis.account, basis.asset
            there = held.get(place, ZERO) - inside.get(place, ZERO)
            if basis.quantity - there > abs(basis.quantity) * ROUNDING:
                found[place] = basis.quantity - there
    return found


def derive_again(app: App) -> bool:
    """Derive the costs from the cache again, after a change that is stored. False where a row
    cannot be read: the change stands, and averages follow with the sync that repairs the row."""
    from exchange_cache.cache.cells import UNREADABLE
    from exchange_cache.cli.unreadable import left_to_sync
    from exchange_cache.errors import CacheUnreadable
    from exchange_cache.sync.costs import derive_costs

    try:
        derive_costs(app.repository(), (), app.cost_settings(), app.clock)
    except (*UNREADABLE, CacheUnreadable):
        if not left_to_sync(app):
            raise
        return False
    return True
