"""Which answers and rows are what a request asked for: an exchange may ignore a filter, or answer
another request. Pure; called by ``histories``."""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.adapter.policy import StreamPolicy


def other_echo(stream: StreamPolicy, response: Any) -> str | None:
    """How an answer names something else than was asked for; None where it does not."""
    for path, asked in stream.echoes.items():
        named = dig_or_none(response, path)
        if named is not None and str(named).lower() != asked.lower():
            return f"{path} is {named!r}, but the request asked for {asked!r}"
    return None


def garbled(stream: StreamPolicy, row: Any) -> str | None:
    """The field by which the request filters whose value in a row is no word: what the row is
    cannot be known, so it is neither read nor left out. None where all are words, or absent."""
    values = ((name, dig_or_none(row, name)) for name in stream.only)
    return next((name for name, value in values if value is not None and not _is_word(value)), None)


def _is_word(value: Any) -> bool:
    return isinstance(value, str | int) and any(sign.isalnum() for sign in str(value))


def counts(stream: StreamPolicy, row: Any) -> bool:
    """Whether a row is what the request asked for, as far as it says, and was not reversed."""
    return _is_asked(stream, row) and not _is_void(stream, row)


def _is_asked(stream: StreamPolicy, row: Any) -> bool:
    named = ((dig_or_none(row, name), asked) for name, asked in stream.only.items())
    return all(
        value is None or str(value).lower() in asked.lower().split(",") for value, asked in named
    )


def _is_void(stream: StreamPolicy, row: Any) -> bool:
    """Whether the exchange marks a row as reversed."""
    return any(str(dig_or_none(row, name)) == value for name, value in stream.void.items())
