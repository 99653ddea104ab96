"""KuCoin's raw rows: funding of contracts, fills of margin wallets, converts, and the ledger of the
main and trade accounts."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import fill
from exchange_cache.adapter.translate_moves import swap_fill
from exchange_cache.adapter.values import Row, required_number, required_text
from exchange_cache.exchanges.verbs import booked, happened, ids, market_of, one_of
from exchange_cache.records import FillKind, TransferKind

#: The ledger's names of wallets that have another name here.
_WALLETS = {
    "margin_v2": "margin",
    "isolated": "margin-isolated",
    "isolated_v2": "margin-isolated",
}


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A payment of one contract (funding-history): ``funding`` is positive where it was received.

    Source:
    https://www.kucoin.com/docs-new/rest/futures-trading/funding-fees/get-private-funding-history
    """
    return (
        desk.transfer(
            row,
            transfer_id=ids(desk, row, "symbol", "id"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "timePoint"),
            asset=desk.asset(row, "settleCurrency"),
            quantity=required_number(desk.origin, row, "funding"),
            symbol=str(market_of(desk, row)["symbol"]),
        ),
    )


def margin_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of cross or isolated margin; one of another kind is an error, since it would count
    twice."""
    requested = desk.stream.params["tradeType"]
    if row.get("tradeType") != requested:
        raise desk.origin.bad(
            f"is of {row.get('tradeType')!r}, where {requested!r} was requested", row
        )
    market = market_of(desk, row)
    return (fill(desk.origin, *desk.parsed_trade(row, market), market),)


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert; only successful ones happened."""
    if not happened(desk, row, "status", "success", at="orderTime"):
        return ()
    given, received = (
        (desk.asset(row, side), required_number(desk.origin, row, f"{side}Size"))
        for side in ("fromCurrency", "toCurrency")
    )
    return (
        swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "orderId"),
            time=desk.time(row, "orderTime"),
            given=given,
            got=received,
            kind=FillKind.CONVERT,
        ),
    )


def ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the ledger of the main, trade and margin accounts; ``amount`` has no sign,
    ``direction`` says in or out.

    Source:
    https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-ledgers-spot-margin
    """
    word = required_text(desk.origin, row, "bizType")
    amount = required_number(desk.origin, row, "amount").copy_abs()
    name = required_text(desk.origin, row, "accountType").lower()
    incoming = one_of(desk, row, "direction", {"in": True, "out": False})
    made = booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        word=word.lower().replace("_", " "),
        time=desk.time(row, "createdAt"),
        asset=desk.asset(row, "currency"),
        amount=amount if incoming else amount.copy_negate(),
        wallet=_WALLETS.get(name, name),
    )
    return tuple(replace(transfer, word=word) for transfer in made)
