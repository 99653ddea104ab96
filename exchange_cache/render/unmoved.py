"""What the last run left out because nothing of it was seen to move, as a line per account for
people and as rows for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from exchange_cache.data_types import DataType
from exchange_cache.render.words import listed, zoned_time
from exchange_cache.value.unmoved import Unmoved

_WORDS = {
    DataType.BALANCES: ("empty wallet", "empty wallets"),
    DataType.POSITIONS: ("empty list of positions", "empty lists of positions"),
}


def unmoved_lines(parts: Iterable[Unmoved], now: datetime) -> tuple[str, ...]:
    """``Nothing moved at main, so the last run did not request 3 empty wallets and 38 histories,
    read last at 10:00 UTC. Each is requested once a day.``"""
    accounts: dict[str, list[Unmoved]] = {}
    for one in parts:
        accounts.setdefault(one.account, []).append(one)
    return tuple(
        f"Nothing moved at {account}, so the last run did not request {_counted(own)}, read last at"
        f" {zoned_time(min(one.read_at for one in own), now)}. Each is requested once a day."
        for account, own in accounts.items()
    )


def _counted(own: Sequence[Unmoved]) -> str:
    counts: dict[tuple[str, str], int] = {}
    for one in own:
        words = _WORDS.get(one.data_type) or (
            ("empty list of open orders", "empty lists of open orders")
            if one.part.startswith("open ")
            else ("history", "histories")
        )
        counts[words] = counts.get(words, 0) + 1
    return listed([f"{count} {words[count > 1]}" for words, count in counts.items()])


def unmoved_document(parts: Iterable[Unmoved]) -> dict[str, object]:
    """The parts as a further key in the document of ``status``."""
    rows = [
        {
            "account": one.account,
            "data_type": str(one.data_type),
            "part": one.part,
            "read_at": one.read_at,
            "checked_at": one.checked_at,
        }
        for one in parts
    ]
    return {"unmoved": rows}
