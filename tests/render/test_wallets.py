"""The states of wallets as sentences and rows."""

from datetime import timedelta

from exchange_cache.render.wallets import wallet_lines, wallets_document
from exchange_cache.value.wallets import WalletState, WalletStatus
from tests.render.builders import READ


def status(wallet: str, state: WalletState, **changes: object) -> WalletStatus:
    settings = {"seen_at": READ, "error": None, "held": state is WalletState.HELD, **changes}
    return WalletStatus(account="main", wallet=wallet, state=state, **settings)


STATUSES = (
    status("spot", WalletState.HELD),
    status("funding", WalletState.HELD),
    status("margin", WalletState.EMPTY, seen_at=READ - timedelta(hours=1)),
    status("earn", WalletState.NO_PERMISSION, error="the key may not"),
    status("swap", WalletState.NOT_ASKED, seen_at=None),
)


def test_wallets_of_one_state_share_a_phrase():
    assert wallet_lines(STATUSES) == (
        "Wallets of main: spot and funding held; margin empty; swap not requested (switched off);"
        " earn no permission.",
    )


def test_a_document_has_a_row_per_wallet():
    assert wallets_document(STATUSES[3:4]) == {
        "wallets": [
            {
                "account": "main",
                "wallet": "earn",
                "state": WalletState.NO_PERMISSION,
                "succeeded_at": READ,
                "error": "the key may not",
                "holds_rows": False,
            }
        ]
    }
