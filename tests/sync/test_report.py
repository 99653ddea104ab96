"""Exit codes and the lines for cron: silent when all is well, one line per account and problem
otherwise."""

from __future__ import annotations

import pytest

from exchange_cache.errors import (
    BadResponse,
    Banned,
    CertificateRefused,
    ExcacheError,
    ExchangeUnavailable,
    KeyRefused,
    PermissionMissing,
    RateLimited,
    SecretUnavailable,
)
from exchange_cache.records import DataType
from exchange_cache.sync.report import AccountReport, PartResult, SyncReport


def part(
    error: ExcacheError | None = None,
    name: str = "spot",
    data_type: DataType = DataType.BALANCES,
    **more: object,
) -> PartResult:
    return PartResult(
        data_type=data_type, part=name, state="failed" if error else "ok", error=error, **more
    )  # type: ignore[arg-type]


def account(
    *parts: PartResult,
    name: str = "main",
    fatal: ExcacheError | None = None,
    interrupted: bool = False,
) -> AccountReport:
    return AccountReport(
        account=name,
        exchange="fake",
        parts=parts,
        seconds=1.0,
        fatal=fatal,
        interrupted=interrupted,
    )


def report(*accounts: AccountReport) -> SyncReport:
    return SyncReport(accounts=accounts, seconds=1.0)


DOWN, SLOW, KEY = ExchangeUnavailable("down"), RateLimited("slow down"), KeyRefused("bad key")
GOOD = account(part(), name="good")


@pytest.mark.parametrize(
    ("accounts", "code"),
    [
        ([], 0),
        ([GOOD], 0),
        ([GOOD, account(part(), part(DOWN))], 1),
        ([account(part(), part(DOWN))], 1),
        ([account(part(DOWN))], 69),
        ([account(part(DOWN), part(DOWN)), account(fatal=DOWN)], 69),
        ([account(part(SLOW))], 75),
        ([account(fatal=Banned("banned"))], 75),
        ([account(fatal=KEY)], 77),
        ([account(part(KEY), fatal=KEY)], 77),
        ([account(part(PermissionMissing("no")))], 77),
        ([account(fatal=SecretUnavailable("no variable"))], 78),
        ([account(fatal=KEY), account(fatal=DOWN)], 1),
        ([account(part(KEY), part(DOWN))], 1),
        ([GOOD, account(fatal=KEY)], 1),
        ([account(part(), fatal=KEY)], 1),
        ([account(part(), interrupted=True)], 130),
        ([GOOD, account(fatal=KEY), account(interrupted=True)], 130),
    ],
)
def test_the_exit_code_tells_what_kind_of_failure_it_was(
    accounts: list[AccountReport], code: int
) -> None:
    assert report(*accounts).exit_code == code
    assert report(*accounts).ok == (code == 0)


def test_all_well_says_nothing() -> None:
    assert report(GOOD).lines() == ()


def test_a_problem_is_one_line_with_its_account_its_parts_and_its_cure() -> None:
    broken = BadResponse("an HTML page", hint="see the proxy")
    lines = report(
        GOOD,
        account(
            part(broken, "spot"), part(broken, "earn"), part(SLOW, "spot", DataType.FILLS), part()
        ),
        account(fatal=KEY, name="other"),
    ).lines()

    assert lines == (
        "main: balances spot, balances earn: an HTML page; see the proxy",
        "main: fills spot: slow down",
        "other: bad key",
    )


def test_many_parts_of_one_problem_stay_one_line() -> None:
    lines = report(account(*(part(DOWN, f"wallet{number}") for number in range(9)))).lines()

    assert lines == (
        "main: balances wallet0, balances wallet1, balances wallet2, balances wallet3 …: down",
    )


def test_what_a_run_cost_and_brought_is_summed() -> None:
    whole = report(
        account(
            part(new_rows=2, requests=3), part(data_type=DataType.FILLS, new_rows=5, requests=1)
        ),
        account(part(data_type=DataType.FILLS, new_rows=1, requests=1), name="other"),
    )

    assert (whole.new_rows, whole.requests) == (8, 5)
    assert whole.accounts[0].new_rows(DataType.FILLS) == 5
    assert list(whole.accounts[0].data_types()) == [DataType.BALANCES, DataType.FILLS]


def test_a_part_without_permission_is_no_failure() -> None:
    missing = PartResult(
        data_type=DataType.BALANCES,
        part="earn",
        state="no_permission",
        error=PermissionMissing("no"),
    )

    assert report(account(part(), missing)).ok
    assert report(account(part(), missing)).lines() == ()


def test_what_the_averages_could_not_learn_follows_the_problems_of_the_accounts() -> None:
    notes = ("averages: a price is missing",)
    found = SyncReport(accounts=(account(part(DOWN)),), seconds=1.0, notes=notes)

    assert found.lines() == ("main: balances spot: down", *notes)


def test_remarks_are_what_no_failed_data_type_states() -> None:
    lost = PartResult(
        data_type=DataType.POSITIONS,
        part="linear",
        state="no_permission",
        error=PermissionMissing("the key may no longer read positions"),
        lost=True,
    )
    own = account(part(ExchangeUnavailable("timed out")), lost)
    report = SyncReport(accounts=(own,), seconds=1, notes=("a note",), warnings=("a warning",))

    assert report.remarks() == (
        "a warning",
        "main: positions linear: the key may no longer read positions",
        "a note",
    )
    assert set(report.lines()) - set(report.remarks()) == {"main: balances spot: timed out"}


CERTIFICATE = "the certificate of fake is not trusted ({}): self-signed certificate"
CURE = "export REQUESTS_CA_BUNDLE=FILE"


def refused(doing: str, prefix: str = "") -> CertificateRefused:
    return CertificateRefused(f"{prefix}{CERTIFICATE.format(doing)}", account="main", hint=CURE)


def test_one_cause_is_one_line_whatever_was_requested() -> None:
    parts = (
        part(refused("balances of wallet spot")),
        part(
            refused("fills BTC/USDT:USDT", "BTC/USDT:USDT and 4 more symbols: "),
            name="linear",
            data_type=DataType.FILLS,
        ),
    )
    assert report(account(*parts)).lines() == (
        "main: balances spot, fills linear: the certificate of fake is not trusted: "
        f"self-signed certificate; {CURE}",
    )


def test_a_part_that_fails_alone_names_its_symbols() -> None:
    error = refused("fills BTC/USDT:USDT", "BTC/USDT:USDT and 4 more symbols: ")
    alone = part(error, name="linear", data_type=DataType.FILLS)
    assert report(account(alone)).lines() == (
        "main: fills linear: BTC/USDT:USDT and 4 more symbols: the certificate of fake is not"
        f" trusted: self-signed certificate; {CURE}",
    )
