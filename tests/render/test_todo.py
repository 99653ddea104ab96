"""What is wrong in a few words, and what to do, grouped over accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from exchange_cache.errors import ExcacheError
from exchange_cache.findings import Finding
from exchange_cache.records import DataType
from exchange_cache.render.todo import OVERSOLD, Todo, todos, troubles
from exchange_cache.sync.key_rights import CURE
from exchange_cache.value.freshness import Freshness
from tests.render.builders import verdict, verdicts


def found(
    code: str, account: str | None = "main", *, message: str = "odd", hint: str = ""
) -> Finding:
    return Finding(code=code, message=message, account=account, hint=hint or None)


def todo(
    *findings: Finding,
    oversold: dict[str, Sequence[str]] | None = None,
    running: bool = False,
    **accounts: Sequence[Freshness],
) -> list[Todo]:
    return todos(accounts, findings, oversold or {}, running=running)


def every_code() -> set[str]:
    """The codes of errors that may end the sync of an account."""
    kinds = [ExcacheError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    never = {"error", "usage", "nothing_cached", "statement", "not_offered", "not_fresh"}
    return {kind.code for kind in kinds} - never - {"try_later", "lock_busy", "cache_too_new"}


def down(account: str, error: str = "timed out", code: str = "unavailable") -> list[Freshness]:
    return [verdict(account, kind, error=f"{account}: {error}", code=code) for kind in DataType]


@pytest.mark.parametrize("code", sorted(every_code()))
def test_an_account_whose_sync_failed_says_why_in_words(code: str) -> None:
    (trouble,) = troubles(down("main", code=code), [], [])
    assert trouble not in {"failed", ""}
    assert "_" not in trouble


def test_many_accounts_with_one_trouble_are_the_first_eight_and_their_number() -> None:
    names = [f"a{number:02}" for number in range(20)]
    (one,) = todo(**{name: down(name) for name in names})
    assert one.text == f"{', '.join(names[:8])} and 12 more: timed out"


def test_assets_of_several_accounts_are_one_thing_to_do() -> None:
    both = todo(
        found(OVERSOLD, "bybit"),
        found(OVERSOLD, "okx"),
        oversold={"bybit": ("ADA", "BTC"), "okx": ("BTC", "XRP")},
    )
    assert both == [
        Todo(
            "bybit, okx: ADA, BTC, XRP were sold before the stored history begins, so their"
            " average covers a part.",
            "excache status --missing --account bybit --account okx",
        )
    ]


def test_accounts_that_did_not_answer_share_their_command() -> None:
    assert todo(main=down("main"), okx=down("okx")) == [
        Todo("main, okx: timed out", "excache reload --account main --account okx")
    ]


def test_a_refused_key_is_checked_account_by_account() -> None:
    shown = todo(okx=down("okx", "refused the key", "key_refused"))
    assert shown == [Todo("okx: refused the key", "excache account check okx")]


def test_danger_comes_first_and_a_hint_that_is_no_command_is_part_of_the_sentence() -> None:
    shown = todo(
        found("gap", hint="excache sync --account main"),
        found("key_rights", message="this key may WITHDRAW", hint=CURE),
        okx=down("okx"),
    )
    assert [one.text for one in shown] == [
        f"main: this key may WITHDRAW; {CURE}",
        "okx: timed out",
        "main: odd",
    ]
    assert [one.command for one in shown] == [
        None,
        "excache reload --account okx",
        "excache sync --account main",
    ]


def test_what_a_running_sync_does_anyhow_is_nothing_to_do() -> None:
    old = verdicts("main", age=timedelta(hours=4))
    costs = found("costs_open", None, hint="excache sync")
    assert todo(costs, main=old) == [
        Todo("main: up to 4 h old", "excache sync"),
        Todo("odd", "excache sync"),
    ]
    assert todo(costs, main=old, running=True) == []


@pytest.mark.parametrize("code", ["out_of_retention", "newest_rows_only", "own_start"])
def test_what_nobody_can_change_is_neither_trouble_nor_a_thing_to_do(code: str) -> None:
    assert todo(found(code)) == [] and troubles([], [found(code)], ()) == []


def test_troubles_are_a_few_words_each_the_worst_first() -> None:
    own = [verdict("main", error="x", code="unavailable")]
    findings = [found("gap"), found(OVERSOLD), found("account_emptied"), found("odd_code")]
    assert troubles(own, findings, ("ADA", "BTC")) == [
        "did not answer",
        "emptied",
        "a gap in its history",
        "2 assets oversold",
        "odd code",
    ]


def test_an_account_of_which_nothing_is_stored_was_never_synced() -> None:
    assert troubles(verdicts("main", age=None), [], ()) == ["never synced"]
    part = [verdict("main", age=None), verdict("main", DataType.ORDERS)]
    assert troubles(part, [], ()) == ["balances never synced"]


def test_a_first_sync_that_did_not_end_is_one_thing_to_do_and_is_not_called_never_synced() -> None:
    kinds = (DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS)
    own = {
        name: [verdict(name), *(verdict(name, kind, age=None) for kind in kinds)]
        for name in ("main", "okx")
    }
    assert troubles(own["main"], [], ()) == ["histories not complete"]
    whole = todos(own, [], {}, running=False)
    assert whole == [("all accounts: the first sync is not complete", "excache sync")]
    own["savings"] = [verdict("savings")]
    (some,) = todos(own, [], {}, running=False)
    assert some.command == "excache sync --account main --account okx"


DOWN = "kraken did not answer ({}): timed out; plug it in"


@pytest.mark.parametrize(
    ("reason", "shown"), [("kraken did not answer: timed out", 1), ("no such window", 2)]
)
def test_a_history_that_failed_as_all_reads_did_is_one_thing_to_do(reason: str, shown: int) -> None:
    own = down("main", DOWN.format("fills spot"))
    failed = found("history_failed", message=f"main: fills (spot): {reason}")
    assert len(todo(failed, main=own)) == shown
    assert len(troubles(own, [failed], ())) == shown
