"""Kraken: everything in one wallet and one ledger, for all pairs and all time, by row offset.

Deposits and withdrawals come from the ledger, which is complete, and not from DepositStatus, which
tells recent ones only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.policy import (
    CallPolicy,
    ExchangePolicy,
    Legs,
    OffsetPaging,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
)
from exchange_cache.exchanges.verbs import (
    amount_or_zero,
    owing,
)
from exchange_cache.money import EXACT, to_amount
from exchange_cache.records import (
    DataType,
    Fee,
    FillKind,
    OrderStatus,
    TransferKind,
)

# --- rows -----------------------------------------------------------------------------------------


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order; with the flag ``viqc`` its volume is in quote, which is no amount of the base."""
    market = desk.market_by_id(str((row.get("descr") or {}).get("pair")), "spot")
    made = translate.order(desk.origin, *desk.parsed_order(row, market), market)
    if "viqc" not in str(row.get("oflags")):
        return (made,)
    return (
        replace(
            made,
            amount=None,
            status=OrderStatus.CLOSED if row.get("status") == "closed" else made.status,
        ),
    )


def trade(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A spot trade. One with leverage moves nothing itself: its result and its fee are ledger rows
    of the type ``margin``.

    Source: https://support.kraken.com/hc/en-us/articles/360001169383 (ledger: "trade" is
    non-margin, "margin" is profit or loss)
    """
    market = desk.market_by_id(required_text(desk.origin, row, "pair"), "spot")
    made = translate.fill(desk.origin, *desk.parsed_trade(row, market), market)
    return (replace(made, kind=FillKind.LEVERAGED) if _leveraged(row, desk) else made,)


def _leveraged(row: Row, desk: Desk) -> bool:
    figures = [number(desk.origin, row, name) for name in ("margin", "leverage")]
    return any(figures) or bool({"initiating", "closing"} & set(str(row.get("misc")).split(",")))


#: The kinds of ledger rows; ``trade`` comes with the fills.
#: https://docs.kraken.com/api-reference/account-data/get-ledgers-info
_KINDS = {
    "deposit": TransferKind.DEPOSIT,
    "withdrawal": TransferKind.WITHDRAWAL,
    "staking": TransferKind.REWARD,
    "dividend": TransferKind.REWARD,
    "reward": TransferKind.REWARD,
    "credit": TransferKind.OTHER,
    "rollover": TransferKind.FEE,
    "margin": TransferKind.FUNDING,
}

_SWAP = frozenset({"spend", "receive", "sale", "conversion", "quick_buy", "quick_sell"})

_MOVES = {
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


def is_swap(row: Row) -> bool:
    """Whether a ledger row is one leg of a convert (its other leg has the same ``refid``)."""
    return row.get("type") in _SWAP


def ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A ledger row that is no trade and no leg of a convert. Reversed withdrawals and deposits keep
    their sign, as OTHER."""
    word, subtype = required_text(desk.origin, row, "type"), str(row.get("subtype") or "").lower()
    if word == "trade":
        return ()
    amount = required_number(desk.origin, row, "amount")
    kind, wallets = _kind(word, subtype, amount)
    asset = _asset(desk.asset(row, "asset"))
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


def _kind(
    word: str, subtype: str, amount: Decimal
) -> tuple[TransferKind, tuple[str | None, str | None]]:
    if subtype in _MOVES:
        return TransferKind.INTERNAL, _MOVES[subtype]
    if word == "earn" and subtype in {"reward", "bonus", ""}:
        return (TransferKind.REWARD if amount > 0 else TransferKind.OTHER), (None, None)
    kind = _KINDS.get(word, TransferKind.OTHER)
    reversed_sign = (kind is TransferKind.WITHDRAWAL and amount > 0) or (
        kind in {TransferKind.DEPOSIT, TransferKind.REWARD} and amount < 0
    )
    return (TransferKind.OTHER if reversed_sign else kind), (None, None)


def _asset(code: str) -> str:
    """The asset of a staking code (DOT28.S): a ledger row moves the asset, whichever pot it lies
    in."""
    stem, dot, suffix = code.partition(".")
    return (
        stem.rstrip("0123456789") or stem
        if dot and suffix in {"S", "M", "F", "B", "P", "HOLD"}
        else code
    )


def swap(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """A convert out of the ledger rows of one ``refid``; None when it is not one asset for one
    other."""
    out = [row for row in legs if required_number(desk.origin, row, "amount") < 0]
    came = [row for row in legs if required_number(desk.origin, row, "amount") > 0]
    if len(out) != 1 or len(came) != 1:
        return None
    given, got = (
        (_asset(desk.asset(row, "asset")), required_number(desk.origin, row, "amount"))
        for row in (out[0], came[0])
    )
    if given[0] == got[0]:
        return None
    fees = tuple(
        Fee(asset=_asset(desk.asset(row, "asset")), amount=fee)
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


_CONVERTS = Legs(is_leg=is_swap, field="refid", time_field="time", time_unit="s", make=swap)


# --- wallets --------------------------------------------------------------------------------------


def extended_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """The spot balance less what is used of a credit line, which some accounts are granted.

    "available balance = balance + credit - credit_used - hold_trade": by that, what is drawn of
    the credit stays in ``balance``. Loans of margin positions are not in the balances.
    Source: https://docs.kraken.com/api-reference/account-data/get-extended-balance
    """
    found = {}
    for asset_id, row in response["result"].items():
        held, used, debt = (
            to_amount(str(row["balance"])),
            amount_or_zero(row, "hold_trade"),
            amount_or_zero(row, "credit_used"),
        )
        found[str(client.safe_currency_code(asset_id))] = owing(
            EXACT.subtract(held, debt), EXACT.subtract(held, used), used, debt
        )
    return found


# --- policy ---------------------------------------------------------------------------------------


_DOCS = "https://docs.kraken.com/api-reference"
_FOUNDED = 1_378_684_800_000  # 2013-09-09
_BOUNDS = TimeBounds(start="start", end="end", unit="s", start_exclusive=True)
_OFFSET = OffsetPaging(param="ofs", total="result.count")

POLICY = ExchangePolicy(
    exchange="kraken",
    title="Kraken",
    wallets=(
        WalletPolicy(
            name="spot",
            method="privatePostBalanceEx",
            parser=extended_wallet,
            must_have="result",
            source=(
                f"{_DOCS}/account-data/get-extended-balance: balance less credit_used; "
                "staked and held codes (.S .M .F .B .P, .HOLD) lie beside the others"
            ),
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="privatePostTradesHistory",
            parser=trade,
            market_field="pair",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.trades",
            note="trades with leverage are told by the ledger: result and fees",
            source=f"{_DOCS}/account-data/get-trades-history: 50 a page",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method="privatePostClosedOrders",
            parser=order,
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.closed",
            source=f"{_DOCS}/account-data/get-closed-orders: by opening or closing time",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="ledger",
            method="privatePostLedgers",
            parser=ledger,
            legs=_CONVERTS,
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=50,
            limit_param="",
            history_start_ms=_FOUNDED,
            rows="result.ledger",
            transfer_kind=TransferKind.OTHER,
            note=(
                "deposits, withdrawals, rewards, moves to staking, results of margin trades;"
                " converts (spend and receive) become fills"
            ),
            source=f"{_DOCS}/account-data/get-ledgers-info",
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privatePostOpenOrders",
            market_field="descr.pair",
            rows="result.open",
            keyed=True,
        ),
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    keep_options=("marketsByAltname", "delistedMarketsById"),
    earn_suffixes=(".S", ".M", ".F", ".B", ".P", ".T"),
    asset_aliases={
        "ETH2": "ETH",
        "USD.HOLD": "USD",
        "EUR.HOLD": "EUR",
        "GBP.HOLD": "GBP",
        "CAD.HOLD": "CAD",
        "AUD.HOLD": "AUD",
        "CHF.HOLD": "CHF",
    },
    discovery_quotes=("USD", "EUR", "USDT", "USDC", "BTC", "ETH", "GBP"),
    candles=False,  # OHLC answers the newest 720 candles, whatever is asked
    guarantee=(
        "Fills, orders and the ledger are complete since the account was opened. Trades with"
        " leverage are listed as fills that move nothing; their results and fees come from the"
        " ledger. Open margin positions are not listed as positions."
    ),
    source=_DOCS,
)
