"""Profit and loss as a screen and for programs."""

from decimal import Decimal

from exchange_cache.render.output import write_pnl
from exchange_cache.value.pnl import PnlIdentity
from exchange_cache.value.results import PnlLine, PnlReport
from tests.render.builders import NOW, PIPED, printed

IDENTITY = PnlIdentity(
    value=Decimal("1300"),
    deposited=Decimal("1000"),
    trading=Decimal("50"),
    unrealised_holdings=Decimal("200"),
    unknown_value=Decimal("50"),
    fees_paid=Decimal("3"),
)


def report(*lines: PnlLine, total: PnlIdentity = IDENTITY) -> PnlReport:
    return PnlReport(
        reporting_asset="USDT",
        as_of=NOW,
        since=None,
        by="asset",
        lines=lines,
        total=PnlLine(name="total", identity=total, period=total),
        unpriced_assets=("FOOBAR",),
    )


BTC = PnlLine(name="BTC", identity=IDENTITY, period=IDENTITY)
EMPTY = PnlLine(name="ETH", identity=PnlIdentity(), period=PnlIdentity())


def shown(value: PnlReport, form: str = "table") -> str:
    return printed(write_pnl, value, form=form, terminal=PIPED)


def test_lines_add_up_to_the_total_and_the_identity_closes_the_screen():
    assert shown(report(BTC, EMPTY)) == (
        "Realised over all time   +50.00 USDT   unrealised now +200.00   fees paid 3.00"
        "   funding 0.00\n\n"
        "Asset     Value  Net deposits  Realised  Funding  Fees paid  Unrealised  Unknown\n"
        "BTC    1,300.00     +1,000.00    +50.00     0.00       3.00     +200.00   +50.00\n"
        "Total  1,300.00     +1,000.00    +50.00     0.00       3.00     +200.00   +50.00\n\n"
        "Value 1,300.00 = 1,000.00 net deposits +50.00 realised +200.00 unrealised +50.00 unknown"
        " (over all time, to the last digit).\n"
        "Unknown is not explained by any stored fill or transfer. Its cost counts neither as zero"
        " nor as today's price.   excache explain BTC\n"
        "Unpriced: FOOBAR\n"
    )


def test_a_residual_is_named():
    off = PnlIdentity(value=Decimal("1300"), deposited=Decimal("1299"))
    assert "except +1.00, counted twice or not at all" in shown(report(BTC, total=off))


def test_without_any_figures_no_account_holds_anything():
    assert "No account holds anything." in shown(report(EMPTY, total=PnlIdentity()))


def test_csv_ends_in_the_total():
    rows = shown(report(BTC), "csv").splitlines()
    assert rows[0].startswith("asset,value,net_deposits,realised,unrealised,unknown,residual,")
    assert [row.split(",")[:7] for row in rows[1:]] == [
        ["BTC", "1300", "1000", "50", "200", "50", "0"],
        ["total", "1300", "1000", "50", "200", "50", "0"],
    ]
