"""Rows that earlier versions stored under markets that do not exist: moved, or read again.

Versions up to 0.3 split the id of an unlisted market and stored its rows under what came out. What
an id means is decided by the grammar of its exchange (``adapter.misread``). A row under a wrong
market is deleted and its history requested again only where the exchange still serves it; older
rows of a spot pair are renamed, since only their name is wrong, and other older rows stay and are
counted. A row that may be right is deleted only when its twin is stored under the right market.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from exchange_cache.cache.misread import Pair
from exchange_cache.cache.repairing import FaultyRow
from exchange_cache.records import DataType
from exchange_cache.sync.repair_scene import (
    EVERYBODY,
    HOUR_MS,
    Scene,
    by_account,
    counted,
    request_again,
)

if TYPE_CHECKING:
    from exchange_cache.adapter.misread import Reader, Verdict

#: How far the stored symbols of each account were judged: doubtful ones wait one run for their
#: twins.
JUDGED = "repairs_of_markets"
DONE, REQUESTED = "done", "requested"


def misread_markets(scene: Scene) -> str | None:
    """Rows under markets that earlier versions made up of ids."""
    found = scene.repository.progress.memory(EVERYBODY).get(JUDGED)
    known: Mapping[str, object] = found if isinstance(found, dict) else {}
    judged, repaired, left = dict(known), [], 0
    for account in scene.accounts:
        if known.get(account) == DONE:
            continue
        repair = AccountRepair(scene, account, first=account not in known)
        judged[account] = repair.run()
        repaired += repair.repaired
        left += len(repair.left)
    stages = {account: stage for account, stage in judged.items() if stage is not None}
    if stages != known:
        scene.repository.progress.remember(EVERYBODY, {JUDGED: stages}, scene.now)
    return _line(repaired, left)


def _line(repaired: list[FaultyRow], left: int) -> str | None:
    parts = []
    if repaired:
        parts.append(
            f"{by_account(repaired)} under markets that do not exist, renamed or deleted;"
            " what was deleted is requested again"
        )
    if left:
        parts.append(
            f"{counted(left, 'row', 'rows')} under markets that do not exist, which the exchange no"
            f" longer serves: left as {'it is' if left == 1 else 'they are'}"
        )
    return "; ".join(parts) or None


class AccountRepair:
    """The repair of one account; ``left`` are rows that can be neither renamed nor read again."""

    def __init__(self, scene: Scene, account: str, *, first: bool) -> None:
        self._scene = scene
        self._store = scene.repository.misread
        self._account = account
        self._first = first
        self._waiting = False
        self.repaired: list[FaultyRow] = []
        self.left: list[FaultyRow] = []

    def run(self) -> str | None:
        """Repair what is wrong; how far the account is judged now, None: it cannot be."""
        places = self._store.places(self._account)
        symbols = self._store.transfer_symbols(self._account)
        if not places and not symbols:
            return DONE
        reader = self._reader()
        if reader is None:
            return None
        self._store.price_options_in_what_they_settle_in(self._account)
        self._delete(self._store.listed_twice(self._account))
        self._read_again(self._store.contracts_as_spot(self._account))
        for place in places:
            self._judge(reader, *place)
        for symbol, nothing in symbols:
            self._rename_transfers(reader, symbol, nothing=nothing)
        return REQUESTED if self._waiting else DONE

    def _reader(self) -> Reader | None:
        """What judges the symbols; None without a market list to judge by."""
        from exchange_cache.adapter.misread import Reader
        from exchange_cache.exchanges import policy_for

        exchange = self._scene.exchange_of(self._account)
        markets = self._scene.repository.progress.memory(self._account).get("markets")
        if exchange is None or not isinstance(markets, list):
            return None
        return Reader(policy_for(exchange), markets)

    def _judge(self, reader: Reader, data_type: DataType, category: str, symbol: str) -> None:
        verdict = reader.verdict(category, symbol)
        if not (verdict.is_wrong or verdict.is_doubtful):
            return
        rows = self._store.rows(self._account, data_type, category, symbol)
        if verdict.is_wrong:
            older = self._read_again(rows)
            self._rename(older, category, symbol, verdict)
            return
        twins = self._store.twins(self._account, data_type, category, symbol)
        self._delete(twins)
        if self._first:
            request_again(self._scene, rows, around_ms=HOUR_MS)
            self._waiting |= len(twins) < len(rows)

    def _delete(self, rows: Iterable[FaultyRow]) -> None:
        gone = tuple(rows)
        self._scene.store.delete(gone)
        self.repaired += gone

    def _read_again(self, rows: Iterable[FaultyRow]) -> tuple[FaultyRow, ...]:
        """Delete and request again what every history that may have stored it still serves; the
        rows that are older."""
        found = tuple(rows)
        served = tuple(row for row in found if self._scene.is_served(row))
        self._delete(served)
        request_again(self._scene, served, around_ms=HOUR_MS)
        return tuple(row for row in found if row not in set(served))

    def _rename(
        self, rows: tuple[FaultyRow, ...], category: str, symbol: str, verdict: Verdict
    ) -> None:
        """Older rows of a pair get its name; those of a contract would need its size."""
        identity = verdict.right[0] if len(verdict.right) == 1 else None
        if identity is None or identity.is_contract or category not in {"spot", "margin"}:
            self.left += rows
            return
        base, quote = symbol.split("/", 1)
        to = Pair(symbol=identity.symbol, base=identity.base, quote=identity.quote)
        self._store.rename(rows, to, Pair(symbol=symbol, base=base, quote=quote))
        self.repaired += rows

    def _rename_transfers(self, reader: Reader, symbol: str, *, nothing: bool) -> None:
        """Income of a made-up market under its right symbol, in the asset that it settles in."""
        verdict = reader.verdict("spot" if ":" not in symbol else "linear", symbol)
        if len(verdict.right) != 1 or not (verdict.is_wrong or nothing):
            return
        identity = verdict.right[0]
        settle = identity.settle if nothing else None
        self._store.rename_transfers(self._account, symbol, identity.symbol, settle)
