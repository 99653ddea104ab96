"""The tables of words in all policies: each word of each ledger through its real parser."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.adapter.meanings import classified
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.rows import Desk
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.records import Transfer, TransferKind
from tests.exchanges.canned import canned_adapter
from tests.exchanges.cases import HistoryCase

INVENTED = "Payment for Nothing"
#: Ledgers of free texts, or of words made from several fields; their own tests try their words.
FREE = frozenset(
    {
        ("binance", "dividends"),
        ("bybit", "funding-ledger"),
        *(("bitget", scope) for scope in ("moves", "earn", "bills-rest")),
    }
)

LEDGERS = [
    (exchange, stream)
    for exchange in sorted(set(MODULES.values()))
    for stream in policy_for(exchange).streams
    if stream.meanings
]
WORDED = [(name, stream) for name, stream in LEDGERS if (name, stream.scope) not in FREE]


def named(item: object) -> str:
    return item.scope if isinstance(item, StreamPolicy) else str(item)


def case_of(exchange: str, scope: str) -> HistoryCase:
    cases = import_module(f"tests.exchanges.test_{exchange}").CASES
    return next(
        case
        for case in cases
        if isinstance(case, HistoryCase) and scope in (case.scope, *case.also)
    )


def rows_of(case: HistoryCase) -> list[Any]:
    """The rows of a case; numbers are read from the wire as texts."""
    rows = case.rows.values() if isinstance(case.rows, Mapping) else case.rows
    return [
        {name: str(value) if type(value) in {int, float} else value for name, value in row.items()}
        for row in rows
    ]


def worded(adapter: CcxtAdapter, case: HistoryCase, stream: StreamPolicy) -> tuple[Desk, Any, str]:
    """The desk of a ledger, a row of its case, and the field of the row that holds the word."""
    desk = adapter._session.desk(stream)
    for row in rows_of(case):
        for record in desk.records(row):
            fields = [name for name, value in row.items() if value == getattr(record, "word", 0)]
            if fields:
                return desk, row, fields[0]
    raise AssertionError(f"no case of {case.exchange} {stream.scope} keeps its word")


def kinds(table: StreamPolicy, word: str) -> set[TransferKind | None]:
    """What a word may mean, whichever sign the row has."""
    found = (classified(table.meanings, word, amount) for amount in (Decimal(1), Decimal(-1)))
    return {None if item is None else item.kind for item in found}


@pytest.mark.parametrize(("exchange", "stream"), WORDED, ids=named)
def test_each_word_is_of_the_kind_in_its_table(exchange: str, stream: StreamPolicy) -> None:
    adapter, _ = canned_adapter(exchange)
    desk, row, field = worded(adapter, case_of(exchange, stream.scope), stream)
    for word in stream.meanings:
        made = desk.records({**row, field: word})
        allowed = kinds(stream, word)
        assert (None in allowed) is (made == ())
        for record in made:
            assert isinstance(record, Transfer)
            assert (record.kind in allowed, record.word) == (True, word)


@pytest.mark.parametrize(("exchange", "stream"), WORDED, ids=named)
def test_a_word_that_nobody_knows_is_unclassified_and_kept(
    exchange: str, stream: StreamPolicy
) -> None:
    adapter, _ = canned_adapter(exchange)
    desk, row, field = worded(adapter, case_of(exchange, stream.scope), stream)
    (record,) = desk.records({**row, field: INVENTED})
    assert isinstance(record, Transfer)
    assert (record.kind, record.word) == (TransferKind.UNCLASSIFIED, INVENTED)
