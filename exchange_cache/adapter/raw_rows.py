"""Checks the raw rows of an answer before they are parsed, because ccxt drops what it cannot read.

A row that cannot be read, and a list that is null, missing or of a wrong type, raise RowsMissing,
which names the place. Pure functions, used for wallets, positions, open orders and tickers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.paths import RowsMissing, dig, dig_or_none
from exchange_cache.adapter.policy import KEY, CallPolicy, RawRows
from exchange_cache.money import to_amount

#: Where exchanges without a reviewed policy usually put their rows.
_CONTAINERS = frozenset(
    (
        "data",
        "result",
        "results",
        "list",
        "rows",
        "items",
        "records",
        "orders",
        "positions",
        "balances",
        "accounts",
        "tickers",
    )
)


def rule_of(call: CallPolicy) -> RawRows:
    """The rule for the raw rows of a call."""
    path = ".".join(part for part in (call.rows, "*") if part)
    return RawRows(
        path=path,
        name=call.market_field,
        texts=call.texts,
        figures=call.figures,
        blank=call.blank,
        null_is_empty=call.null_is_empty,
        keyed=call.keyed,
    )


def raw_rows(response: Any, rule: RawRows) -> list[Any]:
    """Every row of an answer, checked against its rule; rows of a mapping have their key as
    ``id``."""
    found = list(_found(response, rule))
    for key, row in found:
        _check(key, row, rule)
    return [
        {**row, "id": key} if isinstance(key, str) and key and isinstance(row, Mapping) else row
        for key, row in found
    ]


def held_names(response: Any, rule: RawRows) -> set[str]:
    """The names of all rows with a figure that is not zero."""
    rows = (
        (key, row)
        for key, row in _found(response, rule)
        if rule.only is None or dig_or_none(row, rule.only[0]) == rule.only[1]
    )
    return {_name(key, row, rule) for key, row in rows if any(_figures(row, rule))}


def is_nothing(row: Any, figures: Iterable[str]) -> bool:
    """Whether every figure of a checked row is zero (or empty, where it may be)."""
    return not any(_figure(row, field) for field in figures)


def hollow(response: Any) -> bool:
    """Whether an answer of unknown shape has null or a single value where its rows should be, and
    no list anywhere."""
    waiting, doubtful = [response], response is None
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            return False
        for key, value in node.items() if isinstance(node, Mapping) else ():
            doubtful |= key in _CONTAINERS and not isinstance(value, Mapping | list)
            waiting.append(value)
    return doubtful


# --- finding --------------------------------------------------------------------------------------


def _found(response: Any, rule: RawRows) -> Iterator[tuple[Any, Any]]:
    nodes: list[tuple[Any, Any]] = [("", response)]
    for part in rule.path.split(".") if rule.path else ():
        nodes = [found for key, node in nodes for found in _step(node, part, rule)]
    return iter(nodes)


def _step(node: Any, part: str, rule: RawRows) -> Iterator[tuple[Any, Any]]:
    name = part.removesuffix("?")
    if name != "*":
        if not isinstance(node, list if name.isdigit() else Mapping):
            raise RowsMissing(
                f"no {rule.path!r} in the answer: {_shown(node)} is where {name!r} should be"
            )
        child = dig_or_none(node, name) if part == name or _has(node, name) else _ABSENT
        if part == name and not _has(node, name):
            raise RowsMissing(f"no {rule.path!r} in the answer: it has no {name!r}")
        yield from () if child is _ABSENT else ((name, child),)
    elif isinstance(node, Mapping) and (node or rule.keyed or rule.name == KEY):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)
    elif node is not None or not rule.null_is_empty:
        raise RowsMissing(f"{rule.path!r} holds no list of rows but {_shown(node)}")


_ABSENT = object()


def _has(node: Any, name: str) -> bool:
    try:
        dig(node, name)
    except KeyError:
        return False
    return True


# --- judging --------------------------------------------------------------------------------------


def _check(key: Any, row: Any, rule: RawRows) -> None:
    for field in rule.texts:
        if not _is_text(dig_or_none(row, field)):
            raise RowsMissing(f"a row at {rule.path!r} has no {field}")
    for field in rule.figures:
        _check_figure(row, field, rule)
    nameless = rule.blank and is_nothing(row, rule.figures) and not _is_void(row, rule)
    if not nameless and rule.name:
        _name(key, row, rule)
    elif not isinstance(row, Mapping | list) and "" not in rule.figures:
        raise RowsMissing(f"a row at {rule.path!r} is {_shown(row)}")


def _is_void(row: Any, rule: RawRows) -> bool:
    """Whether name and figures of a row are null: it does not even say that there is nothing."""
    fields = (name for field in rule.figures for name in field.split("|"))
    return all(dig_or_none(row, name) is None for name in (rule.name, *fields))


def _check_figure(row: Any, field: str, rule: RawRows) -> None:
    present = [name for name in field.split("|") if _has(row, name)]
    if not present:
        raise RowsMissing(f"a row at {rule.path!r} has no {field}")
    values = [value for name in present if not _empty(value := dig(row, name))]
    if not values and not rule.blank:
        raise RowsMissing(f"a row at {rule.path!r} has an empty {field}")
    for value in values:
        if _number(value) is None:
            raise RowsMissing(f"a row at {rule.path!r} has no number in {field}: {_shown(value)}")


def _name(key: Any, row: Any, rule: RawRows) -> str:
    name = key if rule.name == KEY else dig_or_none(row, rule.name)
    if not _is_text(name):
        raise RowsMissing(f"a row at {rule.path!r} has no {rule.name}")
    return str(name)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _figures(row: Any, rule: RawRows) -> Iterator[Decimal]:
    return (_figure(row, field) for field in rule.figures)


def _figure(row: Any, field: str) -> Decimal:
    """The figure in a field of a checked row; zero where it is empty."""
    values = (dig_or_none(row, name) for name in field.split("|"))
    return next((number for value in values if (number := _number(value))), Decimal(0))


def _number(value: Any) -> Decimal | None:
    try:
        return to_amount(value)
    except ValueError:
        return None


def _empty(value: Any) -> bool:
    return value is None or value == ""


def _shown(value: Any) -> str:
    return "null" if value is None else repr(value)[:40]
