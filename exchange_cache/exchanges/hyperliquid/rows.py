"""Hyperliquid's raw rows, read by wallet address: fills of all markets, ends of orders, ledger
updates, funding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import (
    fill_of,
    signed,
)
from exchange_cache.money import EXACT
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
            side={"B": "buy", "A": "sell"}.get(str(row.get("side")), ""),
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
    if not isinstance(entry, Mapping) or status == "open":
        return ()
    amount, left = (required_number(desk.origin, entry, name) for name in ("origSz", "sz"))
    kind = str(entry.get("orderType") or "").lower()
    structure: dict[str, Any] = {
        "id": entry.get("oid"),
        "clientOrderId": entry.get("cloid"),
        "timestamp": entry.get("timestamp"),
        "lastUpdateTimestamp": row.get("statusTimestamp"),
        "side": {"B": "buy", "A": "sell"}.get(str(entry.get("side")), ""),
        "type": kind or None,
        "status": status,
        "price": entry.get("limitPx"),
        "amount": str(amount),
        "filled": str(amount if status == "closed" else EXACT.subtract(amount, left)),
        "reduceOnly": entry.get("reduceOnly"),
    }
    market = _market(desk, required_text(desk.origin, entry, "coin"))
    return (translate.order(desk.origin, structure, structure, market),)


#: Types of ledger updates -> kind and sign (0: the destination decides).
#: https://hyperliquid.gitbook.io/hyperliquid-docs
_UPDATES: Mapping[str, tuple[TransferKind, int]] = {
    "deposit": (TransferKind.DEPOSIT, 1),
    "withdraw": (TransferKind.WITHDRAWAL, -1),
    "internalTransfer": (TransferKind.UNCLASSIFIED, 0),
    "spotTransfer": (TransferKind.UNCLASSIFIED, 0),
    "send": (TransferKind.UNCLASSIFIED, 0),
    "subAccountTransfer": (TransferKind.UNCLASSIFIED, 0),
    "rewardsClaim": (TransferKind.REWARD, 1),
    "spotGenesis": (TransferKind.REWARD, 1),
    "vaultLeaderCommission": (TransferKind.REWARD, 1),
    "vaultDeposit": (TransferKind.INTERNAL, -1),
    "vaultCreate": (TransferKind.INTERNAL, -1),
    "vaultWithdraw": (TransferKind.INTERNAL, 1),
    "vaultDistribution": (TransferKind.INTERNAL, 1),
    "accountActivationGas": (TransferKind.FEE, -1),
    "activateDexAbstraction": (TransferKind.FEE, -1),
    "deployGasAuction": (TransferKind.FEE, -1),
    "gossipPriorityGasAuction": (TransferKind.FEE, -1),
}

#: Lending and repaying take from the wallet, withdrawing and borrowing add to it.
_LENDING = {
    "supply": (TransferKind.INTERNAL, -1),
    "withdraw": (TransferKind.INTERNAL, 1),
    "borrow": (TransferKind.UNCLASSIFIED, 1),
    "repay": (TransferKind.UNCLASSIFIED, -1),
}

_IN_FILLS = "liquidation"
_AMOUNTS = ("amount", "netWithdrawnUsd", "usdc")


def update(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A ledger update that is not funding. A transfer to or from another address is a withdrawal or
    a deposit."""
    delta = row.get("delta")
    if not isinstance(delta, Mapping):
        raise desk.origin.bad("has no delta", row)
    word = required_text(desk.origin, delta, "type")
    if word == _IN_FILLS:
        return ()
    if word == "accountClassTransfer":
        return (_class_transfer(row, delta, desk),)
    found = _kind_of(word, delta, str(desk.client.walletAddress).lower())
    if found is None:
        return ()
    kind, sign = found
    stated = next((name for name in _AMOUNTS if text(delta, name) is not None), None)
    if stated is None:
        raise desk.origin.bad(f"has no amount for {word}", row)
    amount = required_number(desk.origin, delta, stated)
    if not amount:
        return ()
    asset = _token(desk, text(delta, "token") or "USDC")
    name, time = _update_id(row, delta, word, stated, desk), desk.time(row, "time")
    fee = _sent_fee(delta, asset, desk) if kind is TransferKind.WITHDRAWAL else None
    if fee is not None:
        moved = {
            "transfer_id": name,
            "time": time,
            "asset": asset,
            "quantity": amount.copy_abs(),
            "tx_id": text(row, "hash"),
        }
        return (desk.transfer(row, kind=kind, fee=fee, **moved),)
    return (
        signed(
            desk,
            row,
            transfer_id=name,
            kind=kind,
            time=time,
            asset=asset,
            amount=amount if sign > 0 else EXACT.minus(amount),
        ),
    )


def _kind_of(word: str, delta: Row, own: str) -> tuple[TransferKind, int] | None:
    """Kind and sign of an update; None when it goes from one wallet of this address to another."""
    if word == "cStakingTransfer":
        return TransferKind.INTERNAL, -1 if delta.get("isDeposit") else 1
    if word == "perpDexClassTransfer":
        return TransferKind.INTERNAL, -1 if delta.get("toPerp") else 1
    if word == "borrowLend":
        return _LENDING.get(str(delta.get("operation")), (TransferKind.UNCLASSIFIED, 1))
    kind, sign = _UPDATES.get(word, (TransferKind.UNCLASSIFIED, 1))
    if sign:
        return kind, sign
    incoming = str(delta.get("destination") or "").lower() == own
    if incoming and str(delta.get("user") or "").lower() == own:
        return None
    return (TransferKind.DEPOSIT, 1) if incoming else (TransferKind.WITHDRAWAL, -1)


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


def _class_transfer(row: Row, delta: Row, desk: Desk) -> Record:
    to_perp = bool(delta.get("toPerp"))
    return desk.transfer(
        row,
        transfer_id=_update_id(row, delta, "class", "usdc", desk),
        kind=TransferKind.INTERNAL,
        time=desk.time(row, "time"),
        asset=_token(desk, "USDC"),
        quantity=required_number(desk.origin, delta, "usdc").copy_abs(),
        from_wallet="spot" if to_perp else "swap",
        to_wallet="swap" if to_perp else "spot",
    )


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
