"""The trading account's file of OKX: whatever stands in it, its quantities are conserved."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings, strategies as st

from exchange_cache.exchanges.okx.files import TABLES
from exchange_cache.statements.table import Stated
from tests.effort import examples
from tests.exchanges.file_cases import UTC8, changes, checkpoints, left_out, read, summed

HEADER = (
    "id,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,"
    "Position Change,Position Balance,Balance Change,Balance,Balance Unit"
)
ACTIONS = (
    *("Buy", "Sell", "Transfer in", "Transfer out", "Interest deduction", "Convert in"),
    *("Convert out", "Funding fee expense", "Opened", "Borrow", "Repay", "Easy convert in"),
)
LINES = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["Spot", "Margin"]),
    st.sampled_from(ACTIONS),
    st.sampled_from(["BTC", "USDT"]),
    st.integers(-4, 4).map(lambda number: Decimal(number) / 4),
    st.sampled_from([Decimal(0), Decimal("-0.25"), Decimal("0.25")]),
    st.sampled_from(["o-1", "o-2", ""]),
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(LINES, min_size=1, max_size=10))
def test_quantities_are_conserved(
    lines: list[tuple[int, str, str, str, Decimal, Decimal, str]],
) -> None:
    lines = sorted(lines, key=lambda line: -line[0])
    text = [HEADER]
    for number, (second, kind, action, asset, change, fee, order) in enumerate(lines):
        text.append(
            f"{number},{order},2026-05-11 21:35:0{second},{kind},BTC-USDT,{action},{abs(change)},"
            f"BTC,2,0,{fee},{asset},0,0,{change},1,{asset}"
        )
    found = read(TABLES, "\n".join(text), zone=UTC8)
    assert changes(found, {"trading"}) == summed(
        (asset, str(change)) for _, _, _, asset, change, _, _ in lines
    )
    assert len(checkpoints(found)) == len(lines)
    stated = {line for one in found if isinstance(one, Stated) for line in one.lines}
    assert stated | {line for line, _ in left_out(found)} == set(range(2, len(lines) + 2))
