"""At most three lines under the tables, each with a command."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.findings import Acceptance
from exchange_cache.records import DataType
from exchange_cache.value.states import NOT_COMPUTED
from tests.render.builders import (
    NOW,
    finding,
    holding,
    reading,
    screen,
    tty,
    verdict,
)


def under(shown: str) -> list[str]:
    """The lines under the tables."""
    return shown.split("\n\n")[-1].splitlines()


def partial(asset: str, explained: str = "1", worth: str = "100"):
    return holding(asset, "2", worth, average="1", explained=explained, reasons=("deposited",))


def test_averages_of_a_part_share_a_line_with_as_many_names_as_fit() -> None:
    value = reading(*(partial(f"COIN{number:02}") for number in range(30)))
    for width in (80, 100, 140):
        (line,) = under(screen(value, tty(width)))
        assert line.startswith("~ average of a part: COIN00 50 %")
        assert line.endswith("… 30 assets   excache explain COIN00")
        assert len(line) <= width
    assert under(screen(value))[0].count("50 %") == 30


@pytest.mark.parametrize(
    ("explained", "covered"),
    [("0.001", "<1 %"), ("1.68", "84 %"), ("1.9999", "99 %")],
)
def test_what_an_average_covers_is_never_rounded_to_all(explained: str, covered: str) -> None:
    assert f"average of a part: SOL {covered}   excache" in screen(
        reading(partial("SOL", explained))
    )


def test_no_average_is_not_called_an_average_of_a_part() -> None:
    nothing = [partial("APT", "0"), partial("SOL", "0")]
    assert "~ no average: APT, SOL   excache explain APT" in screen(reading(*nothing))
    both = screen(reading(partial("APT", "0"), partial("SOL", "1")))
    assert "~ average of a part: APT none, SOL 50 %   excache explain APT" in both


def test_an_unknown_part_that_no_digit_would_show_has_no_note() -> None:
    assert "average of" not in screen(
        reading(holding("SOL", "50", "150", average="90", explained="49.99999"))
    )
    assert "average of" in screen(
        reading(holding("SOL", "50", "150", average="90", explained="49.9999"))
    )


def test_averages_that_are_not_computed_yet_are_one_line_and_no_mark() -> None:
    open_ = finding("costs_open", "the averages are not computed yet", hint="excache sync")
    shown = screen(
        reading(holding("SOL", "2", "150", reasons=(NOT_COMPUTED,)), warnings=(open_,)), tty(80)
    )
    assert under(shown) == ["! the averages are not computed yet   excache sync"]
    assert "~" not in shown


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("quote_rates_missing", "results not known in USDT"),
        ("cost_in_other_asset", "results not known in USDT"),
        ("costs_open", "results not computed yet"),
    ],
)
def test_the_head_says_that_results_are_not_known(code: str, said: str) -> None:
    value = reading(holding("SOL", "2", "150"), warnings=(finding(code, "why"),))
    value = replace(value, totals=replace(value.totals, unrealised_pnl=None, realised_pnl=None))
    assert screen(value, tty(80)).splitlines()[1].startswith(said)
    known = replace(value, totals=replace(value.totals, unrealised_pnl=Decimal(1)))
    assert said not in screen(known, tty(80))


def test_delisted_and_missing_prices_are_one_line_with_their_values() -> None:
    old = timedelta(days=510)
    value = reading(
        holding("SRM", "2", "150", average="1", state="stale", price_age=old),
        holding("MATIC", "7", None),
        holding("KFEE", "9", None),
        freshness=(verdict("main", DataType.PRICES), verdict("main")),
        warnings=(finding("stale_price", "the price of SRM is 510 d old", asset="SRM"),),
    )
    assert under(screen(value, tty(80))) == [
        "! old or no price: SRM (300.00), KFEE, MATIC   excache prices"
    ]
    assert "! the price of SRM is 510 d old   excache prices --asset SRM" in screen(
        value, all_=True
    )
    only = replace(value, holdings=value.holdings[:1])
    assert under(screen(only)) == ["! old price: SRM (300.00)   excache prices --asset SRM"]


def test_prices_as_old_as_their_account_are_not_named_again() -> None:
    age = timedelta(hours=5)
    value = reading(
        holding("SOL", "2", "150", average="1", state="stale", price_age=age),
        holding("SRM", "2", "1", average="1", state="stale", price_age=timedelta(days=510)),
        freshness=(verdict("main", DataType.PRICES, age=age),),
    )
    assert under(screen(value, tty(100))) == [
        "! old price: SRM (2.00)   excache prices --asset SRM"
    ]


def test_late_histories_are_named_only_where_a_figure_suffers() -> None:
    late = tuple(
        finding("out_of_retention", f"fills of x before {name}", account=name)
        for name in ("bybit", "okx", "bybit")
    )
    assert "history" not in screen(reading(holding("A", "1", average="1"), warnings=late))
    line = "! history begins late at bybit, okx   excache status --missing"
    assert line in under(screen(reading(partial("A"), warnings=late)))
    sold = finding("sold_more_than_known", "more was sold: A", account="okx")
    assert "! history begins late at okx" in screen(reading(warnings=(sold,)))


def test_more_than_three_lines_become_three_and_nothing_vanishes() -> None:
    others = [
        finding(code, f"{code} it is", account="main", hint=f"excache {code}")
        for code in ("clock_off", "unread_wallet", "fee_missing")
    ]
    two = reading(partial("A"), warnings=tuple(others[:2]))
    assert under(screen(two))[1:] == [
        "! main: clock_off it is   excache clock_off",
        "! main: unread_wallet it is   excache unread_wallet",
    ]
    three = reading(partial("A"), warnings=tuple(others))
    assert under(screen(three)) == [
        "~ average of a part: A 50 %   excache explain A",
        "! main: clock_off it is   excache clock_off",
        "! 2 more findings   excache status",
    ]
    sold = finding("sold_more_than_known", "more was sold: A", account="okx")
    all_kinds = reading(partial("A"), holding("B", "1", None), warnings=(sold, *others))
    assert under(screen(all_kinds)) == [
        "~ average of a part: A 50 %   excache explain A",
        "! no price: B   excache prices",
        "! history begins late at okx; 3 more findings   excache status",
    ]
    unfolded = screen(all_kinds, all_=True)
    assert unfolded.count(" it is   excache ") == 3
    assert "~ the average covers 1 of 2 A (50 %): deposited   excache explain A" in unfolded


def test_what_makes_the_total_wrong_comes_first_and_once_for_all_its_accounts() -> None:
    twice = [
        finding("same_key", "main and second have the same key", account=name, hint="excache x")
        for name in ("main", "second")
    ]
    off = finding("clock_off", "this clock is off", account="main", hint="excache y")
    value = reading(partial("A"), holding("B", "1", None), warnings=(off, *twice))
    assert under(screen(value)) == [
        "! main, second: main and second have the same key   excache x",
        "~ average of a part: A 50 %   excache explain A",
        "! no price: B; 1 more finding   excache status",
    ]


def test_rates_that_results_in_another_asset_need_are_not_folded_into_status() -> None:
    rates = finding(
        "quote_rates_missing", message="rates are not stored", hint="excache portfolio --wait"
    )
    others = [finding(f"news_{at}", message=f"news {at}") for at in range(5)]
    value = reading(partial("BTC"), warnings=(*others, rates))
    assert under(screen(value, tty(100)))[0] == "! rates are not stored   excache portfolio --wait"


def test_accepted_findings_and_permanent_facts_are_not_repeated() -> None:
    known = Acceptance(reason="known", at=NOW, until=NOW + timedelta(days=1))
    value = reading(
        warnings=(
            replace(finding("clock_off", "the clock is off", account="main"), accepted=known),
            finding("own_start", "history is read from 2026 on", account="main"),
        )
    )
    shown = screen(value)
    assert "clock" not in shown
    assert "history" not in shown


def of_the_past():
    """A replay with an average of a part, missing prices, missing history and two more findings."""
    fetch = "excache portfolio --at 2025-06-01 --wait"
    return reading(
        partial("A"),
        *(holding(f"COIN{number:02}", "1", None) for number in range(20)),
        holding("LATE", "1", "100", average="1", state="stale"),
        warnings=(
            finding("past_prices", "no price of that day is stored for COIN00", hint=fetch),
            finding("past_prices_later", "valued at the first price after: LATE", hint=fetch),
            *(
                finding(code, f"{code} of {account}", account=account)
                for code in ("past_unknown", "past_uncertain")
                for account in ("main", "okx")
            ),
            finding("past_incomplete", "it would have held -1 B", account="bybit", asset="B"),
            finding("past_open_result", "results are in no total"),
            finding("unread_wallet", "a wallet is not read"),
        ),
    )


def test_a_past_portfolio_has_three_lines_too_and_all_unfolds_them() -> None:
    options = {"past": "replayed", "unfold": "excache portfolio --at 2025-06-01 --all"}
    assert under(screen(of_the_past(), tty(80), **options)) == [
        "~ average of a part: A 50 %   excache explain A",
        "! no or later price then: 21 assets   excache portfolio --at 2025-06-01 --wait",
        "! history missing: 3 accounts; 2 more   excache portfolio --at 2025-06-01 --all",
    ]
    assert under(screen(of_the_past(), tty(200), **options))[-1] == (
        "! history missing: main, okx, bybit; 2 more findings"
        "   excache portfolio --at 2025-06-01 --all"
    )
    whole = "\n".join(under(screen(of_the_past(), tty(200), **options, all_=True)))
    for found in of_the_past().warnings:
        assert found.message in whole


def test_costs_that_another_asset_lacks_are_said_first() -> None:
    kept = finding("cost_in_other_asset", "averages and results are in USDT only", hint="excache x")
    value = replace(of_the_past(), warnings=(*of_the_past().warnings, kept))
    lines = under(screen(value, tty(80), past="replayed"))
    assert lines[0] == "! averages and results are in USDT only   excache x"
    assert lines[2] == "! no or later price then: 21 assets; 3 more   excache status"
    assert len(lines) == 3


def test_the_value_of_a_negative_total_is_judged_by_what_is_held() -> None:
    value = reading(holding("A", "1", "100"), holding("B", "-1", "200"), holding("C", "1", "0.2"))
    assert "C" in screen(value, min_value=Decimal("0.1")).split("\n\n")[1]


def test_a_single_finding_of_the_past_is_shown_itself() -> None:
    options = {"past": "replayed", "unfold": "excache portfolio --at 2025-06-01 --all"}
    one = finding(
        "past_incomplete", "would have held -1 B", account="kraken", hint="excache status --missing"
    )
    value = reading(holding("A", "1", "2", average="1"), warnings=(one,))
    assert under(screen(value, tty(80), **options)) == [
        "! kraken: would have held -1 B   excache status --missing"
    ]
    other = replace(one, account="okx", message="would have held -2 B")
    folded = reading(holding("A", "1", "2", average="1"), warnings=(one, other))
    assert under(screen(folded, tty(80), **options))[0].startswith("! history missing: kraken, okx")
