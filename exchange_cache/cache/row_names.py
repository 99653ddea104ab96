"""Names for the rows of a file that have no id: their content, and a number for equal ones."""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from dataclasses import replace
from decimal import Decimal

from exchange_cache.cache.imported_models import FROM_FILE
from exchange_cache.clock import to_ms
from exchange_cache.records import Fill, Transfer

#: So many times of a file are known at once, to number equal rows.
_TIMES = 10_000


class RowNames:
    """Gives rows without an id one: their content, and a number for equal ones."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, Counter[str]] = OrderedDict()

    def named(self, record: Fill | Transfer) -> Fill | Transfer:
        time = to_ms(record.time)
        seen = self._seen.setdefault(time, Counter())
        if len(self._seen) > _TIMES:
            self._seen.popitem(last=False)
        digest = _content(record)
        seen[digest] += 1
        name = f"{FROM_FILE}{digest}-{seen[digest]}"
        if isinstance(record, Fill):
            return replace(record, fill_id=name)
        return replace(record, transfer_id=name)


def _content(record: Fill | Transfer) -> str:
    if isinstance(record, Fill):
        parts: tuple[object, ...] = (
            *("fill", record.category, record.symbol, record.side, record.kind),
            *(record.order_id, _plain(record.quantity), _plain(record.cost)),
            *((fee.asset, _plain(fee.amount)) for fee in record.fees),
        )
    else:
        parts = (
            *("transfer", record.kind, record.asset, _plain(record.quantity), record.word),
            *(record.from_wallet, record.to_wallet, record.tx_id, record.reference),
        )
    text = repr((to_ms(record.time), *map(str, parts)))
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def _plain(figure: Decimal) -> str:
    return str(figure.normalize())
