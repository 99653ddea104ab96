"""The tables of words in all policies: each word of each ledger through its real parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from exchange_cache.adapter.meanings import classified
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.rows import Desk
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.exchanges.asset_events import events_in_force
from exchange_cache.exchanges.kraken import words as kraken
from exchange_cache.records import LOAN, FillKind, Transfer, TransferKind
from tests.cost.builders import NOW, at, basis_book, fill
from tests.exchanges import test_bitfinex, test_hyperliquid, test_kraken, test_krakenfutures
from tests.exchanges.canned import canned_adapter
from tests.exchanges.cases import HistoryCase

INVENTED = "Payment for Nothing"
#: Ledgers of free texts, or of words made from several fields; their own tests try their words.
FREE = frozenset(
    {
        ("binance", "dividends"),
        ("bybit", "funding-ledger"),
        *(("bitget", scope) for scope in ("moves", "earn", "bills-rest")),
    }
)


def _kraken(word: str) -> dict[str, Any]:
    kind, _, subtype = word.partition("/")
    moves = kraken.MOVES
    return test_kraken.entry("transfer" if word in moves else kind, "1", id="L") | {
        "subtype": word if word in moves else subtype
    }


def _hyperliquid(word: str) -> dict[str, Any]:
    kind, _, operation = word.partition("/")
    return test_hyperliquid.update(
        kind, usdc="1", operation=operation, destination="0xbb", toPerp=True, isDeposit=True
    )


#: Ledgers whose rows state the word in several fields, or next to figures of other records: a row
#: of a word.
MADE: dict[tuple[str, str], Callable[[str], Any]] = {
    ("bitfinex", "ledger"): lambda word: test_bitfinex.ledger_row(1, "USD", 1748775602500, 1, word),
    ("hyperliquid", "ledger"): _hyperliquid,
    ("kraken", "ledger"): _kraken,
    ("krakenfutures", "log"): lambda word: test_krakenfutures.entry(
        1, word, contract=None, realized_funding=2 if word == "funding rate change" else None
    ),
}

LEDGERS = [
    (exchange, stream)
    for exchange in sorted(set(MODULES.values()))
    for stream in policy_for(exchange).streams
    if stream.meanings
]
WORDED = [(name, stream) for name, stream in LEDGERS if (name, stream.scope) not in FREE]


def named(item: object) -> str:
    return item.scope if isinstance(item, StreamPolicy) else str(item)


def case_of(exchange: str, scope: str) -> HistoryCase:
    cases = import_module(f"tests.exchanges.test_{exchange}").CASES
    return next(
        case
        for case in cases
        if isinstance(case, HistoryCase) and scope in (case.scope, *case.also)
    )


def rows_of(case: HistoryCase) -> list[Any]:
    """The rows of a case; numbers are read from the wire as texts."""
    rows = case.rows.values() if isinstance(case.rows, Mapping) else case.rows
    return [
        {name: str(value) if type(value) in {int, float} else value for name, value in row.items()}
        for row in rows
    ]


def worded(exchange: str, stream: StreamPolicy) -> tuple[Desk, Callable[[str], Any]]:
    """The desk of a ledger, and its rows by their words: a row of its case with another word."""
    desk = canned_adapter(exchange)[0]._session.desk(stream)
    if (exchange, stream.scope) in MADE:
        return desk, MADE[exchange, stream.scope]
    for row in rows_of(case_of(exchange, stream.scope)):
        for record in desk.records(row):
            for name, value in row.items():
                if value == getattr(record, "word", 0):
                    return desk, lambda word, row=row, name=name: {**row, name: word}
    raise AssertionError(f"no case of {exchange} {stream.scope} keeps its word")


def kinds(table: StreamPolicy, word: str) -> set[TransferKind | None]:
    """What a word may mean, whichever sign the row has."""
    found = (classified(table.meanings, word, amount) for amount in (Decimal(1), Decimal(-1)))
    made = {None if item is None else item.kind for item in found}
    side = table.meanings[word].kind is FillKind.CONVERT  # a leg that found no other one
    return made | {TransferKind.SUBSCRIPTION} if side else made


@pytest.mark.parametrize(("exchange", "stream"), WORDED, ids=named)
def test_each_word_is_of_the_kind_in_its_table(exchange: str, stream: StreamPolicy) -> None:
    desk, row = worded(exchange, stream)
    for word in stream.meanings:
        found = desk.records(row(word))
        made = [record for record in found if isinstance(record, Transfer)]  # or it is a fill
        allowed = kinds(stream, word)
        assert made or None in allowed
        for record in made:
            assert (record.kind in allowed, record.word) == (True, word)


@pytest.mark.parametrize(("exchange", "stream"), WORDED, ids=named)
def test_a_word_that_nobody_knows_is_unclassified_and_kept(
    exchange: str, stream: StreamPolicy
) -> None:
    desk, row = worded(exchange, stream)
    (record,) = desk.records(row(INVENTED))
    assert isinstance(record, Transfer)
    assert (record.kind, record.word) == (TransferKind.UNCLASSIFIED, INVENTED)


@pytest.mark.parametrize("exchange", sorted(set(MODULES.values())))
def test_every_wallet_that_a_word_names_is_read_or_not_read_or_lends(exchange: str) -> None:
    policy = policy_for(exchange)
    words = [meaning for stream in policy.streams for meaning in stream.meanings.values()]
    read = {wallet.name for wallet in policy.wallets}
    assert {one.inside for one in words} <= read | {None, LOAN}
    assert not policy.unread_wallets & (read | {LOAN})
    assert {one.outside for one in words} <= read | policy.unread_wallets | {None, LOAN}
    assert policy.apart.keys() <= policy.unread_wallets


#: The wallets of a user that no balance contains. A hold within a wallet is none of them.
UNREAD = {
    "binance": {"bots"},
    "bitget": {
        *("MT5", "bots", "copy trading", "demo trading", "institutional loans", "launchpool"),
        *("loans", "on-chain trades"),
    },
    "bitstamp": {"earn"},
    "bitvavo": {"lending"},
    "bybit": {
        *("DeFi", "crypto loans", "custody", "fixed savings", "funds", "institutional loans"),
        *("launchpool", "liquidity mining", "pre-market", "structured products"),
        "wealth management",
    },
    "coinbase": {"exchange", "pro", "staking"},
    "gate": {
        *("BUGSFUNDED", "CrossEx", "Launchpad", "Launchpool", "NFT", "P2P", "TradFi", "auction"),
        *("auto-invest", "block trades", "bots", "copy trading", "fiat loans", "fixed savings"),
        *("funds", "liquidity mining", "loans", "locked rewards", "mapped funds", "on-chain earn"),
        *("payment account", "structured products", "warrants"),
    },
    "htx": {"locked"},
    "hyperliquid": {"dex", "lending", "liquidator"},
    "kraken": {"custody", "futures", "nft"},
    "krakenfutures": {"spot"},
    "kucoin": {"Pool-X", "lending"},
    "okx": {
        *("BTC staking", "Jumpstart", "bots", "custody", "fixed savings", "loans"),
        *("segregated assets", "structured products", "votes"),
    },
}


def test_the_wallets_that_no_balance_contains() -> None:
    found = {name: policy_for(name).unread_wallets for name in sorted(set(MODULES.values()))}
    assert {name: wallets for name, wallets in found.items() if wallets} == UNREAD


def test_two_exchanges_that_are_accounts_of_one_user_name_each_other() -> None:
    pairs = {
        (name, other) for name in set(MODULES.values()) for other in policy_for(name).apart.values()
    }
    assert pairs == {(other, name) for name, other in pairs}
    assert pairs


def test_a_move_from_kraken_to_kraken_futures_keeps_its_cost() -> None:
    """The rows of both ledgers through their parsers: one move between own accounts, which sets
    nothing aside and arrives with its cost."""
    moves = []
    for name, exchange in (("spot", "kraken"), ("futures", "krakenfutures")):
        (stream,) = (one for one in policy_for(exchange).streams if one.scope in {"ledger", "log"})
        desk = canned_adapter(exchange)[0]._session.desk(stream)
        row = (
            test_kraken.entry("transfer", "-2", id="L", subtype="spottofutures")
            if name == "spot"
            else test_krakenfutures.entry(1, "cross-exchange transfer", contract=None, asset="xbt")
        )
        (record,) = desk.records(row)
        assert isinstance(record, Transfer)
        moves.append(replace(record, account=name, time=at(2)))
    assets = events_in_force((), {"spot": "kraken", "futures": "krakenfutures"}, NOW)
    book = basis_book(fill("buy", "3", "100", hour=1, account="spot"), *moves, assets=assets)
    there = book.by_account["futures", "BTC"]
    assert (there.quantity, there.cost, there.unknown_quantity) == (2, 200, 0)
    assert book.by_account["spot", "BTC"].unread == book.pooled["BTC"].unread == 0
