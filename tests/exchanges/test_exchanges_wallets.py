"""The wallets that an account reads, of those that its exchange offers."""

from __future__ import annotations

from exchange_cache.exchanges import MODULES, policy_for, wallets_of


def test_all_wallets_of_each_policy_are_read_unless_some_are_chosen() -> None:
    for exchange in MODULES:
        names = tuple(wallet.name for wallet in policy_for(exchange).wallets)
        assert wallets_of(exchange, None, "main") == (names, names)
        assert wallets_of(exchange, names[:1], "main") == (names, names[:1])


def test_a_wallet_that_does_not_exist_is_left_to_the_sync() -> None:
    offered, read = wallets_of("kraken", ("nowhere",), "main")
    assert offered == read


def test_a_generic_exchange_knows_no_wallet_before_it_is_asked() -> None:
    assert wallets_of("bitso", None, "main") == ((), ())
