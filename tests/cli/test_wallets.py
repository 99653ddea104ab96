"""The states of the wallets of configured accounts."""

from __future__ import annotations

from exchange_cache.cli.wallets import statuses_of
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.value.wallets import WalletState
from tests.e2e.world import World


def states(world: World, account: AccountSettings) -> dict[str, WalletState]:
    repository = world.repository()
    found = {one.wallet: one.state for one in statuses_of(repository, [account])}
    repository.close()
    return found


def test_wallets_of_a_policy_are_listed_and_an_unknown_one_is_left_to_the_sync(
    world: World,
) -> None:
    account = AccountSettings(name="kraken", exchange="kraken", credentials={})
    assert states(world, account) == {"spot": WalletState.HELD}
    wrong = AccountSettings(name="kraken", exchange="kraken", credentials={}, wallets=("nowhere",))
    assert states(world, wrong) == {"spot": WalletState.HELD}


def test_under_the_generic_policy_only_requested_wallets_are_known(world: World) -> None:
    account = AccountSettings(name="odd", exchange="bitso", credentials={})
    assert states(world, account) == {}
