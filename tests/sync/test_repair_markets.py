"""Caches of versions up to 0.3 with rows under markets that do not exist: right after the repair,
without a row doubled or lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.misread import Reader
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import to_ms
from exchange_cache.exchanges import policy_for
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, TransferKind
from exchange_cache.sync.repairs import repair
from exchange_cache.unidentified import UnidentifiedRow
from tests.builders import NOW, fill, order, transfer
from tests.exchanges import builders
from tests.exchanges.builders import market

FILLS, ORDERS = DataType.FILLS, DataType.ORDERS
#: The market lists, with the asset ids that Kraken writes its own way.
MARKETS = builders.MARKETS | {
    "krakenfutures": (
        market("PF_XBTUSD", "BTC/USD:USD", baseId="xbt"),
        market("PI_XBTUSD", "BTC/USD:BTC", baseId="xbt"),
    )
}
LONG_AGO = NOW - timedelta(days=900)


def _at(exchange: str) -> Mapping[str, str]:
    return {"main": exchange}


def _history(
    repository: ExchangeCacheRepository, data_type: DataType, scope: str, symbol: str = ""
) -> StreamKey:
    """A history of which everything is covered."""
    key = StreamKey(account="main", data_type=data_type, scope=scope, symbol=symbol)
    state = repository.ledger.state(key)
    covered = Ranges.of((to_ms(NOW - timedelta(days=3000)), to_ms(NOW)))
    repository.ledger.save_state(_with(state, covered=covered, completed_ms=to_ms(NOW)))
    return key


def _with(state: Any, **more: Any) -> Any:
    from dataclasses import replace

    return replace(state, **more)


def _remembered(repository: ExchangeCacheRepository, exchange: str) -> None:
    repository.progress.remember("main", {"markets": list(MARKETS[exchange])}, NOW)


def _store(repository: ExchangeCacheRepository, key: StreamKey, *records: Any) -> None:
    repository.ledger.save_page(repository.ledger.state(key), records, NOW)


def _is_requested(repository: ExchangeCacheRepository, key: StreamKey, moment: datetime) -> bool:
    return not repository.ledger.state(key).covered.contains(to_ms(moment))


@pytest.mark.parametrize(
    ("exchange", "category", "symbol", "right"),
    [
        ("krakenfutures", "spot", "PF/DEFIUSD", ["DEFI/USD:USD"]),
        ("krakenfutures", "linear", "FI/XBTUSD:XBTUSD-201225", ["BTC/USD:BTC-201225"]),
        ("krakenfutures", "spot", "PI/LTCUSD", ["LTC/USD:LTC"]),
        ("bitfinex", "spot", "TRLC/ETH", ["RLC/ETH"]),
        ("bitfinex", "spot", "TDUSK:/USD", ["DUSK/USD"]),
        ("kraken", "spot", "AN/TUSD", ["ANT/USD"]),
    ],
)
def test_a_symbol_that_was_made_up_of_an_id_is_recognised(
    exchange: str, category: str, symbol: str, right: list[str]
) -> None:
    verdict = Reader(policy_for(exchange), MARKETS[exchange]).verdict(category, symbol)
    assert (verdict.is_wrong, [one.symbol for one in verdict.right]) == (True, right)


@pytest.mark.parametrize(
    ("exchange", "category", "symbol"),
    [
        ("binance", "spot", "LUNA/BUSD"),
        ("binance", "margin", "LUNA/BUSD"),
        ("binance", "linear", "LUNA/USDT:USDT"),
        ("binance", "linear", "BTC/USDT:USDT-240329"),
        ("binance", "inverse", "BTC/USD:BTC-240329"),
        ("bybit", "spot", "LUNA/USDT"),
        ("bybit", "linear", "LUNA/USDT:USDT"),
        ("okx", "spot", "LUNA/USDT"),
        ("okx", "linear", "LUNA/USDT:USDT"),
        ("okx", "inverse", "LUNA/USD:LUNA"),
        ("kraken", "spot", "ANT/USD"),
        ("kraken", "spot", "ANT/BTC"),
        ("krakenfutures", "inverse", "LTC/USD:LTC"),
        ("krakenfutures", "linear", "DEFI/USD:USD"),
        ("bitfinex", "spot", "RLC/ETH"),
        ("bitfinex", "spot", "TRX/USD"),
        ("coinbase", "spot", "LUNA/USD"),
        ("kucoin", "spot", "LUNA/USDT"),
        ("kucoin", "linear", "LUNA/USDT:USDT"),
        ("gate", "spot", "LUNA/USDT"),
        ("gate", "linear", "LUNA/USDT:USDT"),
        ("htx", "spot", "LUNA/USDT"),
        ("bitget", "spot", "LUNA/USDT"),
        ("bitget", "inverse", "LUNA/USD:LUNA"),
        ("phemex", "spot", "LUNA/USDT"),
        ("phemex", "linear", "LUNA/USDT:USDT"),
        ("bingx", "linear", "LUNA/USDT:USDT"),
        ("whitebit", "spot", "LUNA/USDT"),
        ("hyperliquid", "linear", "FTT/USDC:USDC"),
        ("deribit", "option", "BTC/USD:BTC-240628-70000-C"),
        ("deribit", "inverse", "BTC/USD:BTC-240628"),
        ("cryptocom", "spot", "LUNA/USDT"),
        ("gemini", "spot", "LUNA/USD"),
        ("bitstamp", "spot", "LUNA/USD"),
        ("bitvavo", "spot", "LUNA/EUR"),
    ],
)
def test_a_delisted_market_that_was_read_right_is_left_alone(
    exchange: str, category: str, symbol: str
) -> None:
    verdict = Reader(policy_for(exchange), MARKETS[exchange]).verdict(category, symbol)
    assert not verdict.is_wrong and not verdict.is_doubtful


def test_fills_of_contracts_stored_as_assets_are_deleted_and_requested_again(
    repository: ExchangeCacheRepository,
) -> None:
    _remembered(repository, "krakenfutures")
    fills = _history(repository, FILLS, "fills")
    log = _history(repository, DataType.TRANSFERS, "log")
    right = fill("2", symbol="BTC/USD:USD", category="linear", time=LONG_AGO)
    _store(
        repository,
        fills,
        fill("1", "1", "570", symbol="PF/DEFIUSD", time=LONG_AGO),
        right,
        fill(
            "3", "100", "9400", symbol="FI/XBTUSD:XBTUSD-201225", category="linear", time=LONG_AGO
        ),
    )
    lines = repair(repository, NOW, _at("krakenfutures"))
    assert lines == (
        "main: 2 fills under markets that do not exist, renamed or deleted; what was deleted is"
        " requested again",
    )
    assert repository.ledger.fills() == (right,)
    assert _is_requested(repository, fills, LONG_AGO)
    assert not _is_requested(repository, fills, LONG_AGO + timedelta(days=1))
    assert not _is_requested(repository, log, LONG_AGO)
    assert repair(repository, NOW, _at("krakenfutures")) == ()


def test_a_fill_stored_twice_under_two_identities_is_stored_once(
    repository: ExchangeCacheRepository,
) -> None:
    _remembered(repository, "krakenfutures")
    fills = _history(repository, FILLS, "fills")
    right = fill("1", "1", "570", symbol="DEFI/USD:USD", category="linear", time=LONG_AGO)
    wrong = fill("1", "1", "570", symbol="PF/DEFIUSD", time=LONG_AGO)
    _store(repository, fills, wrong, right)
    repair(repository, NOW, _at("krakenfutures"))
    assert repository.ledger.fills() == (right,)
    _store(repository, fills, right)
    assert repository.ledger.fills() == (right,)


@pytest.mark.parametrize(
    ("exchange", "scope", "wrong", "right"),
    [("bitfinex", "trades", "TRLC/ETH", "RLC/ETH"), ("kraken", "spot", "AN/TUSD", "ANT/USD")],
)
def test_a_spot_pair_that_is_no_longer_served_is_renamed(
    repository: ExchangeCacheRepository, exchange: str, scope: str, wrong: str, right: str
) -> None:
    """No history is known to have stored it, so nothing would bring it again."""
    _remembered(repository, exchange)
    quote = wrong.partition("/")[2]
    other = StreamKey(account="main", data_type=ORDERS, scope="unknown")
    _store(
        repository,
        other,
        fill("1", "2", "10", symbol=wrong, fees=(f"0.05 {quote}",), time=LONG_AGO),
    )
    line, *_ = repair(repository, NOW, _at(exchange))
    assert line.startswith("main: 1 fill under markets that do not exist")
    (moved,) = repository.ledger.fills()
    base, quote = right.split("/")
    assert (moved.symbol, moved.base, moved.quote) == (right, base, quote)
    assert (moved.quantity, moved.cost) == (Decimal(2), Decimal(20))
    assert [(fee.asset, fee.amount) for fee in moved.fees] == [(quote, Decimal("0.05"))]


def test_a_mexc_contract_order_among_spot_orders_goes_when_its_twin_is_read(
    repository: ExchangeCacheRepository,
) -> None:
    """A spot pair of that name may exist: nothing is deleted before the contract's row is there."""
    _remembered(repository, "mexc")
    contracts = _history(repository, ORDERS, "contracts")
    _history(repository, ORDERS, "spot", "NEWCOIN/USDT")
    recent = NOW - timedelta(days=3)
    spot = order("7", symbol="NEWCOIN/USDT", created_at=recent)
    mine = order("8", symbol="NEWCOIN/USDT", created_at=recent)
    _store(repository, contracts, spot, mine)
    assert repair(repository, NOW, _at("mexc")) == ()
    assert {item.order_id for item in repository.ledger.orders()} == {"7", "8"}
    assert _is_requested(repository, contracts, recent)
    kept = UnidentifiedRow(
        account="main",
        data_type=ORDERS,
        scope="contracts",
        row_id="NEWCOIN_USDT:7",
        symbol="",
        market_id="NEWCOIN_USDT",
        reason="mexc does not state the contract size of NEWCOIN/USDT:USDT",
        time=recent,
        row="{}",
    )
    _store(repository, contracts, kept)
    (line,) = repair(repository, NOW, _at("mexc"))
    assert line.startswith("main: 1 order under markets that do not exist")
    assert repository.ledger.orders() == (mine,)
    assert repair(repository, NOW, _at("mexc")) == ()


def test_a_spot_fill_with_a_realised_result_is_a_contracts(
    repository: ExchangeCacheRepository,
) -> None:
    _remembered(repository, "mexc")
    contracts = _history(repository, FILLS, "contracts")
    recent = NOW - timedelta(days=3)
    sound = fill("1", symbol="BTC/USDT", time=recent)
    _store(
        repository,
        contracts,
        sound,
        fill("2", symbol="NEWCOIN/USDT", time=recent, realised_pnl=Decimal("99.98")),
    )
    repair(repository, NOW, _at("mexc"))
    assert repository.ledger.fills() == (sound,)
    assert _is_requested(repository, contracts, recent)


def test_mexc_funding_of_an_asset_called_none_is_of_what_the_contract_settles_in(
    repository: ExchangeCacheRepository,
) -> None:
    _remembered(repository, "mexc")
    key = _history(repository, DataType.TRANSFERS, "funding")
    paid = transfer(
        "1", asset="None", kind=TransferKind.FUNDING, symbol="NEWCOIN/USDT", scope="funding"
    )
    _store(repository, key, paid)
    repair(repository, NOW, _at("mexc"))
    (moved,) = repository.ledger.transfers()
    assert (moved.asset, moved.symbol) == ("USDT", "NEWCOIN/USDT:USDT")


def test_an_expired_deribit_option_is_priced_in_what_it_settles_in(
    repository: ExchangeCacheRepository,
) -> None:
    _remembered(repository, "deribit")
    key = _history(repository, FILLS, "trades")
    option = fill(
        "1",
        symbol="BTC/USD:BTC-240628-70000-C",
        category="option",
        settle="BTC",
        contracts=Decimal("0.1"),
        contract_size=Decimal(1),
    )
    _store(repository, key, option)
    repair(repository, NOW, _at("deribit"))
    assert [item.quote for item in repository.ledger.fills()] == ["BTC"]


def test_without_a_market_list_nothing_is_judged_before_there_is_one(
    repository: ExchangeCacheRepository,
) -> None:
    fills = _history(repository, FILLS, "fills")
    _store(repository, fills, fill("1", symbol="PF/DEFIUSD", time=LONG_AGO))
    assert repair(repository, NOW, _at("krakenfutures")) == ()
    _remembered(repository, "krakenfutures")
    assert len(repair(repository, NOW, _at("krakenfutures"))) == 1


def test_an_open_order_stored_as_spot_and_as_margin_is_one_of_spot(
    repository: ExchangeCacheRepository,
) -> None:
    _remembered(repository, "bitfinex")
    key = _history(repository, ORDERS, "orders")
    spot, own = order("1", "open", symbol="BTC/USD"), order("2", "open", category="margin")
    _store(repository, key, spot, order("1", "open", symbol="BTC/USD", category="margin"), own)
    repair(repository, NOW, _at("bitfinex"))
    assert set(repository.ledger.orders()) == {spot, own}


def test_contract_rows_that_are_no_longer_served_stay_and_are_counted(
    repository: ExchangeCacheRepository,
) -> None:
    """Without its size nothing of a contract's fill is known but its price."""
    _remembered(repository, "krakenfutures")
    other = StreamKey(account="main", data_type=ORDERS, scope="unknown")
    old = fill("1", "1", "570", symbol="PF/DEFIUSD", time=LONG_AGO)
    _store(repository, other, old)
    assert repair(repository, NOW, _at("krakenfutures")) == (
        "1 row under markets that do not exist, which the exchange no longer serves: left as it is",
    )
    assert repository.ledger.fills() == (old,)
    assert repair(repository, NOW, _at("krakenfutures")) == ()
