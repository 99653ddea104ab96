"""The texts of a reading, completed, are what is printed of it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from exchange_cache.render.completed import SCREEN, SCREEN_OF_GROUPS, json_text, loaded_reading
from exchange_cache.render.output import write_portfolio
from exchange_cache.render.portfolio import PortfolioOptions
from exchange_cache.render.prepared import prepared_texts
from exchange_cache.value.checks import freshness_findings
from exchange_cache.value.ordering import GROUPINGS, SORTINGS
from exchange_cache.value.reading import WalletShare
from exchange_cache.value.states import NAMED_ACCOUNTS
from tests.render.builders import PIPED, example, finding

EXCHANGES = {"main": "binance", "kraken": "kraken"}


def written(reading, form: str, **options: str) -> str:
    page = io.StringIO()
    chosen = PortfolioOptions(exchanges=EXCHANGES, **options)
    now = reading.as_of
    write_portfolio(reading, page, form=form, terminal=PIPED, now=now, options=chosen)
    return page.getvalue()


@pytest.mark.parametrize("sort", SORTINGS)
@pytest.mark.parametrize("by", GROUPINGS)
def test_a_completed_text_is_the_printed_one(sort: str, by: str) -> None:
    reading = example()
    texts = prepared_texts(reading, EXCHANGES)
    assert texts is not None
    shown = json_text(texts, reading.as_of, sort=sort, by=by)
    assert shown == written(reading, "json", sort=sort, by=by)
    columns = SCREEN if by == "asset" else SCREEN_OF_GROUPS
    back = loaded_reading({name: texts[name] for name in columns}, reading.as_of)
    assert written(back, "table", sort=sort, by=by) == written(reading, "table", sort=sort, by=by)


def test_what_a_screen_of_assets_loads_does_not_grow_with_their_wallets() -> None:
    reading = example()
    share = reading.holdings[0].wallets[0]
    many = tuple(replace(share, account=f"account{number}") for number in range(200))
    least = many[: NAMED_ACCOUNTS + 1]

    def bytes_of(wallets: tuple[WalletShare, ...]) -> int:
        holdings = (replace(reading.holdings[0], wallets=wallets), *reading.holdings[1:])
        texts = prepared_texts(replace(reading, holdings=holdings), EXCHANGES)
        assert texts is not None
        named = sum(len(name) + 4 for name in replace(reading, holdings=holdings).main_accounts)
        return len(texts["screen"]) - named

    assert bytes_of(many) < bytes_of(least) + 60  # longer names


def test_the_ages_that_warnings_state_are_completed_for_screens() -> None:
    reading = replace(example(), warnings=tuple(freshness_findings(example().freshness)))
    texts = prepared_texts(reading, EXCHANGES)
    assert texts is not None
    for later in (timedelta(0), timedelta(hours=3)):
        shown = loaded_reading(texts, reading.as_of + later).warnings
        aged = [
            one if one.age is None else replace(one, age=one.age + later)
            for one in reading.freshness
        ]
        stated = [one.message for one in freshness_findings(aged)]
        assert [one.message for one in shown] == stated
        assert any(" h " in message or " min " in message for message in stated)


def test_a_text_that_looks_like_an_open_age_is_not_prepared() -> None:
    odd = replace(example(), warnings=(finding("odd", "an order ⟦age 5⟧ of theirs"),))
    assert prepared_texts(odd, EXCHANGES) is None


def test_a_reading_whose_ages_cannot_be_completed_is_not_prepared() -> None:
    reading = example()
    wrong = replace(reading.freshness[0], age=timedelta(days=900))
    assert prepared_texts(replace(reading, freshness=(wrong,)), EXCHANGES) is None
