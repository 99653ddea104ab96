"""The reading: honest totals, every wallet once, every figure dated; the "Balances, positions" and
"Prices" checklists by name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from exchange_cache.value.freshness import State
from exchange_cache.value.grouping import group_values
from exchange_cache.value.ordering import price_at
from tests.cost.builders import NOW, balance, fill, position, price
from tests.value.builders import HOUR, codes, holding, reading, verdict

# --- balances -------------------------------------------------------------------------------------


def test_sold_assets_are_no_ghosts_and_their_result_stays_in_the_total() -> None:
    found = reading(
        balance("0"),
        price("BTC/USDT", "1"),
        events=[fill("buy", "1", "100"), fill("sell", "1", "130", hour=1)],
    )
    assert found.holdings == ()
    assert found.totals.realised_pnl == 30


def test_earn_twins_are_one_holding_with_their_shares() -> None:
    found = reading(
        balance("1"),
        balance("2", code="LDBTC", wallet="earn", earn=True),
        balance("3", "LDO"),
        price("BTC/USDT", "10"),
    )
    btc = holding(found)
    assert (btc.quantity, btc.value) == (3, 30)
    assert [(part.wallet, part.code, part.earn, part.total) for part in btc.wallets] == [
        ("earn", "LDBTC", True, 2),
        ("spot", "BTC", False, 1),
    ]
    assert holding(found, "LDO").quantity == 3


def test_debts_are_negative() -> None:
    found = reading(
        balance("1"),
        balance("-3", wallet="margin"),
        balance("100", "USDT"),
        price("BTC/USDT", "10"),
    )
    btc = holding(found)
    assert (btc.quantity, btc.value, btc.unknown_quantity, btc.unknown_reasons) == (
        -2,
        -20,
        -2,
        ("borrowed",),
    )
    assert found.totals.value == 80


def test_two_accounts_on_one_exchange_stay_apart() -> None:
    rows = [
        balance("1", account="a"),
        balance("2", account="b"),
        price("BTC/USDT", "10", account="a"),
    ]
    assert [
        (part.account, part.total) for part in holding(reading(*rows, accounts=("a", "b"))).wallets
    ] == [("a", 1), ("b", 2)]
    assert holding(reading(*rows, accounts=("b",))).quantity == 2


def test_unknown_asset_codes_are_shown_unpriced() -> None:
    found = reading(balance("7", "WHAT123"))
    assert (holding(found, "WHAT123").quantity, holding(found, "WHAT123").price_state) == (
        7,
        "unpriced",
    )


def test_a_failing_wallet_hides_nothing_and_its_old_rows_are_stale() -> None:
    rows = [
        balance("1"),
        balance("2", wallet="earn", fetched_at=NOW - 3 * HOUR),
        price("BTC/USDT", "10"),
    ]
    found = reading(*rows, freshness=[verdict(State.FRESH, timedelta(0))])
    assert (found.totals.value, found.totals.stale_value, found.totals.priced_value) == (30, 20, 10)
    assert found.oldest == NOW - 3 * HOUR


# --- positions ------------------------------------------------------------------------------------


def test_unrealised_pnl_is_added_only_where_the_wallet_does_not_contain_it() -> None:
    outside = reading(balance("100", "USDT", wallet="swap"), position(pnl="10"))
    inside = reading(
        balance("110", "USDT", wallet="swap", includes_unrealised=True), position(pnl="10")
    )
    assert outside.totals.value == inside.totals.value == 110
    assert outside.totals.unrealised_pnl == inside.totals.unrealised_pnl == 10
    assert [one.in_wallet for one in (*outside.positions, *inside.positions)] == [False, True]


def test_a_flag_of_one_wallet_does_not_speak_for_another() -> None:
    rows = [
        balance("100", "USDT", wallet="swap"),
        balance("5", "USDT", wallet="spot", includes_unrealised=True),
    ]
    assert reading(*rows, position(pnl="10")).totals.value == 115


def test_unrealised_pnl_in_a_wallet_is_no_unknown_cost() -> None:
    found = reading(
        balance("1.1", wallet="coin", includes_unrealised=True),
        position("BTC/USD:BTC", pnl="0.1", wallet="coin"),
        price("BTC/USDT", "100"),
        events=[fill("buy", "1", "50")],
    )
    assert (holding(found).explained_quantity, holding(found).unknown_quantity) == (
        1,
        Decimal("0.1"),
    )
    assert holding(found).unknown_reasons == ("unrealised result of open positions",)
    assert codes(found) == []


def test_a_position_whose_settle_asset_has_no_price_is_named() -> None:
    found = reading(position("BTC/USD:BTC", pnl="1"))
    assert (found.totals.value, found.totals.unpriced_assets, codes(found)) == (
        0,
        ("BTC",),
        ["position_unpriced"],
    )


# --- prices ---------------------------------------------------------------------------------------


def test_unpriced_is_named_and_in_no_total() -> None:
    found = reading(balance("5", "DEAD"), balance("1"), price("BTC/USDT", "10"))
    assert (found.totals.value, found.totals.unpriced_assets) == (10, ("DEAD",))
    dead = holding(found, "DEAD")
    assert (dead.price, dead.value, dead.share, dead.price_state) == (None, None, None, "unpriced")
    assert [(one.code, one.asset) for one in found.warnings if one.code == "unpriced"] == [
        ("unpriced", "DEAD")
    ]
    assert found.holdings[-1] is dead


def test_stale_prices_are_summed_apart_and_stay_in_the_total() -> None:
    found = reading(
        balance("1"),
        balance("2", "ETH"),
        price("BTC/USDT", "10", fetched_at=NOW - 5 * HOUR),
        price("ETH/USDT", "4"),
    )
    assert (found.totals.value, found.totals.stale_value, found.totals.priced_value) == (18, 10, 8)
    assert holding(found).price_state == "stale"
    assert "stale_price" in codes(found)


def test_usdt_usdc_and_usd_are_three_assets() -> None:
    found = reading(
        balance("1", "USDT"), balance("1", "USDC"), balance("1", "USD"), price("USDC/USDT", "0.9")
    )
    assert (found.totals.value, found.totals.unpriced_assets) == (Decimal("1.9"), ("USD",))


def test_two_assets_of_one_code_are_valued_each_at_its_own_exchange() -> None:
    found = reading(
        balance("100000", "NEIRO", account="a"),
        balance("5000", "NEIRO", account="b"),
        price("NEIRO/USDT", "0.0003", account="a"),
        price("NEIRO/USDT", "0.03", account="b"),
        accounts=("a", "b"),
    )
    held = holding(found, "NEIRO")
    assert (held.value, found.totals.value) == (180, 180)
    assert (price_at(held, "a"), price_at(held, "b")) == (Decimal("0.0003"), Decimal("0.03"))
    groups = {group.name: group.value for group in group_values(found, "account")}
    assert groups == {"a": 30, "b": 150}


def test_an_asset_has_one_price_and_a_wide_difference_is_a_finding() -> None:
    rows = [
        balance("1", account="a"),
        balance("2", account="b"),
        price("BTC/USDT", "10", account="a"),
    ]
    found = reading(*rows, price("BTC/USDT", "13", account="b"), accounts=("a", "b"))
    assert (holding(found).price, holding(found).value) == (12, 36)  # each part at its own price
    assert "price_conflict" in codes(found)
    near = reading(*rows, price("BTC/USDT", "11", account="b"), accounts=("a", "b"))
    assert "price_conflict" not in codes(near)


def test_the_reporting_asset_alone_is_no_knowledge_of_the_last_24_hours() -> None:
    unknown = reading(balance("5", "USDT"), balance("1"), price("BTC/USDT", "10"))
    assert (unknown.totals.change_24h, unknown.totals.change_24h_value) == (None, None)
    only = reading(balance("5", "USDT"))
    assert (only.totals.change_24h, only.totals.change_24h_value) == (0, 0)
