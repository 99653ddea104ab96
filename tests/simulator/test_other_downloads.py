"""The files of single tables, and of editions before, state what the books hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.records import Fill, Transfer, TransferKind
from exchange_cache.simulator.dialects.binance.wallet import FIAT
from exchange_cache.simulator.dialects.coinbase_pro_downloads import pro_downloads
from exchange_cache.simulator.downloads import Download, downloads, other_downloads
from exchange_cache.simulator.venue import ALL_ACCOUNTS, LINEAR, SPOT
from exchange_cache.statements.table import Checkpoint, Found, LeftOut, Stated, Table
from tests.cache.importing import ledger, stored
from tests.exchanges.file_cases import changes
from tests.simulator.stated import (
    converted,
    moved,
    moves,
    of_edition,
    read,
    records,
    simulated,
    swaps,
    traded,
    trades,
)

Files = list[tuple[Table, list[Found]]]
_WALLETS = ("spot", "funding", "earn", "linear", "inverse", "margin", "margin-isolated")


@pytest.fixture(scope="module")
def binance(tmp_path_factory: pytest.TempPathFactory) -> Files:
    venue = simulated()
    files = other_downloads(venue, venue.account("main"))
    return read("binance", files, tmp_path_factory.mktemp("binance"))


def reasons(found: list[Found]) -> set[str]:
    return {one.reason for one in found if isinstance(one, LeftOut)}


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    venue = simulated()
    files = (
        one for one in downloads(venue, venue.account("main")) if "Transaction-History" in one.name
    )
    found = read("binance", files, tmp_path_factory.mktemp("statement"))
    return of_edition(found, "transaction history", "2024")


@pytest.mark.parametrize("edition", ["2021", "2019"])
def test_binances_earlier_statements_change_what_the_present_one_does(
    binance: Files, statement: list[Found], edition: str
) -> None:
    found = of_edition(binance, "transaction history", edition)
    for wallet in _WALLETS:
        assert changes(found, [wallet]) == changes(statement, [wallet]), wallet
    unknown = {row.word for row in records(found) if row.kind is TransferKind.UNCLASSIFIED}
    assert not unknown
    assert reasons(found) == {"changes no balance"}


def test_binances_transactions_of_futures_are_what_the_wallet_changed_by(binance: Files) -> None:
    found = of_edition(binance, "futures transactions")
    books: dict[str, Decimal] = defaultdict(Decimal)
    for entry in simulated().entries("main", wallet=LINEAR):
        books[entry.asset] += entry.amount - entry.fee
    assert changes(found, ["linear"]) == {asset: total for asset, total in books.items() if total}
    assert reasons(found) <= {"changes no balance"}


@pytest.mark.parametrize("edition", ["2021", "2019"])
def test_binances_files_of_spot_trades_state_every_fill(binance: Files, edition: str) -> None:
    found = of_edition(binance, "spot trades", edition)
    fills = simulated().fills("main", kind=SPOT)
    assert trades(records(found)) == traded(fills)
    assert not reasons(found)
    assert any(fill.market.base[0].isdigit() for fill in fills)
    assert any(fill.amount >= 1000 for fill in fills)


def test_binances_files_of_converts_state_those_that_succeeded(binance: Files) -> None:
    found = of_edition(binance, "converts")
    assert swaps(records(found)) == converted(simulated().conversions("main", kind="convert"))
    assert reasons(found) == {"its status is expired"}


@pytest.mark.parametrize("kind", ["deposit", "withdrawal"])
def test_binances_files_of_deposits_and_withdrawals_leave_out_what_failed(
    binance: Files, kind: str
) -> None:
    found = of_edition(binance, f"{kind}s", "2024")
    on_chains = [row for row in simulated().transfers("main", kind=kind) if row.asset not in FIAT]
    assert moves(records(found)) == moved(on_chains)
    assert reasons(found) == {"its status is failed"}


def test_binances_earlier_files_of_both_have_one_header(binance: Files) -> None:
    found = of_edition(binance, "deposits or withdrawals", "2021")
    venue = simulated()
    both = [row for kind in ("deposit", "withdrawal") for row in venue.transfers("main", kind=kind)]
    assert moves(records(found)) == moved(row for row in both if row.asset not in FIAT)


def test_binances_files_of_fiat_have_the_ids_of_the_api(binance: Files) -> None:
    found = records(of_edition(binance, "fiat deposits or withdrawals"))
    venue = simulated()
    both = [row for kind in ("deposit", "withdrawal") for row in venue.transfers("main", kind=kind)]
    in_fiat = [row for row in both if row.asset in FIAT]
    assert moves(found) == moved(in_fiat)
    assert Counter(row.transfer_id for row in found) == Counter(f"{row.id:0>32}" for row in in_fiat)


@pytest.fixture(scope="module")
def coinbase(tmp_path_factory: pytest.TempPathFactory) -> Files:
    venue = simulated()
    files = [
        *downloads(venue, venue.account("coinbase")),
        *other_downloads(venue, venue.account("coinbase")),
    ]
    return read("coinbase", files, tmp_path_factory.mktemp("coinbase"))


@pytest.mark.parametrize("edition", ["v4", "v3", "v2", "v1"])
def test_coinbases_earlier_editions_state_what_the_present_one_does(
    coinbase: Files, edition: str
) -> None:
    present, found = (
        of_edition(coinbase, "transaction history", name) for name in ("v4 with IDs", edition)
    )
    assert events(records(found)) == events(records(present))
    assert reasons(found) == reasons(present)


def events(rows: list[Fill | Transfer]) -> list[str]:
    """Everything that rows state but their ids and words."""
    return sorted(
        repr(replace(row, fill_id="x") if isinstance(row, Fill) else nameless(row)) for row in rows
    )


def nameless(move: Transfer) -> Transfer:
    return replace(move, transfer_id="x", word=None)


@pytest.fixture(scope="module")
def kucoin(tmp_path_factory: pytest.TempPathFactory) -> Files:
    venue = simulated()
    files = other_downloads(venue, venue.account("kucoin"))
    return read("kucoin", files, tmp_path_factory.mktemp("kucoin"))


@pytest.mark.parametrize("kind", ["deposit", "withdrawal"])
def test_kucoins_files_of_deposits_and_withdrawals_state_each(kucoin: Files, kind: str) -> None:
    books = moved(simulated().transfers("kucoin", kind=kind))
    found = moves(records(of_edition(kucoin, f"{kind}s")))
    before = moves(records(of_edition(kucoin, "deposits or withdrawals")))
    assert found == books
    assert Counter({row: n for row, n in before.items() if row[1] == kind}) == Counter(
        {(*row[:-1], None): n for row, n in books.items()}
    )


@pytest.mark.parametrize("edition", ["2021", "2020", "2019", "2018", "2018 by user"])
def test_kucoins_earlier_trades_are_in_utc_8_without_stating_it(
    kucoin: Files, edition: str
) -> None:
    found = trades(records(of_edition(kucoin, "trades", edition)))
    books = traded(simulated().fills("kucoin", kind=SPOT))
    if edition.startswith("2018"):  # no column names the asset of a fee
        found, books = ({row[:-1] for row in side} for side in (found, books))
    assert found == books


def test_kucoins_filled_orders_sum_up_their_fills(kucoin: Files) -> None:
    found = of_edition(kucoin, "spot filled orders")
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for fill in simulated().fills("kucoin", kind=SPOT):
        sums[fill.order_id][0] += fill.amount
        sums[fill.order_id][1] += fill.cost
    orders = [row for row in records(found) if isinstance(row, Fill)]
    assert {row.order_id: [row.quantity, row.cost] for row in orders} == sums
    assert reasons(found) == {"fills nothing"}


@pytest.fixture(scope="module")
def bybit(tmp_path_factory: pytest.TempPathFactory) -> Files:
    venue = simulated()
    files = other_downloads(venue, venue.account("bybit"))
    return read("bybit", files, tmp_path_factory.mktemp("bybit"))


@pytest.mark.parametrize("edition", ["2026", "2024"])
def test_bybits_files_of_spot_trades_have_the_ids_of_the_api(bybit: Files, edition: str) -> None:
    found = records(of_edition(bybit, "spot trades", edition))
    account = simulated().account("bybit")
    books = simulated().fills("bybit", kind=SPOT, start=account.upgraded_ms)
    to_the_minute = traded(books, second=lambda ms: ms // 60_000 * 60)
    assert trades(found) == to_the_minute
    assert sorted(fill_id(row) for row in found) == sorted(fill.id for fill in books)


def test_bybits_log_of_2025_has_every_change_of_the_unified_account(bybit: Files) -> None:
    found = of_edition(bybit, "unified transaction log", "2025")
    account = simulated().account("bybit")
    books: dict[str, Decimal] = defaultdict(Decimal)
    for entry in simulated().entries("bybit", wallet="unified", start=account.upgraded_ms):
        books[entry.asset] += entry.amount - entry.fee
    assert changes(found, ["unified"]) == {asset: sum_ for asset, sum_ in books.items() if sum_}
    ids = {fill_id(row) for row in records(found) if isinstance(row, Fill)}
    assert ids >= {row.id for row in simulated().fills("bybit", start=account.upgraded_ms)}


def test_bybits_funding_account_of_2022_says_by_its_words_what_left(bybit: Files) -> None:
    found = of_edition(bybit, "funding account changes", "2022")
    books: dict[str, Decimal] = defaultdict(Decimal)
    for entry in simulated().entries("bybit", wallet="funding"):
        books[entry.asset] += entry.amount - entry.fee
    assert changes(found, ["funding"]) == {asset: sum_ for asset, sum_ in books.items() if sum_}


def fill_id(row: Fill | Transfer) -> str:
    assert isinstance(row, Fill)
    return row.fill_id


@pytest.mark.parametrize(
    ("name", "editions"), [("ledgers", ("2024", "2019")), ("trades", ("2022", "2017"))]
)
def test_krakens_earlier_editions_state_what_the_present_ones_do(
    tmp_path: Path, name: str, editions: tuple[str, str]
) -> None:
    account = simulated().account("kraken")
    present = read("kraken", downloads(simulated(), account), tmp_path)
    earlier = read("kraken", other_downloads(simulated(), account), tmp_path)
    own = records(of_edition(present, name))
    for edition in editions:
        found = of_edition(earlier, name, edition)
        assert sorted(records(found), key=key) == sorted(own, key=key)
        assert len(reasons(found)) == len(reasons(of_edition(present, name)))


def key(row: Fill | Transfer) -> str:
    return str(row.key)


def test_okxs_earlier_files_state_what_the_present_ones_do(tmp_path: Path) -> None:
    """Only contracts are without a price, and so no fills."""
    account = simulated().account("okx")
    present = read("okx", downloads(simulated(), account), tmp_path)
    earlier = read("okx", other_downloads(simulated(), account), tmp_path)
    funding = "funding account bills"
    own, found = (records(of_edition(files, funding)) for files in (present, earlier))
    assert sorted(found, key=key) == sorted(own, key=key)
    own_bills = of_edition(present, "trading account bills", "2025")
    bills = of_edition(earlier, "trading account bills", "2021")
    assert changes(bills, ["trading"]) == changes(own_bills, ["trading"])
    assert not [row for row in records(bills) if isinstance(row, Fill) and row.is_derivative]


def test_coinbase_pros_files_state_trades_and_what_came_from_coinbase(tmp_path: Path) -> None:
    venue = simulated()
    files = read("coinbase", pro_downloads(venue, venue.account("coinbase")), tmp_path)
    fills = records(of_edition(files, "Coinbase Pro fills"))
    assert trades(fills) == traded(venue.fills("coinbase"))
    account = of_edition(files, "Coinbase Pro account")
    came: dict[str, Decimal] = defaultdict(Decimal)
    for move in venue.transfers("coinbase"):
        came[move.asset] += move.amount if move.kind == "deposit" else -(move.amount + move.fee)
    assert changes(account, ["pro"]) == {asset: total for asset, total in came.items() if total}
    assert reasons(account) == {"a trade, which the file of fills has"}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for one in account:
        if isinstance(one, Checkpoint):
            held[one.asset] += one.change
            assert one.after == held[one.asset]
    assert len(held) > 3


# --- beside the present files ---------------------------------------------------------------------


def changed(repository: ExchangeCacheRepository) -> dict[str, Decimal]:
    """What the ledger changed of each asset."""
    rows = [*repository.ledger.fills(), *repository.ledger.transfers()]
    return changes([Stated(lines=(1,), record=row, exact=False) for row in rows], ["x"])


def imported(
    repository: ExchangeCacheRepository, exchange: str, files: Iterable[Download], folder: Path
) -> None:
    for one in files:
        ((table, rows),) = read(exchange, [one], folder)
        stored(
            repository,
            rows,
            account=exchange,
            name=one.name,
            table=f"{exchange} {table.name}",
            edition=table.edition,
            rank=table.rank,
        )


@pytest.mark.parametrize(("account", "exchange"), ALL_ACCOUNTS.items())
def test_other_tables_and_editions_add_nothing_to_the_present_files(
    account: str, exchange: str, tmp_path: Path
) -> None:
    venue = simulated()
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    imported(repository, exchange, downloads(venue, venue.account(account)), tmp_path)
    present = changed(repository)
    imported(repository, exchange, other_downloads(venue, venue.account(account)), tmp_path)
    assert present
    assert changed(repository) == present
    repository.close()


@pytest.mark.parametrize("account", ["coinbase", "kucoin"])
def test_all_files_give_one_ledger_whichever_is_the_first(account: str, tmp_path: Path) -> None:
    venue = simulated()
    files = [
        *downloads(venue, venue.account(account)),
        *other_downloads(venue, venue.account(account)),
    ]
    found = []
    for number, order in enumerate((files, files[::-1])):
        repository = ExchangeCacheRepository.open(tmp_path / f"{number}.sqlite3")
        imported(repository, account, order, tmp_path)
        found.append(ledger(repository))
        repository.close()
    assert found[0] == found[1]
