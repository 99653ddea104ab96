"""Transfers between own accounts: by transaction, else by amount and time, one to one, the same in
any order."""

from __future__ import annotations

import random
from itertools import pairwise

from exchange_cache.ledger.pairing import pair_transfers
from exchange_cache.records import Transfer
from tests.cost.builders import transfer

CHAIN = "a" * 64


def out(quantity: str = "1", **more: object) -> Transfer:
    return transfer("withdrawal", quantity, **{"account": "a", **more})  # type: ignore[arg-type]


def came(quantity: str = "1", **more: object) -> Transfer:
    return transfer("deposit", quantity, **{"account": "b", "hour": 1, **more})  # type: ignore[arg-type]


def test_the_transaction_id_pairs_whatever_the_time() -> None:
    (pair,) = pair_transfers(
        [out(tx="0xAB" + "1" * 60), came("0.99", tx="ab" + "1" * 60, hour=500)]
    ).pairs
    assert (pair.by, pair.withdrawal.account, pair.deposit.account) == ("tx_id", "a", "b")


def test_amount_and_time_pair_without_an_id() -> None:
    (pair,) = pair_transfers([out(), came()]).pairs
    assert pair.by == "amount"


def test_a_gross_amount_pairs_with_what_arrived_net_of_the_fee() -> None:
    assert len(pair_transfers([out("1", fee="0.1 BTC"), came("0.9")]).pairs) == 1


def test_another_amount_asset_account_or_day_is_no_pair() -> None:
    for other in (came("1.1"), came(asset="ETH"), came(account="a"), came(hour=25), came(hour=-2)):
        found = pair_transfers([out(), other])
        assert (len(found.pairs), len(found.withdrawals), len(found.deposits)) == (0, 1, 1)


def test_two_different_transactions_are_never_paired_by_amount() -> None:
    assert pair_transfers([out(tx=CHAIN), came(tx="b" * 64)]).pairs == ()


def test_one_transaction_with_two_outputs_pairs_by_nearest_amount() -> None:
    rows = [out("1", tx=CHAIN), out("2", tx=CHAIN), came("2", tx=CHAIN), came("1", tx=CHAIN)]
    assert [(p.withdrawal.quantity, p.deposit.quantity) for p in pair_transfers(rows).pairs] == [
        (1, 1),
        (2, 2),
    ]


def test_equal_amounts_pair_one_to_one_with_the_nearest_in_time() -> None:
    rows = [
        out(hour=0, transfer_id="w0"),
        out(hour=5, transfer_id="w5"),
        came(hour=5.5, transfer_id="d5"),
        came(hour=0.5, transfer_id="d0"),
    ]
    found = pair_transfers(rows)
    assert [(p.withdrawal.transfer_id, p.deposit.transfer_id) for p in found.pairs] == [
        ("w0", "d0"),
        ("w5", "d5"),
    ]
    three = pair_transfers([*rows, came(hour=6, transfer_id="late")])
    assert [one.transfer_id for one in three.deposits] == ["late"]


def test_a_failed_withdrawal_is_not_there_and_a_pending_one_is() -> None:
    assert pair_transfers([out(status="failed"), came()]).pairs == ()
    assert len(pair_transfers([out(status="pending"), came()]).pairs) == 1


def test_the_order_of_the_rows_and_repeated_rows_change_nothing() -> None:
    rows = [
        row
        for n in range(20)
        for row in (out(str(n % 3 + 1), hour=n), came(str(n % 3 + 1), hour=n + 0.5))
    ]
    first = pair_transfers(rows)
    assert len(first.pairs) == 20
    for seed in range(5):
        shuffled = rows + rows[:7]
        random.Random(seed).shuffle(shuffled)
        assert pair_transfers(shuffled) == first
    times = [pair.withdrawal.time for pair in first.pairs]
    assert all(before <= after for before, after in pairwise(times))
