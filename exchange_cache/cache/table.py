"""Builds a table from a codec, so that model and DDL follow from the record."""

from __future__ import annotations

from typing import Any

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.orm import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    Field,
    IntegerField,
    Model,
    TextField,
)

_FIELDS: dict[str, type[Field]] = {
    "text": TextField,
    "integer": BigIntegerField,
    "flag": BooleanField,
    "blob": BlobField,
}


def table(
    name: str, codec: Codec[Any], *, key: tuple[str, ...], small: tuple[str, ...] = ()
) -> Any:
    """The model of the table that holds the records of a codec; ``small`` are its INTEGER columns.

    With the key ``id`` the table assigns the numbers of its rows.
    """
    kinds = {column.name: _FIELDS[column.type] for column in codec.columns}
    kinds |= dict.fromkeys(small, IntegerField)
    columns: dict[str, Any] = {
        column.name: kinds[column.name](null=column.null) for column in codec.columns
    }
    meta: dict[str, Any] = {"table_name": name, "codec": codec}
    if key == ("id",):
        columns["id"] = IntegerField(primary_key=True)
    else:
        meta["primary_key"] = CompositeKey(*key)
    return type(
        f"{codec.record.__name__}Row", (Model,), {**columns, "Meta": type("Meta", (), meta)}
    )


def selected(model: Any, codec: Codec[Any], *more: Any) -> Any:
    """A query for the columns that ``codec.decode`` expects, in its order, followed by ``more``."""
    return model.select(*(getattr(model, name) for name in codec.names), *more)
