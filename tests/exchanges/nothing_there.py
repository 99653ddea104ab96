"""What must not be made of a documented answer once a place of it holds nothing: fewer records in
silence, or a record with Python's word for nothing in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from unittest.mock import patch

from exchange_cache.adapter.policy import KEY, RawRows
from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.bitstamp import NOT_CURRENCIES
from tests.exchanges import cases as documented
from tests.exchanges.canned import ABSENT, canned_adapter, nodes, spoilt

#: In the place of a value, they leave nothing of it.
GONE: tuple[Any, ...] = (None, ABSENT, [], {}, True, [None])


def fits(path: Sequence[Any], old: Any, value: Any) -> bool:
    """Whether a value can be put in a place, and is not what is there."""
    return not (value is ABSENT and not isinstance(path[-1], str)) and repr(value) != repr(old)


def wrong(name: str, path: Sequence[Any], old: Any, value: Any) -> str | None:
    """What is wrong with the records of a documented answer whose place holds nothing; None where
    the answer says so itself. Errors of the engine pass through."""
    one = documented.documented()[name]
    made = records(name, path, value)
    if _says_nothing(name, path, old, value):
        return None
    place = f"{documented.named(one)} {'.'.join(map(str, path))}"
    shown = "absent" if value is ABSENT else repr(value)
    if len(made) < len(_good(name)):
        return f"lost: {place} = {shown}: {len(made)} records"
    found = _OF_NOTHING.search(repr(made))
    if found and not _OF_NOTHING.search(repr(_good(name))):
        return f"invented: {place} = {shown}: {found[0]}"
    return None


@cache
def places(name: str) -> list[tuple[Any, Any]]:
    """The places of a documented answer, and what is there."""
    return [(path, value) for path, value in nodes(_body(documented.documented()[name])) if path]


def records(name: str, path: Sequence[Any], value: Any) -> list[Any]:
    """What the engine makes of a documented answer with another value (or none) in a place."""
    one = documented.documented()[name]
    return _read(_with(one, spoilt(_body(one), path, value)))


#: What Python writes for nothing, in the place of a text of the exchange.
_OF_NOTHING = re.compile(r"\w+='(?:None|True|\[\]|\{\}|\[None\])'", re.IGNORECASE)


def _says_nothing(name: str, path: Sequence[Any], old: Any, value: Any) -> bool:
    if value is ABSENT:
        return _may_be_absent(name, path)
    if value is None:
        return _may_be_null(name, path)
    return isinstance(old, list | dict) and value in ([], {})


def _may_be_absent(name: str, path: Sequence[Any]) -> bool:
    """Whether an answer without a place is as well-formed, and nothing in it shows that it is
    untrue: an entry of a mapping by name, one that its policy calls optional, and one that another
    documented row leaves out."""
    one, parent = documented.documented()[name], path[:-1]
    if isinstance(one, documented.WalletCase):
        wallet = next(w for w in policy_for(one.exchange).wallets if w.name == one.wallet)
        rules = (place for rule in wallet.rows for place in _optional(rule))
        return path[-2:-1] == ("balances",) or any(_fits(place, path) for place in rules)
    if isinstance(one, documented.ListCase):
        calls = getattr(policy_for(one.exchange), one.what)
        return any(_fits([*call.rows.split("."), "*"], path) for call in calls)
    if (one.exchange, documented.named(one)) == ("bitstamp", "transfers-transactions"):
        return path[-1] not in NOT_CURRENCIES
    return any(
        isinstance(row, dict) and path[-1] not in row and _shape(other) == _shape(parent)
        for other, row in places(name)
    )


def _optional(rule: RawRows) -> Iterator[list[str]]:
    """The places of a rule that may be absent: those with a question mark, and entries by name."""
    parts = rule.path.split(".")
    plain = [part.removesuffix("?") for part in parts]
    yield from (plain[: at + 1] for at, part in enumerate(parts) if part.endswith("?"))
    if rule.name == KEY or rule.keyed:
        yield plain


def _fits(place: Sequence[str], path: Sequence[Any]) -> bool:
    return len(place) == len(path) and all(
        fnmatchcase(str(name), part) for name, part in zip(path, place, strict=True)
    )


def _may_be_null(name: str, path: Sequence[Any]) -> bool:
    """Whether null says that there is nothing: it stands in the same field of another row, or the
    policy states that the exchange writes it for an empty list."""
    one = documented.documented()[name]
    if any(value is None and _shape(other) == _shape(path) for other, value in places(name)):
        return True
    if not isinstance(one, documented.ListCase):
        return False
    calls = getattr(policy_for(one.exchange), one.what)
    place = ".".join(map(str, path))
    return any(
        call.null_is_empty and call.rows == place for call in calls if call.category == one.category
    )


def _shape(path: Sequence[Any]) -> list[Any]:
    """A path whose numbers of rows are alike; a number behind one is a column."""
    before = [None, *path]
    return [
        "*" if isinstance(part, int) and not isinstance(before[at], int) else part
        for at, part in enumerate(path)
    ]


def _body(one: documented.Case) -> Any:
    return one.rows if isinstance(one, documented.HistoryCase) else one.answer


def _with(one: documented.Case, body: Any) -> documented.Case:
    if isinstance(one, documented.HistoryCase):
        return replace(one, rows=body)
    return replace(one, answer=body)


@cache
def _good(name: str) -> list[Any]:
    return _read(documented.documented()[name])


def _read(one: documented.Case) -> list[Any]:
    with patch.object(documented, "canned_adapter", _player):
        return documented.read(one)


@cache
def adapter(exchange: str) -> Any:
    return canned_adapter(exchange)


def _player(exchange: str) -> Any:
    """One adapter for all cases of an exchange."""
    return adapter(exchange)
