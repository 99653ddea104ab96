"""OKX rows that ccxt does not parse: ledgers, savings, bank transfers, converts, sweeps and margin
positions.

Bills become records only where no other list reports them (``words``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.adapter.translate_moves import swap_fill
from exchange_cache.exchanges.verbs import booked, happened, ids, on_margin, one_of
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, TransferKind


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order. OKX states no cost. The size of a market order may be in quote (``tgtCcy``, by
    default that of buys): ccxt takes it for the cost of a spot buy, and for an amount of the base
    otherwise.

    Source: https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-order-history-last-3-months
    """
    market = desk.market_by_id(required_text(desk.origin, row, "instId"), desk.stream.category)
    parsed, stated = desk.parsed_order(row, market)
    known = {**stated, "cost": None, **({"amount": None} if _in_quote(row) else {})}
    return (translate.order(desk.origin, parsed, known, market),)


def _in_quote(row: Row) -> bool:
    if row.get("instType") not in {"SPOT", "MARGIN"} or row.get("ordType") != "market":
        return False
    default = "quote_ccy" if row.get("side") == "buy" else "base_ccy"
    return (row.get("tgtCcy") or default) == "quote_ccy"


#: ctVal x ctMult: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
_OPTION_SIZES: Mapping[str, Decimal] = {"BTC": Decimal("0.01"), "ETH": Decimal("0.1")}


def corrected(fill: Fill) -> Fill:
    """A fill of an option of versions up to 0.4, whose contract had the size of ctVal alone: 1."""
    size = _OPTION_SIZES.get(fill.base)
    if fill.category != "option" or fill.contract_size != 1 or not size or fill.contracts is None:
        return fill
    quantity = EXACT.multiply(fill.contracts, size)
    cost = EXACT.multiply(quantity, fill.price)
    return replace(fill, quantity=quantity, cost=cost, contract_size=size)


def funding_bill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the funding account's ledger (asset/bills-history); ``balChg`` is signed."""
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "billId"),
        word=required_text(desk.origin, row, "type"),
        time=desk.time(row, "ts"),
        asset=desk.asset(row, "ccy"),
        amount=required_number(desk.origin, row, "balChg"),
        reference=text(row, "clientId"),
    )


def savings_interest(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest added to flexible savings (finance/savings/lending-history); rows have no id."""
    return (
        desk.transfer(
            row,
            transfer_id=ids(desk, row, "ccy", "ts", "amt", "rate"),
            kind=TransferKind.INTEREST,
            time=desk.time(row, "ts"),
            asset=desk.asset(row, "ccy"),
            quantity=required_number(desk.origin, row, "earnings"),
            to_wallet="earn",
        ),
    )


_WALLETS = {"6": "funding", "18": "trading"}


def bill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the trading account's ledger; ``balChg`` is signed, moves name both ends."""
    made = booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "billId"),
        word=required_text(desk.origin, row, "type"),
        time=desk.time(row, "ts"),
        asset=desk.asset(row, "ccy"),
        amount=required_number(desk.origin, row, "balChg"),
        market_id=text(row, "instId"),
        reference=text(row, "ordId"),
    )
    ends = (_WALLETS.get(str(row.get(name))) for name in ("from", "to"))
    source, target = ends
    return tuple(
        replace(
            transfer,
            from_wallet=source or transfer.from_wallet,
            to_wallet=target or transfer.to_wallet,
        )
        for transfer in made
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A filled convert (asset/convert/history)."""
    if not happened(desk, row, "state", "fullyfilled", at="ts"):
        return ()
    base = (desk.asset(row, "baseCcy"), required_number(desk.origin, row, "fillBaseSz"))
    quote = (desk.asset(row, "quoteCcy"), required_number(desk.origin, row, "fillQuoteSz"))
    ways = {"buy": (quote, base), "sell": (base, quote)}
    given, got = one_of(desk, row, "side", ways)
    return (
        swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "tradeId"),
            time=desk.time(row, "ts"),
            given=given,
            got=got,
            kind=FillKind.CONVERT,
        ),
    )


def margin_position(row: Row, market: Market) -> tuple[Row, Market]:
    """An open margin position: a long holds its base asset, a short owes it. ``upl`` is in ``ccy``,
    the asset of the margin.

    ``pos`` is in ``posCcy``, which is the base asset of a long and the quote asset of a short;
    ``liab`` is what the position owes, below zero.

    Sources: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-positions;
    https://www.okx.com/help/vii-introduction-to-the-isolated-mode-of-single-multi-currency-portfolio-margin
    """
    base_id, _, quote_id = str(row["instId"]).partition("-")
    side = str(row["posSide"])
    if side == "net":
        side = {base_id: "long", quote_id: "short"}[row["posCcy"]]
    assets = {base_id: market["base"], quote_id: market["quote"]}
    size = str(row["pos"] if side == "long" else row["liab"])
    structure = {
        "info": row,
        "contracts": size.removeprefix("-"),
        "side": side,
        "entryPrice": row.get("avgPx"),
        "markPrice": row.get("markPx"),
        "leverage": row.get("lever"),
        "liquidationPrice": row.get("liqPx"),
        "initialMargin": row.get("margin"),
        "marginMode": row.get("mgnMode"),
        "lastUpdateTimestamp": row.get("uTime"),
    }
    return structure, on_margin(market, assets.get(row["ccy"], row["ccy"]))


_DONE = {"completed": "ok", "successful": "ok", "failed": "failed", "cancelled": "canceled"}


def easy_convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A swept small balance; rows have no id, but an asset is swept at most once at a time."""
    if not happened(desk, row, "status", "filled", at="uTime"):
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


def fiat(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A bank transfer (fiat/deposit-order-history, fiat/withdrawal-order-history)."""
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
            status=_DONE.get(text_or_empty(row, "state"), "pending"),
            network=text(row, "paymentMethod"),
        ),
    )
