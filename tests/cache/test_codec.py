"""Every record comes back from the cache as it went in: each Decimal to its last digit, each None
as None."""

from __future__ import annotations

import re
import tempfile
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from exchange_cache.cache import codec
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.records import (
    AverageMethod,
    Balance,
    DataType,
    Fee,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Position,
    Price,
    ReportedAverage,
    Side,
    Transfer,
    TransferKind,
)
from tests.builders import NOW, balance, fill, order, position, price, transfer
from tests.effort import examples

NUMBERS = [
    "0",
    "1",
    "-1",
    "0.1",
    "1E-8",
    "0.00000001",
    "0.123456789012345678",
    "0.1234567890123456789012345678901234567890",
    "123456789012345678901234567890.123456789012345678",
    "1E+30",
    "-7.4E-9",
    "100.00",
    "9007199254740993",
    "0.30000000000000004",
]

digits = st.decimals(
    allow_nan=False,
    allow_infinity=False,
    min_value=Decimal("-1E40"),
    max_value=Decimal("1E40"),
    places=25,
)
at_least_zero = digits.map(Decimal.copy_abs)
maybe = st.none() | digits
times = st.integers(0, 4_102_444_800_000).map(from_ms)
words = st.text(min_size=1, max_size=12).filter(lambda text: "\x00" not in text and text < "\ud800")
maybe_word = st.none() | words
fees_ = st.lists(st.builds(Fee, asset=words, amount=digits), max_size=3).map(tuple)

reported = st.builds(
    ReportedAverage,
    name=words,
    method=st.sampled_from(AverageMethod),
    price=digits,
    unit=words,
    quantity=maybe,
    counts_from=st.none() | times,
)
balances = st.builds(
    Balance,
    account=words,
    wallet=words,
    code=words,
    asset=words,
    free=maybe,
    used=maybe,
    total=digits,
    debt=maybe,
    earn=st.booleans(),
    includes_unrealised=st.booleans(),
    fetched_at=times,
    as_of=st.none() | times,
    told_averages=st.lists(reported, max_size=2).map(tuple),
)
positions = st.builds(
    Position,
    account=words,
    wallet=words,
    category=words,
    symbol=words,
    side=st.sampled_from(["long", "short"]),
    contracts=at_least_zero.filter(bool),
    contract_size=digits,
    base_quantity=maybe,
    entry_price=maybe,
    mark_price=maybe,
    notional=maybe,
    unrealised_pnl=maybe,
    settle_asset=words,
    leverage=maybe,
    liquidation_price=maybe,
    margin=maybe,
    margin_mode=maybe_word,
    fetched_at=times,
    as_of=st.none() | times,
)
fills = st.builds(
    Fill,
    account=words,
    category=words,
    symbol=words,
    fill_id=words,
    order_id=maybe_word,
    time=times,
    side=st.sampled_from(Side),
    base=words,
    quote=words,
    quantity=at_least_zero,
    price=digits,
    cost=at_least_zero,
    fees=fees_,
    fees_known=st.booleans(),
    kind=st.sampled_from(FillKind),
    liquidity=maybe_word,
    settle=maybe_word,
    contracts=maybe,
    contract_size=maybe,
    realised_pnl=maybe,
)
orders = st.builds(
    Order,
    account=words,
    category=words,
    symbol=words,
    order_id=words,
    client_order_id=maybe_word,
    created_at=times,
    updated_at=st.none() | times,
    side=st.sampled_from(Side),
    type=maybe_word,
    status=st.sampled_from(OrderStatus),
    base=words,
    quote=words,
    price=maybe,
    average=maybe,
    amount=maybe,
    filled=maybe,
    cost=maybe,
    reduce_only=st.none() | st.booleans(),
    fetched_at=times,
)
transfers = st.builds(
    Transfer,
    account=words,
    scope=words,
    transfer_id=words,
    kind=st.sampled_from(TransferKind),
    time=times,
    asset=words,
    quantity=digits,
    fee=st.none() | st.builds(Fee, asset=words, amount=digits),
    status=words,
    tx_id=maybe_word,
    network=maybe_word,
    from_wallet=maybe_word,
    to_wallet=maybe_word,
    symbol=maybe_word,
)
prices = st.builds(
    Price,
    account=words,
    symbol=words,
    base=words,
    quote=words,
    category=words,
    last=at_least_zero.filter(bool),
    bid=maybe,
    ask=maybe,
    mark=maybe,
    open_24h=maybe,
    fetched_at=times,
    as_of=st.none() | times,
)


def stored(record: Any) -> Any:
    """The record after a way through a fresh cache file."""
    with tempfile.TemporaryDirectory() as folder:
        return keep(ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3"), record)


def keep(repository: ExchangeCacheRepository, record: Any) -> Any:
    try:
        if isinstance(record, Balance):
            repository.mirror.replace_balances(record.account, record.wallet, [record])
            return repository.mirror.balances()[0]
        if isinstance(record, Position):
            repository.mirror.replace_positions(record.account, "part", [record])
            return repository.mirror.positions()[0]
        if isinstance(record, Price):
            repository.mirror.replace_prices(record.account, record.category, [record])
            return repository.mirror.prices()[0]
        kind = {Fill: DataType.FILLS, Order: DataType.ORDERS, Transfer: DataType.TRANSFERS}[
            type(record)
        ]
        repository.ledger.save_page(
            StreamState(key=StreamKey(account="main", data_type=kind, scope="any")), [record], NOW
        )
        return {
            Fill: repository.ledger.fills,
            Order: repository.ledger.orders,
            Transfer: repository.ledger.transfers,
        }[type(record)]()[0]
    finally:
        repository.close()


def exactly_equal(one: Any, other: Any) -> bool:
    return one == other and [type(getattr(one, field.name)) for field in fields(one)] == [
        type(getattr(other, field.name)) for field in fields(other)
    ]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(balances, positions, fills, orders, transfers, prices))
def test_any_record_comes_back_as_it_went_in(record: Any) -> None:
    assert exactly_equal(stored(record), record)


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_exact_in_every_record(text: str) -> None:
    number, size = Decimal(text), Decimal(text).copy_abs()
    records = [
        balance(
            total=text,
            free=number,
            used=number,
            debt=number,
            told_averages=(
                ReportedAverage(
                    name="avgPx",
                    method=AverageMethod.MOVING,
                    price=number,
                    unit="USD",
                    quantity=number,
                ),
            ),
        ),
        position(
            contracts=str(size) if size else "1",
            contract_size=number,
            base_quantity=number,
            entry_price=number,
            mark_price=number,
            notional=number,
            unrealised_pnl=number,
            leverage=number,
            liquidation_price=number,
            margin=number,
        ),
        fill(
            quantity=size,
            price=number,
            cost=size,
            fees=(f"{text} BNB", f"{number.copy_negate()} USDT"),
            contracts=number,
            contract_size=number,
            realised_pnl=number,
        ),
        order(price=number, average=number, amount=number, filled=number, cost=number),
        transfer(quantity=number, fee=Fee(asset="BTC", amount=number)),
        price(
            last=str(size) if size else "1", bid=number, ask=number, mark=number, open_24h=number
        ),
    ]
    assert [stored(record) for record in records] == records


def test_unknown_stays_unknown_and_zero_stays_zero() -> None:
    assert stored(balance(free=None, used=Decimal(0))) == balance(free=None, used=Decimal(0))
    assert stored(order(price=None, amount=None, filled="0", cost=None)).filled == Decimal(0)
    assert stored(fill(fees_known=False)).fees_known is False
    assert stored(order(reduce_only=None)).reduce_only is None
    assert stored(order(reduce_only=False)).reduce_only is False


def test_times_are_exact_to_the_millisecond() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert stored(fill(time=moment)).time == moment


def test_equal_numbers_have_equal_texts_in_the_tables(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances(
        "main", "spot", [balance("1.50", "BTC"), balance("15E-1", "ETH"), balance("-0.00", "XRP")]
    )

    assert [row[6] for row in repository.dump("exchange_balances")] == ["1.5", "1.5", "0"]


def test_to_ms_is_what_is_stored(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance(as_of=NOW)])

    assert repository.dump("exchange_balances")[0][10:12] == (to_ms(NOW), to_ms(NOW))


def test_no_row_of_the_cache_is_read_by_position() -> None:
    by_position = re.compile(r"\b(?:row|found|rows\([^)]*\))\[\d")
    folder = Path(codec.__file__).parent
    read = {path.name: by_position.findall(path.read_text()) for path in folder.glob("*.py")}
    assert {name: found for name, found in read.items() if found} == {}
