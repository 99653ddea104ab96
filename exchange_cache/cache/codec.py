"""Records as table rows, both ways, exactly: a record's annotations are its columns.

A field list is written once, in the record. A Decimal is canonical text, a time is integer
milliseconds in a column named ``*_ms``, an enumeration is its word, a fee is two columns, a tuple
of records is JSON. Both directions are compiled once per record class, when they are first used.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, TypeVar

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.errors import CacheUnreadable
from exchange_cache.money import to_text

T = TypeVar("T")
Row = dict[str, Any]


def ms_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def time_or_none(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def number_or_none(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; its type is text, integer or flag."""

    name: str
    type: str
    null: bool


@dataclass(frozen=True, slots=True)
class FieldCode:
    """One field of a record: its columns, the code of each column's value, and the way back."""

    name: str
    columns: tuple[Column, ...]
    values: tuple[str, ...]
    back: str


class Codec(Generic[T]):
    """How the records of one class are rows of one table.

    ``extra`` are columns that the record does not have, given to ``encode`` by keyword; ``added``
    are columns that a migration added: what is empty is NULL there.
    """

    def __init__(
        self,
        record: type[T],
        *,
        extra: Mapping[str, str] | None = None,
        added: frozenset[str] = frozenset(),
    ) -> None:
        self.record = record
        self.extra = dict(extra or {})
        self._added = added

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The record's own columns, in the order in which ``decode`` takes their values."""
        return tuple(column.name for each in self._fields for column in each.columns)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the record's own, then the extra ones."""
        own = (column for each in self._fields for column in each.columns)
        return (*own, *(Column(name, kind, null=False) for name, kind in self.extra.items()))

    @cached_property
    def encode(self) -> Callable[..., Row]:
        """A record, and the extra columns by keyword, as values by column name."""
        values = [value for each in self._fields for value in each.values]
        pairs = zip([*self.names, *self.extra], [*values, *self.extra], strict=True)
        arguments = ", ".join(["value", *(["*", *self.extra] if self.extra else [])])
        row = ", ".join(f"{name!r}: {value}" for name, value in pairs)
        return self._compiled("encode", f"({arguments}): return {{{row}}}")

    @cached_property
    def decode(self) -> Callable[[Sequence[Any]], T]:
        """The values of ``names`` as a record."""
        arguments = ", ".join(f"{each.name}={each.back}" for each in self._fields)
        body = f"({', '.join(self.names)},) = row; return record({arguments})"
        return self._compiled("decode", f"(row): {body}")

    def read(self, rows: Iterable[Sequence[Any]]) -> tuple[T, ...]:
        """Rows as records; CacheUnreadable where an earlier version stored what no record takes."""
        try:
            return tuple(self.decode(row) for row in rows)
        except (ValueError, ArithmeticError) as error:
            name = self.record.__name__.lower()
            raise CacheUnreadable(
                f"an earlier version stored a {name} that cannot be: {error}",
                hint="excache sync repairs it",
            ) from error

    @cached_property
    def _fields(self) -> tuple[FieldCode, ...]:
        kinds = _kinds(self.record)
        return tuple(
            _field_code(self.record, name, kind, nullable=name in self._added)
            for name, kind in kinds.items()
        )

    def _compiled(self, name: str, rest: str) -> Callable[..., Any]:
        known = {**_module_of(self.record), "record": self.record, "json": json}
        known |= {"to_text": to_text, "to_ms": to_ms, "from_ms": from_ms, "Decimal": Decimal}
        exec(compile(f"def {name}{rest}", f"<{self.record.__name__}.{name}>", "exec"), known)
        made: Callable[..., Any] = known[name]
        return made


#: annotation -> column type, the code of the way out and of the way back
_SCALARS: Mapping[str, tuple[str, str, str]] = {
    "str": ("text", "{}", "{}"),
    "int": ("integer", "{}", "{}"),
    "bool": ("flag", "{}", "bool({})"),
    "Decimal": ("text", "to_text({})", "Decimal({})"),
    "datetime": ("integer", "to_ms({})", "from_ms({})"),
}


def _field_code(record: type, name: str, kind: str, *, nullable: bool) -> FieldCode:
    plain = kind.removesuffix(" | None")
    if plain.startswith("tuple["):
        return _list_code(record, name, plain[len("tuple[") : -len(", ...]")], nullable)
    if plain not in _SCALARS and hasattr(_module_of(record)[plain], "__dataclass_fields__"):
        return _amount_code(name, plain)
    column = f"{name.removesuffix('_at')}_ms" if plain == "datetime" else name
    value, back = _scalar(kind, f"value.{name}", column)
    stored = Column(column, _SCALARS.get(plain, ("text",))[0], null=kind.endswith(" | None"))
    return FieldCode(name, (stored,), (value,), back)


def _amount_code(name: str, kind: str) -> FieldCode:
    """An amount of an asset that may be missing: two columns."""
    asset, amount = f"{name}_asset", name
    value = f"(None if value.{name} is None else {{}})"
    return FieldCode(
        name,
        (Column(asset, "text", null=True), Column(amount, "text", null=True)),
        (value.format(f"value.{name}.asset"), value.format(f"to_text(value.{name}.amount)")),
        f"(None if {asset} is None else {kind}(asset={asset}, amount=Decimal({amount})))",
    )


def _list_code(record: type, name: str, item: str, nullable: bool) -> FieldCode:
    """A tuple of records: JSON, each a list of its fields' values in the order of the fields."""
    kinds = _kinds(_module_of(record)[item])
    ways = {each: _scalar(kind, f"each.{each}", each) for each, kind in kinds.items()}
    packed = f"[[{', '.join(out for out, _ in ways.values())}] for each in value.{name}]"
    made = f"{item}({', '.join(f'{each}={back}' for each, (_, back) in ways.items())})"
    empty = "None" if nullable else "'[]'"
    return FieldCode(
        name,
        (Column(name, "text", null=nullable),),
        (f"(json.dumps({packed}, separators=(',', ':')) if value.{name} else {empty})",),
        f"(() if {name} == {empty} else"
        f" tuple({made} for {', '.join(kinds)} in json.loads({name})))",
    )


def _scalar(kind: str, value: str, column: str) -> tuple[str, str]:
    """The code of both ways of one value; a word that is no scalar names an enumeration."""
    plain = kind.removesuffix(" | None")
    _, out, back = _SCALARS.get(plain, ("text", "str({})", f"{plain}({{}})"))
    ways = []
    for name, way in ((value, out), (column, back)):
        code = way.format(name)
        may_be_none = kind.endswith(" | None") and code != name
        ways.append(f"(None if {name} is None else {code})" if may_be_none else code)
    return ways[0], ways[1]


def _kinds(record: Any) -> dict[str, str]:
    return {item.name: str(item.type) for item in fields(record)}


def _module_of(record: type) -> dict[str, Any]:
    return vars(sys.modules[record.__module__])
