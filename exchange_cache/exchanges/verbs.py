"""Verbs that the row and wallet parsers of several exchanges share: fills from plain figures, fees,
words of ledgers, and balances from columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.meanings import Meaning, classified
from exchange_cache.adapter.paging import RowsMissing, rows_of
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, required_text, text
from exchange_cache.clock import to_ms
from exchange_cache.errors import BadResponse
from exchange_cache.money import EXACT, ZERO, to_amount, to_amount_or_none, to_text
from exchange_cache.records import Fill, Transfer, TransferKind

_Meant = TypeVar("_Meant")

#: (asset, amount): a paid fee, negative for a rebate.
Charge = tuple[str | None, Any]


def fill_of(
    desk: Desk,
    row: Row,
    market: Market,
    *,
    fill_id: str,
    time: datetime,
    side: str,
    price: Any,
    amount: Any,
    order_id: str | None = None,
    cost: Any = None,
    charges: Iterable[Charge] | None = None,
    liquidity: str | None = None,
    realised: Any = None,
) -> Fill:
    """A fill from plain figures in the exchange's own units. ``charges`` None: the exchange does
    not state fees; empty: there were none."""
    fees = [{"currency": asset, "cost": amount} for asset, amount in charges or ()]
    trade: dict[str, Any] = {
        "id": fill_id,
        "order": order_id,
        "timestamp": to_ms(time),
        "side": side,
        "price": price,
        "amount": amount,
        "cost": cost,
        "takerOrMaker": liquidity,
        "fees": fees or ([{"currency": None, "cost": "0"}] if charges is not None else []),
    }
    made = translate.fill(desk.origin, trade, trade, market)
    closed = translate.number(desk.origin, {"id": fill_id, "realised": realised}, "realised")
    return replace(made, realised_pnl=closed)


def happened(
    desk: Desk, row: Row, field: str, *words: str, at: str, optional: bool = False
) -> bool:
    """Whether the field that states how something ended has one of these words, in any case;
    BadResponse where it has none, unless it is ``optional`` and absent. What did not happen has a
    time all the same, in milliseconds in the field ``at``: a row without one is garbled."""
    if optional and field not in row:
        return True
    word = required_text(desk.origin, row, field)
    if word.lower() in words:
        return True
    desk.time(row, at)
    if not any(sign.isalnum() for sign in word):
        raise desk.origin.bad(f"has no word in {field!r}: {word!r}", row)
    return False


def one_of(desk: Desk, row: Row, field: str, words: Mapping[str, _Meant]) -> _Meant:
    """What the word in a field stands for, in any case; BadResponse where the row has none that is
    listed, so that no direction is guessed."""
    word = required_text(desk.origin, row, field)
    if word.lower() not in words:
        raise desk.origin.bad(f"has an unknown {field}: {word[:40]!r}", row)
    return words[word.lower()]


def parts_of(desk: Desk, row: Row, field: str) -> list[Any]:
    """The list of parts of a row that states nothing without them; BadResponse where it has no
    such list."""
    found = row.get(field)
    if not isinstance(found, list):
        raise desk.origin.bad(f"has no list in {field!r}", row)
    return found


def market_of(desk: Desk, row: Row, field: str = "symbol") -> Market:
    """The market that a row names."""
    return desk.market_by_id(required_text(desk.origin, row, field), desk.stream.category, row)


def signed(
    desk: Desk,
    row: Row,
    *,
    transfer_id: str,
    kind: TransferKind,
    time: datetime,
    asset: str,
    amount: Decimal,
    symbol: str | None = None,
) -> Record:
    """A ledger row by its signed effect: a kind with the wrong sign becomes OTHER, and a move gets
    its two ends."""
    if kind is TransferKind.INTERNAL:
        inward = amount >= 0
        wallet = desk.origin.wallet or desk.stream.category
        return desk.transfer(
            row,
            transfer_id=transfer_id,
            kind=kind,
            time=time,
            asset=asset,
            quantity=amount.copy_abs(),
            from_wallet=None if inward else wallet,
            to_wallet=wallet if inward else None,
        )
    wrong = (kind in {TransferKind.REWARD, TransferKind.DEPOSIT} and amount < 0) or (
        kind is TransferKind.WITHDRAWAL and amount > 0
    )
    kind = TransferKind.UNCLASSIFIED if wrong else kind
    unsigned = kind in {TransferKind.REWARD, TransferKind.DEPOSIT, TransferKind.WITHDRAWAL}
    quantity = amount.copy_abs() if unsigned else amount
    return desk.transfer(
        row,
        transfer_id=transfer_id,
        kind=kind,
        time=time,
        asset=asset,
        quantity=quantity,
        symbol=symbol,
    )


def booked(
    desk: Desk,
    row: Row,
    *,
    transfer_id: str,
    word: str,
    time: datetime,
    asset: str,
    amount: Decimal,
    symbol: str | None = None,
    market_id: str | None = None,
    category: str | None = None,
    reference: str | None = None,
    wallet: str | None = None,
    table: Mapping[str, Meaning] | None = None,
) -> tuple[Transfer, ...]:
    """A ledger row by its word, in the table of its stream, and its signed effect; nothing where
    another history has it. ``market_id`` is looked up for rows that are read alone. ``wallet`` is
    the ledger's own one, where the table of a move does not say: by default that of the stream."""
    own = wallet or desk.origin.wallet or desk.stream.category
    found = classified(desk.stream.meanings if table is None else table, word, amount, own)
    if found is None:
        return ()
    market = market_id and desk.market_by_id(market_id, category or desk.stream.category, row)
    return (
        desk.transfer(
            row,
            transfer_id=transfer_id,
            **found._asdict(),
            time=time,
            asset=asset,
            symbol=str(market["symbol"]) if market else symbol,
            word=word,
            reference=reference,
        ),
    )


def kind_by_word(
    word: str, table: Mapping[str, TransferKind], default: TransferKind = TransferKind.UNCLASSIFIED
) -> TransferKind:
    """The kind of the first key that the exchange's word contains."""
    return next((kind for part, kind in table.items() if part in word.lower()), default)


def ids(desk: Desk, row: Row, *fields: str) -> str:
    """An id from several fields, for rows without their own."""
    parts = [found for name in fields if (found := text(row, name)) is not None]
    if not parts:
        raise desk.origin.bad(f"has none of {', '.join(fields)}", row)
    return ":".join(parts)


WalletParser = Callable[[Any, Any], Mapping[str, Any]]


def summed(client: Any, found: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    totals: dict[str, Decimal] = {}
    for asset_id, amount in found:
        code = str(client.safe_currency_code(str(asset_id)))
        totals[code] = EXACT.add(totals.get(code, ZERO), to_amount(str(amount)))
    return {
        code: {"free": None, "used": None, "total": to_text(total)}
        for code, total in totals.items()
    }


def listed(response: Any, path: str) -> list[Any]:
    """The rows of a wallet at ``path``, each once: parts of a wallet differ in an asset, a pair or
    an id, so a row that repeats another in every field is not a second part."""
    try:
        rows = rows_of(response, path)
    except RowsMissing as error:
        raise BadResponse(str(error)) from error
    return [row for place, row in enumerate(rows) if row not in rows[:place]]


def column(client: Any, response: Any, path: str, asset: str, amount: str) -> dict[str, Any]:
    rows = listed(response, path)
    missing = [row for row in rows if not row.get(asset) or row.get(amount) in (None, "")]
    if missing:
        raise BadResponse(f"{client.id}: a row at {path!r} has no {asset} or no {amount}")
    return summed(client, ((row[asset], row[amount]) for row in rows))


class PairSide(NamedTuple):
    """One asset in one wallet, or on one side of a pair."""

    asset_id: str
    free: Decimal
    used: Decimal
    debt: Decimal


def netted(client: Any, sides: Iterable[PairSide]) -> dict[str, Any]:
    """Sides summed by asset, which may be in several pairs."""
    sums: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for side in sides:
        code = str(client.safe_currency_code(side.asset_id))
        free, used, debt = sums.get(code, (ZERO, ZERO, ZERO))
        sums[code] = (
            EXACT.add(free, side.free),
            EXACT.add(used, side.used),
            EXACT.add(debt, side.debt),
        )
    return {
        code: owing(EXACT.subtract(EXACT.add(free, used), debt), free, used, debt)
        for code, (free, used, debt) in sums.items()
    }


def owing(total: Decimal, free: Decimal, used: Decimal, debt: Decimal) -> dict[str, Any]:
    return {
        "free": to_text(free),
        "used": to_text(used),
        "total": to_text(total),
        "debt": to_text(debt),
    }


def side(row: Mapping[str, Any], asset: str, free: str, used: str, *owed: str) -> PairSide:
    """A side by the names of its fields, which must exist; ``owed`` are summed."""
    debt = ZERO
    for name in owed:
        debt = EXACT.add(debt, amount_of(row[name]))
    return PairSide(str(row[asset]), amount_of(row[free]), amount_of(row[used]), debt)


def amount_or_zero(row: Mapping[str, Any], name: str) -> Decimal:
    return to_amount_or_none(row.get(name)) or ZERO


def amount_of(value: Any) -> Decimal:
    """An amount; an empty text is zero, and None an error."""
    return ZERO if value == "" else to_amount(value)


def on_margin(market: Market, settle: Any) -> Market:
    """A spot market as the market of a margin position: one unit of the base asset is one contract,
    and the result is in ``settle``."""
    return {**market, "settle": settle, "contractSize": "1"}
