"""ccxt's dicts for deposits, withdrawals and converts -> the project's."""

from __future__ import annotations

from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.adapter import (
    translate_moves,
)
from exchange_cache.errors import BadResponse
from exchange_cache.records import Fee, FillKind, Side, TransferKind
from tests.exchanges.builders import NOW, origin

T = 1_700_000_000_123


def test_deposits_and_withdrawals() -> None:
    row = {
        "id": "d1",
        "txid": "0xabc",
        "timestamp": T,
        "currency": "ETH",
        "amount": "2.5",
        "status": "ok",
        "network": "ERC20",
        "fee": {"cost": "0.01", "currency": "ETH"},
    }
    made = translate_moves.transaction(origin(scope="withdrawals"), row, TransferKind.WITHDRAWAL)
    assert (made.key, made.quantity, made.fee, made.tx_id) == (
        ("main", "withdrawals", "d1"), Dec("2.5"), Fee(asset="ETH", amount=Dec("0.01")), "0xabc",
    )  # fmt: skip
    assert (
        translate_moves.transaction(origin(), {**row, "id": None}, TransferKind.DEPOSIT).transfer_id
        == "0xabc"
    )
    with pytest.raises(BadResponse, match="timestamp"):
        translate_moves.transaction(origin(), {**row, "timestamp": None}, TransferKind.DEPOSIT)


@pytest.mark.parametrize(
    ("given", "got", "symbol", "side", "quantity", "cost"),
    [
        (("USDT", Dec(100)), ("BTC", Dec("0.002")), "BTC/USDT", Side.BUY, Dec("0.002"), Dec(100)),
        (("BTC", Dec("0.002")), ("USDT", Dec(100)), "BTC/USDT", Side.SELL, Dec("0.002"), Dec(100)),
        (("ETH", Dec(2)), ("BTC", Dec("0.1")), "ETH/BTC", Side.SELL, Dec(2), Dec("0.1")),
        (("EUR", Dec(50)), ("USDT", Dec(54)), "USDT/EUR", Side.BUY, Dec(54), Dec(50)),
        (("DOT", Dec(10)), ("ADA", Dec(100)), "ADA/DOT", Side.BUY, Dec(100), Dec(10)),
    ],
)
def test_a_swap_is_quoted_in_its_more_money_like_side(
    given: Any, got: Any, symbol: str, side: Side, quantity: Dec, cost: Dec
) -> None:
    made = translate_moves.swap_fill(
        origin(fill_kind=FillKind.CONVERT), fill_id="1", time=NOW, given=given, got=got
    )
    assert (made.symbol, made.side, made.quantity, made.cost, made.kind) == (
        symbol,
        side,
        quantity,
        cost,
        FillKind.CONVERT,
    )
