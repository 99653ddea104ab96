"""How far the files of the past of one account are: pure, from what is stored of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveProgress:
    """One archive of one account. ``read`` files reach back to ``back_to`` and added ``new_rows``;
    ``making`` files are ordered since ``since``; ``missing`` ones are not ordered.

    ``left`` of ``most`` orders are left in this ``window`` (day, month), where the exchange limits
    them; ``shared`` says who else uses them up. ``by_request``: none is ordered unless the user
    says so, who did so where ``requested``. ``problems`` are what went wrong with files.
    """

    account: str
    title: str
    read: int
    new_rows: int
    back_to: datetime | None
    making: int
    since: datetime | None
    missing: int
    left: int | None
    most: int | None
    window: str
    shared: str
    by_request: bool
    requested: bool
    problems: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do or to say."""
        return bool(self.making or self.missing or self.problems)
