"""What an exchange serves in full explains its balances in full: fills, converts, transfers, rewards and fees add up to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from exchange_cache.domain.replay import flows

from .world import World

#: Coinbase shows amounts in its lists with six decimals and keeps more: half a unit of the last one for each of some forty rewards.
SHOWN = Decimal("0.00002")


def differences(world: World, account: str) -> dict[str, Decimal]:
    """Per asset, the balance less everything in the cache that moved it."""
    repository = world.repository()
    left: dict[str, Decimal] = defaultdict(Decimal)
    for item in repository.mirror.balances([account]):
        left[item.asset] += item.total
    for flow in flows(repository.ledger.fills(accounts=[account]), repository.ledger.transfers(accounts=[account])):
        left[flow.asset] -= flow.quantity
    assert len(left) > 5
    return {asset: rest for asset, rest in left.items() if rest}


def test_krakens_history_adds_up_to_its_balances_to_the_last_digit(synced: World) -> None:
    assert differences(synced, "kraken") == {}


def test_coinbases_history_adds_up_to_its_balances_converts_included(make_world: Callable[..., World]) -> None:
    world = make_world(accounts={"coinbase": "coinbase"}, history_days=None)
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    assert any(fill.kind == "convert" for fill in world.repository().ledger.fills(accounts=["coinbase"]))
    assert {asset: rest for asset, rest in differences(world, "coinbase").items() if abs(rest) > SHOWN} == {}
