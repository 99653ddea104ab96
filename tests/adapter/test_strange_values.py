"""One strange value in an answer is a bad row or a failed part, never another exception and never a
time before there was trade.

Every field of every documented row that the policies' tests know takes each strange value in turn:
histories, wallets, positions, open orders, tickers, candles, the rights of a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.adapter.policy import IdPaging
from exchange_cache.errors import BadResponse, ExcacheError
from exchange_cache.money import to_amount
from exchange_cache.records import Balance, Fill, Order, Position, Price, Transfer
from exchange_cache.unidentified import UnidentifiedRow
from tests.adapter.test_unreadable_mirrors import CASES as MIRRORS, read
from tests.exchanges import (
    test_bingx,
    test_bitvavo,
    test_deribit,
    test_hyperliquid,
    test_phemex,
    test_whitebit,
)
from tests.exchanges.builders import NOW, NOW_MS, stream
from tests.exchanges.canned import Path, canned_adapter, nodes, spoilt
from tests.exchanges.scripted import DAY, Case
from tests.exchanges.test_binance_margin import CASES as BINANCE_MARGIN
from tests.exchanges.test_bitfinex_requests import BITFINEX
from tests.exchanges.test_bitget_requests import CASES as BITGET
from tests.exchanges.test_bitstamp_requests import BITSTAMP
from tests.exchanges.test_cryptocom_requests import CRYPTOCOM
from tests.exchanges.test_gate_requests import GATE
from tests.exchanges.test_gemini_requests import GEMINI
from tests.exchanges.test_htx_requests import HTX
from tests.exchanges.test_krakenfutures_requests import CASES as KRAKENFUTURES
from tests.exchanges.test_kucoin_requests import MARGIN as KUCOIN_MARGIN
from tests.exchanges.test_mexc_requests import MEXC

#: Tests of one exchange each.
OWN = (
    test_bingx,
    test_bitvavo,
    test_deribit,
    test_hyperliquid,
    test_phemex,
    test_whitebit,
)
HISTORIES: tuple[Case, ...] = (
    *BINANCE_MARGIN,
    *KRAKENFUTURES,
    *KUCOIN_MARGIN,
    *BITGET,
    *GATE,
    *HTX,
    *MEXC,
    *BITFINEX,
    *BITSTAMP,
    *CRYPTOCOM,
    *GEMINI,
    *(case for module in OWN for case in module.WALKS),
)
STRANGE: tuple[Any, ...] = (10**17, 0, 5, "1e9999", "Infinity", True, [])
STRANGE_TEXTS: tuple[Any, ...] = (None, [])
#: Precisions of markets, which ccxt writes out digit by digit.
DIGITS = {"szDecimals", "weiDecimals"}
FIRST, LAST = datetime(2009, 1, 3, tzinfo=UTC), NOW + timedelta(days=1)


def strange_leaves(reply: Any) -> Iterator[tuple[Path, Any]]:
    """Every leaf of the first row of each list, with the values that are strange for it."""
    for path, old in nodes(reply):
        if (
            isinstance(old, dict | list)
            or (path and path[-1] in DIGITS)
            or any(isinstance(part, int) and part > 0 for part in path[:-1])
        ):
            continue
        words = isinstance(old, str) and not any(letter.isdigit() for letter in old)
        yield from ((path, value) for value in (STRANGE_TEXTS if words else STRANGE))


def times_of(record: Any) -> list[datetime]:
    """The times that the exchange gave."""
    names = {
        Fill: ("time",),
        Transfer: ("time",),
        Order: ("created_at", "updated_at"),
        Position: ("as_of",),
        Price: ("as_of",),
        Balance: ("as_of",),
        UnidentifiedRow: ("time",),  # a strange name of a market is a market that is not known
    }[type(record)]
    return [moment for name in names if (moment := getattr(record, name)) is not None]


def faults(records: Any) -> list[str]:
    return [
        f"{type(item).__name__} at {moment}"
        for item in records
        for moment in times_of(item)
        if not FIRST <= moment <= LAST
    ]


def histories_of(adapter: CcxtAdapter) -> list[Case]:
    """One history of each kind of row."""
    found = {}
    for case in HISTORIES:
        if case.exchange == adapter.policy.exchange:
            policy = stream(adapter, case.data_type, case.scopes[0])
            found.setdefault((policy.data_type, policy.method, policy.parser), case)
    return list(found.values())


def history(adapter: CcxtAdapter, case: Case) -> list[Any]:
    """The records of at most as many pages as the case has replies."""
    policy, found = stream(adapter, case.data_type, case.scopes[0]), []
    whole = isinstance(policy.paging, IdPaging) and policy.paging.whole_history
    place: dict[str, Any] = {}
    for _ in case.replies:
        page = adapter.page(policy, case.symbol, None if whole else (case.window or DAY), place)
        found += page.records
        if page.next is None:
            break
        place = dict(page.next)
    return found


@pytest.mark.sampled(6)
@pytest.mark.parametrize("exchange", sorted({case.exchange for case in HISTORIES}))
def test_a_strange_value_in_a_history_is_a_bad_row(exchange: str) -> None:
    adapter, canned = canned_adapter(exchange)
    wrong = []
    for case in histories_of(adapter):
        at = len(case.replies) - 1 if stream(adapter, case.data_type, case.scopes[0]).fan_out else 0
        for path, value in strange_leaves(case.replies[at]):
            canned.play(
                [*case.replies[:at], spoilt(case.replies[at], path, value), *case.replies[at + 1 :]]
            )
            try:
                found = faults(history(adapter, case))
            except ExcacheError:
                continue
            except Exception as error:  # noqa: BLE001 - what must not happen is collected
                found = [repr(error)[:120]]
            wrong += [
                f"{case.data_type} {case.scopes[0]} {'.'.join(map(str, path))} {value!r}: {text}"
                for text in found
            ]
    assert wrong == []


@pytest.mark.sampled(6)
@pytest.mark.parametrize("exchange", sorted({case.exchange for case in MIRRORS}))
def test_a_strange_value_in_a_wallet_or_list_fails_that_part(exchange: str) -> None:
    adapter, canned = canned_adapter(exchange)
    wrong = []
    for case in (case for case in MIRRORS if case.exchange == exchange):
        replies = [case.reply, *case.more]
        for at, reply in enumerate(replies):
            for path, value in strange_leaves(reply):
                canned.play([*replies[:at], spoilt(reply, path, value), *replies[at + 1 :]])
                try:
                    found = faults(read(adapter, case))
                except ExcacheError:
                    continue
                except Exception as error:  # noqa: BLE001 - what must not happen is collected
                    found = [repr(error)[:120]]
                wrong += [
                    f"{case.what} {case.name} {'.'.join(map(str, path))} {value!r}: {text}"
                    for text in found
                ]
    assert wrong == []


@pytest.mark.parametrize("value", [*STRANGE, -1, "NaN", "x", None, {"a": 1}])
@pytest.mark.parametrize("column", [0, 1, 4])
def test_a_strange_value_in_a_candle_is_a_bad_answer_or_no_candle(column: int, value: Any) -> None:
    adapter, canned = canned_adapter("binance")
    row: list[Any] = [
        NOW_MS - 3_600_000,
        "100",
        "120",
        "90",
        "110",
        "1",
        NOW_MS,
        "110",
        1,
        "1",
        "1",
        "0",
    ]
    row[column] = value
    canned.play([[row]])
    try:
        found = adapter.candles("BTC/USDT", NOW - timedelta(hours=2), 10, "1h")
    except BadResponse:
        return
    assert all(FIRST <= candle.opened_at <= LAST for candle in found)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("exchange", ["binance", "bybit", "coinbase", "kraken", "kucoin", "okx"])
@pytest.mark.parametrize(
    "reply",
    [
        [],
        [1],
        {"result": []},
        {"result": {"permissions": [1], "ips": 5}},
        {"data": [None]},
        {"data": "x"},
    ],
)
def test_a_strange_answer_about_a_key_says_nothing_and_breaks_nothing(
    exchange: str, reply: Any
) -> None:
    adapter, canned = canned_adapter(exchange)
    canned.play([reply])
    assert adapter.check().can_withdraw in {None, False}


def test_an_open_order_without_a_market_is_refused_by_name() -> None:
    """Row: knowm/XChange and ccxt's static kucoin fetchOpenOrders, without its symbol."""
    adapter, canned = canned_adapter("kucoin")
    row = {
        "id": "1",
        "opType": "DEAL",
        "side": "buy",
        "size": "1",
        "price": "1",
        "createdAt": 1_700_000_000_000,
        "active": True,
    }
    canned.play([{"code": "200000", "data": [row]}])
    call = next(item for item in adapter.policy.open_orders if item.category == "spot")
    with pytest.raises(BadResponse, match="has no symbol"):
        adapter.open_orders(call, "BTC/USDT")


@pytest.mark.parametrize(
    "text",
    ["1e999999", "-1e999999", "0e999999", "1e-999999", "1" * 50, "NaN", "sNaN", "Infinity", "-inf"],
)
def test_what_no_amount_can_be_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a|no number"):
        to_amount(text)


@pytest.mark.parametrize(
    "text",
    ["0", "0.000000000000000000000001", "123456789012345678901234567890.5", "1E+18", "0E-18"],
)
def test_every_amount_that_exists_is_a_number(text: str) -> None:
    assert to_amount(text) == Decimal(text)
