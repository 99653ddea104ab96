"""Coinbase and KuCoin beside the other exchanges: books, money sent between own accounts, the
default accounts untouched."""

from __future__ import annotations

import pytest

from exchange_cache.simulator.dialects import make_dialects
from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, DEFAULT_ACCOUNTS
from tests.simulator.builders import still_venue


@pytest.mark.parametrize("seed", [1, 5])
def test_books_balance_with_every_account(seed: int) -> None:
    venue = still_venue(seed, fills=3200, accounts=ALL_ACCOUNTS)
    venue.check_books()
    assert {"coinbase", "kucoin"} <= set(make_dialects(dict.fromkeys(venue.exchanges(), venue)))
    for account in ("coinbase", "kucoin"):
        orders = venue.closed_orders(account, kind="spot")
        assert any(o.status == "canceled" and o.filled for o in orders)
        assert any(o.quote_amount is not None for o in orders)
        assert len({f.market.quote for f in venue.fills(account, kind="spot")}) >= 3
    sent = {t.txid: t for t in venue.transfers("coinbase", kind="withdrawal") if t.txid}
    arrived = {
        t.txid: t for name in ("kraken", "kucoin") for t in venue.transfers(name, kind="deposit")
    }
    both = sent.keys() & arrived.keys()
    assert {sent[txid].asset for txid in both} == {"BTC", "ETH"}
    assert all(sent[txid].amount == arrived[txid].amount for txid in both)
    back = {t.txid for t in venue.transfers("kucoin", kind="withdrawal")}
    assert back & {
        t.txid for name in ("coinbase", "main") for t in venue.transfers(name, kind="deposit")
    }


def test_the_default_accounts_are_three() -> None:
    assert list(DEFAULT_ACCOUNTS) == ["main", "bybit", "kraken"]
    assert [a.name for a in still_venue(fills=40).accounts()] == ["main", "bybit", "kraken"]
