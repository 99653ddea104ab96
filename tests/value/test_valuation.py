"""The reading: honest totals, every wallet once, every figure dated; the "Balances, positions" and
"Prices" checklists by name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from exchange_cache.value.freshness import State
from tests.cost.builders import NOW, balance, fill, position, price, transfer
from tests.value.builders import HOUR, codes, holding, reading, verdict

# --- the figures of a holding ---------------------------------------------------------------------


def test_a_holding_has_every_figure() -> None:
    found = reading(
        balance("1.5"),
        balance("500", "USDT"),
        price("BTC/USDT", "200", open_24h="160"),
        events=[
            transfer("deposit", "700", "USDT"),
            fill("buy", "2", "100", hour=1),
            fill("sell", "0.5", "120", hour=2),
        ],
    )
    btc = holding(found)
    assert (btc.quantity, btc.price, btc.value, btc.price_route, btc.price_state) == (
        Decimal("1.5"),
        200,
        300,
        ("BTC/USDT@main",),
        "fresh",
    )
    assert (btc.average_entry_price, btc.cost, btc.explained_quantity, btc.unknown_quantity) == (
        100,
        150,
        Decimal("1.5"),
        0,
    )
    assert (btc.unrealised_pnl, btc.unrealised_fraction, btc.realised_pnl) == (150, 1, 10)
    assert (btc.share, btc.change_24h, btc.price_as_of) == (Decimal("0.375"), Decimal("0.25"), NOW)
    totals = found.totals
    assert (totals.value, totals.priced_value, totals.stale_value, totals.unpriced_assets) == (
        800,
        800,
        0,
        (),
    )
    assert (totals.realised_pnl, totals.unrealised_pnl, totals.change_24h_value) == (10, 150, 60)
    assert (found.oldest, found.accounts, codes(found)) == (NOW, ("main",), [])
    usdt = holding(found, "USDT")
    assert (usdt.average_entry_price, usdt.unknown_quantity, usdt.unrealised_pnl) == (1, 0, None)


def test_without_history_the_cost_is_unknown_and_there_is_no_result() -> None:
    found = reading(balance("1"), price("BTC/USDT", "200"))
    btc = holding(found)
    assert (btc.average_entry_price, btc.unknown_quantity, btc.unrealised_pnl, btc.cost) == (
        None,
        1,
        None,
        None,
    )
    assert btc.unknown_reasons == (
        "no fill or transfer of it is stored (main: not in any list that is read)",
    )
    assert (found.totals.unrealised_pnl, found.totals.realised_pnl) == (None, None)
    assert codes(found) == ["unknown_cost"]


def test_the_current_price_is_never_the_entry_price() -> None:
    assert holding(reading(balance("1"), price("BTC/USDT", "200"))).average_entry_price is None


def test_explained_and_unknown_add_up_to_the_quantity() -> None:
    for held in ("3", "2", "1", "0.4", "-1"):
        btc = holding(
            reading(
                balance(held),
                price("BTC/USDT", "2"),
                events=[transfer("deposit", "1"), fill("buy", "1", "100", hour=1)],
            )
        )
        assert btc.explained_quantity + btc.unknown_quantity == btc.quantity == Decimal(held)


def test_a_balance_beyond_the_history_is_unknown_with_its_reasons() -> None:
    btc = holding(
        reading(
            balance("3"),
            price("BTC/USDT", "2"),
            events=[transfer("deposit", "1"), fill("buy", "1", "100", hour=1)],
        )
    )
    assert (btc.explained_quantity, btc.unknown_quantity, btc.average_entry_price) == (1, 2, 100)
    assert btc.unknown_reasons == (
        "deposited without a known price (on 2026-01-01)",
        "held, but not explained by any stored fill or transfer"
        " (main: not in any list that is read)",
    )


def test_a_history_beyond_the_balance_is_scaled_and_said() -> None:
    found = reading(balance("0.5"), price("BTC/USDT", "200"), events=[fill("buy", "2", "100")])
    btc = holding(found)
    assert (btc.explained_quantity, btc.cost, btc.average_entry_price, btc.unknown_quantity) == (
        Decimal("0.5"),
        50,
        100,
        0,
    )
    assert codes(found) == ["ledger_exceeds_balance"]


def test_accounts_averages_are_shown_where_they_differ() -> None:
    events = [fill("buy", "1", "100", account="a"), fill("buy", "1", "300", account="b")]
    rows = [
        balance("1", account="a"),
        balance("1", account="b"),
        price("BTC/USDT", "400", account="a"),
    ]
    btc = holding(reading(*rows, events=events, accounts=("a", "b")))
    assert btc.average_entry_price == 200
    assert [(one.account, one.average_entry_price) for one in btc.account_averages] == [
        ("a", 100),
        ("b", 300),
    ]
    one = holding(reading(*rows, events=events, accounts=("b",)))
    assert (one.quantity, one.average_entry_price, one.account_averages) == (1, 300, ())


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


def test_an_inverse_position_is_valued_in_the_right_coin() -> None:
    found = reading(
        position(
            "BTC/USD:BTC", size="100", contracts="100", entry="40000", mark="50000", pnl="0.05"
        ),
        price("BTC/USDT", "50000"),
    )
    (shown,) = found.positions
    assert (shown.unrealised_value, shown.unrealised_fraction) == (2500, Decimal("0.2"))
    assert found.totals.value == 2500


def test_a_result_that_is_not_reported_follows_from_entry_and_mark() -> None:
    for side, pnl in (("long", 20), ("short", -20)):
        (own,) = reading(
            position(side=side, contracts="2", entry="100", mark="110", pnl=None)
        ).positions
        assert (own.unrealised_value, own.unrealised_fraction) == (pnl, Decimal(pnl) / 200)
    (own,) = reading(
        position("BTC/USD:BTC", "short", "100", size="100", entry="40000", mark="50000", pnl=None),
        price("BTC/USDT", "1"),
    ).positions
    assert own.unrealised_value == Decimal("-0.05")


def test_liquidation_distance_is_a_fraction_of_the_mark() -> None:
    (own,) = reading(position(mark="100", liquidation="80")).positions
    assert own.liquidation_distance == Decimal("0.2")


def test_hedge_mode_keeps_both_rows() -> None:
    found = reading(position(pnl="10"), position(side="short", pnl="-4"))
    assert [own.position.side for own in found.positions] == ["long", "short"]
    assert found.totals.value == 6


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


def test_an_asset_has_one_price_and_a_wide_difference_is_a_finding() -> None:
    rows = [
        balance("1", account="a"),
        balance("2", account="b"),
        price("BTC/USDT", "10", account="a"),
    ]
    found = reading(*rows, price("BTC/USDT", "13", account="b"), accounts=("a", "b"))
    assert (holding(found).price, holding(found).value) == (13, 39)
    assert "price_conflict" in codes(found)
    near = reading(*rows, price("BTC/USDT", "11", account="b"), accounts=("a", "b"))
    assert "price_conflict" not in codes(near)


# --- shorts ---------------------------------------------------------------------------------------


def test_a_short_gains_when_the_price_falls() -> None:
    found = reading(
        balance("-2", wallet="margin"),
        balance("1200", "USDT", wallet="margin"),
        price("BTC/USDT", "80"),
        events=[
            transfer("deposit", "1000", "USDT"),
            fill("sell", "2", "100", hour=1, category="margin"),
        ],
    )
    btc = holding(found)
    assert (
        btc.quantity,
        btc.value,
        btc.average_entry_price,
        btc.unknown_quantity,
        btc.unknown_reasons,
    ) == (-2, -160, 100, 0, ())
    assert (btc.unrealised_pnl, btc.unrealised_fraction) == (40, Decimal("0.2"))
    assert (found.totals.value, found.totals.unrealised_pnl, codes(found)) == (1040, 40, [])
