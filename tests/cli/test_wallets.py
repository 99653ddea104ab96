"""The states of the wallets of configured accounts."""

from __future__ import annotations

from functools import partial

from exchange_cache.cli.configured import Account
from exchange_cache.cli.wallets import statuses_of
from exchange_cache.exchanges import wallets_of
from exchange_cache.value.wallets import WalletState
from tests.e2e.world import World


def account(name: str, exchange: str, *chosen: str) -> Account:
    find = partial(wallets_of, exchange, chosen or None, name)
    return Account(name, exchange, enabled=True, generic=False, find=find)


def states(world: World, one: Account) -> dict[str, WalletState]:
    repository = world.repository()
    found = {one.wallet: one.state for one in statuses_of(repository, [one])}
    repository.close()
    return found


def test_wallets_of_a_policy_are_listed_and_an_unknown_one_is_left_to_the_sync(
    world: World,
) -> None:
    assert states(world, account("kraken", "kraken")) == {"spot": WalletState.HELD}
    assert states(world, account("kraken", "kraken", "nowhere")) == {"spot": WalletState.HELD}


def test_under_the_generic_policy_only_requested_wallets_are_known(world: World) -> None:
    assert states(world, account("odd", "bitso")) == {}
