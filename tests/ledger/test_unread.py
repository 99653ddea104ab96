"""Moves to and from wallets that are not read are marked, and no other transfer is."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.ledger.unread import departs, marked, wallet_of
from tests.cost.builders import transfer

MOVE = replace(transfer("internal", "5", "USDT", wallet="linear"), to_wallet="bots")


def test_a_move_to_a_wallet_that_is_not_read_departs_and_one_from_it_returns() -> None:
    there = marked(MOVE, {"bots"})
    back = marked(replace(MOVE, from_wallet="bots", to_wallet="linear"), {"bots"})
    assert (departs(there), departs(back)) == (True, False)
    assert wallet_of(there) == wallet_of(back) == "bots"


def test_between_wallets_that_are_read_or_between_two_that_are_not_nothing_departs() -> None:
    assert departs(marked(MOVE, {"others"})) is None
    assert departs(marked(MOVE, {"bots", "linear"})) is None
    assert departs(marked(replace(transfer("deposit", "5"), to_wallet="bots"), {"bots"})) is None
