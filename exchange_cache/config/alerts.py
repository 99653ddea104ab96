"""``[alerts]`` of config.toml: the program that gets each new event, and when there is one."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.config import values
from exchange_cache.config.faults import Key, Wrong, kind_of, suggestion
from exchange_cache.config.toml_values import to_toml
from exchange_cache.value.alerts import AlertKind, AlertRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """``command`` gets each new event on its stdin; it is killed after ``timeout``."""

    command: tuple[str, ...]
    timeout: timedelta = timedelta(seconds=30)
    rules: AlertRules = field(default_factory=AlertRules)


def _command(value: object) -> tuple[str, ...]:
    """A program and its arguments: one text, split as a shell would, or a list."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return tuple(value)
    try:
        words = tuple(shlex.split(values.text(value)))
    except ValueError as error:
        if isinstance(error, Wrong):
            raise
        raise Wrong("has an unclosed quotation mark") from None
    return words


def _percent(value: object) -> Decimal:
    found = values.amount(value)
    if found > 100:
        raise Wrong(f"must be a number of percent from 0 to 100, not {to_toml(found)}")
    return found


def _prices(value: object) -> Mapping[str, Decimal]:
    if not isinstance(value, dict):
        raise Wrong(f"must be a table such as {{ BTC = 50000 }}, not {kind_of(value)}")
    found, wrong = {}, []
    for key, entry in value.items():
        try:
            found[values.code(key)] = values.amount(entry)
        except Wrong as exc:
            wrong += [((key,), what) for _, what in exc.parts]
    if wrong:
        raise Wrong.several(wrong)
    return found


def _kinds(value: object) -> frozenset[AlertKind]:
    words = tuple(str(kind) for kind in AlertKind if kind is not AlertKind.TEST)
    return frozenset(map(AlertKind, values.list_of(values.choice(*words))(value)))


_SPAN = values.duration_between(timedelta(minutes=1), timedelta(days=3650))
#: Key -> its reader, and what it means.
KEYS: Mapping[str, tuple[Callable[[object], Any], str, str]] = {
    "command": (
        _command,
        "program and arguments",
        "Started without a shell for each new event, which it gets as JSON on its stdin.",
    ),
    "timeout": (
        values.duration_between(timedelta(seconds=1), timedelta(minutes=5)),
        "duration",
        "After this the program is killed with all that it started (30 s).",
    ),
    "events": (
        _kinds,
        "list of kinds",
        "Only these kinds: emptied, unexplained, withdraw, stale, liquidation, value, price,"
        " retention (all).",
    ),
    "stale": (_SPAN, "duration", "Data failed or is old for longer than this (1 day)."),
    "liquidation": (
        _percent,
        "number",
        "A position is nearer to its liquidation than so many percent of the mark price (10).",
    ),
    "retention": (
        _SPAN,
        "duration",
        "History that is not fetched leaves what its exchange serves within this time (7 days).",
    ),
    "value_below": (
        values.amount,
        "number",
        "The portfolio is worth less, in the reporting asset.",
    ),
    "value_above": (values.amount, "number", "The portfolio is worth more."),
    "price_below": (
        _prices,
        "table of assets",
        "An asset costs less, held or not: `{ BTC = 50000 }`.",
    ),
    "price_above": (_prices, "table of assets", "An asset costs more."),
}
_OWN = ("command", "timeout")


def alerts(value: object) -> Alerts:
    """The table; Wrong names the place of each fault."""
    if not isinstance(value, dict):
        raise Wrong(f"must be a table, headed [alerts], not {kind_of(value)}")
    found: dict[str, Any] = {}
    wrong: list[tuple[Key, str]] = []
    for key, entry in value.items():
        if key not in KEYS:
            wrong.append(((key,), f"is unknown; {suggestion(key, tuple(KEYS))}"))
            continue
        try:
            found[key] = KEYS[key][0](entry)
        except Wrong as exc:
            wrong += [((key, *below), what) for below, what in exc.parts]
    if "command" not in value:
        wrong.append(((), 'must state its command, such as command = "excache-ntfy"'))
    if wrong:
        raise Wrong.several(wrong)
    rules = AlertRules(**{key: entry for key, entry in found.items() if key not in _OWN})
    return Alerts(rules=rules, **{key: found[key] for key in _OWN if key in found})
