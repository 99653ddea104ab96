"""The adapter of one account: what its parts share."""

from __future__ import annotations

import pytest

from exchange_cache.errors import ExchangeFault
from exchange_cache.records import DataType
from tests.exchanges.builders import adapter_for, stream
from tests.exchanges.stub import Answer, Asked


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_market_list_that_is_refused_is_requested_once_and_not_by_every_part(status: int) -> None:
    """The pairs of Bitvavo are all of its market list, and it takes one request."""

    def script(asked: Asked) -> Answer:
        return Answer({"errorCode": 100, "error": "no"}, status)

    with adapter_for("bitvavo", script, memory={}) as (adapter, stub):
        fills = stream(adapter, DataType.FILLS, "spot")
        for _ in range(5):
            with pytest.raises(ExchangeFault):
                adapter.wallet(adapter.policy.wallets[0])
            with pytest.raises(ExchangeFault):
                adapter.page(fills, "BTC/EUR", None, {})
        paths = [asked.path for asked in stub.asked]
    assert len(paths) <= 2 * 3, f"two requests with three attempts each make a list: {paths}"
