"""What an exchange holds does not vanish because an answer about it cannot be read: every wallet
and list of every policy.

Each documented answer is spoilt at every node: the field is absent, null, of a wrong type, no
number. Then either the same records come out, or the part fails; never fewer records, another total
or another side. The answers are those of the policies' own tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.errors import BadResponse, ExchangeFault
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.records import Balance, Order, Position, Price
from tests.effort import SAMPLE, sample
from tests.exchanges import (
    test_bingx,
    test_bitvavo,
    test_deribit,
    test_hyperliquid,
    test_phemex,
    test_whitebit,
)
from tests.exchanges.canned import ABSENT, Path, canned_adapter, nodes, spoilt
from tests.exchanges.major_mirrors import MAJOR
from tests.exchanges.scripted import Mirror, brief, named
from tests.exchanges.test_binance_margin import MIRRORS as BINANCE_MARGIN
from tests.exchanges.test_bitfinex_requests import BITFINEX_MIRRORS
from tests.exchanges.test_bitget_requests import MIRRORS as BITGET
from tests.exchanges.test_bitstamp_requests import BITSTAMP_MIRRORS
from tests.exchanges.test_cryptocom_requests import CRYPTOCOM_MIRRORS
from tests.exchanges.test_gate_requests import GATE_MIRRORS
from tests.exchanges.test_gemini_requests import GEMINI_MIRRORS
from tests.exchanges.test_htx_requests import HTX_MIRRORS
from tests.exchanges.test_krakenfutures_requests import MIRRORS as KRAKENFUTURES
from tests.exchanges.test_mexc_requests import MEXC_MIRRORS

#: Tests of one exchange each.
OWN = (
    test_bingx,
    test_bitvavo,
    test_deribit,
    test_hyperliquid,
    test_phemex,
    test_whitebit,
)
CASES: tuple[Mirror, ...] = (
    *MAJOR, *BINANCE_MARGIN, *KRAKENFUTURES, *BITGET, *GATE_MIRRORS, *HTX_MIRRORS,
    *MEXC_MIRRORS, *BITFINEX_MIRRORS, *BITSTAMP_MIRRORS, *CRYPTOCOM_MIRRORS,
    *GEMINI_MIRRORS,
    *(case for module in OWN for case in module.MIRRORS),
)  # fmt: skip
EXCHANGES = sorted({case.exchange for case in CASES})

#: What may be absent because an answer without it is true too: an entry of a mapping by name, a
#: wallet that was never opened.
MAY_BE_ABSENT = {
    ("kraken", ("result", "XXBT")),
    ("kraken", ("result", "DOT")),
    ("kraken", ("result", "open", "O1")),
    ("kraken", ("result", "XXBTZUSD")),
    *(("krakenfutures", ("accounts", name)) for name in ("flex", "cash", "fi_xbtusd", "fi_ethusd")),
    ("krakenfutures", ("accounts", "flex", "currencies", "XBT")),
    ("krakenfutures", ("accounts", "cash", "balances", "eth")),
    ("krakenfutures", ("accounts", "fi_xbtusd", "balances", "xbt")),
    ("krakenfutures", ("accounts", "fi_ethusd", "balances", "eth")),
    *(("whitebit", (name,)) for name in ("BTC", "XLM", "BTC_USDT", "BTC_PERP")),
}
#: Null is what Bitget writes for an empty list there; a last price of null is a market without a
#: trade.
MAY_BE_NULL = {
    ("bitget", ("data", "entrustedList")),
    ("mexc", (0, "lastPrice")),
    ("whitebit", ("BTC_USDT", "last_price")),
    ("whitebit", ("BTC_PERP", "last_price")),
}
#: Kraken documents the positions as an object; it writes a list where they are consolidated.
MAY_BE_AN_OBJECT = {("kraken", "positions", ("result",))}
#: The one thing by which ccxt tells a spot ticker from a contract's of the same id.
TELLS_MARKETS_APART = {"bidQty", "openInterestValue"}


def read(adapter: CcxtAdapter, case: Mirror) -> Sequence[Any]:
    policy = adapter.policy
    if case.what == "wallet":
        return adapter.balances(next(item for item in policy.wallets if item.name == case.name))
    if case.what == "positions":
        return adapter.positions(
            [item for item in policy.positions if item.category == case.name][case.at]
        )
    if case.what == "open_orders":
        return adapter.open_orders(
            [item for item in policy.open_orders if item.category == case.name][case.at],
            case.symbol,
        )
    return adapter.prices([item for item in policy.tickers if item.category == case.name][case.at])


def essence(record: Any) -> tuple[Any, ...]:
    """What must not change in silence."""
    if isinstance(record, Balance):
        return record.code, record.total
    if isinstance(record, Position):
        return record.symbol, record.side, record.contracts
    if isinstance(record, Order):
        return record.order_id, record.symbol, record.side
    assert isinstance(record, Price)
    return record.symbol, record.value


def wrong_values(case: Mirror, path: Path, value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield "x"
        if isinstance(value, list) and (case.exchange, case.what, path) not in MAY_BE_AN_OBJECT:
            yield {}
    else:
        yield from ([], {"a": 1})
        if _is_number(value) and not _is_id(path):
            yield "x"
    if (case.exchange, path) not in MAY_BE_NULL:
        yield None
    if path and isinstance(path[-1], str) and (case.exchange, path) not in MAY_BE_ABSENT:
        yield ABSENT


def _tells_apart(path: Path) -> bool:
    return bool(path) and path[-1] in TELLS_MARKETS_APART


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (
        isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit()
    )


def _is_id(path: Path) -> bool:
    return bool(path) and (
        path[-1] in {"oid", "id"} or "order" in str(path[-1]).lower() or path[-1] == 0
    )


@pytest.mark.parametrize("case", MAJOR, ids=named)
def test_documented_answers_of_the_major_exchanges(case: Mirror) -> None:
    adapter, canned = canned_adapter(case.exchange)
    canned.play([case.reply, *case.more])
    assert [brief(record) for record in read(adapter, case)] == list(case.makes)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_nothing_vanishes_from_a_wallet_or_list_that_cannot_be_read(exchange: str) -> None:
    adapter, canned = canned_adapter(exchange)
    wrong, turn = [], 0
    for case in (case for case in CASES if case.exchange == exchange):
        replies = [case.reply, *case.more]
        canned.play(replies)
        good = {essence(record) for record in read(adapter, case)}
        for at, reply in enumerate(replies):
            for path, old in nodes(reply):
                values = [] if _tells_apart(path) else list(wrong_values(case, path, old))
                for value in sample(values, 3, turn := turn + 1) if SAMPLE else values:
                    canned.play([*replies[:at], spoilt(reply, path, value), *replies[at + 1 :]])
                    try:
                        found = {essence(record) for record in read(adapter, case)}
                    except ExchangeFault:
                        continue
                    if not good <= found:
                        shown = "absent" if value is ABSENT else repr(value)
                        wrong.append(f"{named(case)} {'.'.join(map(str, path))} {shown}: {found}")
    assert wrong == []


@pytest.mark.parametrize("exchange", sorted(set(MODULES.values())))
def test_every_wallet_and_list_says_where_its_rows_are_and_what_each_must_have(
    exchange: str,
) -> None:
    policy = policy_for(exchange)
    assert [wallet.name for wallet in policy.wallets if not wallet.rows] == []
    assert [call.method for call in policy.positions if not call.figures] == []
    assert [
        call.method for call in (*policy.positions, *policy.open_orders) if call.rows == "*"
    ] == []
    assert [
        call.method for call in policy.tickers if call.rows == "*" and exchange != "hyperliquid"
    ] == []


@pytest.mark.parametrize("exchange", sorted(set(MODULES.values())))
def test_every_wallet_and_list_has_an_answer_that_is_spoilt(exchange: str) -> None:
    policy = policy_for(exchange)
    covered = {(case.what, case.name) for case in CASES if case.exchange == exchange}
    lists = {
        "positions": policy.positions,
        "open_orders": policy.open_orders,
        "tickers": policy.tickers,
    }
    left = {("wallet", wallet.name) for wallet in policy.wallets} - covered
    left |= {(what, call.category) for what, calls in lists.items() for call in calls} - covered
    assert left == {
        "bitget": {
            ("open_orders", "inverse"),
            ("open_orders", "margin"),
        },  # asked as the linear and spot ones are
        "bybit": {("positions", "option"), ("open_orders", "option")},
        "coinbase": {("positions", "linear")},
        "okx": {("positions", "option"), ("open_orders", "option")},
    }.get(exchange, set())


# --- what is known to be nothing ------------------------------------------------------------------


def balances(exchange: str, wallet: str, reply: Any) -> list[tuple[str, str]]:
    adapter, canned = canned_adapter(exchange)
    canned.play([reply])
    found = adapter.balances(next(item for item in adapter.policy.wallets if item.name == wallet))
    return [(item.code, format(item.total, "f")) for item in found]


def test_a_currency_that_bingx_lists_with_empty_texts_is_nothing_and_breaks_nothing() -> None:
    """Source: JKorf/BingX.Net 8c28b99,
    UnitTests/Endpoints/PerpetualFutures/Account/GetBalances2.txt."""
    held = {
        "asset": "USDT",
        "balance": "300.0000",
        "equity": "300.0000",
        "availableMargin": "300.0000",
        "usedMargin": "0",
    }
    empty = {
        "asset": "USDC",
        "balance": "",
        "equity": "",
        "availableMargin": "",
        "usedMargin": "",
        "realisedProfit": "0",
    }
    assert balances("bingx", "linear", {"code": 0, "msg": "", "data": [held, empty]}) == [
        ("USDT", "300")
    ]


def test_a_coinbase_vault_is_held_like_any_other_account() -> None:
    """ccxt leaves out accounts of any type but two. Row: nautilus_trader,
    coinbase/test_data/http_accounts.json."""
    row = {
        "uuid": "u",
        "name": "ETH Vault",
        "currency": "ETH",
        "available_balance": {"value": "5", "currency": "ETH"},
        "active": True,
        "type": "ACCOUNT_TYPE_VAULT",
        "ready": True,
        "hold": {"value": "0", "currency": "ETH"},
    }
    assert balances(
        "coinbase", "spot", {"accounts": [row], "has_next": False, "cursor": "", "size": 1}
    ) == [("ETH", "5")]


@pytest.mark.parametrize(
    ("exchange", "wallet", "reply"),
    [
        ("kraken", "spot", {"error": [], "result": {}}), ("binance", "spot", {"balances": []}), ("gate", "spot", []),  # noqa: E501
        ("okx", "trading", {"code": "0", "data": [{"details": []}]}),
        ("bybit", "unified", {"retCode": 0, "result": {"list": [{"accountType": "UNIFIED", "coin": []}]}}),  # noqa: E501
        ("binance", "spot", {"balances": [{"asset": "BTC", "free": "0.00000000", "locked": "0"}]}),
        ("krakenfutures", "futures-flex", {"result": "success", "accounts": {"cash": {"type": "cashAccount", "balances": {}}}}),  # noqa: E501
    ],
)  # fmt: skip
def test_an_account_without_anything_is_empty(exchange: str, wallet: str, reply: Any) -> None:
    assert balances(exchange, wallet, reply) == []


@pytest.mark.parametrize("nothing", [[], {}])
def test_no_margin_position_is_an_empty_list_or_object_at_kraken(nothing: Any) -> None:
    """Source: https://docs.kraken.com/api-reference/account-data/get-open-positions, where the
    result is an object; ccxt's example of a consolidated answer has a list."""
    adapter, canned = canned_adapter("kraken")
    canned.play([{"error": [], "result": nothing}])
    (call,) = adapter.policy.positions
    assert adapter.positions(call) == ()


def test_no_open_order_is_an_empty_mapping_at_kraken() -> None:
    """Source: https://docs.kraken.com/api/docs/rest-api/get-open-orders, where the ids of the
    orders are the keys of ``open``."""
    adapter, canned = canned_adapter("kraken")
    canned.play([{"error": [], "result": {"open": {}}}])
    [call] = adapter.policy.open_orders
    assert adapter.open_orders(call, None) == ()


def test_no_open_order_is_null_at_bitget() -> None:
    """Source: https://www.bitget.com/api-doc/contract/trade/Get-Orders-Pending; clients meet
    {"entrustedList": null, "endId": null}."""
    adapter, canned = canned_adapter("bitget")
    canned.play([{"code": "00000", "data": {"entrustedList": None, "endId": None}}])
    call = next(item for item in adapter.policy.open_orders if item.category == "linear")
    assert adapter.open_orders(call, None) == ()


def test_a_position_of_no_size_needs_no_market() -> None:
    adapter, canned = canned_adapter("okx")
    canned.play(
        [{"code": "0", "data": [{"instId": "GONE-USDT-SWAP", "pos": "0", "posSide": "net"}]}]
    )
    assert adapter.positions(adapter.policy.positions[0]) == ()


# --- exchanges without a policy of their own ------------------------------------------------------


def test_a_null_in_the_place_of_rows_fails_at_an_exchange_without_a_policy() -> None:
    adapter, canned = canned_adapter("digifinex")
    for reply in ({"code": 0, "data": []}, {"code": 0, "data": {"records": []}}):
        canned.play([reply])
        assert adapter.open_orders(adapter.policy.open_orders[0], None) == ()
    canned.play([{"code": 0, "data": None}])
    with pytest.raises(BadResponse, match="no rows where they should be"):
        adapter.open_orders(adapter.policy.open_orders[0], None)


def test_an_asset_without_total_and_free_fails_at_an_exchange_without_a_policy() -> None:
    adapter, canned = canned_adapter("poloniex")
    canned.play(
        [
            [
                {
                    "accountType": "SPOT",
                    "balances": [{"currency": "BTC", "hold": "0.5", "availabel": "1"}],
                }
            ]
        ]
    )
    with pytest.raises(BadResponse, match="BTC has neither a total nor what is free"):
        adapter.balances(adapter.policy.wallets[0])
