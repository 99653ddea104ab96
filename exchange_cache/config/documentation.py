"""The settings and the keys of an account as Markdown tables, generated from the tables that check
them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from typing import Any

from exchange_cache.config.accounts import account_rows
from exchange_cache.config.alerts import KEYS
from exchange_cache.config.ccxt_table import CCXT_SETTINGS
from exchange_cache.config.durations import format_duration
from exchange_cache.config.settings import Settings
from exchange_cache.config.toml_values import to_toml
from exchange_cache.records import DataType


def settings_table_markdown() -> str:
    """All settings as a Markdown table."""
    rows = [
        (item.name, item.metadata["kind"], _default_text(item), item.metadata["doc"])
        for item in fields(Settings)
        if item.metadata
    ]
    lines = ["| setting | value | default | meaning |", "|---|---|---|---|"]
    return (
        "\n".join(
            lines
            + [f"| `{key}` | {kind} | {default} | {doc} |" for key, kind, default, doc in rows]
        )
        + "\n"
    )


def accounts_table_markdown() -> str:
    """All keys of ``[accounts.NAME]`` as a Markdown table."""
    lines = ["| key | value | meaning |", "|---|---|---|"]
    return (
        "\n".join(lines + [f"| `{key}` | {kind} | {doc} |" for key, kind, doc in account_rows()])
        + "\n"
    )


def alerts_table_markdown() -> str:
    """All keys of ``[alerts]`` as a Markdown table."""
    lines = ["| key | value | meaning |", "|---|---|---|"]
    lines += [f"| `{key}` | {kind} | {doc} |" for key, (_, kind, doc) in KEYS.items()]
    return "\n".join(lines) + "\n"


def ccxt_table_markdown() -> str:
    """All keys of ``[accounts.NAME.ccxt]`` as a Markdown table."""
    lines = ["| key | value | meaning |", "|---|---|---|"]
    return (
        "\n".join(
            lines
            + [f"| `{key}` | {item.kind} | {item.doc} |" for key, item in CCXT_SETTINGS.items()]
        )
        + "\n"
    )


def default_toml(item: Field[Any]) -> str | None:
    """A setting's default as TOML; None if it has none."""
    value = item.default_factory() if item.default_factory is not MISSING else item.default
    if value is None or value is MISSING:
        return None
    if isinstance(value, Mapping):
        value = value[DataType.BALANCES]
    return to_toml(format_duration(value) if isinstance(value, timedelta) else value)


def _default_text(item: Field[Any]) -> str:
    text = default_toml(item)
    if item.name == "cache_url":
        return "cache.sqlite3 in the data folder"
    return "-" if text is None else f"`{text}`"
