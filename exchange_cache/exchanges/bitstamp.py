"""Bitstamp: one list of transactions for everything, newest first, paged by offset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from exchange_cache.adapter.grammar import Identity, Unlisted
from exchange_cache.adapter.meanings import Meaning, means
from exchange_cache.adapter.policy import (
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    OffsetPaging,
    RawRows,
    RowParser,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.verbs import booked, fill_of
from exchange_cache.records import DataType, Fee, FillKind, TransferKind

# --- rows -----------------------------------------------------------------------------------------


_TRADE = "2"

NOT_CURRENCIES = frozenset(
    {
        "id",
        "type",
        "datetime",
        "fee",
        "order_id",
        "price",
        "tid",
        "status",
        "self_trade",
        "amount",
        "market",
    }
)

#: Types of rows, by number: 14 and 35 move between accounts of one owner; 25 returns from staking,
#: 26 is staked; 33 is a "settlement transfer", of which the documentation says no more.
#: https://www.bitstamp.net/api/#tag/Transactions-private/operation/GetUserTransactions
TRANSACTIONS: dict[str, Meaning] = {
    **means(FillKind.TRADE, _TRADE),
    **means(TransferKind.DEPOSIT, "0"),
    **means(TransferKind.WITHDRAWAL, "1"),
    **dict.fromkeys(
        ("14", "35"), Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)
    ),
    **dict.fromkeys(
        ("25", "26"), Meaning(kind=TransferKind.INTERNAL, inside="spot", outside="earn")
    ),
    **means(TransferKind.REWARD, "27", "32"),
    **means(TransferKind.ADJUSTMENT, "33"),
    **means(TransferKind.SETTLEMENT, "58"),
    **means(TransferKind.INSURANCE, "59", "60"),
    **means(TransferKind.LIQUIDATION, "61"),
}


_FORMER = ("USD", "EUR", "GBP", "BTC", "ETH", "USDT", "USDC", "PAX")


def grammar(unlisted: Unlisted) -> Identity | None:
    """The name of a pair that is not listed any more, ``antusd`` or ``ant/usd``. Every pair is
    spot. https://www.bitstamp.net/api/#tag/Market-info
    """
    pair = unlisted.separated("/") or unlisted.pair(unlisted.market_id, _FORMER)
    return unlisted.spot(*pair) if pair is not None and unlisted.category != "linear" else None


def _currencies(row: Row) -> list[str]:
    return [key for key in row if key not in NOT_CURRENCIES and "_" not in key]


def _moved(row: Row, desk: Desk) -> Iterator[tuple[str, Decimal]]:
    """The currencies of a row and their changes; pairs (keys with an underscore) hold prices."""
    for key in _currencies(row):
        amount = number(desk.origin, row, key)
        if amount:
            yield key, amount


def _pair(row: Row, desk: Desk) -> tuple[str, str]:
    """The pair whose two currencies moved; where one side is rounded to 0, the one with a price."""
    moved = {key for key, _ in _moved(row, desk)}
    pairs = [
        (base, quote)
        for base, gap, quote in (key.partition("_") for key in row if key not in NOT_CURRENCIES)
        if gap
    ]
    for base, quote in pairs:
        if {base, quote} <= moved:
            return base, quote
    for base, quote in pairs:
        if (
            {base, quote} & moved
            and {base, quote} <= row.keys()
            and number(desk.origin, row, f"{base}_{quote}")
        ):
            return base, quote
    raise desk.origin.bad("names no pair whose two currencies moved", row)


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A market trade; the sign of the base's amount is the side, the fee is in the quote."""
    if required_text(desk.origin, row, "type") != _TRADE:
        return ()
    base, quote = _pair(row, desk)
    market = desk.market_by_id(f"{base}{quote}", desk.stream.category)
    amount, cost = (required_number(desk.origin, row, name) for name in (base, quote))
    fee = number(desk.origin, row, "fee")
    return (
        fill_of(
            desk,
            row,
            market,
            fill_id=required_text(desk.origin, row, "id"),
            order_id=text(row, "order_id"),
            time=desk.time(row, "datetime", "iso"),
            side="sell" if amount < 0 else "buy",
            price=row.get(f"{base}_{quote}"),
            amount=str(amount.copy_abs()),
            cost=str(cost.copy_abs()),
            charges=None if fee is None else [(str(market["quote"]), str(fee))],
        ),
    )


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row that is no trade, one record per currency."""
    made: list[Record] = []
    name, word = required_text(desk.origin, row, "id"), required_text(desk.origin, row, "type")
    fee = number(desk.origin, row, "fee")
    for key, amount in _moved(row, desk):
        asset = desk.code(key.upper())
        for record in booked(
            desk,
            row,
            transfer_id=f"{name}:{asset}",
            word=word,
            time=desk.time(row, "datetime", "iso"),
            asset=asset,
            amount=amount,
            reference=name,
        ):
            if fee and record.kind in {TransferKind.DEPOSIT, TransferKind.WITHDRAWAL}:
                record = replace(record, fee=Fee(asset=asset, amount=fee))
            made.append(record)
    if not made and any(row[key] is None for key in _currencies(row)):
        raise desk.origin.bad("states no amount", row)
    return tuple(made)


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://www.bitstamp.net/api"
_FOUNDED = 1_312_156_800_000  # 2011-08


def _transactions(
    data_type: DataType,
    scope: str,
    parser: RowParser,
    kind: TransferKind | None,
    note: str,
    meanings: Mapping[str, Meaning] | None = None,
) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method="privatePostUserTransactions",
        params={"sort": "desc"},
        newest_first=True,
        parser=parser,
        bounds=TimeBounds(start=None, end=None),
        paging=OffsetPaging(param="offset", stop_field="datetime", stop_unit="iso"),
        page_size=1000,
        history_start_ms=_FOUNDED,
        transfer_kind=kind,
        meanings=meanings or {},
        note=note,
        source=(
            f"{_DOCS}/#tag/Transactions-private/operation/GetUserTransactions: its since and until"
            " reach back 30 days only"
        ),
    )


POLICY = ExchangePolicy(
    exchange="bitstamp",
    title="Bitstamp",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            rows=(RawRows(name="currency", figures=("total",)),),
            source=f"{_DOCS}/#tag/Account-balances",
        ),
    ),
    streams=(
        _transactions(DataType.FILLS, "spot", fill, None, "the trades of the one list"),
        _transactions(
            DataType.TRANSFERS,
            "transactions",
            move,
            TransferKind.UNCLASSIFIED,
            "the other rows of the same list",
            TRANSACTIONS,
        ),
    ),
    open_orders=(CallPolicy(category="spot", wallet="spot", method="fetch_open_orders", rows=""),),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field="pair",
            figures=("last",),
            blank=True,
        ),
    ),
    discovery_quotes=("USD", "EUR", "BTC", "USDT", "USDC", "GBP"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}{quote}"},
    words={"No permission found": PermissionMissing, "IP address not allowed": KeyRefused},
    candles=CandlePolicy(
        resolutions=("1h", "1d"),
        source=(
            "https://www.bitstamp.net/api/#tag/Market-info/operation/"
            "GetOHLCData: steps up to three days"
        ),
    ),
    guarantee=(
        "Fills, deposits, withdrawals and staking rewards are complete for all symbols and all time"
        " (the last 200,000 rows). Bitstamp offers no list of finished orders, so there are none."
    ),
    # what exists: bitstamp.net/api: Sub account, Derivatives (open_positions), Earn
    # (earn/subscriptions)
    not_read=(
        "sub-accounts",
        "derivatives: collateral, positions and fills",
        "assets lent and staked in Earn",
    ),
    source=_DOCS,
)
