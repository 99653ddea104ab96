"""The tables: models equal to the DDL of the migrations, stable names and keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from peewee import CompositeKey

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.schema import MODELS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.table_name)
def test_the_models_are_the_tables(repository: ExchangeCacheRepository, model: Any) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        columns = connection.execute(f"PRAGMA table_info({model._meta.table_name})").fetchall()
    kinds = {"TEXT": "TextField", "BIGINT": "BigIntegerField", "INTEGER": "IntegerField"}
    kinds["BLOB"] = "BlobField"
    key = model._meta.primary_key
    keys = list(key.field_names) if isinstance(key, CompositeKey) else [key.name]

    assert sorted(column[1] for column in columns) == sorted(model._meta.sorted_field_names)
    assert [
        column[1] for column in sorted((c for c in columns if c[5]), key=lambda c: c[5])
    ] == keys
    for name, declared, not_null in ((column[1], column[2], column[3]) for column in columns):
        field = model._meta.fields[name]
        kind = type(field).__name__
        assert kinds[declared] == ("IntegerField" if kind == "BooleanField" else kind), name
        assert bool(not_null) == (not field.null) or keys == [name], name


def test_every_table_of_the_schema_has_a_model(repository: ExchangeCacheRepository) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        tables = {
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }

    assert tables - {"schema_migrations"} == {model._meta.table_name for model in MODELS}


def test_the_public_table_names_stay() -> None:
    names = {model._meta.table_name for model in MODELS}
    assert names >= {
        "exchange_sync_status",
        "exchange_balances",
        "exchange_positions",
        "exchange_orders",
        "exchange_prices",
    }


def test_every_natural_key_begins_with_the_account() -> None:
    keyed = [
        model
        for model in MODELS
        if "account" in model._meta.fields and isinstance(model._meta.primary_key, CompositeKey)
    ]

    assert len(keyed) >= 11
    assert {model._meta.primary_key.field_names[0] for model in keyed} == {"account"}


def test_no_money_passes_through_sqlites_numbers(repository: ExchangeCacheRepository) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        declared = {
            column[2]
            for model in MODELS
            for column in connection.execute(f"PRAGMA table_info({model._meta.table_name})")  # type: ignore[attr-defined]
        }

    assert declared == {"TEXT", "BIGINT", "INTEGER", "BLOB"}
