"""Snapshots as series of net worth and prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import to_ms
from exchange_cache.portfolio.series import compared, net_worth, printed_prices, series
from tests.builders import NOW


def row(account: str, total: str) -> dict[str, str]:
    return {"account": account, "total": total}


SNAPSHOT = Snapshot(
    taken_at=NOW,
    reporting_asset="USDT",
    value=Decimal("165"),
    stale_value=Decimal(0),
    details={
        "holdings": [
            {
                "asset": "BTC",
                "state": "fresh",
                "at": to_ms(NOW - timedelta(minutes=5)),
                "figures": {"price": "50"},
                "wallets": [row("main", "2"), row("second", "1")],
            },
            {
                "asset": "ETH",
                "state": "stale",
                "at": to_ms(NOW - timedelta(days=3)),
                "figures": {"price": "10"},
                "wallets": [row("main", "0.5")],
            },
            {"asset": "ODD", "state": "unpriced", "at": None, "figures": {}, "wallets": []},
        ],
        "positions": [
            {
                "account": "main",
                "settle_asset": "USDT",
                "unrealised_value": "10",
                "in_wallet": False,
            },
            {
                "account": "main",
                "settle_asset": "USDT",
                "unrealised_value": "99",
                "in_wallet": True,
            },
        ],
        "missing": ["second prices"],
        "stale": ["main prices", "second prices"],
    },
)


def test_the_whole_is_the_stored_value_with_its_gaps() -> None:
    (point,) = series([SNAPSHOT])
    assert (point.at, point.value, point.parts) == (NOW, Decimal("165"), {})
    assert point.gaps == ("second prices", "main prices")


def test_parts_add_up_and_results_inside_a_wallet_count_once() -> None:
    (by_asset,) = series([SNAPSHOT], by="asset")
    assert by_asset.parts == {"BTC": Decimal(150), "ETH": Decimal(5), "USDT": Decimal(10)}
    (by_account,) = series([SNAPSHOT], by="account")
    assert by_account.parts == {"main": Decimal(115), "second": Decimal(50)}
    assert by_asset.value == by_account.value == Decimal("165")


def test_some_accounts_count_alone() -> None:
    (point,) = series([SNAPSHOT], accounts=["second"])
    assert (point.value, point.parts) == (Decimal(50), {})


def test_only_fresh_prices_were_seen_at_their_time() -> None:
    assert list(printed_prices(SNAPSHOT)) == [
        ("BTC", NOW - timedelta(minutes=5), Decimal(50)),
    ]


def snapshot(days: int, worth: dict[str, str], missing: tuple[str, ...] = ()) -> Snapshot:
    holdings = [
        {
            "asset": "USDT",
            "state": "fresh",
            "at": None,
            "figures": {"price": "1"},
            "wallets": [row(account, total) for account, total in worth.items()],
        }
    ]
    return Snapshot(
        taken_at=NOW + timedelta(days=days),
        reporting_asset="USDT",
        value=sum((Decimal(total) for total in worth.values()), Decimal(0)),
        stale_value=Decimal(0),
        details={
            "holdings": holdings,
            "accounts": [*worth, *missing],
            "missing": [f"{account} balances" for account in missing],
        },
    )


def test_an_account_that_came_or_left_is_no_gain_and_no_loss(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    repository.derived.add_snapshot(snapshot(0, {"main": "100", "old": "40"}, ("late",)))
    repository.derived.add_snapshot(snapshot(1, {"main": "110", "late": "90000"}))
    points = net_worth(repository, "USDT", since=None, until=None)
    found = compared(repository, "USDT", points[0], points[-1])
    assert (found.before, found.after, found.common) == (100, 110, 1)
    assert (found.came, found.left) == (("late",), ("old",))
    assert found.fraction == Decimal("0.1")
    one = compared(repository, "USDT", points[0], points[-1], accounts=("main",))
    assert (one.common, one.came, one.left) == (1, (), ())
    repository.close()
