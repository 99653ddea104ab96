"""Exact conversion between records and table rows: a record's annotations define its columns.

A field list is written once, in the record. A Decimal is stored as canonical text, a time as
integer milliseconds in a column named ``*_ms``, an enumeration as its value, a fee as two columns,
another record as its own columns, tuples and mappings as JSON. Both directions are compiled once
per record class, on first use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, TypeVar

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.errors import CacheUnreadable
from exchange_cache.money import to_text
from exchange_cache.visible import brief

T = TypeVar("T")
_DUMPS = json.JSONEncoder(separators=(",", ":")).encode
Row = dict[str, Any]
#: What decoding a row with an invalid value raises.
INVALID = (ValueError, ArithmeticError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; ``type`` is text, integer, flag or blob."""

    name: str
    type: str
    null: bool


@dataclass(frozen=True, slots=True)
class FieldCode:
    """One field of a record: its columns, the code that writes each column, and the code that reads
    it."""

    name: str
    columns: tuple[Column, ...]
    values: tuple[str, ...]
    back: str


class Codec(Generic[T]):
    """Converts the records of one class to rows of one table and back.

    ``extra`` are columns that the record does not have, passed to ``encode`` by keyword;
    ``nullable`` are columns where NULL stands for an empty value; ``renamed`` are columns whose
    name differs from the field's; ``apart`` are fields stored elsewhere, passed to ``decode`` by
    keyword. ``numbered``: the table assigns the field ``id``.
    """

    def __init__(
        self,
        record: type[T],
        *,
        extra: Mapping[str, str] | None = None,
        nullable: Collection[str] = (),
        renamed: Mapping[str, str] | None = None,
        apart: Collection[str] = (),
        numbered: bool = False,
    ) -> None:
        self.record = record
        self.extra = dict(extra or {})
        self._nullable = nullable
        self._renamed = dict(renamed or {})
        self.apart = apart
        self._numbered = numbered

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The record's own columns, in the order that ``decode`` expects."""
        return tuple(column.name for each in self._fields for column in each.columns)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the record's own, then the extra ones."""
        own = (column for each in self._fields for column in each.columns)
        return (
            *own,
            *(Column(name, kind, null=name in self._nullable) for name, kind in self.extra.items()),
        )

    @cached_property
    def encode(self) -> Callable[..., Row]:
        """Convert a record, and the extra columns by keyword, to values by column name."""
        written = [each for each in self._fields if not (self._numbered and each.name == "id")]
        own = {
            column.name: value
            for each in written
            for column, value in zip(each.columns, each.values, strict=True)
        }
        row = ", ".join(f"{name!r}: {value}" for name, value in own.items())
        row += "".join(f", {name!r}: {name}" for name in self.extra)
        return self._compiled("encode", f"({_arguments('value', self.extra)}): return {{{row}}}")

    @cached_property
    def decode(self) -> Callable[..., T]:
        """Convert the values of ``names``, and the fields stored apart by keyword, to a record."""
        fields = [f"{each.name}={each.back}" for each in self._fields]
        fields += [f"{name}={name}" for name in self.apart]
        body = f"({', '.join(self.names)},) = row; return record({', '.join(fields)})"
        return self._compiled("decode", f"({_arguments('row', self.apart)}): {body}")

    def read(self, rows: Iterable[Sequence[Any]]) -> tuple[T, ...]:
        """Rows as records. CacheUnreadable names a row with an invalid value."""
        return tuple(self.each(rows))

    def each(self, rows: Iterable[Sequence[Any]]) -> Iterator[T]:
        """Like :meth:`read`, one by one."""
        decode = self.decode
        for row in rows:
            try:
                record = decode(row)
            except INVALID as error:
                name, why = self.record.__name__.lower(), brief(str(error))
                place = brief(" ".join(str(value) for value in row[:3]))
                raise CacheUnreadable(
                    f"the stored {name} {place} has an invalid value ({why})",
                    hint="excache sync repairs it",
                ) from error
            else:
                yield record

    @cached_property
    def _fields(self) -> tuple[FieldCode, ...]:
        coder = _Coder(self._known, self._nullable, self._renamed)
        kinds = _kinds(self.record)
        return tuple(coder.field(name, kinds[name]) for name in kinds if name not in self.apart)

    @cached_property
    def _known(self) -> dict[str, Any]:
        """The names that annotations may use: those of the record's module and of nested
        records'."""
        known = dict(vars(sys.modules[self.record.__module__]))
        for kind in _kinds(self.record).values():
            inner = known.get(kind.removesuffix(" | None"))
            if hasattr(inner, "__dataclass_fields__"):
                known = {**vars(sys.modules[inner.__module__]), **known}
        return known

    def _compiled(self, name: str, rest: str) -> Callable[..., Any]:
        known = {**self._known, "record": self.record, "json": json, "dumps": _DUMPS}
        known |= {"to_text": to_text, "to_ms": to_ms, "from_ms": from_ms, "Decimal": Decimal}
        source = compile(f"def {name}{rest}", f"<{self.record.__name__}.{name}>", "exec")
        exec(source, known)  # noqa: S102 - made of the names of a record's fields alone
        made: Callable[..., Any] = known[name]
        return made


def _arguments(first: str, keywords: Collection[str]) -> str:
    return ", ".join([first, "*", *keywords] if keywords else [first])


#: annotation -> column type, code that writes, code that reads
_SCALARS: Mapping[str, tuple[str, str, str]] = {
    "str": ("text", "{}", "{}"),
    "int": ("integer", "{}", "{}"),
    "bool": ("flag", "{}", "bool({})"),
    "Decimal": ("text", "to_text({})", "Decimal({})"),
    "datetime": ("integer", "to_ms({})", "from_ms({})"),
}


@dataclass(frozen=True, slots=True)
class _Coder:
    """Generates the code for a record's fields; ``value`` is the expression for the record."""

    known: Mapping[str, Any]
    nullable: Collection[str]
    renamed: Mapping[str, str]
    value: str = "value"

    def field(self, name: str, kind: str) -> FieldCode:
        plain = kind.removesuffix(" | None")
        if plain.startswith(("tuple[", "Mapping[", "dict[")):
            return self._json(name, plain)
        inner: Any = self.known.get(plain)
        if plain not in _SCALARS and hasattr(inner, "__dataclass_fields__"):
            if plain == kind:
                return self._inside(name, inner)
            return self._optional(name, inner)
        column = f"{name.removesuffix('_at')}_ms" if plain == "datetime" else name
        column = self.renamed.get(column, column)
        value, back = _scalar(kind, f"{self.value}.{name}", column)
        null = plain != kind or name in self.nullable
        stored = Column(column, _SCALARS.get(plain, ("text",))[0], null)
        return FieldCode(name, (stored,), (value,), back)

    def _inside(self, name: str, inner: type) -> FieldCode:
        """A nested record: stored in its own columns."""
        coder = replace(self, value=f"{self.value}.{name}")
        codes = [coder.field(each, kind) for each, kind in _kinds(inner).items()]
        made = ", ".join(f"{each.name}={each.back}" for each in codes)
        return FieldCode(
            name,
            tuple(column for each in codes for column in each.columns),
            tuple(value for each in codes for value in each.values),
            f"{inner.__name__}({made})",
        )

    def _optional(self, name: str, inner: type) -> FieldCode:
        """An optional record: columns prefixed with the field's name; its amount has that name
        alone."""
        kinds = _kinds(inner)
        columns = [name if each == "amount" else f"{name}_{each}" for each in kinds]
        value = f"{self.value}.{name}"
        ways = [
            _scalar(kind, f"{value}.{each}", column)
            for (each, kind), column in zip(kinds.items(), columns, strict=True)
        ]
        made = ", ".join(f"{each}={back}" for each, (_, back) in zip(kinds, ways, strict=True))
        return FieldCode(
            name,
            tuple(
                Column(column, _SCALARS[kind][0], null=True)
                for column, kind in zip(columns, kinds.values(), strict=True)
            ),
            tuple(f"(None if {value} is None else {out})" for out, _ in ways),
            f"(None if {columns[0]} is None else {inner.__name__}({made}))",
        )

    def _json(self, name: str, kind: str) -> FieldCode:
        """A tuple or a mapping as one JSON column; a record inside is a list of values."""
        value, item = f"{self.value}.{name}", kind.removeprefix("tuple[").removesuffix(", ...]")
        packed, made, empty = value, f"json.loads({name})", "{}"
        if kind.startswith("tuple["):
            packed, made, empty = f"list({value})", f"tuple(json.loads({name}))", "()"
        if item in self.known:
            kinds = _kinds(self.known[item])
            ways = {each: _scalar(kind, f"each.{each}", each) for each, kind in kinds.items()}
            packed = f"[[{', '.join(out for out, _ in ways.values())}] for each in {value}]"
            fields = ", ".join(f"{each}={back}" for each, (_, back) in ways.items())
            made = f"tuple({item}({fields}) for {', '.join(kinds)} in json.loads({name}))"
        nothing = "None" if name in self.nullable else repr(empty.replace("()", "[]"))
        return FieldCode(
            name,
            (Column(name, "text", null=name in self.nullable),),
            (f"(dumps({packed}) if {value} else {nothing})",),
            f"({empty} if {name} == {nothing} else {made})",
        )


def _scalar(kind: str, value: str, column: str) -> tuple[str, str]:
    """The code that writes and reads one value; a type that is no scalar names an enumeration."""
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
