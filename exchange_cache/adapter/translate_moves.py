"""Translates ccxt's dicts for deposits, withdrawals, moves between wallets and converts into
transfers and fills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.values import (
    Origin,
    Row,
    moment,
    number,
    required_number,
    required_text,
    text,
)
from exchange_cache.money import EXACT, to_text
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind

#: ccxt's names of wallets -> the project's.
WALLET_NAMES = {
    "future": "linear",
    "swap": "linear",
    "delivery": "inverse",
    "main": "funding",
    "fund": "funding",
}

_STATUS = {
    "ok": "ok",
    "pending": "pending",
    "failed": "failed",
    "canceled": "canceled",
    "rejected": "failed",
    "success": "ok",
}


def status(value: Any) -> str:
    """ok, pending, failed or canceled; a word that ccxt does not know is pending."""
    return _STATUS.get(str(value or "ok").lower(), "pending")


def transaction(origin: Origin, row: Row, kind: TransferKind) -> Transfer:
    """A deposit or a withdrawal. Its id is the exchange's, else the chain's; moves inside an
    exchange may have neither."""
    asset = required_text(origin, row, "currency")
    quantity = required_number(origin, row, "amount").copy_abs()
    return Transfer(
        account=origin.account,
        scope=origin.scope,
        transfer_id=text(row, "id")
        or text(row, "txid")
        or f"{row.get('timestamp')}:{asset}:{to_text(quantity)}",
        kind=kind,
        time=moment(origin, row),
        asset=asset,
        quantity=quantity,
        fee=_fee(origin, row.get("fee"), asset),
        status=status(row.get("status")),
        tx_id=text(row, "txid"),
        network=text(row, "network"),
    )


def _fee(origin: Origin, fee: Any, asset: str) -> Fee | None:
    if not isinstance(fee, Mapping):
        return None
    amount = number(origin, fee, "cost")
    return (
        None
        if amount is None or amount == 0
        else Fee(asset=text(fee, "currency") or asset, amount=amount)
    )


def internal(origin: Origin, row: Row) -> Transfer:
    """A move between two wallets of one account."""
    return Transfer(
        account=origin.account,
        scope=origin.scope,
        transfer_id=required_text(origin, row, "id"),
        kind=TransferKind.INTERNAL,
        time=moment(origin, row),
        asset=required_text(origin, row, "currency"),
        quantity=required_number(origin, row, "amount").copy_abs(),
        status=status(row.get("status")),
        from_wallet=wallet_name(text(row, "fromAccount")),
        to_wallet=wallet_name(text(row, "toAccount")),
    )


def wallet_name(name: str | None) -> str | None:
    return None if name is None else WALLET_NAMES.get(name, name)


def conversion(origin: Origin, row: Row) -> Fill:
    """A convert as a fill between its two assets."""
    return swap_fill(
        origin,
        fill_id=required_text(origin, row, "id"),
        time=moment(origin, row),
        given=(
            required_text(origin, row, "fromCurrency"),
            required_number(origin, row, "fromAmount"),
        ),
        got=(required_text(origin, row, "toCurrency"), required_number(origin, row, "toAmount")),
    )


#: Assets that serve as the quote of a swap, the most money-like first.
MONEY = (
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "JPY",
    "CAD",
    "AUD",
    "BRL",
    "TRY",
    "USDT",
    "USDC",
    "FDUSD",
    "BUSD",
    "TUSD",
    "DAI",
    "BTC",
    "ETH",
    "BNB",
)


def swap_fill(
    origin: Origin,
    *,
    fill_id: str,
    time: datetime,
    given: tuple[str, Decimal],
    got: tuple[str, Decimal],
    fees: tuple[Fee, ...] = (),
    order_id: str | None = None,
    kind: FillKind | None = None,
) -> Fill:
    """One asset exchanged for another, as a buy or a sell in which the more money-like asset is the
    quote."""
    given, got = (given[0], given[1].copy_abs()), (got[0], got[1].copy_abs())
    if given[1] == 0 or got[1] == 0:
        raise origin.bad("has an amount of zero on one side", {"id": fill_id})
    selling = _rank(got[0]) < _rank(given[0])
    (base, quantity), (quote, cost) = (given, got) if selling else (got, given)
    return Fill(
        account=origin.account,
        category="spot",
        symbol=f"{base}/{quote}",
        fill_id=fill_id,
        order_id=order_id,
        time=time,
        side=Side.SELL if selling else Side.BUY,
        base=base,
        quote=quote,
        quantity=quantity,
        price=EXACT.divide(cost, quantity),
        cost=cost,
        fees=fees,
        fees_known=True,
        kind=kind or origin.fill_kind,
    )


def _rank(asset: str) -> int:
    return MONEY.index(asset) if asset in MONEY else len(MONEY)
