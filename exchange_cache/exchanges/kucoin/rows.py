"""KuCoin's funding payments of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter.paging import rows_of
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    fill,
    required_number,
    required_text,
)
from exchange_cache.adapter.translate_moves import swap_fill
from exchange_cache.exchanges.verbs import (
    PairSide,
    column,
    ids,
    listed,
    market_of,
    netted,
    side,
)
from exchange_cache.money import EXACT, to_amount, to_text
from exchange_cache.records import FillKind, TransferKind


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


_ELSEWHERE = frozenset(
    {
        "deposit",
        "withdrawal",
        "withdraw",
        "trade exchange",
        "exchange",
        "instant exchange",
        "convert",
    }
)

_REWARDS = (
    "bonus",
    "airdrop",
    "staking",
    "soft staking",
    "rewards",
    "reward",
    "interest",
    "profits",
    "rebate",
    "cashback",
    "promotion",
    "distribution",
    "vote for coin",
    "voting earnings",
)

#: Into a product of KuCoin Earn and out of it again.
_EARN = frozenset({"staking", "redemption"})

#: What the ledger calls wallets that have another name here.
_WALLETS = {
    "margin_v2": "margin",
    "isolated": "margin-isolated",
    "isolated_v2": "margin-isolated",
}


def margin_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of cross or isolated margin; one of another kind would be told twice, so it is an
    error."""
    wanted = desk.stream.params["tradeType"]
    if row.get("tradeType") != wanted:
        raise desk.origin.bad(
            f"is of {row.get('tradeType')!r}, where {wanted!r} was asked for", row
        )
    market = desk.market_by_id(required_text(desk.origin, row, "symbol"), desk.stream.category)
    return (fill(desk.origin, *desk.parsed_trade(row, market), market),)


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert; only successful ones happened."""
    if str(row.get("status")).upper() != "SUCCESS":
        return ()
    return (
        swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "orderId"),
            time=desk.time(row, "orderTime"),
            given=(
                desk.asset(row, "fromCurrency"),
                required_number(desk.origin, row, "fromCurrencySize"),
            ),
            got=(
                desk.asset(row, "toCurrency"),
                required_number(desk.origin, row, "toCurrencySize"),
            ),
            kind=FillKind.CONVERT,
        ),
    )


def ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the main or trade account's ledger: moves and rewards; ``amount`` has no sign,
    ``direction`` says in or out.

    What is staked and redeemed is a move, since products of Earn are read as a wallet. Source of
    the words:
    https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-ledgers-spot-margin
    """
    word = required_text(desk.origin, row, "bizType").lower().replace("_", " ")
    if word in _ELSEWHERE:
        return ()
    amount = required_number(desk.origin, row, "amount").copy_abs()
    incoming = str(row.get("direction")).lower() == "in"
    product = word in _EARN
    moving = product or "transfer" in word
    reward = incoming and any(part in word for part in _REWARDS)
    kind = (
        TransferKind.INTERNAL if moving else TransferKind.REWARD if reward else TransferKind.OTHER
    )
    told = str(row.get("accountType") or "main").lower()
    wallet, other = _WALLETS.get(told, told), "earn" if product else None
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "createdAt"),
            asset=desk.asset(row, "currency"),
            quantity=amount if incoming or kind is not TransferKind.OTHER else amount.copy_negate(),
            from_wallet=(other if incoming else wallet) if moving else None,
            to_wallet=(wallet if incoming else other) if moving else None,
        ),
    )


# --- wallets --------------------------------------------------------------------------------------


def contracts_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """One currency's futures account: equity without the unrealised result."""
    row = response["data"]
    total = EXACT.subtract(
        to_amount(str(row["accountEquity"])), to_amount(str(row.get("unrealisedPNL") or "0"))
    )
    code = str(client.safe_currency_code(row["currency"]))
    return {code: {"free": row.get("availableBalance"), "used": None, "total": to_text(total)}}


def isolated_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated margin: both sides of every pair, net of what is owed; an asset in several pairs is
    summed."""
    rows = [
        pair[name]
        for pair in listed(response, "data.assets")
        for name in ("baseAsset", "quoteAsset")
    ]
    return netted(client, map(side_wallet, rows))


def earn_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "data.items", "currency", "holdAmount")


def cross_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross margin (version 1): the balance contains what was borrowed, ``liability`` is all of it.

    ccxt drops the liability, since no interest is beside it. Source:
    https://www.kucoin.com/docs/rest/funding/funding-overview/get-account-detail-margin
    """
    rows = rows_of(response, "data.accounts")
    return netted(
        client,
        (side(row, "currency", "availableBalance", "holdBalance", "liability") for row in rows),
    )


def side_wallet(row: Mapping[str, Any]) -> PairSide:
    """One side of an isolated pair: ``total`` contains what was borrowed.

    ``liability`` = ``liabilityPrincipal`` + ``liabilityInterest``; where neither is reported,
    interest is in a field of its own. Source:
    https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-isolated-margin
    """
    return side(
        row,
        "currency",
        "available",
        "hold",
        "liability",
        *(() if "liabilityInterest" in row else ("interest",)),
    )
