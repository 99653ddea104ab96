"""A table follows from the codec of its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from peewee import BigIntegerField, BooleanField, CompositeKey, IntegerField, TextField

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.table import selected, table


@dataclass(frozen=True)
class Thing:
    account: str
    at: datetime
    amount: Decimal | None
    open: bool
    size: int


CODEC = Codec(Thing, extra={"seen_ms": "integer"})


def test_columns_have_the_types_of_the_annotations() -> None:
    model = table("things", CODEC, key=("account", "at_ms"), small=("size",))
    kinds = {name: (type(item), item.null) for name, item in model._meta.fields.items()}
    assert kinds == {
        "account": (TextField, False),
        "at_ms": (BigIntegerField, False),
        "amount": (TextField, True),
        "open": (BooleanField, False),
        "size": (IntegerField, False),
        "seen_ms": (BigIntegerField, False),
    }
    assert (model.__name__, model._meta.table_name) == ("ThingRow", "things")
    assert isinstance(model._meta.primary_key, CompositeKey)
    assert model._meta.primary_key.field_names == ("account", "at_ms")


def test_with_the_key_id_the_table_numbers_its_rows() -> None:
    model = table("things", CODEC, key=("id",))
    assert isinstance(model._meta.primary_key, IntegerField)
    assert model._meta.primary_key.name == "id"


def test_a_query_selects_the_columns_of_the_record_then_the_extra_ones() -> None:
    model = table("things", CODEC, key=("account", "at_ms"))
    query = selected(model, CODEC, model.seen_ms)
    assert [column.name for column in query._returning] == [
        "account",
        "at_ms",
        "amount",
        "open",
        "size",
        "seen_ms",
    ]
