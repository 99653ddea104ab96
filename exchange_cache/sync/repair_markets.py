"""Rows that earlier versions stored under markets that do not exist: moved, or read again.

Versions up to 0.3 split the id of an unlisted market and stored its rows under what came out. What
an id means is decided by the grammar of its exchange (``adapter.misread``). A row under a wrong
market is deleted and its history requested again only where the exchange still serves it; older
rows of a spot pair are renamed, since only their name is wrong, and other older rows stay and are
counted. A row that may be right is deleted only when its twin is stored under the right market.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from exchange_cache.cache.misread import Pair
from exchange_cache.cache.repairing import FaultyRow
from exchange_cache.sync.repair_scene import HOUR_MS, Scene, by_account, request_again

if TYPE_CHECKING:
    from exchange_cache.adapter.misread import Reader, Verdict

#: How far an account's stored symbols were judged: doubtful ones wait one run for their twins.
JUDGED = "repairs_of_markets"
DONE, REQUESTED = 1, "requested"


def misread_markets(scene: Scene) -> str | None:
    """Rows under markets that earlier versions made up of ids."""
    repaired: list[FaultyRow] = []
    for account in scene.accounts:
        stage = scene.repository.progress.memory(account).get(JUDGED)
        reader = None if stage == DONE else _reader(scene, account)
        if reader is not None:
            repaired += _repaired(scene, account, reader, first=stage is None)
    if not repaired:
        return None
    return (
        f"{by_account(repaired)} under markets that do not exist, renamed or deleted;"
        " what was deleted is requested again"
    )


def _reader(scene: Scene, account: str) -> Reader | None:
    """What judges the symbols of an account; None without a market list to judge by."""
    from exchange_cache.adapter.misread import Reader
    from exchange_cache.exchanges import policy_for

    exchange = scene.exchange_of(account)
    markets = scene.repository.progress.memory(account).get("markets")
    if exchange is None or not isinstance(markets, list):
        return None
    return Reader(policy_for(exchange), markets)


def _repaired(scene: Scene, account: str, reader: Reader, *, first: bool) -> tuple[FaultyRow, ...]:
    store = scene.repository.misread
    store.price_options_in_what_they_settle_in(account)
    doubled = store.listed_twice(account)
    scene.store.delete(doubled)
    repaired = [*doubled, *_deleted(scene, store.contracts_as_spot(account))]
    requested = False
    for data_type, category, symbol in store.places(account):
        verdict = reader.verdict(category, symbol)
        rows = (
            ()
            if not verdict.right and verdict.possible
            else store.rows(account, data_type, category, symbol)
        )
        if verdict.is_wrong:
            repaired += _moved(scene, rows, symbol, verdict)
        elif verdict.is_doubtful:
            twins = store.twins(account, data_type, category, symbol)
            scene.store.delete(twins)
            repaired += twins
            requested |= first and len(twins) < len(rows)
            if first:
                request_again(scene, rows, around_ms=HOUR_MS)
    for symbol, nothing in store.transfer_symbols(account):
        _rename_transfers(scene, account, reader, symbol, nothing=nothing)
    stage = REQUESTED if requested else DONE
    scene.repository.progress.remember(account, {JUDGED: stage}, scene.now)
    return tuple(repaired)


def _moved(
    scene: Scene, rows: tuple[FaultyRow, ...], symbol: str, verdict: Verdict
) -> tuple[FaultyRow, ...]:
    """Rows that are certainly under a wrong market: what is still served is read again, an older
    row of a pair renamed."""
    again = _deleted(scene, rows)
    older = tuple(row for row in rows if row not in set(again))
    identity = verdict.right[0] if len(verdict.right) == 1 else None
    if not older or identity is None or identity.is_contract or ":" in symbol:
        return again
    base, quote = symbol.split("/", 1)
    to = Pair(symbol=identity.symbol, base=identity.base, quote=identity.quote)
    scene.repository.misread.rename(older, to, Pair(symbol=symbol, base=base, quote=quote))
    return (*again, *older)


def _deleted(scene: Scene, rows: Iterable[FaultyRow]) -> tuple[FaultyRow, ...]:
    """The rows that every history that may have stored them still serves; they are deleted, and
    requested again."""
    served = tuple(row for row in rows if scene.is_served(row))
    scene.store.delete(served)
    request_again(scene, served, around_ms=HOUR_MS)
    return served


def _rename_transfers(
    scene: Scene, account: str, reader: Reader, symbol: str, *, nothing: bool
) -> None:
    """Income of a made-up market under its right symbol, and in the asset that it settles in."""
    verdict = reader.verdict("spot" if ":" not in symbol else "linear", symbol)
    if len(verdict.right) != 1 or not (verdict.is_wrong or nothing):
        return
    identity = verdict.right[0]
    settle = identity.settle if nothing else None
    scene.repository.misread.rename_transfers(account, symbol, identity.symbol, settle)
