"""``excache status --accept``: what is accepted leaves the screens, stays in --all and JSON, and
returns when it changes or ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import SetClock
from tests.e2e.world import Result, World

REASON = ("--reason", "known since the spring")


def store(world: World, *messages: str, code: str = "odd_finding") -> None:
    repository = world.repository()
    now = world.clock.now()
    findings = [
        StoredFinding(
            account="kraken",
            code=code,
            scope=f"test {number}",
            asset="",
            message=message,
            hint=None,
            since=now,
        )
        for number, message in enumerate(messages)
    ]
    repository.derived.replace_findings("kraken", findings, now)
    repository.close()


@pytest.fixture
def noted(world: World) -> World:
    """A synced account with one finding, at a time that stands still."""
    made = replace(world, clock=SetClock(at=datetime.now(UTC)))
    store(made, "three widgets are odd")
    return made


def status(world: World, *words: str) -> str:
    done = world.run("status", *words)
    assert done.code == 0, done.err
    return " ".join(done.out.split())


def refused(world: World, *words: str) -> str:
    done: Result = world.run("status", *words)
    assert done.code == 2, done
    return done.err


def document(world: World, command: str) -> dict:
    done = world.run(command, "--json", *(("--no-refresh",) if command == "portfolio" else ()))
    found = done.json()["findings" if command == "status" else "warnings"]
    [own] = [one for one in found if one["code"] == "odd_finding"]
    return own


def test_an_accepted_finding_leaves_the_screens_and_stays_in_all_and_json(noted: World) -> None:
    assert "three widgets are odd" in status(noted)
    assert "accepted" not in document(noted, "status")
    done = noted.run("status", "--accept", "odd_finding", *REASON, "--until", "30d")
    end = noted.clock.now() + timedelta(days=30)
    assert (done.code, done.out) == (0, "")
    assert (
        done.err == f"Accepted until {end:%Y-%m-%d}: kraken: three widgets are odd (odd_finding)\n"
    )
    assert "widgets" not in status(noted)
    assert "widgets" not in noted.run("portfolio", "--no-refresh").out
    assert (
        f"three widgets are odd (accepted until {end:%Y-%m-%d}: known since the spring)"
        in status(noted, "--all")
    )
    for command in ("status", "portfolio"):
        accepted = document(noted, command)["accepted"]
        assert accepted["reason"] == "known since the spring"
        assert datetime.fromisoformat(accepted["until"]) - datetime.fromisoformat(
            accepted["at"]
        ) == timedelta(days=30)


def test_it_returns_when_it_changes(noted: World) -> None:
    noted.run("status", "--accept", "odd_finding", *REASON)
    store(noted, "four widgets are odd")
    assert "four widgets are odd" in status(noted)
    store(noted, "three widgets are odd")
    assert "widgets" not in status(noted)


def test_it_returns_when_its_end_has_come_by_default_after_90_days(noted: World) -> None:
    noted.run("status", "--accept", "odd_finding", *REASON)
    noted.clock.at += timedelta(days=90) - timedelta(seconds=1)  # type: ignore[attr-defined]
    assert "widgets" not in status(noted)
    noted.clock.at += timedelta(seconds=1)  # type: ignore[attr-defined]
    assert "three widgets are odd" in status(noted)


def test_accepting_again_moves_the_end(noted: World) -> None:
    noted.run("status", "--accept", "odd_finding", *REASON)
    noted.run("status", "--accept", "odd_finding", "--reason", "only today", "--until", "1d")
    noted.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    assert "three widgets are odd" in status(noted)


def test_a_finding_of_the_reading_alone_is_accepted_too(noted: World) -> None:
    noted.clock.at += timedelta(days=2)  # type: ignore[attr-defined]
    done = noted.run("status", "--accept", "stale", *REASON)
    assert done.code == 0 and "kraken: balances are 2 d old (stale)" in done.err
    noted.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    assert "balances are 3 d old (accepted until" in status(noted, "--all")


def test_every_code_of_a_portfolio_can_be_accepted_at_once(noted: World) -> None:
    noted.clock.at += timedelta(days=2)  # type: ignore[attr-defined]
    codes = {
        one["code"] for one in noted.run("portfolio", "--json", "--no-refresh").json()["warnings"]
    }
    assert len(codes) > 1
    words = [word for code in sorted(codes) for word in ("--accept", code)]
    assert noted.run("status", *words, *REASON).code == 0
    assert all(
        "accepted" in one
        for one in noted.run("portfolio", "--json", "--no-refresh").json()["warnings"]
    )


def test_only_the_named_account_and_asset_are_accepted(noted: World) -> None:
    assert noted.run("status", "--accept", "odd_finding", "--account", "kraken", *REASON).code == 0
    assert "it concerns no asset" in refused(
        noted, "--accept", "odd_finding", "--asset", "BTC", *REASON
    )


def test_an_unknown_code_or_account_is_refused_with_the_nearest_one(noted: World) -> None:
    assert 'there is no finding "odd_findin"; did you mean "odd_finding"?' in refused(
        noted, "--accept", "odd_findin", *REASON
    )
    assert 'did you mean "kraken"?' in refused(
        noted, "--accept", "odd_finding", "--account", "krakne", *REASON
    )
    assert "three widgets are odd" in status(noted), "nothing was accepted"


def test_of_several_codes_one_unknown_accepts_none(noted: World) -> None:
    refused(noted, "--accept", "odd_finding", "--accept", "nonsense", *REASON)
    assert "three widgets are odd" in status(noted)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--accept", "odd_finding"), "needs a reason"),
        (("--accept", "odd_finding", "--reason", "  "), "needs a reason"),
        (("--reason", "because"), "belong to --accept"),
        (("--accept", "odd_finding", "--reason", "x", "--until", "2020-01-01"), "is in the past"),
        (("--accept", "odd_finding", "--reason", "x", "--until", "soon"), "must be a duration"),
    ],
)
def test_what_is_missing_or_makes_no_sense_is_refused(
    noted: World, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(noted, *words)
