"""The lists of the cache as :class:`Listing` values: which columns each has, and what a narrow
terminal drops first.

Keys are the names that programs see; they are those of the records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from exchange_cache.errors import distinct_causes
from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, to_text
from exchange_cache.records import (
    Balance,
    DataType,
    Fee,
    Fill,
    Order,
    Position,
    Price,
    Transfer,
)
from exchange_cache.render import words
from exchange_cache.render.listing import Column, Listing
from exchange_cache.value.freshness import Freshness, State

_NOT_SYNCED = "Nothing is cached for this. Fetch it: excache sync"


def fees_text(fees: Iterable[Fee]) -> str:
    """``0.0005 BTC + 0.1 BNB``, empty without fees."""
    return " + ".join(f"{to_text(fee.amount)} {fee.asset}" for fee in fees)


def fills_listing(records: Iterable[Fill], now: datetime) -> Listing:
    """Executed parts of orders, in the given order."""
    rows = tuple(_fill(record) for record in records)
    columns = (
        Column(key="time", heading="Time", kind="time"),
        Column(key="account", heading="Account", priority=2),
        Column(key="symbol", heading="Symbol", kind="code"),
        Column(key="side", heading="Side", kind="state"),
        Column(key="quantity", heading="Quantity", kind="decimal"),
        Column(key="price", heading="Price", kind="price"),
        Column(key="cost", heading="Cost", kind="decimal", priority=3),
        Column(key="quote", heading="Quote", priority=4),
        Column(key="fee", heading="Fee", priority=1),
        Column(key="realised_pnl", heading="Realised PnL", kind="signed", priority=6),
        Column(key="kind", heading="Kind", priority=5),
        Column(key="liquidity", heading="Liquidity", priority=7),
        Column(key="category", heading="Category", priority=8),
        *(
            Column(key=key)
            for key in (
                "fill_id",
                "order_id",
                "base",
                "settle",
                "contracts",
                "contract_size",
                "fees",
                "fees_known",
            )
        ),
    )
    return Listing(
        title=words.count(len(rows), "fill"),
        columns=columns,
        rows=rows,
        as_of=now,
        empty=f"No fills. {_NOT_SYNCED}",
    )


def _fill(record: Fill) -> Mapping[str, object]:
    named = _fields(
        record,
        "time account symbol side quantity price cost quote realised_pnl kind liquidity category"
        " fill_id order_id base settle contracts contract_size fees_known",
    )
    fees = tuple({"asset": fee.asset, "amount": fee.amount} for fee in record.fees)
    return {**named, "fee": fees_text(record.fees) if record.fees_known else None, "fees": fees}


def orders_listing(records: Iterable[Order], now: datetime) -> Listing:
    """Orders, open or done."""
    names = (
        "created_at account symbol side type status price average amount filled cost quote order_id"
        " client_order_id updated_at category base reduce_only fetched_at"
    )
    rows = tuple(_fields(record, names) for record in records)
    columns = (
        Column(key="created_at", heading="Created", kind="time"),
        Column(key="account", heading="Account", priority=2),
        Column(key="symbol", heading="Symbol", kind="code"),
        Column(key="side", heading="Side", kind="state"),
        Column(key="type", heading="Type", priority=3),
        Column(key="status", heading="Status", kind="state"),
        Column(key="amount", heading="Amount", kind="decimal"),
        Column(key="filled", heading="Filled", kind="decimal", priority=1),
        Column(key="price", heading="Price", kind="price"),
        Column(key="average", heading="Average", kind="price", priority=4),
        Column(key="cost", heading="Cost", kind="decimal", priority=5),
        *(
            Column(key=key)
            for key in (
                "quote",
                "order_id",
                "client_order_id",
                "updated_at",
                "category",
                "base",
                "reduce_only",
                "fetched_at",
            )
        ),
    )
    return Listing(
        title=words.count(len(rows), "order"),
        columns=columns,
        rows=rows,
        as_of=now,
        empty=f"No orders. {_NOT_SYNCED}",
    )


def balances_listing(records: Iterable[Balance], now: datetime) -> Listing:
    """What lies in every wallet."""
    held = tuple(records)
    names = (
        "account wallet code asset free used total debt earn includes_unrealised fetched_at as_of"
    )
    rows = tuple(
        {**_fields(record, names), "age_seconds": now - record.fetched_at} for record in held
    )
    columns = (
        Column(key="account", heading="Account"),
        Column(key="wallet", heading="Wallet"),
        Column(key="asset", heading="Asset", kind="code"),
        Column(key="code", heading="Code", kind="code", priority=4),
        Column(key="free", heading="Free", kind="decimal", priority=3),
        Column(key="used", heading="Used", kind="decimal", priority=2),
        Column(key="total", heading="Total", kind="decimal"),
        Column(key="debt", heading="Debt", kind="decimal", priority=1),
        Column(key="earn", heading="Earn", kind="flag", priority=5),
        Column(key="age_seconds", heading="Age", kind="age"),
        Column(key="includes_unrealised"),
        Column(key="fetched_at"),
        Column(key="as_of"),
    )
    title = words.count(len(rows), "balance")
    return Listing(
        title=title,
        columns=columns,
        rows=rows,
        as_of=now,
        oldest=_oldest(held),
        empty=f"No balances. {_NOT_SYNCED}",
    )


def positions_listing(records: Iterable[Position], now: datetime) -> Listing:
    """Open derivative positions with the exchange's own figures."""
    held = tuple(records)
    names = (
        "account symbol side contracts contract_size base_quantity entry_price mark_price notional"
        " unrealised_pnl settle_asset leverage liquidation_price margin margin_mode wallet category"
        " fetched_at"
    )
    rows = tuple(
        {**_fields(record, names), "age_seconds": now - record.fetched_at} for record in held
    )
    columns = (
        Column(key="account", heading="Account", priority=2),
        Column(key="symbol", heading="Symbol", kind="code"),
        Column(key="side", heading="Side", kind="state"),
        Column(key="contracts", heading="Contracts", kind="decimal"),
        Column(key="base_quantity", heading="Quantity", kind="decimal", priority=7),
        Column(key="entry_price", heading="Entry", kind="price", priority=4),
        Column(key="mark_price", heading="Mark", kind="price", priority=5),
        Column(key="notional", heading="Notional", kind="decimal", priority=6, digits=2),
        Column(key="unrealised_pnl", heading="Unrealised PnL", kind="signed"),
        Column(key="settle_asset", heading="In"),
        Column(key="leverage", heading="Leverage", kind="decimal", priority=3),
        Column(key="liquidation_price", heading="Liquidation", kind="price"),
        Column(key="margin_mode", heading="Margin", priority=9),
        Column(key="age_seconds", heading="Age", kind="age", priority=8),
        *(
            Column(key=key)
            for key in ("contract_size", "margin", "wallet", "category", "fetched_at")
        ),
    )
    title = words.count(len(rows), "position")
    return Listing(
        title=title,
        columns=columns,
        rows=rows,
        as_of=now,
        oldest=_oldest(held),
        empty="No open positions.",
    )


def transfers_listing(records: Iterable[Transfer], now: datetime) -> Listing:
    """Deposits, withdrawals, internal moves and income."""
    rows = tuple(_transfer(record) for record in records)
    columns = (
        Column(key="time", heading="Time", kind="time"),
        Column(key="account", heading="Account", priority=1),
        Column(key="kind", heading="Kind"),
        Column(key="asset", heading="Asset", kind="code"),
        Column(key="quantity", heading="Quantity", kind="decimal"),
        Column(key="fee", heading="Fee", priority=4),
        Column(key="status", heading="Status", kind="state"),
        Column(key="from_wallet", heading="From", priority=2),
        Column(key="to_wallet", heading="To", priority=3),
        Column(key="network", heading="Network", priority=5),
        *(
            Column(key=key)
            for key in ("scope", "transfer_id", "fee_amount", "fee_asset", "tx_id", "symbol")
        ),
    )
    title = words.count(len(rows), "transfer")
    return Listing(
        title=title, columns=columns, rows=rows, as_of=now, empty=f"No transfers. {_NOT_SYNCED}"
    )


def _transfer(record: Transfer) -> Mapping[str, object]:
    fee = record.fee
    return {
        **_fields(
            record,
            "time account kind asset quantity status from_wallet to_wallet network scope"
            " transfer_id tx_id symbol",
        ),
        "fee": fees_text([fee]) if fee else "",
        "fee_amount": fee.amount if fee else None,
        "fee_asset": fee.asset if fee else None,
    }


def prices_listing(records: Iterable[Price], now: datetime) -> Listing:
    """Prices as each account's exchange shows them."""
    held = tuple(records)
    names = (
        "account symbol basis value last bid ask mark open_24h category base quote fetched_at as_of"
    )
    rows = tuple(
        {
            **_fields(record, names),
            "change_24h": _change(record),
            "age_seconds": now - record.fetched_at,
        }
        for record in held
    )
    columns = (
        Column(key="account", heading="Account"),
        Column(key="symbol", heading="Symbol", kind="code"),
        Column(key="value", heading="Price", kind="price"),
        Column(key="basis", heading="Basis", priority=3),
        Column(key="bid", heading="Bid", kind="price", priority=2),
        Column(key="ask", heading="Ask", kind="price", priority=2),
        Column(key="change_24h", heading="24 h", kind="percent", priority=1),
        Column(key="age_seconds", heading="Age", kind="age"),
        *(
            Column(key=key)
            for key in (
                "last",
                "mark",
                "open_24h",
                "category",
                "base",
                "quote",
                "fetched_at",
                "as_of",
            )
        ),
    )
    title = words.count(len(rows), "price")
    return Listing(
        title=title,
        columns=columns,
        rows=rows,
        as_of=now,
        oldest=_oldest(held),
        empty=f"No prices. {_NOT_SYNCED}",
    )


def _change(record: Price) -> Decimal | None:
    if record.value is None or not record.open_24h:
        return None
    return EXACT.divide(record.value, record.open_24h) - 1


def status_listing(
    verdicts: Sequence[Freshness],
    now: datetime,
    *,
    exchanges: Mapping[str, str],
    generic: Collection[str] = (),
    notes: Sequence[str] = (),
    findings: Sequence[Finding] = (),
) -> Listing:
    """A matrix for people (account x data type) over one row per account and data type for
    programs: see :func:`status_rows`."""
    by_account: dict[str, dict[DataType, Freshness]] = {}
    for verdict in verdicts:
        by_account.setdefault(verdict.account, {})[verdict.data_type] = verdict
    rows = tuple(
        _status_row(
            account, words.exchange_name(exchanges.get(account, ""), account in generic), own
        )
        for account, own in by_account.items()
    )
    columns = (
        Column(key="account", heading="Account"),
        Column(key="exchange", heading="Exchange", priority=4),
        *(
            Column(key=str(kind), heading=str(kind).capitalize(), kind="freshness")
            for kind in DataType
        ),
        Column(key="error", heading="Last error", below=True),
    )
    empty = "No account yet. Add one: excache account add"
    return Listing(
        title="",
        columns=columns,
        rows=rows,
        as_of=now,
        notes=tuple(notes),
        findings=tuple(findings),
        empty=empty,
    )


def status_rows(
    verdicts: Sequence[Freshness],
    now: datetime,
    *,
    exchanges: Mapping[str, str],
    generic: Collection[str] = (),
) -> Listing:
    """The same for programs: one row per account and data type, with exact times."""
    names = "account data_type state succeeded_at error error_code"
    rows = tuple(
        {
            **_fields(verdict, names),
            "exchange": exchanges.get(verdict.account),
            "generic": verdict.account in generic,
            "age_seconds": verdict.age,
            "ttl_seconds": verdict.ttl,
        }
        for verdict in verdicts
    )
    keys = (
        "account",
        "exchange",
        "data_type",
        "state",
        "succeeded_at",
        "age_seconds",
        "ttl_seconds",
        "error",
        "error_code",
        "generic",
    )
    return Listing(title="", columns=tuple(Column(key=key) for key in keys), rows=rows, as_of=now)


def _status_row(
    account: str, exchange: str, own: Mapping[DataType, Freshness]
) -> dict[str, object]:
    cells: dict[str, object] = {
        str(kind): _status_cell(own[kind]) if kind in own else None for kind in DataType
    }
    errors = distinct_causes(verdict.error for verdict in own.values() if verdict.error)
    return {"account": account, "exchange": exchange, **cells, "error": "; ".join(errors)}


def _status_cell(verdict: Freshness) -> str | None:
    if verdict.state == State.NOT_OFFERED:
        return None
    if verdict.state == State.MISSING:
        return "failed" if verdict.error else "never"
    age = "?" if verdict.age is None else words.short_age(verdict.age)
    return (
        f"{age} stale"
        if verdict.state == State.STALE
        else f"{age} failed"
        if verdict.error
        else age
    )


def history_listing(
    points: Sequence[tuple[datetime, Decimal]],
    asset: str,
    now: datetime,
    parts: Sequence[Mapping[str, Decimal]] = (),
    lacks: Sequence[tuple[str, ...]] = (),
) -> Listing:
    """Net worth over time, one row per recorded moment; ``parts`` beside the points as a column
    each, ``lacks`` what was not known."""
    names = sorted({name for one in parts for name in one})
    digits = words.money_digits(asset)
    columns = (
        Column(key="time", heading="Time", kind="time"),
        Column(
            key="value",
            heading=f"Net worth ({asset})",
            kind="decimal",
            digits=words.money_digits(asset),
        ),
        Column(key="reporting_asset"),
        *(
            [Column(key="lacks", heading="Missing or stale", priority=len(names) + 1)]
            if any(lacks)
            else []
        ),
        *(
            Column(key=f"part:{name}", heading=name, kind="decimal", digits=digits, priority=at + 1)
            for at, name in enumerate(names)
        ),
    )
    rows = tuple(
        {
            "time": moment,
            "value": value,
            "reporting_asset": asset,
            "lacks": gone,
            **{f"part:{name}": own.get(name, Decimal(0)) for name in names},
        }
        for (moment, value), own, gone in zip(
            points, parts or [{}] * len(points), lacks or [()] * len(points), strict=True
        )
    )
    empty = "No net worth is recorded yet; every sync adds one point. Run: excache sync"
    return Listing(title="Net worth", columns=columns, rows=rows, as_of=now, empty=empty)


def _fields(record: object, names: str) -> dict[str, object]:
    return {name: getattr(record, name) for name in names.split()}


def _oldest(records: Sequence[Balance] | Sequence[Position] | Sequence[Price]) -> datetime | None:
    return min((record.fetched_at for record in records), default=None)
