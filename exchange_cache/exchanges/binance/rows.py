"""The rows of binance that ccxt does not read whole."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.adapter import translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
)
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, TransferKind


def deposit(row: Row, desk: Desk) -> tuple[Record, ...]:
    """ccxt marks the kind before it parses; without the mark the status is read from the wrong
    table."""
    return (
        translate_moves.transaction(
            desk.origin,
            desk.client.parse_transaction({**row, "type": "deposit"}),
            TransferKind.DEPOSIT,
        ),
    )


def withdrawal(row: Row, desk: Desk) -> tuple[Record, ...]:
    marked = desk.client.parse_transaction({**row, "type": "withdrawal"})
    return (translate_moves.transaction(desk.origin, marked, TransferKind.WITHDRAWAL),)


_FIAT = {
    "successful": "ok",
    "finished": "ok",
    "completed": "ok",
    "processing": "pending",
    "waiting": "pending",
    "": "pending",
}


def fiat_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Fiat deposit or withdrawal by bank (sapi fiat/orders)."""
    asset = desk.asset(row, "fiatCurrency")
    fee = number(desk.origin, row, "totalFee")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "orderNo"),
            kind=desk.stream.transfer_kind or TransferKind.DEPOSIT,
            time=desk.time(row, "createTime"),
            asset=asset,
            quantity=required_number(desk.origin, row, "amount"),
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=_FIAT.get(str(row.get("status") or "").lower(), "failed"),
        ),
    )


def fiat_payment(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Bought or sold by card (sapi fiat/payments): the fiat paid includes the fee; only completed
    ones happened."""
    if str(row.get("status")).lower() != "completed":
        return ()
    fiat, crypto = desk.asset(row, "fiatCurrency"), desk.asset(row, "cryptoCurrency")
    source, obtained = (
        required_number(desk.origin, row, name) for name in ("sourceAmount", "obtainAmount")
    )
    fee = number(desk.origin, row, "totalFee") or Decimal(0)
    buying = str(desk.stream.params.get("transactionType", "0")) == "0"
    paid, received = (fiat, EXACT.subtract(source, fee)), (crypto, obtained)
    given, got = (
        (paid, received) if buying else ((crypto, source), (fiat, EXACT.add(obtained, fee)))
    )
    fees = (Fee(asset=fiat, amount=fee),) if fee else ()
    name = required_text(desk.origin, row, "orderNo")
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=name,
            time=desk.time(row, "createTime"),
            given=given,
            got=got,
            fees=fees,
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert (sapi convert/tradeFlow); only successful ones happened."""
    if str(row.get("orderStatus", "SUCCESS")).upper() != "SUCCESS":
        return ()
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A sweep of small assets (sapi asset/dribblet): one fill per asset; the amount received is net
    of the service charge."""
    return tuple(_dust_detail(detail, desk) for detail in row.get("userAssetDribbletDetails") or ())


def _dust_detail(detail: Row, desk: Desk) -> Fill:
    target = desk.code(text(detail, "targetAsset") or "BNB")
    source = desk.asset(detail, "fromAsset")
    net, fee = (
        required_number(desk.origin, detail, name)
        for name in ("transferedAmount", "serviceChargeAmount")
    )
    order = required_text(desk.origin, detail, "transId")
    return translate_moves.swap_fill(
        desk.origin,
        fill_id=f"{order}:{source}",
        order_id=order,
        time=desk.time(detail, "operateTime"),
        given=(source, required_number(desk.origin, detail, "amount")),
        got=(target, EXACT.add(net, fee)),
        fees=(Fee(asset=target, amount=fee),) if fee else (),
        kind=FillKind.DUST,
    )


def margin_interest(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest charged on a margin debt (sapi margin/interestHistory): ``asset`` is what it is
    charged in, BNB where so chosen."""
    symbol = text(row, "isolatedSymbol")
    return (
        desk.transfer(
            row,
            transfer_id=":".join(
                required_text(desk.origin, row, name) for name in ("txId", "asset")
            ),
            kind=TransferKind.FEE,
            time=desk.time(row, "interestAccuredTime"),
            asset=desk.asset(row, "asset"),
            quantity=-required_number(desk.origin, row, "interest"),
            from_wallet=desk.stream.wallet,
            symbol=None if symbol is None else str(desk.market_by_id(symbol, "margin")["symbol"]),
        ),
    )


def dividend(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest, airdrops and other distributions (sapi asset/assetDividend)."""
    name = text(row, "id") or required_text(desk.origin, row, "tranId")
    amount = required_number(desk.origin, row, "amount")
    moved = {
        "transfer_id": name,
        "time": desk.time(row, "divTime"),
        "asset": desk.asset(row, "asset"),
        "quantity": amount,
    }
    return (
        desk.transfer(row, kind=TransferKind.REWARD if amount > 0 else TransferKind.OTHER, **moved),
    )


def earn_reward(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest of flexible simple earn; rows have no id, but a product pays each type at most once
    a moment."""
    word = required_text(desk.origin, row, "type")
    project, time = (required_text(desk.origin, row, name) for name in ("projectId", "time"))
    name = f"{project}:{word}:{time}"
    return (
        desk.transfer(
            row,
            transfer_id=name,
            kind=TransferKind.REWARD,
            time=desk.time(row, "time"),
            asset=desk.asset(row, "asset"),
            quantity=required_number(desk.origin, row, "rewards"),
        ),
    )


_INCOME = {
    "FUNDING_FEE": TransferKind.FUNDING,
    "WELCOME_BONUS": TransferKind.REWARD,
    "REFERRAL_KICKBACK": TransferKind.REWARD,
    "COMMISSION_REBATE": TransferKind.REWARD,
    "API_REBATE": TransferKind.REWARD,
    "CONTEST_REWARD": TransferKind.REWARD,
    "BFUSD_REWARD": TransferKind.REWARD,
    "FUTURES_BONUS": TransferKind.REWARD,
}

_INCOME_ELSEWHERE = frozenset(
    {"TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "COMMISSION", "REALIZED_PNL"}
)


def income(row: Row, desk: Desk) -> tuple[Record, ...]:
    """The futures ledger (fapi/dapi income). Commissions and realised PnL come with the fills,
    moves with the internal transfers."""
    word = required_text(desk.origin, row, "incomeType")
    if word in _INCOME_ELSEWHERE:
        return ()
    amount = required_number(desk.origin, row, "income")
    kind = _INCOME.get(word, TransferKind.OTHER)
    if kind is TransferKind.REWARD and amount < 0:
        kind = TransferKind.OTHER
    symbol = text(row, "symbol")
    name = ":".join(
        part for part in (word, required_text(desk.origin, row, "tranId"), symbol) if part
    )
    return (
        desk.transfer(
            row,
            transfer_id=name,
            kind=kind,
            time=desk.time(row, "time"),
            asset=desk.asset(row, "asset"),
            quantity=amount,
            symbol=(
                None
                if symbol is None
                else str(desk.market_by_id(symbol, desk.stream.category)["symbol"])
            ),
        ),
    )
