"""The past that no call serves any more: what of today's holdings it would explain, and which files
bring it. Pure: ``cli.missing`` collects what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exchange_cache.data_types import DataType
from exchange_cache.money import ZERO
from exchange_cache.value.archives import ArchiveProgress

#: A history by its data type and scope.
Place = tuple[DataType, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A history of which nothing is stored between two times (milliseconds), and which the
    exchange's pages no longer serve there. ``start_ms`` 0: since it exists."""

    data_type: DataType
    scope: str
    start_ms: int
    end_ms: int

    @property
    def place(self) -> Place:
        return self.data_type, self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units held today that were there before the stored history; ``value`` None: without a
    price."""

    asset: str
    quantity: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file that the user can download: its table, where, how far that page reaches if it is
    limited, and the histories that it brings."""

    table: str
    page: str
    reach: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSource:
    """An archive that a sync fetches, and the histories that it brings."""

    progress: ArchiveProgress
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPast:
    """What is missing of one account's past. ``oversold`` are the assets of which more was sold
    than the stored history had added; ``named``: the command must name the account, because its
    exchange has several."""

    account: str
    exchange: str
    lost: tuple[Lost, ...]
    units: tuple[Units, ...]
    oversold: tuple[str, ...]
    files: tuple[FileSource, ...]
    archives: tuple[ArchiveSource, ...]
    named: bool = False

    @property
    def worth(self) -> Decimal:
        """The value of the units that it would explain, as far as they have a price."""
        return sum((one.value for one in self.units if one.value is not None), ZERO)

    @property
    def matters(self) -> bool:
        """Whether a figure of today depends on it."""
        return bool(self.units or self.oversold)


def by_worth(missing: Iterable[MissingPast]) -> tuple[MissingPast, ...]:
    """What explains most of today's holdings first."""
    return tuple(sorted(missing, key=lambda one: (-one.worth, -len(one.units), -len(one.oversold))))


def fewest(files: Sequence[FileSource], lost: Iterable[Lost]) -> tuple[FileSource, ...]:
    """As few of an exchange's files as bring what any of them can bring of the lost histories; of
    two that bring equally much, the one that is listed first."""
    left = {one.place for one in lost}
    chosen: list[FileSource] = []
    while left:
        best = max(files, key=lambda file: len(left & {*file.places}), default=None)
        if best is None or not left & {*best.places}:
            break
        chosen.append(best)
        left -= {*best.places}
    return tuple(chosen)
