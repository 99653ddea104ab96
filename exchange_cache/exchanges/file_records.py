"""Records of rows that have no API's ids: fills, moves, and assets exchanged for others.

What belongs together is never guessed: parts of an exchange whose pairing is not known stay parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.meanings import Classified, Meaning, classified
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.translate_moves import swap_fill
from exchange_cache.adapter.values import Origin
from exchange_cache.clock import to_ms
from exchange_cache.errors import MarketUnidentified
from exchange_cache.money import EXACT, ZERO, to_text
from exchange_cache.records import DataType, Fee, Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.statements.table import FileContext, Found, LeftOut, Stated


class Ids:
    """Ids of rows that have none: their content, and an ordinal where equal rows share a second."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._seen: Counter[str] = Counter()

    def of(self, time: datetime, *parts: object) -> str:
        """The id of a row of ``time`` with this content."""
        if time != self._at:
            self._at, self._seen = time, Counter()
        content = ":".join([str(to_ms(time)), *(_part(part) for part in parts)])
        self._seen[content] += 1
        count = self._seen[content]
        return content if count == 1 else f"{content}#{count}"


def _part(part: object) -> str:
    return to_text(part) if isinstance(part, Decimal) else str(part)


def fee(asset: str, paid: Decimal) -> tuple[Fee, ...]:
    """A fee that was charged (negative: a rebate); none where it is zero."""
    return (Fee(asset=asset, amount=paid),) if paid else ()


def spot_fill(
    context: FileContext,
    *,
    fill_id: str,
    time: datetime,
    side: Side,
    base: str,
    quote: str,
    quantity: Decimal,
    cost: Decimal,
    price: Decimal | None = None,
    fees: tuple[Fee, ...] = (),
    fees_known: bool = True,
    order_id: str | None = None,
    kind: FillKind = FillKind.TRADE,
    category: str = "spot",
    liquidity: str | None = None,
) -> Fill:
    """A fill between two assets; ``quantity`` and ``cost`` are without a sign."""
    return Fill(
        account=context.account,
        category=category,
        symbol=f"{base}/{quote}",
        fill_id=fill_id,
        order_id=order_id,
        time=time,
        side=side,
        base=base,
        quote=quote,
        quantity=quantity,
        price=EXACT.divide(cost, quantity) if price is None else price,
        cost=cost,
        fees=fees,
        fees_known=fees_known,
        kind=kind,
        liquidity=liquidity,
    )


def every(table: Mapping[str, Meaning], fold: Callable[[str], str] = str) -> dict[str, Meaning]:
    """A ledger's table of words for a file that no other list accompanies: rows that the API serves
    in another history count here too."""
    return {fold(word): replace(meaning, elsewhere=False) for word, meaning in table.items()}


def moved(
    context: FileContext,
    scope: str,
    *,
    transfer_id: str,
    meaning: Meaning,
    time: datetime,
    asset: str,
    amount: Decimal,
    word: str,
    wallet: str | None = None,
    charged: Decimal = ZERO,
    reference: str | None = None,
    symbol: str | None = None,
    tx_id: str | None = None,
    network: str | None = None,
) -> Transfer:
    """A ledger row by its meaning and signed effect. ``amount`` is what moved besides the fee that
    was ``charged``. A leg of a trade that no fill states is one side of an exchange."""
    found = _found(meaning, word, amount, wallet)
    return Transfer(
        account=context.account,
        scope=scope,
        transfer_id=transfer_id,
        time=time,
        asset=asset,
        fee=Fee(asset=asset, amount=charged) if charged else None,
        word=word,
        reference=reference,
        symbol=symbol,
        tx_id=tx_id,
        network=network,
        **found._asdict(),
    )


def _found(meaning: Meaning, word: str, amount: Decimal, wallet: str | None) -> Classified:
    if isinstance(meaning.kind, FillKind):
        meaning = Meaning(kind=TransferKind.SUBSCRIPTION)
    found = classified({word: meaning}, word, amount, wallet)
    assert found is not None  # neither a fill's nor another history's
    return found


def named_direction(name: str) -> TransferKind | None:
    """Whether the name of a file says deposits or withdrawals; the exchange may name its page for
    both, and then the table (``Deposit_Withdrawal History_Deposit History``). None where it names
    neither, or both alike."""
    deposits, withdrawals = (name.lower().count(word) for word in ("deposit", "withdraw"))
    if deposits == withdrawals:
        return None
    return TransferKind.DEPOSIT if deposits > withdrawals else TransferKind.WITHDRAWAL


# --- exchanges of assets -------------------------------------------------------------------------


def net(changes: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Changes summed by asset, without those that cancel out."""
    sums: dict[str, Decimal] = {}
    for asset, amount in changes:
        sums[asset] = EXACT.add(sums.get(asset, ZERO), amount)
    return {asset: total for asset, total in sums.items() if total}


def exchanged(
    sums: Mapping[str, Decimal],
) -> tuple[tuple[str, Decimal], tuple[str, Decimal]] | None:
    """The asset given and the one received, with positive amounts, where the sums are just these
    two; None where a pairing would be a guess."""
    given = [(asset, -amount) for asset, amount in sums.items() if amount < 0]
    received = [(asset, amount) for asset, amount in sums.items() if amount > 0]
    return (given[0], received[0]) if len(given) == len(received) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one row of an exchange of assets changed."""

    line: int
    asset: str
    change: Decimal


def swapped(
    context: FileContext,
    scope: str,
    *,
    parts: Sequence[Part],
    time: datetime,
    ids: Ids,
    kind: FillKind = FillKind.CONVERT,
    fees: tuple[Fee, ...] = (),
    word: str = "",
    category: str = "spot",
    charged: tuple[int, ...] = (),
) -> Iterator[Found]:
    """One asset exchanged for another as a fill. Where several were given or received, which of
    them belong together is not known: each stays one side of the exchange, under one reference.
    ``charged`` are the lines that the ``fees`` stand in."""
    sums = net((part.asset, part.change) for part in parts)
    sides = exchanged(sums)
    lines = tuple(part.line for part in parts)
    if sides is not None:
        given, got = sides
        made = swap_fill(
            Origin(
                account=context.account,
                exchange="",
                category="spot",
                scope=scope,
                fetched_at=time,
            ),
            fill_id=ids.of(time, kind, *given, *got),
            time=time,
            given=given,
            got=got,
            fees=fees,
            kind=kind,
        )
        yield Stated(
            lines=(*lines, *charged),
            record=replace(made, category=category),
            exact=False,
        )
        return
    reference = f"{word} {to_ms(time)}" if len(sums) > 1 else None
    for part in parts:
        record = moved(
            context,
            scope,
            transfer_id=ids.of(time, word, part.asset, part.change),
            meaning=Meaning(kind=TransferKind.SUBSCRIPTION),
            time=time,
            asset=part.asset,
            amount=part.change,
            word=word,
            reference=reference,
        )
        yield Stated(lines=(part.line,), record=record, exact=False)
    for paid in fees:
        yield Stated(
            lines=charged or lines,
            record=moved(
                context,
                scope,
                transfer_id=ids.of(time, word, "fee", paid.asset, paid.amount),
                meaning=Meaning(kind=TransferKind.FEE),
                time=time,
                asset=paid.asset,
                amount=-paid.amount,
                word=word,
                reference=reference,
            ),
            exact=False,
        )


# --- markets --------------------------------------------------------------------------------------


def market_in(context: FileContext, scope: str, market_id: str, category: str) -> Market | None:
    """The market of a raw id by the desk of a history of fills; None where neither the list nor the
    id says what it is."""
    if context.desk is None:
        return None
    desk: Desk = context.desk(DataType.FILLS, scope)
    try:
        return desk.market_by_id(market_id, category)
    except MarketUnidentified:
        return None


def unknown_market(line: int, market_id: str) -> LeftOut:
    """The row of a market that is not known: it waits for another import."""
    reason = f"{market_id!r} is in no list of markets"
    return LeftOut(line=line, reason=reason, unknown=True)
