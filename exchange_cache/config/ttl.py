"""How long data counts as fresh: one duration, or one for each data type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from exchange_cache.config import values
from exchange_cache.config.faults import Key, Wrong, kind_of, suggestion
from exchange_cache.records import DataType

HOUR = timedelta(hours=1)


def ttl(value: object) -> Mapping[DataType, timedelta]:
    """One duration for all data types, or a table of data types and ``default``."""
    if isinstance(value, str):
        return ttl_of({}, values.duration(value))
    if not isinstance(value, dict):
        raise Wrong(
            f'must be a duration such as "1h", or a table of data types, not {kind_of(value)}'
        )
    known = (*(data_type.value for data_type in DataType), "default")
    found: dict[str, timedelta] = {}
    wrong: list[tuple[Key, str]] = []
    for key, text in value.items():
        try:
            if key not in known:
                raise Wrong(f"is not a data type; {suggestion(key, known)}")
            found[key] = values.duration(text)
        except Wrong as exc:
            wrong.append(((key,), str(exc)))
    if wrong:
        raise Wrong.several(wrong)
    return ttl_of(found, found.get("default", HOUR))


def ttl_of(found: Mapping[str, timedelta], default: timedelta) -> Mapping[DataType, timedelta]:
    return MappingProxyType(
        {data_type: found.get(data_type.value, default) for data_type in DataType}
    )
