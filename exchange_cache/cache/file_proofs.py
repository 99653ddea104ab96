"""What the running balances in imported files prove.

A range is proven where the balances have no break and reach something that the exchange's API
states itself: a row under one id, or the balance of this moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.imported_models import (
    DERIVED,
    LINKS,
    ImportedFile,
    LinkRow,
)
from exchange_cache.cache.merging import files_of
from exchange_cache.cache.reading import LedgerReading
from exchange_cache.cache.table import selected
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.replay import flows
from exchange_cache.money import EXACT, ZERO
from exchange_cache.statements.chains import Break, Link, Proven, joined, proven

Place = tuple[str, str]  # chain, asset
_MOVES = ("account", "scope", "transfer_id")
_FILLS = ("account", "category", "symbol", "fill_id")
#: A fill moves what it exchanges, and what it is charged in.
_IN_FILL = "(? IN (f.base, f.quote) OR instr(f.fees, ?) > 0)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the chains of one table of an account prove, by chain and asset, and where they break.
    ``open`` are chains that reach nothing that the exchange states, ``absent`` the assets of rows
    of the API that the files have no row of, although they cover their time."""

    table: str
    proven: Mapping[Place, Proven]
    breaks: tuple[Break, ...]
    open: tuple[Place, ...]
    absent: tuple[str, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether the chains prove anything."""
        return not self.open and not self.absent

    @property
    def first_break(self) -> Break | None:
        """The newest of the breaks: what is missing next when one goes back from today."""
        return max(self.breaks, key=lambda one: one.at, default=None)


def proofs(database: CacheDatabase, account: str) -> tuple[Proof, ...]:
    """What the chains of the files of an account prove, by table."""
    files = {one.id: one for one in files_of(database, account) if one.chained}
    own_files: dict[str, list[ImportedFile]] = {}
    for file in files.values():
        own_files.setdefault(file.table, []).append(file)
    query = selected(LinkRow, LINKS).where(LinkRow.account == account)
    links: dict[str, dict[Place, list[Link]]] = {}
    for link in LINKS.read(database.rows(query)):
        if link.file in files:
            own = links.setdefault(files[link.file].table, {})
            own.setdefault((link.chain, link.asset), []).append(link)
    return tuple(
        _proof(database, account, name, own, own_files[name]) for name, own in links.items()
    )


def _absent(
    database: CacheDatabase, files: Sequence[ImportedFile], links: Iterable[Place]
) -> tuple[str, ...]:
    """The assets that rows of the API moved in the time of files that have no row of them: the user
    selected others on the exchange's page."""
    known = {asset for _, asset in links}
    found: set[str] = set()
    for file in files:
        if file.start_at is None or file.end_at is None:
            continue
        marks = ", ".join("?" * len(file.histories))
        values = (file.account, to_ms(file.start_at), to_ms(file.end_at), *file.histories)
        where = f"WHERE account = ? AND time_ms BETWEEN ? AND ? AND served_by IN ({marks})"
        for base, quote, settle in database.select(
            f"SELECT DISTINCT base, quote, settle FROM exchange_fills {where}", values
        ):
            found |= {settle} if settle else {base, quote}
        rows = database.select(
            f"SELECT DISTINCT asset FROM exchange_transfers {where}"
            " AND status = 'ok' AND kind <> 'internal'",
            values,
        )
        found |= {asset for (asset,) in rows}
    return tuple(sorted(found - known))


def _proof(
    database: CacheDatabase,
    account: str,
    table: str,
    links: Mapping[Place, Sequence[Link]],
    files: Sequence[ImportedFile],
) -> Proof:
    trades = any(name.startswith("fills/") for file in files for name in file.histories)
    held = _closed_by_balance(database, account, links, trades=trades)
    found, breaks, unclosed = {}, [], []
    for place, own in sorted(links.items()):
        newest = joined(own)[-1]
        by_id = None if place in held else _served(database, account, newest)
        proof, broken = proven(own, [newest.end] if place in held else by_id or ())
        breaks += [broken] if broken is not None else []
        if proof is None:
            unclosed.append(place)
        else:
            found[place] = proof
    return Proof(
        table=table,
        proven=found,
        breaks=tuple(breaks),
        open=tuple(unclosed),
        absent=_absent(database, files, links),
    )


def _served(database: CacheDatabase, account: str, link: Link) -> list[datetime]:
    """The time of the newest row of a link that the API states under the same id."""
    ((begin,),) = database.select(
        "SELECT min(start_ms) FROM exchange_coverage WHERE account = ?", (account,)
    )
    if begin is None:
        return []
    place = (account, max(begin, to_ms(link.start)), to_ms(link.end) + 999)
    for imported, ledger, key, asset, values in (
        ("imported_transfers", "exchange_transfers", _MOVES, "f.asset = ?", (link.asset,)),
        ("imported_fills", "exchange_fills", _FILLS, _IN_FILL, (link.asset, f'"{link.asset}"')),
    ):
        same = " AND ".join(f"e.{name} = f.{name}" for name in key)
        rows = database.select(
            f"SELECT f.time_ms FROM {imported} AS f JOIN {ledger} AS e ON {same}"
            f" WHERE f.account = ? AND f.time_ms BETWEEN ? AND ? AND f.exact = 1 AND {asset}"
            f" AND NOT {DERIVED.format('e.')} ORDER BY f.time_ms DESC LIMIT 1",
            (*place, *values),
        )
        if rows:
            return [min(from_ms(rows[0][0]), link.end)]
    return []


def _closed_by_balance(
    database: CacheDatabase, account: str, links: Mapping[Place, Sequence[Link]], *, trades: bool
) -> set[Place]:
    """The chains that end with what is held: those of a wallet with its balance, less what moved
    in and out of it since (where it ``trades``, nothing may have moved); those of an asset together
    with all that is held of it, less what moved since."""
    if not _was_read(database, account):
        return set()
    last = {place: joined(own)[-1] for place, own in links.items()}
    held: dict[Place, Decimal] = {}
    for wallet, asset, text in database.select(
        "SELECT wallet, asset, total FROM exchange_balances WHERE account = ?", (account,)
    ):
        held[wallet, asset] = held.get((wallet, asset), ZERO) + Decimal(text)
    wallets = {wallet for wallet, _ in held}
    found: set[Place] = set()
    for asset in {asset for _, asset in last}:
        own = {place: link for place, link in last.items() if place[1] == asset}
        since = max(link.end for link in own.values())
        moved = _moved(database, account, asset, since)
        closing = sum((link.closing for link in own.values()), ZERO)
        total = sum((one for (_, name), one in held.items() if name == asset), ZERO)
        if closing + sum(moved, ZERO) == total:
            found |= own.keys()
        for place, link in own.items():
            left = held.get(place, ZERO) - link.closing
            if place[0] in wallets and (
                (not moved and not left)
                or (not trades and left in _moved_in(database, account, place, link.end))
            ):
                found.add(place)
    return found


def _moved_in(
    database: CacheDatabase, account: str, place: Place, since: datetime
) -> tuple[Decimal, ...]:
    """What moved of an asset in a wallet without trades since a moment: by the rows that name it,
    and by those that name no wallet too."""
    wallet, asset = place
    only = Filter(accounts=(account,), asset=asset, since=since + timedelta(seconds=1))
    inside = outside = ZERO
    for move in LedgerReading(database).transfers(only):
        if move.asset != asset or move.status != "ok":
            continue
        if wallet in {move.from_wallet, move.to_wallet}:
            sign = int(move.to_wallet == wallet) - int(move.from_wallet == wallet)
            inside = EXACT.add(inside, sign * move.quantity)
        elif move.from_wallet is None and move.to_wallet is None:
            outside += sum((one.quantity for one in flows((), [move]) if one.asset == asset), ZERO)
    return inside, EXACT.add(inside, outside)


def _moved(
    database: CacheDatabase, account: str, asset: str, since: datetime
) -> tuple[Decimal, ...]:
    """The changes of an asset that the ledger has since a moment."""
    only = Filter(accounts=(account,), asset=asset, since=since + timedelta(seconds=1))
    ledger = LedgerReading(database)
    found = flows(ledger.fills(only), ledger.transfers(only))
    return tuple(flow.quantity for flow in found if flow.asset == asset)


def _was_read(database: CacheDatabase, account: str) -> bool:
    """Whether balances of an account were read: an asset without one is not held then."""
    return bool(
        database.select(
            "SELECT 1 FROM exchange_sync_status WHERE account = ? AND data_type = 'balances'"
            " AND succeeded_ms IS NOT NULL LIMIT 1",
            (account,),
        )
    )
