"""Bitget's bills of the classic spot account: its moves, Earn, and all else that no other history
reports."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import DAY, IdPaging, StreamPolicy
from exchange_cache.exchanges.bitget import rows, words
from exchange_cache.records import DataType

_DOCS = "https://www.bitget.com/api-doc"
_RETENTION = 89 * DAY
_MONTH = 30 * DAY - timedelta(minutes=1)  # "must not exceed"


def _bills(scope: str, group: str) -> StreamPolicy:
    """The spot account's bills of one group, or of all others."""
    filters = {"groupType": group} if group else {}
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method="privateSpotGetV2SpotAccountBills",
        params=filters,
        only=filters,
        parser=rows.bill,
        meanings=words.SPOT if group else words.SPOT_REST,
        paging=IdPaging(param="idLessThan", field="billId", backward=True),
        page_size=500,
        window=_MONTH,
        retention=_RETENTION,
        rows="data",
        optional=True,
        note="the spot account's bills, 90 days",
        source=f"{_DOCS}/spot/account/Get-Account-Bills",
    )


SPOT_BILLS = (_bills("moves", "transfer"), _bills("earn", "financial"), _bills("bills-rest", ""))
