"""Crypto.com Exchange: POST requests only, one day per request, half a year of history."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter import translate_moves
from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.meanings import Meaning, classified, means
from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    NumberPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, required_number, required_text, text
from exchange_cache.errors import KeyRefused
from exchange_cache.exchanges.verbs import booked, ids, signed
from exchange_cache.money import EXACT, ZERO, to_amount, to_text
from exchange_cache.records import DataType, FillKind, TransferKind

# --- rows -----------------------------------------------------------------------------------------


#: Types of journal rows. Results of a session repeat the fills; deposits, withdrawals (also those
#: between the App and the Exchange) and their reversals have their own lists.
#: https://exchange-developer.crypto.com/exchange/v1/docs/api/rest/private-get-transactions;
#: ccxt (parse_ledger_entry_type); OFFCHAIN_… and CRYPTO_DUSTING: the export of this list
JOURNAL: dict[str, Meaning] = {
    **means(FillKind.TRADE, "TRADING", "TRADE_FEE", "REALIZED_PNL"),
    **means(
        TransferKind.SETTLEMENT, "SESSION_RESET", "SESSION_RPL", "SESSION_SETTLE", elsewhere=True
    ),
    **means(
        TransferKind.DEPOSIT,
        *("DEPOSIT", "ONCHAIN_DEPOSIT", "OFFCHAIN_DEPOSIT", "ROLLBACK_DEPOSIT"),
        elsewhere=True,
    ),
    **means(
        TransferKind.WITHDRAWAL,
        *("WITHDRAW", "ONCHAIN_WITHDRAW", "ONCHAIN_WITHDRAWAL", "OFFCHAIN_WITHDRAWAL"),
        *("WITHDRAW_FEE", "ROLLBACK_WITHDRAW"),
        elsewhere=True,
    ),
    "SUBACCOUNT_TX": Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL),
    **means(TransferKind.FUNDING, "FUNDING"),
    **means(TransferKind.INTEREST, "MARGIN_TRADE_INTEREST"),
    **means(TransferKind.FEE, "SETTLEMENT_FEE", "LIQUIDATION_FEE"),
    **means(TransferKind.REWARD, "SOFT_STAKE_REWARD", "CORRECTION_REWARD"),
    **means(TransferKind.INSURANCE, "INSURANCE_FUND", "INSURANCE_HOLD"),
    **means(TransferKind.LIQUIDATION, "SOCIALIZED_LOSS", "UNCOVERED_LOSS"),
    # two rows, of what was given and of what was received
    **means(TransferKind.SUBSCRIPTION, "AUTO_CONVERSION", "MANUAL_CONVERSION", "CRYPTO_DUSTING"),
    **means(TransferKind.ADJUSTMENT, "ADJUSTMENT", "ADMIN_ADJUSTMENT", "MANUAL_ADJUSTMENT"),
    **means(TransferKind.ADJUSTMENT, "MANUAL_UPDATE", "DELIST", "FIAT_WITHDRAWAL_CANCEL"),
}


def journal(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A journal row; trades, their fees and results and external moves have their own lists."""
    word = required_text(desk.origin, row, "journal_type")
    if classified(JOURNAL, word, ZERO) is None:
        return ()
    instrument = required_text(desk.origin, row, "instrument_name")
    contract = "-" in instrument
    market = desk.market_by_id(instrument, desk.stream.category) if contract else None
    # a contract's row has the amount of money in transaction_cost, a currency's its units in
    # transaction_qty
    amount = required_number(
        desk.origin, row, "transaction_cost" if contract else "transaction_qty"
    )
    if not amount:
        return ()
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "journal_id"),
        word=word,
        time=desk.time(row, "event_timestamp_ms"),
        asset=desk.code(instrument) if market is None else str(market["settle"]),
        amount=amount,
        market_id=instrument if contract else None,
        reference=text(row, "order_id"),
    )


def staking(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A staking reward; rows have no id, but an instrument pays at most once at a time."""
    return (
        signed(
            desk,
            row,
            transfer_id=ids(desk, row, "staking_inst_name", "event_timestamp_ms"),
            kind=TransferKind.REWARD,
            time=desk.time(row, "event_timestamp_ms"),
            asset=desk.code(
                required_text(desk.origin, row, "reward_inst_name").partition(".")[0]
            ),  # SOL.staked
            amount=required_number(desk.origin, row, "reward_quantity"),
        ),
    )


def moved(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal, without its address: ccxt cannot read one with a bare tag
    (``rADDRESS?1234567890``, the sample of the documentation), and no record has it."""
    known = {name: value for name, value in row.items() if name != "address"}
    structure = desk.client.parse_transaction(known)
    kind = desk.stream.transfer_kind or TransferKind.UNCLASSIFIED
    return (translate_moves.transaction(desk.origin, structure, kind),)


def position(row: Row, market: Market) -> tuple[Row, Market]:
    """A position; its entry price is its cost divided by its size."""
    quantity = to_amount(str(row["quantity"]))
    cost = text(row, "open_pos_cost")
    entry = (
        None
        if cost is None or quantity == 0
        else EXACT.divide(to_amount(cost).copy_abs(), quantity.copy_abs())
    )
    structure = {
        "contracts": to_text(quantity.copy_abs()),
        "side": "short" if quantity < 0 else "long",
        "entryPrice": None if entry is None else to_text(entry),
        "unrealizedPnl": row.get("open_position_pnl"),
        "lastUpdateTimestamp": row.get("update_timestamp_ms"),
    }
    return structure, market


_CONTRACT = rf"([A-Za-z0-9]+)(USD)-(?:PERP|{ON_DAY})"


def grammar(unlisted: Unlisted) -> Identity | None:
    """An instrument that is not listed any more: ``BTC_USD`` is a pair, ``BTCUSD-PERP`` a perpetual
    and ``BTCUSD-240329`` a dated future, both of one unit and settled in USD.
    https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html#public-get-instruments
    """
    found = unlisted.match(_CONTRACT)
    if found is not None:
        base, quote, day = found
        return unlisted.linear(base, quote, expiry=expiry_of(day) if day else None)
    pair = unlisted.separated("_")
    return None if pair is None else unlisted.spot(*pair)


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html"
_NANO = TimeBounds(start="start_time", end="end_time", unit="ns")
_BOUNDS = TimeBounds(start="start_time", end="end_time")
_TS = TimeBounds(start="start_ts", end="end_ts")
_ONE_DAY = DAY - timedelta(minutes=1)
_HALF_YEAR = 179 * DAY
_FOUNDED = 1_573_689_600_000  # 2019-11-14


def _daily(data_type: DataType, scope: str, word: str, id_field: str) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method=f"v1PrivatePostPrivateGet{word.title().replace('-', '')}",
        market_field="instrument_name",
        mixed=True,
        bounds=_NANO,
        paging=TimePaging(
            field="create_time_ns", field_unit="ns", id_field=id_field, backward=True
        ),
        page_size=100,
        window=_ONE_DAY,
        retention=_HALF_YEAR,
        backfill="oldest_first",
        rows="result.data",
        note=(
            "six months, one day a request, all symbols; the newest 100 before the end, which is"
            " why the walk counts nanoseconds"
        ),
        source=f"{_DOCS}#private-get-{word}",
    )


def _moved(scope: str, word: str, kind: TransferKind) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=f"v1PrivatePostPrivateGet{word}History",
        bounds=_TS,
        paging=NumberPaging(first=0),
        page_size=200,
        limit_param="page_size",
        window=89 * DAY,
        history_start_ms=_FOUNDED,
        rows=f"result.{word.lower()}_list",
        parser=moved,
        transfer_kind=kind,
        source=f"{_DOCS}#private-get-{word.lower()}-history",
    )


POLICY = ExchangePolicy(
    exchange="cryptocom",
    title="Crypto.com Exchange",
    wallets=(
        WalletPolicy(
            name="trading",
            trades=frozenset({"spot", "margin", "linear", "inverse", "option"}),
            must_have="result.data.0",
            rows=(
                RawRows(
                    path="result.data.0.position_balances.*",
                    name="instrument_name",
                    figures=("quantity",),
                ),
            ),
            source=(
                f"{_DOCS}#private-user-balance: quantities, without the unrealised result; it is"
                " not documented how loans are shown; staked amounts are not read"
            ),
        ),
    ),
    streams=(
        _daily(DataType.FILLS, "trades", "trades", "trade_id"),
        _daily(DataType.ORDERS, "orders", "order-history", "order_id"),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="journal",
            method="v1PrivatePostPrivateGetTransactions",
            parser=journal,
            meanings=JOURNAL,
            mixed=True,
            bounds=_NANO,
            paging=TimePaging(
                field="event_timestamp_ns", field_unit="ns", id_field="journal_id", backward=True
            ),
            page_size=100,
            window=_ONE_DAY,
            retention=_HALF_YEAR,
            rows="result.data",
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            note="funding, interest, conversions, adjustments, moves between sub-accounts",
            source=f"{_DOCS}#private-get-transactions",
        ),
        _moved("deposits", "Deposit", TransferKind.DEPOSIT),
        _moved("withdrawals", "Withdrawal", TransferKind.WITHDRAWAL),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="staking",
            method="v1PrivatePostPrivateStakingGetRewardHistory",
            parser=staking,
            bounds=_BOUNDS,
            paging=NumberPaging(first=0),
            page_size=500,
            window=30 * DAY,
            retention=_HALF_YEAR,
            rows="result.data",
            transfer_kind=TransferKind.REWARD,
            optional=True,
            source=f"{_DOCS}#private-staking-get-reward-history",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="trading",
            method="v1PrivatePostPrivateGetPositions",
            parser=position,
            market_field="instrument_name",
            mixed=True,
            rows="result.data",
            figures=("quantity",),
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="trading",
            method="v1PrivatePostPrivateGetOpenOrders",
            market_field="instrument_name",
            mixed=True,
            rows="result.data",
        )
        for category in ("spot", "linear")
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="result.data",
            market_field="i",
            figures=("a",),
            blank=True,
        ),
    ),
    discovery_quotes=("USD", "USDT", "USDC", "BTC"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}_{quote}", "linear": "{base}{quote}-PERP"},
    unlisted_contract_sizes={"linear": "1"},
    # 10002 UNAUTHORIZED (key or signature), 10003 IP_ILLEGAL; no code for a missing right
    codes={"10002": KeyRefused, "10003": KeyRefused},
    candles=CandlePolicy(
        source=(
            "https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html#public-get-candlestick"
        ),
    ),
    guarantee=(
        "Fills, orders, funding and staking rewards are complete for six months; the exchange keeps"
        " nothing older. Deposits and withdrawals are requested from the beginning. Staked amounts"
        " are not in the balances."
    ),
    # what exists: exchange-docs.crypto.com: private/get-subaccount-balances, private/bot,
    # private/otc, private/staking
    not_read=(
        "the Crypto.com App",
        "sub-accounts",
        "staked amounts",
        "trading bots",
        "OTC trades",
        "fiat deposits and withdrawals",
    ),
    source=_DOCS,
)
