"""Raw rows that ccxt has no parser for, or none that tells the whole: one function a row kind, by
name, for the policies.

A parser gets one raw row and returns its records. An empty result is a decision (the row's content
comes through another stream), never a failure: what cannot be read raises. Each says where the
row's meaning comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.paging import row_ms
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.translate import (
    Origin,
    Row,
    number,
    required_number,
    required_text,
    text,
)
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, Order, OrderStatus, Transfer, TransferKind

Record = Fill | Order | Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a parser may use beside the row: the origin, the stream, ccxt's pure parse functions,
    and market lookup by raw id.

    ``market`` is the one that was asked for, where a stream is asked per symbol.
    """

    origin: Origin
    stream: StreamPolicy
    client: Any
    market_by_id: Callable[[str, str], Market]
    market: Market | None = None

    def code(self, asset_id: str) -> str:
        """The unified code of the exchange's asset id."""
        return str(self.client.safe_currency_code(asset_id))

    def asset(self, row: Row, field: str) -> str:
        return self.code(required_text(self.origin, row, field))

    def time(self, row: Row, field: str, unit: str = "ms") -> datetime:
        return self.origin.instant(row_ms(row, field, unit), field, row)

    def transfer(self, row: Row, **values: Any) -> Transfer:
        """A transfer of this stream; ``values`` fill the rest."""
        return Transfer(account=self.origin.account, scope=self.stream.scope, **values)


Parser = Callable[[Row, Desk], tuple[Record, ...]]


# --- binance --------------------------------------------------------------------------------------


def binance_deposit(row: Row, desk: Desk) -> tuple[Record, ...]:
    """ccxt marks the kind before it parses; without the mark the status is read from the wrong
    table."""
    return (
        translate_moves.transaction(
            desk.origin,
            desk.client.parse_transaction({**row, "type": "deposit"}),
            TransferKind.DEPOSIT,
        ),
    )


def binance_withdrawal(row: Row, desk: Desk) -> tuple[Record, ...]:
    marked = desk.client.parse_transaction({**row, "type": "withdrawal"})
    return (translate_moves.transaction(desk.origin, marked, TransferKind.WITHDRAWAL),)


_BINANCE_FIAT = {
    "successful": "ok",
    "finished": "ok",
    "completed": "ok",
    "processing": "pending",
    "waiting": "pending",
    "": "pending",
}


def binance_fiat_order(row: Row, desk: Desk) -> tuple[Record, ...]:
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
            status=_BINANCE_FIAT.get(str(row.get("status") or "").lower(), "failed"),
        ),
    )


def binance_fiat_payment(row: Row, desk: Desk) -> tuple[Record, ...]:
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


def binance_convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert (sapi convert/tradeFlow); only successful ones happened."""
    if str(row.get("orderStatus", "SUCCESS")).upper() != "SUCCESS":
        return ()
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def binance_dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A sweep of small assets (sapi asset/dribblet): one fill per asset; the amount received is net
    of the service charge."""
    return tuple(
        _binance_dust_detail(detail, desk) for detail in row.get("userAssetDribbletDetails") or ()
    )


def _binance_dust_detail(detail: Row, desk: Desk) -> Fill:
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


def binance_margin_interest(row: Row, desk: Desk) -> tuple[Record, ...]:
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


def binance_dividend(row: Row, desk: Desk) -> tuple[Record, ...]:
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


def binance_earn_reward(row: Row, desk: Desk) -> tuple[Record, ...]:
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


_BINANCE_INCOME = {
    "FUNDING_FEE": TransferKind.FUNDING,
    "WELCOME_BONUS": TransferKind.REWARD,
    "REFERRAL_KICKBACK": TransferKind.REWARD,
    "COMMISSION_REBATE": TransferKind.REWARD,
    "API_REBATE": TransferKind.REWARD,
    "CONTEST_REWARD": TransferKind.REWARD,
    "BFUSD_REWARD": TransferKind.REWARD,
    "FUTURES_BONUS": TransferKind.REWARD,
}
_BINANCE_INCOME_ELSEWHERE = frozenset(
    {"TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "COMMISSION", "REALIZED_PNL"}
)


def binance_income(row: Row, desk: Desk) -> tuple[Record, ...]:
    """The futures ledger (fapi/dapi income). Commissions and realised PnL come with the fills,
    moves with the internal transfers."""
    word = required_text(desk.origin, row, "incomeType")
    if word in _BINANCE_INCOME_ELSEWHERE:
        return ()
    amount = required_number(desk.origin, row, "income")
    kind = _BINANCE_INCOME.get(word, TransferKind.OTHER)
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


# --- kraken ---------------------------------------------------------------------------------------


def kraken_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order; with the flag ``viqc`` its volume is in quote, which is no amount of the base."""
    market = desk.market_by_id(str((row.get("descr") or {}).get("pair")), "spot")
    made = translate.order(desk.origin, desk.client.parse_order(row, market), market)
    if "viqc" not in str(row.get("oflags")):
        return (made,)
    return (
        replace(
            made,
            amount=None,
            status=OrderStatus.CLOSED if row.get("status") == "closed" else made.status,
        ),
    )


def kraken_trade(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A spot trade. One with leverage moves nothing itself: its result and its fee are ledger rows
    of the type ``margin``.

    Source: https://support.kraken.com/hc/en-us/articles/360001169383 (ledger: "trade" is
    non-margin, "margin" is profit or loss)
    """
    market = desk.market_by_id(required_text(desk.origin, row, "pair"), "spot")
    made = translate.fill(desk.origin, desk.client.parse_trade(row, market), market)
    return (replace(made, kind=FillKind.LEVERAGED) if _kraken_leveraged(row, desk) else made,)


def _kraken_leveraged(row: Row, desk: Desk) -> bool:
    figures = [number(desk.origin, row, name) for name in ("margin", "leverage")]
    return any(figures) or bool({"initiating", "closing"} & set(str(row.get("misc")).split(",")))


#: The kinds of ledger rows; ``trade`` comes with the fills.
#: https://docs.kraken.com/api-reference/account-data/get-ledgers-info
_KRAKEN_KINDS = {
    "deposit": TransferKind.DEPOSIT,
    "withdrawal": TransferKind.WITHDRAWAL,
    "staking": TransferKind.REWARD,
    "dividend": TransferKind.REWARD,
    "reward": TransferKind.REWARD,
    "credit": TransferKind.OTHER,
    "rollover": TransferKind.FEE,
    "margin": TransferKind.FUNDING,
}
_KRAKEN_SWAP = frozenset({"spend", "receive", "sale", "conversion", "quick_buy", "quick_sell"})
_KRAKEN_MOVES = {
    "spottostaking": ("spot", "earn"),
    "stakingfromspot": ("spot", "earn"),
    "stakingtospot": ("earn", "spot"),
    "spotfromstaking": ("earn", "spot"),
    "spottofutures": ("spot", "futures"),
    "spotfromfutures": ("futures", "spot"),
    "allocation": ("spot", "earn"),
    "autoallocation": ("spot", "earn"),
    "deallocation": ("earn", "spot"),
    "autodeallocation": ("earn", "spot"),
    "migration": ("earn", "earn"),
}


def kraken_is_swap(row: Row) -> bool:
    """Whether a ledger row is one leg of a convert (its other leg has the same ``refid``)."""
    return row.get("type") in _KRAKEN_SWAP


def kraken_ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A ledger row that is no trade and no leg of a convert. Reversed withdrawals and deposits keep
    their sign, as OTHER."""
    word, subtype = required_text(desk.origin, row, "type"), str(row.get("subtype") or "").lower()
    if word == "trade":
        return ()
    amount = required_number(desk.origin, row, "amount")
    kind, wallets = _kraken_kind(word, subtype, amount)
    asset = _kraken_asset(desk.asset(row, "asset"))
    fee = number(desk.origin, row, "fee")
    signed = kind in {TransferKind.OTHER, TransferKind.FEE, TransferKind.FUNDING}
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "time", "s"),
            asset=asset,
            quantity=amount if signed else amount.copy_abs(),
            fee=Fee(asset=asset, amount=fee) if fee else None,
            tx_id=text(row, "refid"),
            from_wallet=wallets[0] if amount < 0 else None,
            to_wallet=wallets[1] if amount >= 0 else None,
        ),
    )


def _kraken_kind(
    word: str, subtype: str, amount: Decimal
) -> tuple[TransferKind, tuple[str | None, str | None]]:
    if subtype in _KRAKEN_MOVES:
        return TransferKind.INTERNAL, _KRAKEN_MOVES[subtype]
    if word == "earn" and subtype in {"reward", "bonus", ""}:
        return (TransferKind.REWARD if amount > 0 else TransferKind.OTHER), (None, None)
    kind = _KRAKEN_KINDS.get(word, TransferKind.OTHER)
    reversed_sign = (kind is TransferKind.WITHDRAWAL and amount > 0) or (
        kind in {TransferKind.DEPOSIT, TransferKind.REWARD} and amount < 0
    )
    return (TransferKind.OTHER if reversed_sign else kind), (None, None)


def _kraken_asset(code: str) -> str:
    """The asset of a staking code (DOT28.S): a ledger row moves the asset, whichever pot it lies
    in."""
    stem, dot, suffix = code.partition(".")
    return (
        stem.rstrip("0123456789") or stem
        if dot and suffix in {"S", "M", "F", "B", "P", "HOLD"}
        else code
    )


def kraken_swap(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """A convert out of the ledger rows of one ``refid``; None when it is not one asset for one
    other."""
    out = [row for row in legs if required_number(desk.origin, row, "amount") < 0]
    came = [row for row in legs if required_number(desk.origin, row, "amount") > 0]
    if len(out) != 1 or len(came) != 1:
        return None
    given, got = (
        (_kraken_asset(desk.asset(row, "asset")), required_number(desk.origin, row, "amount"))
        for row in (out[0], came[0])
    )
    if given[0] == got[0]:
        return None
    fees = tuple(
        Fee(asset=_kraken_asset(desk.asset(row, "asset")), amount=fee)
        for row in (out[0], came[0])
        if (fee := number(desk.origin, row, "fee"))
    )
    name = required_text(desk.origin, out[0], "refid")
    when = desk.time(out[0], "time", "s")
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=name,
            time=when,
            given=given,
            got=got,
            fees=fees,
            kind=FillKind.CONVERT,
        ),
    )
