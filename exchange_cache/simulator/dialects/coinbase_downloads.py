"""Coinbase's transaction history: one file, the newest rows first, lines ended as in Windows.

Empty lines, a title and the user stand before the header. ``ID`` has 24 hexadecimal digits, unlike
the API's. Columns of money are in the account's currency, rounded, with its sign; what a trade on
Advanced Trade paid stands in the notes, in the quote. Quantities have a sign. A convert is two rows
with the same note, seconds apart; a payment names its address in the notes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from exchange_cache.simulator.dialects.coinbase_base import FIAT
from exchange_cache.simulator.downloads import Download, plain, table
from exchange_cache.simulator.venue import (
    Account,
    Conversion,
    Entry,
    Fill,
    Income,
    Transfer,
    Venue,
)

COLUMNS = (
    *("ID", "Timestamp", "Transaction Type", "Asset", "Quantity Transacted", "Price Currency"),
    *("Price at Transaction", "Subtotal", "Total (inclusive of fees and/or spread)"),
    *("Fees and/or Spread", "Notes", "Sender Address", "Recipient Address"),
)
_CENT = Decimal("0.01")
_LATER_MS = 3000  # the second row of a convert


def downloads(venue: Venue, account: Account) -> Iterator[Download]:
    """Every event of the account."""
    body = table(COLUMNS, rows(venue, account), preamble=preamble(account), ending="\r\n")
    yield Download("coinbase_transactions.csv", body)


def preamble(account: Account) -> list[str]:
    """The lines above the header."""
    return ["", "Transactions", f"User,Demo,{account.uid}"]


def rows(venue: Venue, account: Account) -> list[list[str]]:
    """The rows of every event, the newest first; one row for the base of a trade."""
    found: list[tuple[int, list[str]]] = []
    for entry in venue.entries(account.name):
        source = entry.source
        if isinstance(source, Fill) and entry.asset != source.market.base:
            continue
        later = _LATER_MS if isinstance(source, Conversion) and entry.amount > 0 else 0
        found.append((entry.time_ms + later, _row(venue, entry, entry.time_ms + later)))
    found.sort(key=lambda one: -one[0])
    return [row for _, row in found]


def _row(venue: Venue, entry: Entry, time_ms: int) -> list[str]:
    kind, notes, recipient = _event(venue, entry)
    quantity = entry.amount - entry.fee
    price = Decimal(repr(venue.state.prices.usd(entry.asset, entry.time_ms)))
    subtotal, charged = abs(quantity) * price, Decimal(0)
    if isinstance(entry.source, Fill):
        fill = entry.source
        quantity = fill.amount if fill.side == "buy" else -fill.amount
        rate = Decimal(repr(venue.state.prices.usd(fill.market.quote, entry.time_ms)))
        subtotal, charged = fill.cost * rate, _fee(fill) * rate
    total = subtotal - charged if quantity < 0 else subtotal + charged
    return [
        hashlib.blake2b(entry.id.encode(), digest_size=12).hexdigest(),
        f"{datetime.fromtimestamp(time_ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC",
        kind,
        entry.asset,
        plain(quantity),
        "USD",
        *(_money(value) for value in (price, subtotal, total, charged)),
        notes,
        "",
        recipient,
    ]


def _money(value: Decimal) -> str:
    shown = value.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return f"-${-shown:f}" if shown < 0 else f"${shown:f}"


def _fee(fill: Fill) -> Decimal:
    return sum((amount for _, amount in fill.fees), Decimal(0))


def _event(venue: Venue, entry: Entry) -> tuple[str, str, str]:
    """The type, the notes and the address of the recipient."""
    source, amount = entry.source, entry.amount
    if isinstance(source, Fill):
        market, bought = source.market, source.side == "buy"
        paid = source.cost + _fee(source) if bought else source.cost - _fee(source)
        verb = "Bought" if bought else "Sold"
        notes = (
            f"{verb} {plain(source.amount)} {market.base} for {plain(paid)} {market.quote} on"
            f" {market.id} at {plain(source.price)} {market.quote}/{market.base}"
        )
        return f"Advanced Trade {'Buy' if bought else 'Sell'}", notes, ""
    if isinstance(source, Conversion):
        given = f"{plain(source.from_amount)} {source.from_asset}"
        return "Convert", f"Converted {given} to {plain(source.to_amount)} {source.to_asset}", ""
    if isinstance(source, Income):
        return _income(source), "", ""
    assert isinstance(source, Transfer)
    if source.asset in FIAT:
        word = "Deposit" if amount > 0 else "Withdrawal"
        direction = "from" if amount > 0 else "to"
        return word, f"{word} {direction} Bank Account", ""
    shown = plain(abs(entry.amount - entry.fee))
    if amount > 0:
        return "Receive", f"Received {shown} {entry.asset} from an external account", ""
    address = source.address or ""
    return "Send", f"Sent {shown} {entry.asset} to {address}", address


def _income(income: Income) -> str:
    if income.kind == "interest":
        return "Interest payout"
    return "Staking Income" if "staking" in income.note else "Learning Reward"
