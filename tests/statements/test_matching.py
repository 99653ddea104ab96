"""Rows without ids are compared by second, asset and amount, each used up once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exchange_cache.records import Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.statements.items import Item
from exchange_cache.statements.matching import Matching, decimals, whole
from tests.builders import at, fee, fill, transfer

Record = Fill | Transfer


def new(stated: list[Record], known: list[Record], **digits: int) -> list[Record]:
    """What the ledger does not have of what a file states."""
    items = [Item(record=one, key=str(number)) for number, one in enumerate(known)]
    own = [Item(record=one, key=str(number)) for number, one in enumerate(stated)]
    return [item.record for item in Matching(items, digits).new(own)]


BOUGHT = fill("a", "0.5", "100", symbol="BTC/USDT")
DEPOSIT = transfer("d", "1.5", asset="ETH", kind=TransferKind.DEPOSIT)


@pytest.mark.parametrize("one", [BOUGHT, DEPOSIT])
def test_the_same_row_in_the_same_second_is_known(one: Record) -> None:
    assert new([one], [replace(one, time=at(ms=999))]) == []
    assert new([one], [replace(one, time=at(ms=2_500))]) == [one]


def test_two_equal_rows_are_two() -> None:
    assert new([BOUGHT, BOUGHT], [BOUGHT]) == [BOUGHT]
    assert new([BOUGHT, BOUGHT], [BOUGHT, BOUGHT]) == []


def test_no_row_is_compared_with_all_others() -> None:
    """Each of these takes half a minute where it is."""
    many = 3_000
    equal = [BOUGHT] * many
    assert new([*equal, BOUGHT], equal) == [BOUGHT]
    spread = [replace(BOUGHT, time=at(ms=ms * 5_000)) for ms in range(many)]
    assert new(spread, spread[1:]) == spread[:1]
    moves = [DEPOSIT] * many
    later = [replace(DEPOSIT, time=at(ms=60_000))] * many
    items, own = (
        [Item(record=one, key=str(number)) for number, one in enumerate(rows)]
        for rows in (later, [*moves, DEPOSIT])
    )
    assert len(Matching(items, {}).late(own)) == 1


def test_the_result_of_a_position_follows_from_fills_that_state_none() -> None:
    closing = fill("c", "1", "100", symbol="BTC/USDT:USDT", side="sell", settle="USDT")
    result = transfer("p", "3.5", asset="USDT", kind=TransferKind.SETTLEMENT)
    result = replace(result, symbol="BTC/USDT:USDT", time=at(ms=900))
    assert new([result], [closing]) == []
    assert new([result], [replace(closing, time=at(ms=9_000))]) == [result]
    assert new([replace(result, symbol="ETH/USDT:USDT")], [closing])
    assert new([result], [replace(closing, realised_pnl=Decimal(3))]) == [result]


def test_an_amount_agrees_to_the_digits_of_the_file() -> None:
    stated = replace(DEPOSIT, quantity=Decimal("1.50000000"))
    served = replace(DEPOSIT, quantity=Decimal("1.500000004"))
    assert new([stated], [served], ETH=8) == []
    assert new([stated], [replace(DEPOSIT, quantity=Decimal("1.50000001"))], ETH=8) == [stated]


def test_an_amount_that_the_api_shows_with_fewer_digits_is_the_same() -> None:
    stated = replace(DEPOSIT, quantity=Decimal("20.68620493"))
    rounded = replace(DEPOSIT, quantity=Decimal("20.686205"))
    assert new([stated], [rounded], ETH=8) == []
    assert new([stated], [replace(DEPOSIT, quantity=Decimal("20.686207"))], ETH=8) == [stated]
    assert new([stated], [replace(DEPOSIT, quantity=Decimal(20))], ETH=8) == [stated]
    tiny = replace(DEPOSIT, quantity=Decimal("0.0196"))
    assert new([tiny], [replace(DEPOSIT, quantity=Decimal("0.02"))], ETH=8) == [tiny]


def test_the_very_same_amount_goes_before_a_rounded_one() -> None:
    exact = replace(DEPOSIT, quantity=Decimal("20.686205"))
    finer = replace(DEPOSIT, quantity=Decimal("20.68620493"))
    assert new([finer, exact], [exact], ETH=8) == [finer]


def test_another_direction_is_another_row() -> None:
    assert new([BOUGHT], [replace(BOUGHT, side=Side.SELL)]) == [BOUGHT]
    withdrawal = replace(DEPOSIT, kind=TransferKind.WITHDRAWAL)
    assert new([DEPOSIT], [withdrawal]) == [DEPOSIT]


def test_a_pair_the_other_way_round_is_the_same_exchange() -> None:
    sold = fill("x", "50", "0.01", symbol="USDT/BTC", side="sell")
    assert new([BOUGHT], [sold]) == []


def test_a_kind_that_the_file_names_otherwise_is_the_same_move() -> None:
    reward = transfer("r", "0.1", asset="ETH", kind=TransferKind.REWARD)
    assert new([reward], [replace(reward, kind=TransferKind.AIRDROP)]) == []


def test_a_withdrawal_agrees_with_or_without_its_fee() -> None:
    sent = transfer("w", "0.5", asset="BTC", kind=TransferKind.WITHDRAWAL)
    charged = replace(sent, fee=fee("0.001 BTC"))
    whole = replace(sent, quantity=Decimal("0.501"))
    assert new([whole], [charged]) == []
    assert new([charged], [whole]) == []


def test_the_sum_of_a_second_is_its_fills() -> None:
    parts = [replace(BOUGHT, time=at(ms=ms)) for ms in (10, 500, 900)]
    whole = replace(BOUGHT, quantity=Decimal("1.5"), cost=Decimal(150))
    assert new([whole], parts) == []
    assert new([whole], parts[:2]) == [whole]


def test_the_rows_of_a_second_are_the_one_fill_that_sums_them_up() -> None:
    whole = replace(BOUGHT, quantity=Decimal("1.5"), cost=Decimal(150))
    assert new([BOUGHT, BOUGHT, BOUGHT], [whole]) == []
    assert new([BOUGHT, BOUGHT], [whole]) == [BOUGHT, BOUGHT]


def test_the_legs_that_a_file_does_not_pair_are_those_of_fills() -> None:
    legs: list[Record] = [
        transfer("1", "0.5", asset="BTC", kind=TransferKind.SUBSCRIPTION),
        transfer("2", "-50", asset="USDT", kind=TransferKind.SUBSCRIPTION),
        transfer("3", "-0.01", asset="BNB", kind=TransferKind.FEE),
    ]
    charged = replace(BOUGHT, fees=(fee("0.01 BNB"),))
    assert new(legs, [charged]) == []
    assert new(legs + legs, [charged]) == legs
    assert new(legs[:1], []) == legs[:1]


@pytest.mark.parametrize(("text", "digits"), [("1.500", 3), ("1E+3", 0), ("7", 0), ("0E-18", 18)])
def test_the_digits_of_a_figure_are_those_written(text: str, digits: int) -> None:
    assert decimals(Decimal(text)) == digits


def test_the_result_and_the_fee_of_a_contract_are_those_of_its_fill() -> None:
    closed = replace(
        fill("c", "0.5", "100", symbol="BTC/USDT:USDT", side="sell"),
        category="linear",
        settle="USDT",
        fees=(fee("0.25 USDT"),),
        realised_pnl=Decimal("-3"),
    )
    result = transfer("r", "-3", asset="USDT", kind=TransferKind.SETTLEMENT)
    charge = transfer("f", "-0.25", asset="USDT", kind=TransferKind.FEE)
    assert new([result, charge], [closed]) == []
    assert new([result, result], [closed]) == [result]
    assert new([replace(result, quantity=Decimal(3))], [closed]) != []


def test_a_sweep_of_several_assets_is_stated_net_of_its_fees() -> None:
    swept = [
        fill("a", "3", "0.001", symbol="XRP/BNB", side="sell", fees=("0.00006 BNB",)),
        fill("b", "0.1", "0.02", symbol="ETH/BNB", side="sell", fees=("0.00004 BNB",)),
    ]
    parts: list[Record] = [
        transfer(str(number), quantity, asset=asset, kind=TransferKind.SUBSCRIPTION)
        for number, (asset, quantity) in enumerate(
            (("XRP", "-3"), ("BNB", "0.00294"), ("ETH", "-0.1"), ("BNB", "0.00196"))
        )
    ]
    assert new(parts, swept) == []
    together = transfer("t", "0.0049", asset="BNB", kind=TransferKind.SUBSCRIPTION)
    assert new([parts[0], together, parts[2]], swept) == []
    assert new([replace(together, quantity=Decimal("0.005"))], swept) == []  # before the fees
    assert new([replace(together, quantity=Decimal("0.006"))], swept) != []


def test_inverse_contracts_are_compared_by_their_number() -> None:
    third = Decimal("0.00370187433384459406764239477994124834273533158291522603790262")
    sold = replace(
        fill("a", "1", "96167.5", symbol="BTC/USD:BTC", side="sell"),
        category="inverse",
        settle="BTC",
        contracts=Decimal(356),
        quantity=third,
        cost=Decimal(356),
    )
    assert new([replace(sold, time=at(ms=38))], [sold], BTC=8) == []


def test_a_convert_that_the_api_lists_by_halves_is_one() -> None:
    halves = [
        replace(
            fill("a", "0.01", "60000", symbol="BTC/EUR", side="sell"),
            order_id="o",
            kind=FillKind.CONVERT,
        ),
        replace(
            fill("b", "0.2", "2990", symbol="ETH/EUR"),
            order_id="o",
            kind=FillKind.CONVERT,
            time=at(ms=700),
        ),
    ]
    stated = replace(
        fill("x", "0.2", "0.05", symbol="ETH/BTC"), cost=Decimal("0.01"), kind=FillKind.CONVERT
    )
    items = whole([Item(record=one, key=one.key) for one in (BOUGHT, *halves)])
    assert [item.record.kind for item in items] == [FillKind.TRADE, FillKind.CONVERT]
    assert Matching(items, {}).new([Item(record=stated, key="x")]) == []
    assert len(whole([Item(record=one, key=one.key) for one in halves[:1]])) == 1


# --- deposits and withdrawals ---------------------------------------------------------------------


def late(stated: list[Record], known: list[Record]) -> list[Record]:
    """The deposits and withdrawals that the ledger does not have at another time either."""
    items = [Item(record=one, key=str(number)) for number, one in enumerate(known)]
    own = [Item(record=one, key=str(number)) for number, one in enumerate(stated)]
    return [item.record for item in Matching(items, {}).late(own)]


def booked(hours: float, name: str = "x", tx_id: str | None = None) -> Transfer:
    return replace(DEPOSIT, time=at(hours=hours), transfer_id=name, tx_id=tx_id)


def test_a_deposit_is_the_same_where_the_file_dates_it_when_it_was_confirmed() -> None:
    assert late([booked(1)], [DEPOSIT]) == []
    assert late([booked(25)], [DEPOSIT]) == [booked(25)]
    assert late([replace(booked(1), kind=TransferKind.REWARD)], [DEPOSIT]) != []


def test_a_withdrawal_may_include_its_fee() -> None:
    served = replace(DEPOSIT, kind=TransferKind.WITHDRAWAL, fee=fee("0.1 ETH"))
    stated = replace(served, quantity=Decimal("1.6"), fee=None, time=at(hours=2))
    assert late([stated], [served]) == []


def test_two_deposits_of_one_amount_are_two_and_the_nearest_go_together() -> None:
    assert late([booked(1), booked(2)], [DEPOSIT]) == [booked(2)]
    assert late([booked(1), booked(2)], [DEPOSIT, booked(3)]) == []


def test_transactions_on_a_chain_go_together_and_no_other() -> None:
    first, second = booked(0, "1", "0xAB"), booked(1, "2", "cd")
    assert late([booked(1, tx_id="ab"), booked(0.5, tx_id="0xcd")], [first, second]) == []
    assert late([booked(1, tx_id="ef")], [first]) != []
    assert late([booked(1)], [first]) == []


def test_what_one_table_states_of_a_fill_is_there_for_the_next_table() -> None:
    """Each table has the sides of the fill, and states every one of them once."""
    known = [Item(record=BOUGHT, key="1")]
    side = transfer("s", "0.5", asset="BTC", kind=TransferKind.SUBSCRIPTION, time=BOUGHT.time)
    for _ in range(2):
        matching = Matching(known, {})
        assert matching.new([Item(record=side, key="x")]) == []
        assert len(matching.new([Item(record=side, key="y")])) == 1
