"""Empty, not requested, failed and not permitted are different states of a wallet."""

from __future__ import annotations

from exchange_cache.value.wallets import wallet_statuses
from tests.cost.builders import NOW


def test_a_wallets_states_are_kept_apart() -> None:
    from exchange_cache.records import DataType
    from exchange_cache.value.freshness import SyncStatus

    def status(part: str, state: str = "ok") -> SyncStatus:
        return SyncStatus(
            account="main", data_type=DataType.BALANCES, part=part, state=state, succeeded_at=NOW
        )

    offered = ("spot", "funding", "earn", "margin", "option", "swap", "new")
    found = wallet_statuses(
        "main",
        offered,
        [name for name in offered if name != "swap"],
        [
            status("spot"),
            status("funding"),
            status("earn", "no_permission"),
            status("margin", "failed"),
            status("option", "not_offered"),
            status(""),
        ],
        {("main", "spot"), ("main", "margin"), ("other", "funding")},
    )
    assert {one.wallet: str(one.state) for one in found} == {
        "spot": "held",
        "funding": "empty",
        "earn": "no_permission",
        "margin": "failed",
        "option": "not_offered",
        "swap": "not_asked",
        "new": "never",
    }
