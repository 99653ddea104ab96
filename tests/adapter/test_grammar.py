"""What the ids of unlisted markets say, exchange by exchange: the right identity, or nothing."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.grammar import ANY, Unlisted, expiry_of, says_nothing
from exchange_cache.adapter.markets import by_id, category_of
from exchange_cache.errors import MarketUnidentified
from exchange_cache.exchanges import MODULES, policy_for
from tests.exchanges.builders import open_stubbed

SPOT, LINEAR, INVERSE, OPTION = "spot", "linear", "inverse", "option"
NOTHING = ""

#: exchange, category of the row, id -> category and symbol; NOTHING: the row stays as it was sent.
TABLE = [
    ("binance", SPOT, "LUNAUSDT", "spot LUNA/USDT"),
    ("binance", "margin", "LUNABUSD", "spot LUNA/BUSD"),
    ("binance", SPOT, "LUNAXYZ", NOTHING),
    ("binance", LINEAR, "LUNAUSDT", "linear LUNA/USDT:USDT"),
    ("binance", LINEAR, "BTCUSDT_240329", "linear BTC/USDT:USDT-240329"),
    ("binance", INVERSE, "LUNAUSD_PERP", "inverse LUNA/USD:LUNA"),
    ("binance", INVERSE, "BTCUSD_240329", "inverse BTC/USD:BTC-240329"),
    ("binance", INVERSE, "LUNAUSDT", NOTHING),
    ("bybit", SPOT, "LUNAUSDT", "spot LUNA/USDT"),
    ("bybit", LINEAR, "LUNAUSDT", "linear LUNA/USDT:USDT"),
    ("bybit", LINEAR, "FTTPERP", "linear FTT/USDC:USDC"),
    ("bybit", LINEAR, "BTC-28JUN24", "linear BTC/USDC:USDC-240628"),
    ("bybit", LINEAR, "BTCUSDT-28JUN24", "linear BTC/USDT:USDT-240628"),
    ("bybit", INVERSE, "LUNAUSD", "inverse LUNA/USD:LUNA"),
    ("bybit", INVERSE, "BTCUSDM24", "inverse BTC/USD:BTC-2406"),
    ("bybit", INVERSE, "BTCUSDZ23", "inverse BTC/USD:BTC-2312"),
    ("bybit", INVERSE, "LUNAUSDT", NOTHING),
    ("bybit", OPTION, "BTC-28JUN24-60000-C", "option BTC/USDC:USDC-240628-60000-C"),
    ("bybit", OPTION, "BTC-28JUN24-60000-P-USDT", "option BTC/USDT:USDT-240628-60000-P"),
    ("bybit", OPTION, "BTC-28JUN24", NOTHING),
    ("okx", ANY, "LUNA-USDT", "spot LUNA/USDT"),
    ("okx", ANY, "LUNA-USDT-SWAP", "linear LUNA/USDT:USDT"),
    ("okx", ANY, "LUNA-USD-SWAP", "inverse LUNA/USD:LUNA"),
    ("okx", ANY, "BTC-USDT-240329", "linear BTC/USDT:USDT-240329"),
    ("okx", ANY, "BTC-USD-240329", "inverse BTC/USD:BTC-240329"),
    ("okx", OPTION, "BTC-USD-240329-60000-C", "option BTC/USD:BTC-240329-60000-C"),
    ("okx", SPOT, "LUNA-USDT-SWAP", NOTHING),
    ("okx", ANY, "BTC-USD_UM-SWAP", NOTHING),
    ("gate", SPOT, "LUNA_USDT", "spot LUNA/USDT"),
    ("gate", LINEAR, "LUNA_USDT", "linear LUNA/USDT:USDT"),
    ("gate", LINEAR, "BTC_USDT_20240329", "linear BTC/USDT:USDT-240329"),
    ("gate", INVERSE, "LUNA_USD", "inverse LUNA/USD:LUNA"),
    ("gate", LINEAR, "LUNA", NOTHING),
    ("kucoin", SPOT, "LUNA-USDT", "spot LUNA/USDT"),
    ("kucoin", ANY, "LUNAUSDTM", "linear LUNA/USDT:USDT"),
    ("kucoin", ANY, "LUNAUSDM", "inverse LUNA/USD:LUNA"),
    ("kucoin", ANY, "XBTMU24", "inverse BTC/USD:BTC-2409"),
    ("kucoin", SPOT, "LUNAUSDTM", NOTHING),
    ("htx", SPOT, "ethhusd", "spot ETH/HUSD"),
    ("htx", SPOT, "lunausdt", "spot LUNA/USDT"),
    ("htx", LINEAR, "LUNA-USDT", "linear LUNA/USDT:USDT"),
    ("htx", LINEAR, "BTC-USDT-240329", "linear BTC/USDT:USDT-240329"),
    ("htx", INVERSE, "LUNA-USD", "inverse LUNA/USD:LUNA"),
    ("htx", INVERSE, "BTC240329", "inverse BTC/USD:BTC-240329"),
    ("htx", SPOT, "lunaxyz", NOTHING),
    ("mexc", SPOT, "NEWCOINUSDT", "spot NEWCOIN/USDT"),
    ("mexc", ANY, "NEWCOIN_USDT", "linear NEWCOIN/USDT:USDT"),
    ("mexc", ANY, "NEWCOIN_USD", "inverse NEWCOIN/USD:NEWCOIN"),
    ("mexc", SPOT, "NEWCOIN_USDT", NOTHING),
    ("mexc", ANY, "NEWCOINUSDT", NOTHING),
    ("bitfinex", ANY, "tRLCETH", "spot RLC/ETH"),
    ("bitfinex", ANY, "tDUSK:USD", "spot DUSK/USD"),
    ("bitfinex", ANY, "tANTUSD", "spot ANT/USD"),
    ("bitfinex", ANY, "tDOTF0:USTF0", "linear DOT/USDT:USDT"),
    ("bitfinex", ANY, "fUSD", NOTHING),
    ("bitfinex", ANY, "tDOTF0:UST", NOTHING),
    ("kraken", SPOT, "ANTUSD", "spot ANT/USD"),
    ("kraken", SPOT, "ANTXBT", "spot ANT/BTC"),
    ("kraken", SPOT, "XETCXXBT", "spot ETC/BTC"),
    ("kraken", SPOT, "XETCZEUR", "spot ETC/EUR"),
    ("kraken", SPOT, "XTZUSD", "spot XTZ/USD"),
    ("kraken", SPOT, "ANT/USD", "spot ANT/USD"),
    ("kraken", SPOT, "ANTUSD.d", NOTHING),
    ("krakenfutures", ANY, "PF_DEFIUSD", "linear DEFI/USD:USD"),
    ("krakenfutures", ANY, "FF_XBTUSD_240329", "linear BTC/USD:USD-240329"),
    ("krakenfutures", ANY, "PI_LTCUSD", "inverse LTC/USD:LTC"),
    ("krakenfutures", ANY, "FI_XBTUSD_201225", "inverse BTC/USD:BTC-201225"),
    ("krakenfutures", ANY, "PV_XRPXBT", "linear XRP/BTC:BTC"),
    ("krakenfutures", ANY, "IN_XBTUSD", NOTHING),
    ("krakenfutures", ANY, "PI_XBTUSD_201225", NOTHING),
    ("deribit", ANY, "LUNA_USDC", "spot LUNA/USDC"),
    ("deribit", ANY, "LUNA_USDC-PERPETUAL", "linear LUNA/USDC:USDC"),
    ("deribit", ANY, "LUNA-PERPETUAL", "inverse LUNA/USD:LUNA"),
    ("deribit", ANY, "BTC-28JUN24", "inverse BTC/USD:BTC-240628"),
    ("deribit", ANY, "BTC-28JUN24-60000-C", "option BTC/USD:BTC-240628-60000-C"),
    ("deribit", ANY, "XRP_USDC-30JUN24-0d625-P", "option XRP/USDC:USDC-240630-0.625-P"),
    ("deribit", ANY, "BTC-FS-28JUN24_PERP", NOTHING),
    ("bitget", SPOT, "LUNAUSDT", "spot LUNA/USDT"),
    ("bitget", LINEAR, "LUNAUSDT", "linear LUNA/USDT:USDT"),
    ("bitget", LINEAR, "LUNAPERP", "linear LUNA/USDC:USDC"),
    ("bitget", INVERSE, "LUNAUSD", "inverse LUNA/USD:LUNA"),
    ("bitget", INVERSE, "BTCUSDM24", "inverse BTC/USD:BTC-2406"),
    ("bitget", INVERSE, "LUNAUSDT", NOTHING),
    ("bingx", SPOT, "LUNA-USDT", "spot LUNA/USDT"),
    ("bingx", LINEAR, "LUNA-USDT", "linear LUNA/USDT:USDT"),
    ("bingx", INVERSE, "LUNA-USD", "inverse LUNA/USD:LUNA"),
    ("bingx", INVERSE, "LUNA-USDT", NOTHING),
    ("phemex", ANY, "sLUNAUSDT", "spot LUNA/USDT"),
    ("phemex", ANY, "LUNAUSDT", "linear LUNA/USDT:USDT"),
    ("phemex", ANY, "LUNAUSD", NOTHING),
    ("phemex", ANY, "uLUNAUSD", NOTHING),
    ("whitebit", ANY, "LUNA_USDT", "spot LUNA/USDT"),
    ("whitebit", ANY, "LUNA_PERP", "linear LUNA/USDT:USDT"),
    ("whitebit", ANY, "LUNA", NOTHING),
    ("coinbase", ANY, "LUNA-USD", "spot LUNA/USD"),
    ("coinbase", ANY, "LUNA-PERP-INTX", "linear LUNA/USDC:USDC"),
    ("coinbase", ANY, "BIT-28JUN24-CDE", NOTHING),
    ("hyperliquid", ANY, "FTT-USDC-PERP", "linear FTT/USDC:USDC"),
    ("hyperliquid", ANY, "OLD/USDC", "spot OLD/USDC"),
    ("hyperliquid", ANY, "@9999", NOTHING),
    ("cryptocom", ANY, "LUNA_USDT", "spot LUNA/USDT"),
    ("cryptocom", ANY, "LUNAUSD-PERP", "linear LUNA/USD:USD"),
    ("cryptocom", ANY, "BTCUSD-240329", "linear BTC/USD:USD-240329"),
    ("cryptocom", ANY, "BTCUSD-240329-CW60000", NOTHING),
    ("gemini", ANY, "antusd", "spot ANT/USD"),
    ("gemini", ANY, "lunagusdperp", "linear LUNA/GUSD:GUSD"),
    ("gemini", ANY, "antxyz", NOTHING),
    ("bitstamp", SPOT, "antusd", "spot ANT/USD"),
    ("bitstamp", SPOT, "ant/gbp", "spot ANT/GBP"),
    ("bitstamp", SPOT, "antxyz", NOTHING),
    ("bitvavo", SPOT, "ANT-EUR", "spot ANT/EUR"),
    ("bitvavo", SPOT, "ANTEUR", NOTHING),
    ("poloniex", SPOT, "LUNA_USDT", "spot LUNA/USDT"),
    ("poloniex", SPOT, "LUNA_USD", NOTHING),
    ("poloniex", LINEAR, "LUNA_USDT", NOTHING),
    ("poloniex", SPOT, "LUNAUSDT", NOTHING),
]


@pytest.mark.parametrize(("exchange", "category", "market_id", "known"), TABLE)
def test_an_unlisted_id_is_what_its_exchange_means_by_it_or_nothing(
    exchange: str, category: str, market_id: str, known: str
) -> None:
    adapter = open_stubbed(exchange, "http://127.0.0.1:9")
    client = adapter._session.client
    if known == NOTHING:
        with pytest.raises(MarketUnidentified, match="does not list the market"):
            by_id(client, adapter.policy, market_id, category)
        return
    found = by_id(client, adapter.policy, market_id, category)
    assert f"{category_of(found)} {found['symbol']}" == known


def test_every_reviewed_exchange_states_its_grammar_and_is_in_the_table() -> None:
    assert {exchange for exchange, *_ in TABLE} >= set(MODULES.values())
    assert {name for name in MODULES if policy_for(name).grammar is says_nothing} == set()


def _unlisted(market_id: str, *, quotes: str, assets: str = "") -> Unlisted:
    return Unlisted(
        market_id=market_id,
        category="spot",
        code=str,
        quotes=frozenset(quotes.split()),
        assets=frozenset(assets.split()),
    )


@pytest.mark.parametrize(
    ("quotes", "assets", "split"),
    [
        ("USD", "", ("ANT", "USD")),
        ("USD TUSD", "", None),  # T against USD, or TUSD: nothing decides
        ("USD TUSD", "ANT", ("ANT", "USD")),
        ("USD TUSD", "AN", ("AN", "TUSD")),
        ("USD TUSD", "AN ANT", None),
        ("EUR", "", None),
    ],
)
def test_of_several_endings_the_one_with_a_listed_base_decides(
    quotes: str, assets: str, split: tuple[str, str] | None
) -> None:
    unlisted = _unlisted("ANTUSD", quotes=quotes, assets=assets)
    assert unlisted.pair("ANTUSD") == split


@pytest.mark.parametrize(
    ("text", "expiry"),
    [("240628", "240628"), ("20240628", "240628"), ("5JUL24", "240705"), ("M24", "2406")],
)
def test_days_and_months_of_expiry_are_written_alike(text: str, expiry: str) -> None:
    assert expiry_of(text) == expiry


@pytest.mark.parametrize(
    ("exchange", "category", "market_id", "row", "size"),
    [
        ("htx", INVERSE, "LUNA-USD", {"trade_turnover": "30", "trade_volume": "3"}, "10"),
        ("htx", INVERSE, "LUNA-USD", {"trade_turnover": "0", "trade_volume": "0"}, None),
        ("htx", INVERSE, "BTC-USD", {}, "100"),
        (
            *("htx", LINEAR, "LUNA-USDT"),
            {"trade_turnover": "241.5", "trade_price": "80.5", "trade_volume": "3"},
            "1",
        ),
        (
            *("binance", INVERSE, "LUNAUSD_PERP"),
            {"cumBase": "3.7476", "avgPrice": "8.005", "executedQty": "3"},
            "10",
        ),
        ("binance", INVERSE, "LUNAUSD_PERP", {}, None),
        ("binance", INVERSE, "BTCUSD_240329", {}, "100"),
        ("kucoin", ANY, "XBTMU24", {"value": "0.0119", "price": "8403", "size": "100"}, "1"),
        ("kucoin", ANY, "XBTMU24", {"value": "0.5", "price": "8403", "size": "100"}, None),
    ],
)
def test_the_size_of_a_contract_is_what_id_or_row_state(
    exchange: str, category: str, market_id: str, row: dict[str, str], size: str | None
) -> None:
    unlisted = Unlisted(market_id=market_id, category=category, code=str, row=row)
    identity = policy_for(exchange).grammar(unlisted)
    assert identity is not None and identity.contract_size == size
