"""A cost basis is stored exactly: columns for the figures that people query, JSON for the rest."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.averages import AssetBasis, compute_basis
from tests.builders import NOW, fill, transfer


def test_a_cost_basis_comes_back_as_it_went_in(repository: ExchangeCacheRepository) -> None:
    class NoRates:
        def rate(self, asset: str, moment: datetime) -> None:
            return None

    day = timedelta(days=1)
    book = compute_basis(
        [
            fill("1", "3", "100.123456789", fees=("0.001 BTC",)),
            fill("2", "1", "200", side="sell", time=NOW - 3 * day, fees=("1 USDT",)),
            fill("3", "1", "0.03", symbol="ETH/BTC", time=NOW - 2 * day, account="other"),
        ],
        [transfer("4", "0.7", time=NOW - 4 * day)],
        reporting_asset="USDT",
        rates=NoRates(),
    )
    assert len(book.bases) > 3
    repository.derived.replace_bases("average", "USDT", book.bases, NOW)

    back = {
        (item.account, item.asset): item for item in repository.derived.bases("average", "USDT")
    }
    assert back == {(item.account, item.asset): item for item in book.bases}
    assert repository.derived.bases("fifo", "USDT") == ()
    assert repository.derived.bases("average", "EUR") == ()


def test_every_figure_of_a_cost_basis_is_kept(repository: ExchangeCacheRepository) -> None:
    book = compute_basis([fill()], [], reporting_asset="USDT", rates=None)  # type: ignore[arg-type]
    made: dict[str, Any] = {}
    for number, field in enumerate(fields(AssetBasis), start=1):
        value = getattr(book.pooled["BTC"], field.name)
        if str(field.type).startswith("Decimal"):
            made[field.name] = Decimal(f"{number}.000000000000000000{number}")
        elif isinstance(value, datetime):
            made[field.name] = NOW + timedelta(hours=number)
    odd = replace(
        book.pooled["BTC"],
        **made,
        realised_by_day=((date(2026, 1, 2), Decimal("0.1")),),
        unknown_reasons=("deposit",),
    )
    repository.derived.replace_bases("average", "USDT", [odd], NOW)

    assert repository.derived.bases("average", "USDT") == (odd,)


def test_a_basis_that_is_gone_is_gone(repository: ExchangeCacheRepository) -> None:
    book = compute_basis([fill()], [], reporting_asset="USDT", rates=None)  # type: ignore[arg-type]
    repository.derived.replace_bases("average", "USDT", book.bases, NOW)
    repository.derived.replace_bases("average", "USDT", [], NOW)

    assert repository.derived.bases("average", "USDT") == ()


def test_fields_that_an_earlier_version_did_not_store_have_their_default(
    repository: ExchangeCacheRepository,
) -> None:
    book = compute_basis([fill()], [], reporting_asset="USDT", rates=None)  # type: ignore[arg-type]
    basis = replace(book.pooled["BTC"], income=Decimal("1.5"))
    repository.derived.replace_bases("average", "USDT", [basis], NOW)
    with repository._database.write():
        repository._database.peewee.execute_sql(
            "UPDATE exchange_cost_basis SET details = json_remove(details, '$.income')"
        )

    assert repository.derived.bases("average", "USDT") == (replace(basis, income=Decimal(0)),)
