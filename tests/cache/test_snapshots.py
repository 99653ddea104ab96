"""Details of a snapshot by name, and those that earlier versions kept as lists of values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.snapshots import (
    kept_position,
    kept_wallet,
    position_of,
    upgraded,
    wallet_of,
)
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import from_ms
from exchange_cache.records import Position
from exchange_cache.value.reading import PositionReading, WalletShare

AT = 1_777_896_000_000
#: As versions before named keys stored it.
OLD = {
    "accounts": ["main"],
    "totals": ["1.5", "", "0.01", "-3"],
    "holdings": [
        {
            "asset": "BTC",
            "state": "fresh",
            "at": AT,
            "figures": ["65000", "0.3", "18000", "", "-0.01", "2"],
            "wallets": [
                ["main", "spot", ["BTC"], "0.3", AT],
                ["main", "earn", "LDBTC", "0.2", AT, None, "0.2"],
                ["main", "margin", ["BTC"], "0.5", AT, "0.4", "0.1"],
            ],
        }
    ],
    "positions": [
        [
            ["main", "swap", "linear", "BTC/USDT:USDT", "long", "USDT", None],
            ["2", "0.01", "", "64000", "65000", "", "20", "5", "", ""],
            AT,
            ["20", "0.015", ""],
            [False, True],
        ]
    ],
    "unpriced": ["X"],
    "stale": [],
    "missing": ["main prices"],
    "failed": [],
}
SPOT = WalletShare(
    account="main",
    wallet="spot",
    code="BTC",
    free=Decimal("0.3"),
    used=Decimal(0),
    total=Decimal("0.3"),
    earn=False,
    fetched_at=from_ms(AT),
)
EARN = WalletShare(
    account="main",
    wallet="earn",
    code="LDBTC",
    free=None,
    used=Decimal("0.2"),
    total=Decimal("0.2"),
    earn=True,
    fetched_at=from_ms(AT),
)
MARGIN = WalletShare(
    account="main",
    wallet="margin",
    code="BTC",
    free=Decimal("0.4"),
    used=Decimal("0.1"),
    total=Decimal("0.5"),
    earn=False,
    fetched_at=from_ms(AT),
)
OPEN = PositionReading(
    position=Position(
        account="main",
        wallet="swap",
        category="linear",
        symbol="BTC/USDT:USDT",
        side="long",
        contracts=Decimal(2),
        contract_size=Decimal("0.01"),
        base_quantity=None,
        entry_price=Decimal(64000),
        mark_price=Decimal(65000),
        notional=None,
        unrealised_pnl=Decimal(20),
        leverage=Decimal(5),
        settle_asset="USDT",
        fetched_at=from_ms(AT),
    ),
    unrealised_value=Decimal(20),
    unrealised_fraction=Decimal("0.015"),
    liquidation_distance=None,
    in_wallet=False,
    stale=True,
)


def test_a_snapshot_of_earlier_versions_is_read_by_name(
    repository: ExchangeCacheRepository,
) -> None:
    stored = Snapshot(
        taken_at=datetime(2026, 5, 4, 12, tzinfo=UTC),
        reporting_asset="USDT",
        value=Decimal(1),
        stale_value=Decimal(0),
        details=OLD,
    )
    repository.derived.add_snapshot(stored)

    details = repository.derived.snapshots()[0].details

    assert details["totals"] == {
        "realised_pnl": "1.5",
        "change_24h": "0.01",
        "change_24h_value": "-3",
    }
    (holding,) = details["holdings"]
    assert holding["figures"] == {
        "price": "65000",
        "explained_quantity": "0.3",
        "cost": "18000",
        "change_24h": "-0.01",
        "fees_paid": "2",
    }
    assert [wallet_of(row) for row in holding["wallets"]] == [SPOT, EARN, MARGIN]
    assert [position_of(row) for row in details["positions"]] == [OPEN]
    assert {name: details[name] for name in ("accounts", "unpriced", "stale", "missing")} == {
        name: OLD[name] for name in ("accounts", "unpriced", "stale", "missing")
    }


def test_details_of_today_are_left_as_they_are() -> None:
    assert upgraded({"unpriced": ["X"]}) == {"unpriced": ["X"]}
    today = upgraded(OLD)
    assert upgraded(today) is today


def test_wallets_and_positions_return_as_they_were_kept() -> None:
    assert [wallet_of(kept_wallet(one)) for one in (SPOT, EARN, MARGIN)] == [SPOT, EARN, MARGIN]
    assert position_of(kept_position(OPEN)) == OPEN


def test_a_wallet_of_which_all_is_free_is_kept_small() -> None:
    assert kept_wallet(SPOT) == {
        "account": "main",
        "wallet": "spot",
        "code": "BTC",
        "total": "0.3",
        "fetched_ms": AT,
    }


@pytest.mark.parametrize(("free", "kept"), [("5", "5"), (None, None)])
def test_a_wallet_whose_used_part_is_unknown_is_kept(free: str | None, kept: str | None) -> None:
    share = WalletShare(
        account="main",
        wallet="futures",
        code="USDT",
        free=None if free is None else Decimal(free),
        used=None,
        total=Decimal("5"),
        earn=False,
        fetched_at=from_ms(AT),
    )
    assert wallet_of(kept_wallet(share)).free == (None if kept is None else Decimal(kept))
