"""Hyperliquid's raw rows, read by wallet address: fills of all markets, ends of orders, ledger
updates, funding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.meanings import Meaning, classified, means
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.verbs import booked, fill_of, signed
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fee, TransferKind


def _market(desk: Desk, coin: str) -> Market:
    """The market of a coin: ``ETH`` is its perpetual, ``@107`` and ``PURR/USDC`` are spot pairs,
    ``dex:COIN`` a builder's perpetual."""
    name = str(desk.client.coin_to_market_id(coin))
    listed = (desk.client.markets or {}).get(name)
    if listed is not None:
        found: Market = listed
        return found
    return desk.market_by_id(
        name if ":" not in name else f"{name.partition('/')[0]}-USDC-PERP", desk.stream.category
    )


def _token(desk: Desk, name: str) -> str:
    return str(desk.client.update_spot_currency_code(desk.code(name)))


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill. ``fee`` is the whole fee (ccxt adds the builder's part once more); negative is a
    rebate.

    ``tid`` is a hash of the two orders and does not identify a fill: the time (of the block)
    distinguishes two matches of them, the side the two ends of a trade with oneself.
    https://hyperliquid.gitbook.io/hyperliquid-docs (websocket, WsTrade)
    """
    fee, token = text(row, "fee"), text(row, "feeToken") or "USDC"
    crossed = row.get("crossed")
    return (
        fill_of(
            desk,
            row,
            _market(desk, required_text(desk.origin, row, "coin")),
            fill_id=":".join(
                required_text(desk.origin, row, name) for name in ("tid", "time", "side")
            ),
            order_id=text(row, "oid"),
            time=desk.time(row, "time"),
            side={"B": "buy", "A": "sell"}.get(text_or_empty(row, "side"), ""),
            price=row.get("px"),
            amount=row.get("sz"),
            charges=None if fee is None else [(_token(desk, token), fee)],
            liquidity=None if crossed is None else "taker" if crossed else "maker",
            realised=row.get("closedPnl"),
        ),
    )


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """One state of an order. Only its end becomes a record, so that no earlier state replaces
    it."""
    entry = row.get("order")
    status = desk.client.parse_order_status(text(row, "status"))
    if not isinstance(entry, Mapping):
        raise desk.origin.bad("has no order", row)
    if status == "open":
        return ()
    amount, left = (required_number(desk.origin, entry, name) for name in ("origSz", "sz"))
    kind = text_or_empty(entry, "orderType").lower()
    structure: dict[str, Any] = {
        "id": entry.get("oid"),
        "clientOrderId": entry.get("cloid"),
        "timestamp": entry.get("timestamp"),
        "lastUpdateTimestamp": row.get("statusTimestamp"),
        "side": {"B": "buy", "A": "sell"}.get(text_or_empty(entry, "side"), ""),
        "type": kind or None,
        "status": status,
        "price": entry.get("limitPx"),
        "amount": str(amount),
        "filled": str(amount if status == "closed" else EXACT.subtract(amount, left)),
        "reduceOnly": entry.get("reduceOnly"),
    }
    market = _market(desk, required_text(desk.origin, entry, "coin"))
    return (translate.order(desk.origin, structure, structure, market),)


def _moves(inside: str, outside: str, *words: str) -> dict[str, Meaning]:
    found = Meaning(kind=TransferKind.INTERNAL, inside=inside, outside=outside)
    return dict.fromkeys(words, found)


_OTHERS = Meaning(kind=TransferKind.DEPOSIT, outgoing=TransferKind.WITHDRAWAL)

#: Types of ledger updates; one of lending is followed by its operation. A liquidation is among the
#: fills.
#: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
#: (WsLedgerUpdate); the later ones: https://goldrush.dev/docs/api-reference/streaming-api/types/ledger-delta/
LEDGER: dict[str, Meaning] = {
    **means(TransferKind.DEPOSIT, "deposit"),
    **means(TransferKind.WITHDRAWAL, "withdraw"),
    **dict.fromkeys(("internalTransfer", "spotTransfer", "send", "subAccountTransfer"), _OTHERS),
    **means(TransferKind.REWARD, "rewardsClaim", "vaultLeaderCommission"),
    **means(TransferKind.AIRDROP, "spotGenesis"),
    **_moves("swap", "vaults", "vaultDeposit", "vaultCreate", "vaultWithdraw", "vaultDistribution"),
    **_moves("spot", "swap", "accountClassTransfer"),
    **_moves("spot", "earn", "cStakingTransfer"),
    **_moves("spot", "dex", "perpDexClassTransfer"),
    **_moves("spot", "lending", "borrowLend/supply", "borrowLend/withdraw"),
    **_moves("spot", "liquidator", "hip3LiquidatorDeposit"),
    **means(TransferKind.LOAN, "borrowLend/borrow"),
    **means(TransferKind.REPAYMENT, "borrowLend/repay"),
    **means(
        TransferKind.FEE,
        "accountActivationGas",
        "activateDexAbstraction",
        "deployGasAuction",
        "gossipPriorityGasAuction",
    ),
    **means(TransferKind.LIQUIDATION, "liquidation", elsewhere=True),
}
#: Updates that take from the wallet: their amounts have no sign.
_LEAVES = frozenset({"withdraw", "vaultDeposit", "vaultCreate", "hip3LiquidatorDeposit"}) | {
    word for word, meaning in LEDGER.items() if meaning.kind is TransferKind.FEE
}
_AMOUNTS = ("amount", "netWithdrawnUsd", "usdc")


def update(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A ledger update that is not funding. A transfer to or from another address is a withdrawal or
    a deposit."""
    delta = row.get("delta")
    if not isinstance(delta, Mapping):
        raise desk.origin.bad("has no delta", row)
    called = required_text(desk.origin, delta, "type")
    word = f"{called}/{delta.get('operation')}" if called == "borrowLend" else called
    outgoing = _leaves(word, delta, str(desk.client.walletAddress).lower())
    if outgoing is None or classified(LEDGER, word, ZERO) is None:
        return ()
    stated = next((name for name in _AMOUNTS if text(delta, name) is not None), None)
    if stated is None:
        raise desk.origin.bad(f"has no amount for {word}", row)
    amount = required_number(desk.origin, delta, stated)
    if not amount:
        return ()
    asset = _token(desk, text(delta, "token") or "USDC")
    made = booked(
        desk,
        row,
        transfer_id=_update_id(row, delta, _ID_WORDS.get(called, called), stated, desk),
        word=word,
        time=desk.time(row, "time"),
        asset=asset,
        amount=EXACT.minus(amount) if outgoing else amount,
        reference=_transaction(row),
    )
    sent = [one for one in made if one.kind is TransferKind.WITHDRAWAL]
    fee = _sent_fee(delta, asset, desk) if sent else None
    return made if fee is None else (replace(made[0], fee=fee, tx_id=text(row, "hash")),)


#: Ids of earlier versions.
_ID_WORDS = {"accountClassTransfer": "class"}


def _transaction(row: Row) -> str | None:
    """The transaction of an update, which may have several; those of the chain itself have none."""
    found = text(row, "hash")
    return found if found and found.strip("0x") else None


def _flag(delta: Row, field: str) -> bool:
    """The way of a move; ValueError where none is stated."""
    if not isinstance(delta.get(field), bool):
        raise ValueError(f"no true or false in {field!r}: {delta.get(field)!r}")
    return bool(delta[field])


def _leaves(word: str, delta: Row, own: str) -> bool | None:
    """Whether an update takes from the wallet; None when it goes from one wallet of this address to
    another."""
    if word in {"accountClassTransfer", "perpDexClassTransfer"}:
        return _flag(delta, "toPerp")
    if word == "cStakingTransfer":
        return _flag(delta, "isDeposit")
    if word.startswith("borrowLend/"):
        return word in {"borrowLend/supply", "borrowLend/repay"}
    if LEDGER.get(word) is not _OTHERS:
        return word in _LEAVES
    incoming = text_or_empty(delta, "destination").lower() == own
    if incoming and text_or_empty(delta, "user").lower() == own:
        return None
    return not incoming


def _update_id(row: Row, delta: Row, word: str, stated: str, desk: Desk) -> str:
    """The id of an update: one transaction (hash) can have several updates, and those of the chain
    itself have an empty hash."""
    parts = (
        text(row, "hash"),
        text(row, "time"),
        word,
        text(delta, "token"),
        text(delta, "nonce"),
        text(delta, stated),
    )
    required_text(desk.origin, row, "hash")
    return ":".join(part for part in parts if part)


def _sent_fee(delta: Row, asset: str, desk: Desk) -> Fee | None:
    """The fee of a transfer: in USDC, unless its asset is named."""
    fee = number(desk.origin, delta, "fee")
    if not fee:
        return None
    token = text(delta, "feeToken")
    return Fee(asset=_token(desk, token) if token else _token(desk, "USDC"), amount=fee)


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment; rows share one empty hash, but a coin pays at most once at a time."""
    delta = row.get("delta")
    if not isinstance(delta, Mapping):
        raise desk.origin.bad("has no delta", row)
    coin = required_text(desk.origin, delta, "coin")
    market = _market(desk, coin)
    return (
        signed(
            desk,
            row,
            transfer_id=f"{coin}:{required_text(desk.origin, row, 'time')}",
            kind=TransferKind.FUNDING,
            time=desk.time(row, "time"),
            asset=str(market["settle"] or "USDC"),
            amount=required_number(desk.origin, delta, "usdc"),
            symbol=str(market["symbol"]),
        ),
    )
