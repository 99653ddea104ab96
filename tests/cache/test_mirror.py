"""Mirrors are replaced whole per account and part: nothing sold stays, nothing of another account
is touched."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType, OrderStatus
from tests.builders import NOW, balance, order, position, price

SEEN = to_ms(NOW)


def test_a_sold_asset_leaves_no_ghost(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1", "BTC"), balance("2", "ETH")])
    repository.mirror.replace_balances("main", "spot", [balance("3", "ETH")])

    assert repository.mirror.balances() == (balance("3", "ETH"),)


def test_an_emptied_wallet_has_no_rows(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])
    repository.mirror.replace_balances("main", "spot", [])

    assert repository.mirror.balances() == ()


def test_one_wallet_is_replaced_without_the_others(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    repository.mirror.replace_balances("main", "earn", [balance("2", wallet="earn")])
    repository.mirror.replace_balances("main", "spot", [])

    assert repository.mirror.balances() == (balance("2", wallet="earn"),)


def test_two_accounts_at_one_exchange_never_meet(repository: ExchangeCacheRepository) -> None:
    for account, total in (("main", "1"), ("other", "2")):
        repository.mirror.replace_balances(account, "spot", [balance(total, account=account)])
        repository.mirror.replace_positions(
            account, "linear", [position(contracts=total, account=account)]
        )
        repository.mirror.replace_prices(account, "spot", [price(last=total, account=account)])
        repository.mirror.replace_open_orders(
            account, "spot", [order("7", "open", amount=total, account=account)], SEEN
        )
    repository.mirror.replace_balances("other", "spot", [])
    repository.mirror.replace_positions("other", "linear", [])
    repository.mirror.replace_open_orders("other", "spot", [], SEEN)
    repository.mirror.keep_wallets("other", [])
    repository.mirror.keep_positions("other", [])

    assert repository.mirror.balances() == (balance("1"),)
    assert repository.mirror.positions() == (position(contracts="1"),)
    assert [item.last for item in repository.mirror.prices()] == [Decimal(1), Decimal(2)]
    assert [(item.account, item.status) for item in repository.ledger.orders()] == [
        ("main", OrderStatus.OPEN),
        ("other", OrderStatus.UNKNOWN),
    ]


def test_readings_are_narrowed_to_accounts(repository: ExchangeCacheRepository) -> None:
    for account in ("a", "b", "c"):
        repository.mirror.replace_balances(account, "spot", [balance(account=account)])

    assert [item.account for item in repository.mirror.balances(["c", "a"])] == ["a", "c"]
    assert repository.mirror.balances([]) == ()


def test_an_earn_twin_and_its_asset_are_two_rows(repository: ExchangeCacheRepository) -> None:
    both = [balance("1"), balance("2", code="LDBTC", earn=True)]
    repository.mirror.replace_balances("main", "spot", both)

    assert repository.mirror.balances() == tuple(both)


def test_a_wallet_switched_off_is_forgotten(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])
    repository.mirror.replace_balances("main", "swap", [balance(wallet="swap")])
    repository.mirror.keep_wallets("main", ["spot"])

    assert [item.wallet for item in repository.mirror.balances()] == ["spot"]


def test_both_sides_of_hedge_mode_are_kept_and_a_closed_one_goes(
    repository: ExchangeCacheRepository,
) -> None:
    both = [position(side="long"), position(side="short", contracts="2")]
    repository.mirror.replace_positions("main", "linear", both)
    assert repository.mirror.positions() == tuple(both)

    repository.mirror.replace_positions("main", "linear", both[1:])
    assert repository.mirror.positions() == (both[1],)


def test_parts_of_positions_are_replaced_apart_and_forgotten_when_no_longer_asked(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_positions("main", "linear USDT", [position()])
    repository.mirror.replace_positions("main", "linear USDC", [position("ETH/USDC:USDC")])
    repository.mirror.replace_positions("main", "linear USDC", [])
    assert repository.mirror.positions() == (position(),)

    repository.mirror.keep_positions("main", ["linear USDC"])
    assert repository.mirror.positions() == ()


def test_a_symbol_without_a_price_keeps_its_last_one_with_its_old_time(
    repository: ExchangeCacheRepository,
) -> None:
    later = NOW + timedelta(hours=1)
    repository.mirror.replace_prices("main", "spot", [price(last="100"), price("ETH/USDT", "10")])
    repository.mirror.replace_prices(
        "main",
        "spot",
        [price(last=None, fetched_at=later), price("ETH/USDT", "11", fetched_at=later)],
    )

    assert repository.mirror.prices() == (
        price(last="100"),
        price("ETH/USDT", "11", fetched_at=later),
    )


def test_prices_are_narrowed_to_what_a_route_over_assets_can_use(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_prices(
        "main", "spot", [price(), price("ETH/BTC", "0.1"), price("DOGE/USDT", "1")]
    )

    assert [item.symbol for item in repository.mirror.prices(["BTC", "ETH", "USDT"])] == [
        "BTC/USDT",
        "ETH/BTC",
    ]
    assert repository.mirror.prices([]) == ()


def test_thousands_of_tickers_fit(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_prices(
        "main", "spot", [price(f"A{number}/USDT", "1") for number in range(4000)]
    )

    assert len(repository.mirror.prices()) == 4000


def test_an_order_that_vanishes_from_the_open_list_is_unknown_until_its_end_is_reported(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_open_orders(
        "main", "spot", [order("1", "open"), order("2", "open")], SEEN
    )
    repository.mirror.replace_open_orders("main", "spot", [order("2", "open")], SEEN)
    assert [item.status for item in repository.ledger.orders()] == ["unknown", "open"]

    state = StreamState(key=StreamKey(account="main", data_type=DataType.ORDERS, scope="spot"))
    repository.ledger.save_page(state, [order("1", "canceled", filled="0.4")], NOW)
    assert repository.ledger.orders()[0] == order("1", "canceled", filled="0.4")


def test_open_lists_of_other_categories_say_nothing(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_open_orders("main", "spot", [order("1", "open")], SEEN)
    repository.mirror.replace_open_orders("main", "linear", [], SEEN)

    assert [item.status for item in repository.ledger.orders()] == ["open"]


def test_an_open_order_counts_as_new_once_and_keeps_the_time_it_was_first_seen(
    repository: ExchangeCacheRepository,
) -> None:
    later = NOW + timedelta(hours=1)
    assert repository.mirror.replace_open_orders("main", "spot", [order("1", "open")], SEEN) == 1
    assert (
        repository.mirror.replace_open_orders(
            "main", "spot", [order("1", "open", filled="0.5")], to_ms(later)
        )
        == 0
    )

    assert repository.ledger.orders() == (order("1", "open", filled="0.5"),)
    assert repository.ledger.orders(Filter(seen_since=later)) == ()


@pytest.mark.parametrize("boom", [RuntimeError, KeyboardInterrupt])
def test_a_replacement_that_fails_half_way_changes_nothing(
    repository: ExchangeCacheRepository, boom: type[BaseException]
) -> None:
    def rows():
        yield balance("5", "ETH")
        raise boom

    repository.mirror.replace_balances("main", "spot", [balance()])
    with pytest.raises(boom):
        repository.mirror.replace_balances("main", "spot", rows())

    assert repository.mirror.balances() == (balance(),)
