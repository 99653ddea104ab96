"""The tables of the states of cost: what continuing a derivation needs, and nothing that people
query.

A *position* is a moment: every event before it is in the states there. A state is valid from its
own position until the next one of its book, and a lot from ``since_ms`` until ``until_ms``, so
nothing is copied. Everything here can be derived again. Triggers (``late_schema``) lower
``valid_ms`` when a row from before the newest position is added, changed or removed, whoever does
so, and note the codes that it concerns.
"""

from __future__ import annotations

from exchange_cache.cache.orm import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    IntegerField,
    Model,
    TextField,
)


class ProgressRow(Model):
    """One row: what the states were derived with, and the moment up to which they hold."""

    reporting_asset = TextField(primary_key=True)
    settings = TextField()
    valid_ms = BigIntegerField()

    class Meta:
        table_name = "cost_progress"


class PositionRow(Model):
    """``kept``: the position stays; the newest one goes when there is a newer one. ``events``: how
    many events preceded it when it was made; the last one is at ``last_event`` with the order
    ``last_order``."""

    at_ms = BigIntegerField(primary_key=True)
    kept = BooleanField()
    events = BigIntegerField()
    last_event = TextField(null=True)
    last_order = BigIntegerField()

    class Meta:
        table_name = "cost_positions"


class BookRow(Model):
    """An asset at an account, or pooled (''). ``answered``: its stored cost is that of its newest
    state; False again when either changes."""

    id = IntegerField(primary_key=True)
    account = TextField()
    asset = TextField()
    answered = BooleanField()

    class Meta:
        table_name = "cost_books"
        indexes = ((("account", "asset"), True),)


class StateRow(Model):
    """A book's state at a position (JSON, ``cost.stored_state``), after so many of its events."""

    book = BigIntegerField()
    at_ms = BigIntegerField()
    events = BigIntegerField()
    state = TextField()

    class Meta:
        table_name = "cost_states"
        primary_key = CompositeKey("book", "at_ms")


class ExposureRow(Model):
    """A contract's state at a position (JSON)."""

    account = TextField()
    category = TextField()
    symbol = TextField()
    at_ms = BigIntegerField()
    state = TextField()

    class Meta:
        table_name = "cost_exposures"
        primary_key = CompositeKey("account", "category", "symbol", "at_ms")


class LotRow(Model):
    """A lot of a book by one method; ``place``, ``lot_order`` and ``entered`` are its key."""

    id = IntegerField(primary_key=True)
    book = BigIntegerField()
    method = TextField()
    place = TextField()
    lot_order = BigIntegerField()
    entered = BigIntegerField()
    age = BigIntegerField()
    quantity = TextField()
    cost = TextField(null=True)
    since_ms = BigIntegerField()
    until_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "cost_lots"


class DayRow(Model):
    """What a book realised on one day."""

    book = BigIntegerField()
    method = TextField()
    day = TextField()
    amount = TextField()

    class Meta:
        table_name = "cost_days"
        primary_key = CompositeKey("book", "method", "day")


class LinkRow(Model):
    """What takes more than one row to know (a pair, where an asset event is booked, a stated
    cost), as it was when the states were derived; ``at_ms`` is its event, ``codes`` (JSON) what it
    moves; None: it changes how other rows are read."""

    link = TextField(primary_key=True)
    at_ms = BigIntegerField()
    codes = TextField(null=True)

    class Meta:
        table_name = "cost_links"


class LateRow(Model):
    """A code whose rows were added, changed or removed after the states were derived, and the
    position before them; for a rate its hour. ``why``: a row, a fill of a contract, or a rate."""

    code = TextField()
    at_ms = BigIntegerField()
    why = TextField()

    class Meta:
        table_name = "cost_late"
        primary_key = CompositeKey("code", "at_ms", "why")


class UnratedRow(Model):
    """An asset and hour of which the states needed a rate that was not stored."""

    asset = TextField()
    at_ms = BigIntegerField()

    class Meta:
        table_name = "cost_unrated"
        primary_key = CompositeKey("asset", "at_ms")


COST_MODELS = (
    ProgressRow,
    PositionRow,
    BookRow,
    StateRow,
    ExposureRow,
    LotRow,
    DayRow,
    LinkRow,
    LateRow,
    UnratedRow,
)
