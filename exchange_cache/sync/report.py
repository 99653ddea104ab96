"""The results of a run as values: per part, per account and in total; and the lines and exit code
that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from exchange_cache.errors import ExcacheError, ExchangeFault, cause
from exchange_cache.findings import Finding
from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """One wallet, call or stream scope. ``state``: ok | failed | not_offered | no_permission.

    ``lost``: it could be read until now; its rows are kept and are stale from now on. ``rested``:
    it was not requested, because nothing of it was seen to move; ``state`` is that of its last
    request.
    """

    data_type: DataType
    part: str
    state: str = "ok"
    new_rows: int = 0
    rows: int = 0
    requests: int = 0
    seconds: float = 0.0
    error: ExcacheError | None = None
    lost: bool = False
    rested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """All parts of one account; ``fatal`` is the error that ended its run early (a refused key, a
    ban)."""

    account: str
    exchange: str
    parts: tuple[PartResult, ...]
    seconds: float
    fatal: ExcacheError | None = None
    interrupted: bool = False
    notes: tuple[str, ...] = ()  # what was corrected in what earlier runs stored

    @property
    def failures(self) -> tuple[PartResult, ...]:
        return tuple(part for part in self.parts if part.state == "failed")

    @property
    def ok(self) -> bool:
        return self.fatal is None and not self.failures and not self.interrupted

    def data_types(self) -> dict[DataType, tuple[PartResult, ...]]:
        """The parts by data type, in the order of DataType."""
        return {
            data_type: parts
            for data_type in DataType
            if (parts := tuple(part for part in self.parts if part.data_type is data_type))
        }

    def new_rows(self, data_type: DataType) -> int:
        return sum(part.new_rows for part in self.parts if part.data_type is data_type)

    def problems(self) -> tuple[str, ...]:
        """One sentence per distinct problem with the parts that it affects; only the first run that
        loses a part reports it."""
        if self.fatal is not None:
            return (sentence(self.fatal),)
        return _named((*self.failures, *self._lost))

    def losses(self) -> tuple[str, ...]:
        """The problems that are no failure of a data type."""
        return _named(self._lost)

    @property
    def _lost(self) -> tuple[PartResult, ...]:
        return tuple(part for part in self.parts if part.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """A whole run. ``alarms`` are new grave findings; with one of them the exit code is not 0.
    ``clock_ahead``: by how much this machine's clock is ahead of every exchange that answered."""

    accounts: tuple[AccountReport, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # of the accounts' settings; they fail nothing
    alarms: tuple[Finding, ...] = ()
    clock_ahead: timedelta = timedelta(0)

    @property
    def ok(self) -> bool:
        return all(account.ok for account in self.accounts)

    @property
    def requests(self) -> int:
        return sum(part.requests for account in self.accounts for part in account.parts)

    @property
    def new_rows(self) -> int:
        return sum(part.new_rows for account in self.accounts for part in account.parts)

    @property
    def exit_code(self) -> int:
        """0: success; 1: some accounts failed or an alarm is new; where all failed for one reason,
        its code."""
        if any(account.interrupted for account in self.accounts):
            return 130
        failed = [account for account in self.accounts if not account.ok]
        if not failed:
            return 1 if self.alarms else 0
        codes = {code for account in failed for code in _codes(account)}
        if (
            len(failed) == len(self.accounts)
            and len(codes) == 1
            and all(_nothing_saved(account) for account in failed)
        ):
            return codes.pop()
        return 1

    def lines(self) -> tuple[str, ...]:
        """The lines for stderr and cron: warnings, problems and corrections per account, notes and
        alarms."""
        return self._lines({one.account: one.problems() for one in self.accounts})

    def remarks(self) -> tuple[str, ...]:
        """The lines besides the failures of data types and accounts."""
        return self._lines({one.account: one.losses() for one in self.accounts})

    def _lines(self, problems: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        own = tuple(
            f"{account.account}: {text}"
            for account in self.accounts
            for text in (*problems.get(account.account, ()), *account.notes)
        )
        alarms = (f"{one.account}: {one.message}; {one.hint}" for one in self.alarms)
        return (*self.warnings, *own, *self.notes, *alarms)


def sentence(error: ExcacheError) -> str:
    """What happened and the cure, in one line."""
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _named(parts: Iterable[PartResult]) -> tuple[str, ...]:
    """One sentence per distinct cause, after the first parts that met it; symbols are named if
    only one part did."""
    by_cause: dict[str, dict[str, str]] = {}
    for part in parts:
        text = sentence(part.error) if part.error is not None else "failed"
        by_cause.setdefault(cause(text), {})[f"{part.data_type} {part.part}".strip()] = text
    return tuple(
        _after(tuple(named), tuple(named.values()), why) for why, named in by_cause.items()
    )


def _after(names: tuple[str, ...], texts: tuple[str, ...], why: str) -> str:
    symbols, _, rest = texts[0].partition(": ")
    one = len(names) == 1 and cause(rest) == why and "/" in symbols
    more = " …" if len(names) > 4 else ""
    return f"{', '.join(names[:4])}{more}: {f'{symbols}: ' if one else ''}{why}"


def _codes(account: AccountReport) -> Iterable[int]:
    if account.fatal is not None:
        return (account.fatal.exit_code,)
    return tuple(
        part.error.exit_code if isinstance(part.error, ExchangeFault) else 1
        for part in account.failures
    )


def _nothing_saved(account: AccountReport) -> bool:
    return all(part.state != "ok" or part.rested for part in account.parts)


def bug(error: Exception) -> ExcacheError:
    """A bug by its kind and place, without its text, which may quote an exchange or a key file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        if trace is not None
        else "an unknown place"
    )
    return ExcacheError(
        f"a bug in excache ({type(error).__name__} at {place}) ended this account's run; what was"
        " fetched is saved"
    )
