"""ccxt structures become records: tables with figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.adapter import translate, translate_moves, translate_wallets
from exchange_cache.adapter.policy import ExchangePolicy, WalletPolicy
from exchange_cache.adapter.translate import Origin
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges import policy_for
from exchange_cache.records import Fee, Fill, FillKind, Order, OrderStatus, Side, TransferKind
from tests.exchanges.builders import NOW, market, origin

SPOT = market("BTCUSDT", "BTC/USDT")
LINEAR = market("BTC-USDT-SWAP", "BTC/USDT:USDT", contractSize="0.01")
INVERSE = market("BTCUSD_PERP", "BTC/USD:BTC", contractSize="100")
T = 1_700_000_000_123


def trade(**more: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "order": "o1",
        "timestamp": T,
        "side": "buy",
        "price": "50000.1",
        "amount": "0.3",
        "takerOrMaker": "maker",
        "fees": [{"cost": "0.01", "currency": "USDT"}],
        "info": {},
        **more,
    }


def fill(at: Origin, row: dict[str, Any], market: Any) -> Fill:
    """The fill of a trade that states its figures itself, or those under ``stated``."""
    return translate.fill(at, row, row.get("stated", row), market)


def made_order(at: Origin, row: dict[str, Any], market: Any) -> Order:
    return translate.order(at, row, row["stated"], market)


def test_a_spot_fill_is_exact() -> None:
    made = fill(origin(), trade(), SPOT)
    assert (made.base, made.quote, made.quantity, made.price, made.cost) == (
        "BTC",
        "USDT",
        Dec("0.3"),
        Dec("50000.1"),
        Dec("15000.03"),
    )
    assert (made.key, made.order_id, made.liquidity, made.settle) == (
        ("main", "spot", "BTC/USDT", "t1"),
        "o1",
        "maker",
        None,
    )
    assert made.time == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)


def test_the_cost_that_the_exchange_told_wins_over_arithmetic() -> None:
    assert fill(origin(), trade(stated={"cost": "15000.02"}), SPOT).cost == Dec("15000.02")


def test_linear_contracts_become_base_units() -> None:
    made = fill(origin(category="linear"), trade(amount="5", price="50000"), LINEAR)
    assert (made.quantity, made.cost, made.contracts, made.contract_size, made.settle) == (
        Dec("0.05"),
        Dec("2500"),
        Dec("5"),
        Dec("0.01"),
        "USDT",
    )
    assert made.category == "linear"


def test_inverse_contracts_become_base_units_by_the_price() -> None:
    made = fill(origin(category="inverse"), trade(amount="5", price="50000"), INVERSE)
    assert (made.quantity, made.cost, made.quote, made.settle, made.category) == (
        Dec("0.01"),
        Dec("500"),
        "USD",
        "BTC",
        "inverse",
    )


def test_a_contract_of_unknown_size_is_refused() -> None:
    with pytest.raises(BadResponse, match="contract size"):
        fill(origin(), trade(), market("X", "X/USDT:USDT", contractSize=None))


@pytest.mark.parametrize(
    ("row", "fees", "known"),
    [
        (
            {"fees": [{"cost": "0.001", "currency": "BNB"}]},
            (Fee(asset="BNB", amount=Dec("0.001")),),
            True,
        ),
        (
            {"fees": [{"cost": "1", "currency": "USDT"}, {"cost": "2", "currency": "BTC"}]},
            (Fee(asset="USDT", amount=Dec(1)), Fee(asset="BTC", amount=Dec(2))),
            True,
        ),
        (
            {"fees": [{"cost": "-0.5", "currency": "USDT"}]},
            (Fee(asset="USDT", amount=Dec("-0.5")),),
            True,
        ),
        (
            {"fees": [], "fee": {"cost": "3", "currency": "EUR"}},
            (Fee(asset="EUR", amount=Dec(3)),),
            True,
        ),
        ({"fees": [], "fee": None}, (), False),
        ({"fees": [{"cost": None, "currency": None}]}, (), False),
        ({"fees": [{"cost": "1", "currency": None}]}, (), False),
        ({"fees": [{"cost": "0", "currency": None}]}, (), True),
    ],
)
def test_fees(row: dict[str, Any], fees: tuple[Fee, ...], known: bool) -> None:
    assert translate.fees_of(origin(), row) == (fees, known)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, "id"),
        ({"timestamp": None}, "timestamp"),
        ({"timestamp": 0}, "timestamp"),
        ({"side": None}, "side"),
        ({"side": "both"}, "side"),
        ({"amount": None}, "amount"),
        ({"amount": "abc"}, "amount"),
        ({"price": None}, "price"),
    ],
)
def test_a_fill_that_lacks_something_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadResponse, match=words):
        fill(origin(), trade(**change), SPOT)


def test_a_missing_price_comes_from_the_cost() -> None:
    assert fill(origin(), trade(price=None, cost="15000"), SPOT).price == Dec(50000)


def test_realised_pnl_comes_from_the_raw_row() -> None:
    assert fill(origin(), trade(info={"realizedPnl": "-1.50"}), LINEAR).realised_pnl == Dec("-1.50")


def order(**more: Any) -> dict[str, Any]:
    stated = {
        "price": "100",
        "average": None,
        "cost": None,
        "amount": "2",
        "filled": "2",
        **more.pop("stated", {}),
    }
    row = {
        "id": "o1",
        "timestamp": T,
        "side": "sell",
        "type": "limit",
        "status": "closed",
        "lastUpdateTimestamp": T + 1,
        "stated": stated,
    }
    return {**row, **more}


def test_the_average_is_what_was_told_and_never_the_limit_price() -> None:
    assert made_order(origin(), order(average="100"), SPOT).average is None
    assert made_order(origin(), order(stated={"average": "99.5"}), SPOT).average == Dec("99.5")
    assert made_order(origin(), order(stated={"cost": "199"}), SPOT).average == Dec("99.5")
    assert made_order(origin(), order(stated={"average": "0.00000"}), SPOT).average is None
    assert made_order(origin(), order(stated={"average": "99.5"}), SPOT).cost == Dec("199.0")


def test_inverse_averages_come_from_the_base_that_was_paid() -> None:
    assert made_order(
        origin(), order(stated={"filled": "5", "amount": "5", "cost": "0.01"}), INVERSE
    ).average == Dec(50000)


def test_a_market_order_has_no_price() -> None:
    made = made_order(origin(), order(type="market", stated={"price": "0", "average": "101"}), SPOT)
    assert (made.price, made.average) == (None, Dec(101))
    assert (
        made_order(origin(), order(type="market", price="101", stated={"price": "101"}), SPOT).price
        is None
    )


@pytest.mark.parametrize(
    ("status", "filled", "expected"),
    [
        ("closed", "2", OrderStatus.CLOSED),
        (
            "closed",
            "1.5",
            OrderStatus.CANCELED,
        ),  # bybit calls a partly filled, canceled order closed
        ("canceled", "1.5", OrderStatus.CANCELED),
        ("expired", "0", OrderStatus.EXPIRED),
        ("canceling", "0", OrderStatus.OPEN),
        ("open", "1", OrderStatus.OPEN),
        ("rejected", None, OrderStatus.REJECTED),
        ("PENDING_SOMETHING", "0", OrderStatus.UNKNOWN),
    ],
)
def test_order_states(status: str, filled: str | None, expected: OrderStatus) -> None:
    assert (
        made_order(origin(), order(status=status, stated={"filled": filled}), SPOT).status
        is expected
    )


def position(**more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTC/USDT:USDT",
        "side": "long",
        "contracts": "5",
        "entryPrice": "40000",
        "markPrice": "50000",
        "unrealizedPnl": "500",
        "leverage": "3",
        "liquidationPrice": None,
        "marginMode": "cross",
        "info": {},
        **more,
    }


def test_positions_linear_and_inverse() -> None:
    made = translate.position(origin(), position(), LINEAR)
    assert made is not None
    assert (made.base_quantity, made.notional, made.unrealised_pnl, made.settle_asset) == (
        Dec("0.05"),
        Dec("2500"),
        Dec(500),
        "USDT",
    )
    made = translate.position(origin(), position(unrealizedPnl="0.002"), INVERSE)
    assert made is not None
    assert (made.base_quantity, made.notional, made.settle_asset, made.category) == (
        Dec("0.01"),
        Dec("500"),
        "BTC",
        "inverse",
    )


def test_empty_positions_are_left_out_and_shorts_keep_their_side() -> None:
    assert translate.position(origin(), position(contracts="0"), LINEAR) is None
    with pytest.raises(BadResponse, match="contracts"):
        translate.position(origin(), position(contracts=None), LINEAR)
    made = translate.position(origin(), position(side=None, contracts="-5"), LINEAR)
    assert made is not None and (made.side, made.contracts) == ("short", Dec(5))
    with pytest.raises(BadResponse, match="side"):
        translate.position(origin(), position(side=None), LINEAR)


# --- balances -------------------------------------------------------------------------------------

BINANCE, KRAKEN = policy_for("binance"), policy_for("kraken")
KNOWN = {"BTC", "ETH", "DOT", "LDO", "USD"}


@pytest.mark.parametrize(
    ("policy", "code", "expected"),
    [
        (BINANCE, "LDBTC", ("BTC", True)),
        (BINANCE, "LDO", ("LDO", False)),
        (BINANCE, "LDXYZ", ("LDXYZ", False)),
        (BINANCE, "BETH", ("ETH", True)),
        (KRAKEN, "BTC.F", ("BTC", True)),
        (KRAKEN, "DOT28.S", ("DOT", True)),
        (KRAKEN, "ETH2.S", ("ETH", True)),
        (KRAKEN, "ETH2", ("ETH", True)),
        (KRAKEN, "USD.HOLD", ("USD", False)),
        (KRAKEN, "KFEE", ("KFEE", False)),
    ],
)
def test_earn_twins_are_named_by_what_they_are_worth_as(
    policy: ExchangePolicy, code: str, expected: tuple[str, bool]
) -> None:
    assert translate_wallets.asset_of(code, policy, KNOWN) == expected


def test_balances_drop_zero_rows_and_keep_debts() -> None:
    structure = {
        "info": {},
        "free": {},
        "total": {},
        "BTC": {"free": "1", "used": "0.5", "total": "1.5"},
        "ETH": {"free": "0", "used": "0.0", "total": "0"},
        "USD": {"free": None, "used": None, "total": "-25.5"},
        "LDO": {"free": "2", "used": "1", "total": None},
    }
    made = {
        item.code: item
        for item in translate_wallets.balances(
            origin(), structure, WalletPolicy(name="spot"), BINANCE, KNOWN
        )
    }
    assert {code: item.total for code, item in made.items()} == {
        "BTC": Dec("1.5"),
        "USD": Dec("-25.5"),
        "LDO": Dec(3),
    }
    assert made["BTC"].fetched_at == NOW


def test_debt_told_beside_the_total_is_taken_off() -> None:
    row = {"BTC": {"free": "1", "used": "0", "total": "1", "debt": "0.4"}}
    wallet = WalletPolicy(name="margin", debt_in_total=False)
    (made,) = translate_wallets.balances(origin(), row, wallet, BINANCE, KNOWN)
    assert (made.total, made.debt) == (Dec("0.6"), Dec("0.4"))


def test_a_balance_without_any_figure_is_refused() -> None:
    with pytest.raises(BadResponse, match="BTC"):
        translate_wallets.balances(
            origin(), {"BTC": {"free": None}}, WalletPolicy(name="spot"), BINANCE, KNOWN
        )


def test_tickers_of_unlisted_markets_and_without_figures_are_no_prices() -> None:
    ticker = {"symbol": "BTC/USDT", "last": None, "bid": "1", "ask": "3", "timestamp": T}
    made = translate_wallets.price(origin(), ticker, SPOT)
    assert made is not None and (made.value, made.basis) == (Dec(2), "mid")
    assert translate_wallets.price(origin(), ticker, None) is None
    assert translate_wallets.price(origin(), {"symbol": "BTC/USDT", "last": None}, SPOT) is None


# --- moves ----------------------------------------------------------------------------------------


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
