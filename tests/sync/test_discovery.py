"""Which symbols are asked: what was traded always, what may have been soon, all others a few per
run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.port import MarketInfo
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from exchange_cache.sync.discovery import (
    REVISIT_EMPTY,
    Candidates,
    Touched,
    candidates,
    due,
    ended,
    never_asked,
)
from tests.sync.fake_port import market

NOW = 1_800_000_000_000
DAY = 86_400_000
LISTED = {
    symbol: market(symbol)
    for symbol in (
        "BTC/USDT",
        "BTC/EUR",
        "ETH/BTC",
        "ETH/USDT",
        "SOL/USDT",
        "XRP/USDT",
        "BTC/USDT:USDT",
    )
}


def state(symbol: str, **more: Any) -> StreamState:
    return StreamState(
        key=StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol=symbol), **more
    )


def asked(symbol: str, days_ago: float, rows: int = 0) -> StreamState:
    return state(
        symbol,
        completed_ms=NOW - int(days_ago * DAY),
        asked_ms=NOW - int(days_ago * DAY),
        rows=rows,
    )


def split(**touched: Any) -> Candidates:
    return candidates(
        LISTED,
        "spot",
        Touched(**{name: frozenset(value) for name, value in touched.items()}),
        ("USDT", "BTC"),
    )


@pytest.mark.parametrize(
    ("touched", "active", "likely"),
    [
        ({}, {}, {}),
        ({"symbols": ["ETH/BTC"]}, {"ETH/BTC": "traded"}, {}),
        ({"configured": ["ETH/BTC"]}, {"ETH/BTC": "configured"}, {}),
        ({"configured": ["OLD/USDT"]}, {"OLD/USDT": "configured"}, {}),
        ({"configured": ["BTC/USDT:USDT"]}, {}, {}),
        ({"held": ["BTC"]}, {}, {"BTC/EUR": "held", "BTC/USDT": "held"}),
        ({"seen": ["SOL"]}, {}, {"SOL/USDT": "seen"}),
        ({"held": ["SOL"], "seen": ["SOL"], "symbols": ["SOL/USDT"]}, {"SOL/USDT": "traded"}, {}),
        ({"seen": ["LUNA"]}, {}, {"LUNA/USDT": "delisted", "LUNA/BTC": "delisted"}),
        ({"seen": ["USDT"]}, {}, {}),
        ({"held": ["BTC"], "held_codes": ["LDBTC"]}, {}, {"BTC/EUR": "held", "BTC/USDT": "held"}),
        (
            {"held": ["BTC"], "held_codes": ["ETH"]},
            {},
            {"BTC/EUR": "held", "BTC/USDT": "held", "ETH/BTC": "held", "ETH/USDT": "held"},
        ),
    ],
)
def test_symbols_are_split_by_how_soon_they_are_asked(
    touched: dict[str, Any], active: dict[str, str], likely: dict[str, str]
) -> None:
    found = split(**touched)

    assert dict(found.active) == active
    assert dict(found.likely) == likely
    assert set(found.rest) == {symbol for symbol in LISTED if ":" not in symbol} - set(
        active
    ) - set(likely)


def test_held_comes_before_seen_and_seen_before_delisted() -> None:
    found = split(held={"XRP"}, seen={"SOL", "LUNA"})

    assert [reason for _, reason in found.likely] == ["held", "seen", "delisted", "delisted"]


def test_another_category_is_not_crossed_with_quotes() -> None:
    found = candidates(LISTED, "linear", Touched(held=frozenset({"LUNA"})), ("USDT",))

    assert (found.active, found.likely, found.rest) == ((), (), ("BTC/USDT:USDT",))


@pytest.mark.parametrize(
    ("marked", "asked"), [(("BTC/USDT",), ["BTC/USDT"]), ((), ["BTC/EUR", "BTC/USDT"])]
)
def test_margin_is_traded_where_the_exchange_allows_it_or_anywhere_when_it_does_not_tell(
    marked: tuple[str, ...], asked: list[str]
) -> None:
    markets = {symbol: replace(info, margin=symbol in marked) for symbol, info in LISTED.items()}
    found = candidates(markets, "margin", Touched(held=frozenset({"BTC"})), ("USDT",))

    assert [symbol for symbol, _ in found.likely] == asked


def test_inactive_markets_are_asked_too() -> None:
    closed: dict[str, MarketInfo] = {"OLD/USDT": market("OLD/USDT", active=False)}

    assert candidates(closed, "spot", Touched(seen=frozenset({"OLD"})), ()).likely == (
        ("OLD/USDT", "seen"),
    )


def symbols(
    chosen: Candidates, *states: StreamState, budget: int = 0, full: bool = False
) -> dict[str, str]:
    return dict(
        due(chosen, {item.key.symbol: item for item in states}, NOW, sweep_budget=budget, full=full)
    )


def test_traded_symbols_are_always_due() -> None:
    assert symbols(split(symbols={"BTC/USDT"}), asked("BTC/USDT", 0, rows=5)) == {
        "BTC/USDT": "traded"
    }


def test_held_assets_are_always_due_and_seen_ones_while_new_or_old() -> None:
    both = split(held={"XRP"}, seen={"SOL"})
    assert symbols(both) == {"XRP/USDT": "held", "SOL/USDT": "seen"}
    assert symbols(both, asked("XRP/USDT", 0), asked("SOL/USDT", 1)) == {"XRP/USDT": "held"}

    week = REVISIT_EMPTY / timedelta(days=1)
    assert "SOL/USDT" in symbols(both, asked("SOL/USDT", week + 0.1))
    assert "SOL/USDT" not in symbols(both, asked("SOL/USDT", week - 0.1))
    assert "SOL/USDT" in symbols(both, asked("SOL/USDT", 1, rows=2))


def test_a_symbol_the_exchange_does_not_know_is_asked_again_only_after_a_while() -> None:
    gone = split(seen={"LUNA"})
    unknown = [
        replace(asked(symbol, days), state="symbol_unknown")
        for symbol, days in (("LUNA/USDT", 1), ("LUNA/BTC", 8))
    ]

    assert symbols(gone, *unknown) == {"LUNA/BTC": "delisted"}
    assert set(never_asked(gone, {item.key.symbol: item for item in unknown})) == set(gone.rest)


def test_a_failed_symbol_is_due_again_at_once() -> None:
    assert symbols(split(seen={"SOL"}), state("SOL/USDT", state="failed", asked_ms=NOW)) == {
        "SOL/USDT": "seen"
    }


def test_the_sweep_asks_some_of_the_rest_never_asked_ones_first_then_the_longest_ago() -> None:
    nothing = split()
    old = [asked("BTC/EUR", 9), asked("BTC/USDT", 10), asked("ETH/BTC", 1)]

    assert symbols(nothing, *old, budget=2) == {"ETH/USDT": "sweep", "SOL/USDT": "sweep"}
    assert list(symbols(nothing, *old, budget=4)) == [
        "ETH/USDT",
        "SOL/USDT",
        "XRP/USDT",
        "BTC/USDT",
    ]
    assert symbols(nothing, *old, budget=99).keys() == set(nothing.rest) - {"ETH/BTC"}
    assert symbols(nothing, *old, budget=0) == {}


def test_the_sweep_comes_to_an_end() -> None:
    nothing, known, runs = split(), [], 0
    while found := symbols(nothing, *known, budget=2):
        known += [asked(symbol, 0) for symbol in found]
        runs += 1

    assert runs == 3
    assert never_asked(nothing, {item.key.symbol: item for item in known}) == ()


def test_a_swept_symbol_with_rows_or_an_open_walk_stays_due() -> None:
    begun = state("BTC/EUR", open=Span(0, 5))
    walking = state("ETH/BTC", cursor={"id": "5"})

    assert symbols(split(), asked("SOL/USDT", 0, rows=1), begun, walking) == {
        "SOL/USDT": "traded",
        "BTC/EUR": "traded",
        "ETH/BTC": "traded",
    }


def test_full_sweeps_everything_that_was_not_asked_lately() -> None:
    chosen = split(seen={"SOL"})
    known = [asked(symbol, 0) for symbol in chosen.rest if symbol != "XRP/USDT"] + [
        asked("SOL/USDT", 0)
    ]

    assert symbols(chosen, full=True).keys() == {symbol for symbol in LISTED if ":" not in symbol}
    assert {"SOL/USDT", "XRP/USDT"} <= symbols(chosen, *known, full=True).keys()


def test_what_was_never_asked_is_counted_until_nothing_is_left() -> None:
    chosen = split(symbols={"BTC/USDT"}, seen={"SOL"})

    assert len(never_asked(chosen, {})) == 6
    assert (
        len(
            never_asked(
                chosen,
                {
                    "BTC/USDT": asked("BTC/USDT", 0),
                    "SOL/USDT": state("SOL/USDT", state="failed", asked_ms=NOW),
                },
            )
        )
        == 5
    )


@pytest.mark.parametrize(
    ("symbol", "category"),
    [
        ("BTC/USDT:USDT", "linear"),
        ("BTC/USDT:USDT-260615", "linear"),
        ("BTC/USD:BTC-2606", "inverse"),
        ("BTC/USDT:USDT-260615-60000-C", "option"),
        ("BTC/USDT", None),
    ],
)
def test_the_symbol_of_an_unlisted_contract_states_its_category(
    symbol: str, category: str | None
) -> None:
    assert ended(symbol) == category
