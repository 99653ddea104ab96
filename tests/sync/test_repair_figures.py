"""Figures of earlier versions are corrected where they are stored, once, and as they are read
today."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.kinds import TransferKind
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.ledger.replay import flows
from exchange_cache.records import DataType, Fee, Fill, FillKind, Order, Side
from exchange_cache.sync.repairs import repair
from tests.builders import NOW, at, fill, order, transfer

D = Decimal
KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
LEDGER = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="ledger")
FEE = (Fee(asset="USDC", amount=D("0.109974")),)


def _repaired(
    repository: ExchangeCacheRepository, exchange: str, *rows: Fill | Order
) -> tuple[str, ...]:
    repository.ledger.save_page(StreamState(key=KEY), rows, NOW)
    lines = repair(repository, NOW, {"main": exchange})
    assert repair(repository, NOW, {"main": exchange}) == (), "once"
    assert repository.ledger.revisions.versions() == (), "the exchange changed nothing"
    return lines


def _half(name: str, side: Side, asset: str, quantity: str) -> Fill:
    made = fill(name, quantity, "1", symbol=f"{asset}/EUR", kind=FillKind.CONVERT, side=side)
    return replace(made, order_id="t1", fees=FEE)


def test_a_coinbase_convert_with_fee_takes_it_once(repository: ExchangeCacheRepository) -> None:
    halves = (
        _half("1", Side.SELL, "USDC", "10.571942"),
        _half("2", Side.BUY, "ETH", "0.00266121"),
    )
    lines = _repaired(repository, "coinbase", *halves)
    assert lines == ("main: 2 rows with a wrong figure, corrected",)
    moved: dict[str, Decimal] = {}
    for flow in flows(repository.ledger.fills(), ()):
        moved[flow.asset] = moved.get(flow.asset, D(0)) + flow.quantity
    assert moved == {"USDC": D("-10.571942"), "ETH": D("0.00266121")}


@pytest.mark.parametrize(("base", "size"), [("BTC", "0.01"), ("ETH", "0.1")])
def test_an_okx_option_has_its_contract_size(
    repository: ExchangeCacheRepository, base: str, size: str
) -> None:
    stored = replace(
        fill(symbol=f"{base}/USD:{base}-241217-92000-C"),
        **{"category": "option", "quote": base, "settle": base, "price": D("0.05")},
        **{"quantity": D(2), "cost": D("0.1"), "contracts": D(2), "contract_size": D(1)},
    )
    _repaired(repository, "okx", stored)
    (right,) = repository.ledger.fills()
    assert right == replace(
        stored, quantity=2 * D(size), cost=2 * D(size) * D("0.05"), contract_size=D(size)
    )


def test_a_deribit_option_has_its_real_base(repository: ExchangeCacheRepository) -> None:
    option = replace(
        fill(symbol="SOL/USDC:USDC-241227-200-C"),
        **{"category": "option", "base": "SOL_USDC", "quote": "USDC", "settle": "USDC"},
    )
    _repaired(repository, "deribit", option)
    assert repository.ledger.fills() == (replace(option, base="SOL"),)


def test_orders_of_inverse_contracts_cost_what_their_contracts_are_worth_in_quote(
    repository: ExchangeCacheRepository,
) -> None:
    contract = {"category": "inverse", "symbol": "BTC/USD:BTC"}
    known = replace(
        fill(), **contract, contracts=D(2), contract_size=D(100), settle="BTC", cost=D(10)
    )
    stored = replace(order(), **contract, filled=D(4), cost=D("0.008"), average=D(50000))
    other = replace(stored, symbol="ETH/USD:ETH", order_id="2")  # the size is not known
    lines = _repaired(repository, "binance", known, stored, other)
    assert lines == ("main: 1 row with a wrong figure, corrected",)
    found = {one.symbol: one for one in repository.ledger.orders()}
    assert found == {"BTC/USD:BTC": replace(stored, cost=D(400)), "ETH/USD:ETH": other}


def test_the_ledger_of_kraken_is_read_again_around_trades(
    repository: ExchangeCacheRepository,
) -> None:
    covered = Ranges.of((to_ms(at(-900)), to_ms(NOW)))
    repository.ledger.save_state(StreamState(key=LEDGER, covered=covered))
    lines = _repaired(repository, "kraken", replace(fill(), fees=FEE))
    assert lines == ("main: the ledger is fetched again for the fees of trades",)
    left = repository.ledger.state(LEDGER).covered
    moment = to_ms(fill().time)
    assert not left.contains(moment) and left.contains(moment - 2 * 3_600_000)


def test_right_figures_and_other_exchanges_are_left_alone(
    repository: ExchangeCacheRepository,
) -> None:
    rows = (_half("1", Side.SELL, "USDC", "10"), replace(order(), cost=D(5)))
    assert _repaired(repository, "binance", *rows) == ()
    assert (*repository.ledger.fills(), *repository.ledger.orders()) == rows


@pytest.mark.parametrize(("sold", "asked"), [("0", True), ("0.1", False)])
def test_the_expiry_of_a_contract_that_its_fills_leave_open_is_read_again(
    repository: ExchangeCacheRepository, sold: str, asked: bool
) -> None:
    """Versions up to 0.4 dropped the executions by which Bybit closes delivered inverse ones."""
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="inverse")
    covered = Ranges.of((to_ms(at(-9000)), to_ms(NOW)))
    repository.ledger.save_state(StreamState(key=key, covered=covered))
    expiry = NOW - timedelta(days=20)
    dated = {
        "category": "inverse",
        "symbol": f"BTC/USD:BTC-{expiry:%y%m%d}",
        "settle": "BTC",
        "time": expiry - timedelta(days=5),
    }
    bought = replace(fill("1", "0.1"), **dated)
    rows = [bought] if asked else [bought, replace(fill("2", sold, side="sell"), **dated)]
    lines = _repaired(repository, "bybit", *rows)
    assert bool(lines) is asked
    assert repository.ledger.state(key).covered.contains(to_ms(expiry)) is not asked
    assert repository.ledger.state(key).covered.contains(to_ms(expiry - timedelta(days=4)))


@pytest.mark.parametrize(
    ("exchange", "scope", "stored"),
    [
        ("binance", "margin-isolated-interest", TransferKind.FEE),
        ("bitget", "margin-interest", TransferKind.FEE),
        ("okx", "savings-interest", TransferKind.REWARD),
    ],
)
def test_interest_that_was_stored_as_a_fee_or_a_reward_is_interest(
    repository: ExchangeCacheRepository, exchange: str, scope: str, stored: TransferKind
) -> None:
    charged = transfer(kind=stored, scope=scope)
    other = transfer(kind=stored, scope="elsewhere")
    key = StreamKey(account="main", data_type=DataType.TRANSFERS, scope=scope)
    repository.ledger.save_page(StreamState(key=key), (charged, other), NOW)
    lines = repair(repository, NOW, {"main": exchange})
    assert lines == ("main: 1 row of interest stored as a fee or a reward, corrected",)
    assert set(repository.ledger.transfers()) == {
        replace(charged, kind=TransferKind.INTEREST),
        other,
    }
    assert repair(repository, NOW, {"main": exchange}) == (), "once"
