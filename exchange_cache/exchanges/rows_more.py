"""Raw row parsers of okx and coinbase; the same contract as in ``rows``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.adapter.translate import (
    Origin,
    Row,
    fill,
    number,
    required_number,
    required_text,
    text,
)
from exchange_cache.adapter.translate_moves import status as unified_status
from exchange_cache.adapter.translate_moves import swap_fill
from exchange_cache.exchanges.rows import Desk, Record
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, Side, TransferKind

# --- okx ------------------------------------------------------------------------------------------

_OKX_WALLETS = {"6": "funding", "18": "trading"}


def okx_bill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the trading account's ledger; ``balChg`` is the signed effect. A move names its two
    ends in ``from`` and ``to``."""
    kind = desk.stream.transfer_kind or TransferKind.OTHER
    amount = required_number(desk.origin, row, "balChg")
    inward = amount >= 0
    instrument = text(row, "instId")
    moving = kind is TransferKind.INTERNAL
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "billId"),
            kind=kind,
            time=desk.time(row, "ts"),
            asset=desk.asset(row, "ccy"),
            quantity=amount.copy_abs() if moving else amount,
            from_wallet=_okx_wallet(row, "from", None if inward else "trading") if moving else None,
            to_wallet=_okx_wallet(row, "to", "trading" if inward else None) if moving else None,
            symbol=str(desk.market_by_id(instrument, desk.stream.category)["symbol"])
            if instrument
            else None,
        ),
    )


def _okx_wallet(row: Row, field: str, default: str | None) -> str | None:
    return _OKX_WALLETS.get(str(row.get(field)), default)


def okx_convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert (asset/convert/history); only filled ones happened."""
    if row.get("state") != "fullyFilled":
        return ()
    base = (desk.asset(row, "baseCcy"), required_number(desk.origin, row, "fillBaseSz"))
    quote = (desk.asset(row, "quoteCcy"), required_number(desk.origin, row, "fillQuoteSz"))
    given, got = (quote, base) if row.get("side") == "buy" else (base, quote)
    name = required_text(desk.origin, row, "tradeId")
    return (
        swap_fill(
            desk.origin,
            fill_id=name,
            time=desk.time(row, "ts"),
            given=given,
            got=got,
            kind=FillKind.CONVERT,
        ),
    )


_OKX_DONE = {"completed": "ok", "successful": "ok", "failed": "failed", "cancelled": "canceled"}


def okx_easy_convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Small balances turned into a major currency; rows have no id, but an asset is swept once a
    moment."""
    if row.get("status") != "filled":
        return ()
    source = desk.asset(row, "fromCcy")
    return (
        swap_fill(
            desk.origin,
            fill_id=f"{required_text(desk.origin, row, 'uTime')}:{source}",
            time=desk.time(row, "uTime"),
            given=(source, required_number(desk.origin, row, "fillFromSz")),
            got=(desk.asset(row, "toCcy"), required_number(desk.origin, row, "fillToSz")),
            kind=FillKind.DUST,
        ),
    )


def okx_fiat(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or withdrawal of a country's money by bank."""
    asset, fee = desk.asset(row, "ccy"), number(desk.origin, row, "fee")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "ordId"),
            kind=desk.stream.transfer_kind or TransferKind.DEPOSIT,
            time=desk.time(row, "cTime"),
            asset=asset,
            quantity=required_number(desk.origin, row, "amt").copy_abs(),
            fee=Fee(asset=asset, amount=fee.copy_abs()) if fee else None,
            status=_OKX_DONE.get(str(row.get("state")), "pending"),
            network=text(row, "paymentMethod"),
        ),
    )


# --- kucoin ---------------------------------------------------------------------------------------

_KUCOIN_ELSEWHERE = frozenset(
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
_KUCOIN_REWARDS = (
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
_KUCOIN_EARN = frozenset({"staking", "redemption"})


#: What the ledger calls wallets that have another name here.
_KUCOIN_WALLETS = {
    "margin_v2": "margin",
    "isolated": "margin-isolated",
    "isolated_v2": "margin-isolated",
}


def kucoin_margin_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of cross or isolated margin; one of another kind would be told twice, so it is an
    error."""
    wanted = desk.stream.params["tradeType"]
    if row.get("tradeType") != wanted:
        raise desk.origin.bad(
            f"is of {row.get('tradeType')!r}, where {wanted!r} was asked for", row
        )
    market = desk.market_by_id(required_text(desk.origin, row, "symbol"), desk.stream.category)
    return (fill(desk.origin, desk.client.parse_trade(row, market), market),)


def kucoin_convert(row: Row, desk: Desk) -> tuple[Record, ...]:
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


def kucoin_ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the main or trade account's ledger: moves and rewards; ``amount`` has no sign,
    ``direction`` says in or out.

    What is staked and redeemed is a move, since products of Earn are read as a wallet. Source of
    the words:
    https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-ledgers-spot-margin
    """
    word = required_text(desk.origin, row, "bizType").lower().replace("_", " ")
    if word in _KUCOIN_ELSEWHERE:
        return ()
    amount = required_number(desk.origin, row, "amount").copy_abs()
    incoming = str(row.get("direction")).lower() == "in"
    product = word in _KUCOIN_EARN
    moving = product or "transfer" in word
    reward = incoming and any(part in word for part in _KUCOIN_REWARDS)
    kind = (
        TransferKind.INTERNAL if moving else TransferKind.REWARD if reward else TransferKind.OTHER
    )
    told = str(row.get("accountType") or "main").lower()
    wallet, other = _KUCOIN_WALLETS.get(told, told), "earn" if product else None
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


# --- coinbase -------------------------------------------------------------------------------------

#: Kinds of a v2 transaction. https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions
_COINBASE_REWARDS = frozenset(
    {
        "staking_reward",
        "inflation_reward",
        "interest",
        "earn_payout",
        "incentives_rewards_payout",
        "cardbuyback",
    }
)
_COINBASE_MOVES = frozenset(
    {
        "exchange_deposit",
        "exchange_withdrawal",
        "pro_deposit",
        "pro_withdrawal",
        "vault_withdrawal",
        "staking_transfer",
        "unstaking_transfer",
        "intx_deposit",
        "intx_withdrawal",
        "retail_eth2_deprecation",
        "derivatives_settlement",
        "transfer",
    }
)
_COINBASE_IN_OUT = frozenset(
    {"send", "fiat_deposit", "fiat_withdrawal", "tx", "onchain_transaction"}
)
_COINBASE_STATUS = {
    "completed": "ok",
    "pending": "pending",
    "waiting_for_clearing": "pending",
    "waiting_for_signature": "pending",
    "failed": "failed",
    "expired": "failed",
    "canceled": "canceled",
}


def coinbase_transaction(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of one asset account. Trades on the exchange come with the fills; simple buys and
    converts become fills here."""
    word = required_text(desk.origin, row, "type")
    if word in {"advanced_trade_fill", "fill"}:
        return ()
    amount = required_number(desk.origin, _mapping(row, "amount"), "amount")
    asset = desk.asset(_mapping(row, "amount"), "currency")
    settled = _COINBASE_STATUS.get(str(row.get("status")), unified_status(row.get("status")))
    if word in {"buy", "sell", "trade", "advanced_trade", "wrap_asset"} and amount != 0:
        return _coinbase_swap(row, word, asset, amount, desk) if settled == "ok" else ()
    kind = _coinbase_kind(word, amount)
    network = _mapping(row, "network")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "created_at", "iso"),
            asset=asset,
            quantity=amount
            if kind is TransferKind.OTHER
            else _gross(desk.origin, row, amount).copy_abs(),
            fee=_network_fee(desk, row),
            status=settled,
            tx_id=text(network, "hash"),
            network=text(network, "network_name"),
        ),
    )


def _mapping(row: Row, field: str) -> Mapping[str, Any]:
    found = row.get(field)
    return found if isinstance(found, Mapping) else {}


def _coinbase_kind(word: str, amount: Decimal) -> TransferKind:
    if word in _COINBASE_REWARDS and amount >= 0:
        return TransferKind.REWARD
    if word in _COINBASE_MOVES:
        return TransferKind.INTERNAL
    if word in _COINBASE_IN_OUT:
        return TransferKind.DEPOSIT if amount >= 0 else TransferKind.WITHDRAWAL
    return TransferKind.OTHER


def _gross(origin: Origin, row: Row, amount: Decimal) -> Decimal:
    """What arrived or left besides the network's fee: a send's amount includes it."""
    moved = dig_or_none(row, "network.transaction_amount.amount")
    return amount if moved is None else number(origin, {"amount": moved}, "amount") or amount


def _network_fee(desk: Desk, row: Row) -> Fee | None:
    fee = dig_or_none(row, "network.transaction_fee")
    if (
        not isinstance(fee, Mapping)
        or dig_or_none(row, "network.transaction_amount.amount") is None
    ):
        return None
    amount = number(desk.origin, fee, "amount")
    return Fee(asset=desk.asset(fee, "currency"), amount=amount) if amount else None


def _coinbase_swap(
    row: Row, word: str, asset: str, amount: Decimal, desk: Desk
) -> tuple[Record, ...]:
    """A simple buy or sell at the fiat that was paid; a convert's half at its value in the native
    currency that Coinbase shows.

    The row in the fiat's own account is the other side of the same thing: of a simple buy it makes
    nothing, of a convert it says how much really was given or got. ``ledger.converts`` puts the
    halves together.
    """
    details = _mapping(row, word)
    total = _mapping(details, "subtotal") or _mapping(row, "native_amount")
    fiat, value = (
        desk.asset(total, "currency"),
        required_number(desk.origin, total, "amount").copy_abs(),
    )
    fee_row = _mapping(details, "fee")
    fee = number(desk.origin, fee_row, "amount") if fee_row else None
    simple = word in {"buy", "sell"}
    if simple and fiat == asset:
        return ()
    if (
        value == 0
    ):  # less than the shown money can say: what came or went is known, what it cost is not
        name, time = required_text(desk.origin, row, "id"), desk.time(row, "created_at", "iso")
        return (
            desk.transfer(
                row,
                transfer_id=name,
                kind=TransferKind.OTHER,
                time=time,
                asset=asset,
                quantity=amount,
            ),
        )
    given, got = (
        ((fiat, value), (asset, amount)) if amount > 0 else ((asset, amount), (fiat, value))
    )
    made = swap_fill(
        desk.origin,
        fill_id=required_text(desk.origin, row, "id"),
        time=desk.time(row, "created_at", "iso"),
        given=given,
        got=got,
        fees=(Fee(asset=desk.asset(fee_row, "currency"), amount=fee),) if fee else (),
        order_id=text(details, "id"),
        kind=FillKind.FIAT if simple else FillKind.CONVERT,
    )
    return (
        made
        if simple
        else _half(made, asset, amount, fiat, amount.copy_abs() if fiat == asset else value),
    )


def _half(made: Fill, asset: str, amount: Decimal, fiat: str, value: Decimal) -> Fill:
    """The side of a convert that one asset's account tells: always that asset against the native
    currency."""
    return replace(
        made,
        symbol=f"{asset}/{fiat}",
        side=Side.BUY if amount > 0 else Side.SELL,
        base=asset,
        quote=fiat,
        quantity=amount.copy_abs(),
        price=EXACT.divide(value, amount.copy_abs()),
        cost=value,
    )
