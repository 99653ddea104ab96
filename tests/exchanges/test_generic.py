"""The generic policy, for every exchange without one of its own."""

from __future__ import annotations

from exchange_cache.exchanges import MODULES, policy_for


def test_every_other_exchange_of_ccxt_gets_a_generic_policy_that_says_what_it_cannot() -> None:
    import ccxt

    for exchange in ccxt.exchanges:
        policy = policy_for(exchange)
        assert policy.exchange == exchange and policy.wallets
        assert policy.generic == (exchange not in MODULES)
        assert not policy.generic or "may be incomplete" in policy.guarantee
    assert {stream.scope for stream in policy_for("bitso").streams} >= {"spot"}
