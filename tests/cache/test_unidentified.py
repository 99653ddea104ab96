"""The table of rows whose market is not known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType
from exchange_cache.unidentified import UnidentifiedRow
from tests.builders import NOW, T0, fill

KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="swap")


def _row(number: int, **more: Any) -> UnidentifiedRow:
    values: dict[str, Any] = {
        "account": "main",
        "data_type": DataType.FILLS,
        "scope": "swap",
        "row_id": f"NEW:{number}",
        "symbol": "",
        "market_id": "NEW",
        "reason": "the exchange does not list the market 'NEW'",
        "time": T0 + timedelta(hours=number),
        "row": '{"id":1}',
    }
    return UnidentifiedRow(**(values | more))


def _keep(repository: ExchangeCacheRepository, *records: Any) -> int:
    return repository.ledger.save_page(repository.ledger.state(KEY), records, NOW)


def test_rows_come_back_as_they_were_stored(repository: ExchangeCacheRepository) -> None:
    rows = (_row(1), _row(2, time=None, symbol="X/Y"), _row(3, account="other"))
    assert _keep(repository, *rows) == 0, "they are no rows of the history yet"
    assert set(repository.unidentified.rows()) == set(rows)
    assert repository.unidentified.rows("other") == (rows[2],)
    assert repository.unidentified.rows("main", DataType.ORDERS) == ()
    assert len(repository.unidentified.rows("main", DataType.FILLS, "swap")) == 2


def test_a_row_that_is_sent_again_replaces_what_it_was(
    repository: ExchangeCacheRepository,
) -> None:
    _keep(repository, _row(1))
    _keep(repository, _row(1, row='{"id":1,"filled":"2"}'))
    assert [row.row for row in repository.unidentified.rows()] == ['{"id":1,"filled":"2"}']


def test_a_list_that_is_read_whole_replaces_its_rows_alone(
    repository: ExchangeCacheRepository,
) -> None:
    held = _row(1, data_type=DataType.POSITIONS, scope="open linear")
    other = _row(2, data_type=DataType.POSITIONS, scope="open inverse")
    for row in (held, other):
        repository.unidentified.replace("main", DataType.POSITIONS, row.scope, [row], NOW)
    repository.unidentified.replace("main", DataType.POSITIONS, "open linear", [], NOW)
    assert repository.unidentified.rows() == (other,)


def test_a_fill_stored_while_its_contract_was_listed_is_not_kept_once_more(
    repository: ExchangeCacheRepository,
) -> None:
    known = fill("1", symbol="NEW/USDT:USDT", category="linear", time=T0 + timedelta(hours=1))
    spot = fill("2", symbol="NEW/USDT", time=T0 + timedelta(hours=2))
    _keep(repository, known, spot)
    _keep(repository, _row(1), _row(2))
    assert repository.unidentified.rows() == (_row(2),), "what is stored as spot may be another"


def test_an_account_that_is_forgotten_leaves_no_row(
    repository: ExchangeCacheRepository,
) -> None:
    _keep(repository, _row(1))
    repository.forget_account("main")
    assert repository.unidentified.rows() == ()
