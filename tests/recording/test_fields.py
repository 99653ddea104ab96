"""Names of fields say what is under them."""

from __future__ import annotations

import pytest

from exchange_cache.recording.fields import Kind, kind_of_parent, number_kind, text_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("avgPx", Kind.PRICE),
        ("limit_price", Kind.PRICE),
        ("feeRate", Kind.PRICE),
        ("uplRatio", Kind.PRICE),
        ("leverage", Kind.PRICE),
        ("ctVal", Kind.PRICE),
        ("base_increment", Kind.PRICE),
        ("markPrice", Kind.PRICE),
        ("high", Kind.PRICE),
        ("cumExecValue", Kind.AMOUNT),
        ("executedQty", Kind.AMOUNT),
        ("accFillSz", Kind.AMOUNT),
        ("vol_exec", Kind.AMOUNT),
        ("cashBal", Kind.AMOUNT),
        ("unrealisedPnl", Kind.AMOUNT),
        ("marginBalance", Kind.AMOUNT),
        ("positionId", Kind.ID),
        ("tranId", Kind.ID),
        ("uid", Kind.ID),
        ("ordertxid", Kind.ID),
        ("cTime", Kind.TIME),
        ("closetm", Kind.TIME),
        ("pageSize", Kind.WORD),
        ("totalNum", Kind.WORD),
        ("code", Kind.WORD),
        ("unifiedMarginStatus", Kind.WORD),
        ("result", Kind.UNKNOWN),
    ],
)
def test_numbers(name: str, kind: Kind) -> None:
    assert number_kind(name) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("feeCurrency", Kind.MARKET),
        ("commissionAsset", Kind.MARKET),
        ("instId", Kind.MARKET),
        ("product_id", Kind.MARKET),
        ("clientOrderId", Kind.ID),
        ("address", Kind.ID),
        ("txHash", Kind.ID),
        ("nickName", Kind.PERSONAL),
        ("label", Kind.PERSONAL),
        ("remark", Kind.PERSONAL),
        ("email", Kind.PERSONAL),
        ("retMsg", Kind.MESSAGE),
        ("positionSide", Kind.WORD),
        ("status", Kind.WORD),
        ("created_at", Kind.TIME),
        ("whatever", Kind.UNKNOWN),
    ],
)
def test_texts(name: str, kind: Kind) -> None:
    assert text_kind(name) is kind


def test_a_silent_name_means_what_the_object_around_it_means() -> None:
    assert kind_of_parent("permissions", "spot") == "permissions"
    assert kind_of_parent("unit_price", "value") == "unit_price"
    assert kind_of_parent("native_amount", "amount") == "amount"
    assert kind_of_parent("permissions", "userId") == "userId"
