"""Cases of one exchange: rows and answers as it documents them, and the records that they are.

A case goes through the real engine and the real ccxt; only the transport is played. The expected
records are written by hand, whole, from at least two rows that differ in every field that counts.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any

from exchange_cache.adapter.policy import CallPolicy, ExchangePolicy, IdPaging, StreamPolicy
from exchange_cache.booked import BookedFees
from exchange_cache.exchanges import MODULES
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Balance, DataType, Fill, Order, Position, Transfer
from tests.exchanges.builders import DAY_MS, NOW_MS
from tests.exchanges.canned import canned_adapter

WINDOW = Span(NOW_MS - DAY_MS, NOW_MS)


@dataclass(frozen=True, kw_only=True)
class HistoryCase:
    """Rows of one history and their records, in the order of the rows (a mapping: rows by id).

    ``answer`` is what stands around the rows, without them; ``also`` names further scopes of the
    same data type whose rows are of the same form and are read by the same parser. ``cursor``
    begins the page where that is not the first one (the targets of a history asked per target).
    """

    exchange: str
    data_type: DataType
    scope: str
    rows: Sequence[Any] | Mapping[str, Any]
    records: Sequence[Fill | Order | Transfer | BookedFees]
    source: str
    symbol: str | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WalletCase:
    """The answer about one wallet and its balances, ordered by code.

    ``first`` answers the request before it, where a list names the wallet.
    """

    exchange: str
    wallet: str
    answer: Any
    balances: Sequence[Balance]
    source: str
    also: tuple[str, ...] = ()
    first: Any = None


@dataclass(frozen=True, kw_only=True)
class ListCase:
    """The answer of one list of what is open (``positions`` or ``open_orders``) and its records.

    ``last`` answers every request after the first one, where the list is paged.
    """

    exchange: str
    what: str
    category: str
    answer: Any
    records: Sequence[Position | Order]
    source: str
    scope: str = ""
    symbol: str | None = None
    last: Any = None


Case = HistoryCase | WalletCase | ListCase


@cache
def documented() -> dict[str, Case]:
    """The cases of every exchange, by exchange and number."""
    found = {}
    for exchange in sorted(set(MODULES.values())):
        module = import_module(f"tests.exchanges.test_{exchange}")
        every = [one for one in getattr(module, "CASES", ()) if isinstance(one, Case)]
        found.update({f"{exchange}-{number}": one for number, one in enumerate(every)})
    return found


def read(case: Case) -> list[Any]:
    """The records that the engine makes of a case."""
    if isinstance(case, HistoryCase):
        return history(case)
    return balances(case) if isinstance(case, WalletCase) else open_list(case)


def check(case: Case) -> None:
    """Hold what the engine makes of a case against the records written by hand."""
    if isinstance(case, HistoryCase):
        assert history(case) == list(case.records)
    elif isinstance(case, WalletCase):
        assert balances(case) == list(case.balances)
    else:
        assert open_list(case) == list(case.records)


def named(case: Case) -> str:
    """The id of a case's test."""
    if isinstance(case, HistoryCase):
        return f"{case.data_type}-{case.scope}"
    return (
        f"wallet-{case.wallet}" if isinstance(case, WalletCase) else f"{case.what}-{case.category}"
    )


def uncovered(policy: ExchangePolicy, cases: Iterable[Case]) -> set[str]:
    """Histories, wallets and lists read by a parser of ours that no case covers."""
    known = list(cases)
    histories = {
        (case.data_type, scope)
        for case in known
        if isinstance(case, HistoryCase)
        for scope in (case.scope, *case.also)
    }
    wallets = {
        name for case in known if isinstance(case, WalletCase) for name in (case.wallet, *case.also)
    }
    lists = {(case.what, case.category) for case in known if isinstance(case, ListCase)}
    calls = [("positions", call) for call in policy.positions]
    calls += [("open_orders", call) for call in policy.open_orders]
    return {
        *(
            f"{stream.data_type} {stream.scope}"
            for stream in policy.streams
            if (stream.data_type, stream.scope) not in histories
        ),
        *(f"wallet {wallet.name}" for wallet in policy.wallets if wallet.name not in wallets),
        *(
            f"{what} {call.category}"
            for what, call in calls
            if callable(call.parser) and (what, call.category) not in lists
        ),
    }


def history(case: HistoryCase) -> list[Any]:
    """The records that the engine makes of a history case."""
    adapter, wire = canned_adapter(case.exchange)
    stream = next(
        item
        for item in adapter.policy.streams
        if (item.data_type, item.scope) == (case.data_type, case.scope)
    )
    stream = replace(stream, only={})  # a parser reads rows of all kinds, whichever are asked for
    wire.play([_answer(case, stream, case.rows), _answer(case, stream, [])])
    whole = isinstance(stream.paging, IdPaging) and stream.paging.whole_history
    cursor, made = dict(case.cursor), []
    for _ in range(10):
        page = adapter.page(stream, case.symbol, None if whole else WINDOW, cursor)
        made.extend(page.records)
        if page.next is None:
            return made
        cursor = dict(page.next)
    raise AssertionError(f"the pages of {case.scope} do not end")


def _answer(
    case: HistoryCase, stream: StreamPolicy, found: Sequence[Any] | Mapping[str, Any]
) -> Any:
    """The whole answer with rows where the policy has them."""
    rows: Any = dict(found) if isinstance(found, Mapping) else list(found)
    path = stream.rows.rstrip("?")
    if path in {"", "*"} and not case.answer:
        return rows
    answer = copy.deepcopy(dict(case.answer))
    node: Any = answer
    *way, last = (path if path not in {"", "*"} else "data").split(".")
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    node[int(last) if isinstance(node, list) else last] = rows
    return answer


def balances(case: WalletCase) -> list[Balance]:
    adapter, wire = canned_adapter(case.exchange)
    wire.play([case.answer] if case.first is None else [case.first, case.answer])
    wallet = next(item for item in adapter.policy.wallets if item.name == case.wallet)
    return sorted(adapter.balances(wallet), key=lambda balance: balance.code)


def open_list(case: ListCase) -> list[Any]:
    adapter, wire = canned_adapter(case.exchange)
    wire.play([case.answer] if case.last is None else [case.answer, case.last])
    calls: tuple[CallPolicy, ...] = getattr(adapter.policy, case.what)
    call = next(
        item for item in calls if (item.category, item.scope) == (case.category, case.scope)
    )
    if case.what == "positions":
        return list(adapter.positions(call))
    return list(adapter.open_orders(call, case.symbol))
