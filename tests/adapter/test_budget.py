"""The shared pace: never more than the exchange accepts, in turn, and a pause holds for everybody.

Times are simulated, requests take 100 ms each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from exchange_cache.adapter.allowances import Allowance, Limits
from exchange_cache.adapter.budget import DEAR_MS, PATIENCE_MS, Budget, Budgets
from exchange_cache.adapter.pace import MINUTE_MS, Used
from exchange_cache.clock import to_ms
from exchange_cache.errors import Banned, RateLimited
from tests.adapter.virtual_time import VirtualClock

PRIVATE, PUBLIC, FUTURES = "GET private trades", "GET public tickers", "GET fapiPrivate trades"
LATENCY = 0.1
PER_ACCOUNT = Limits(signed_per_account=True)
PER_ACCOUNT_AND_ADDRESS = Limits(signed_per_account=True, requests=600, seconds=5.0)


@dataclass
class Exchange:
    """Accounts of one exchange behind one address; ``sent`` notes (when, account, endpoint)."""

    limits: Limits = field(default_factory=Limits)
    allowances: Sequence[Allowance] = ()
    clock: VirtualClock = field(default_factory=VirtualClock)
    budgets: Budgets = field(default_factory=Budgets)
    sent: list[tuple[float, str, str]] = field(default_factory=list)

    def budget(self, account: str, *place: str) -> Budget:
        return Budget(
            self.budgets,
            account=account,
            place=("fake", *place),
            limits=self.limits,
            allowances=self.allowances,
            clock=self.clock,
        )

    def ask(self, budget: Budget, account: str, need: float, endpoint: str = PRIVATE) -> None:
        budget.take(need, endpoint, lambda: to_ms(self.clock.now()))
        self.sent.append((self.clock.monotonic(), account, endpoint))
        self.clock.sleep(LATENCY)

    def account(
        self, name: str, times: int, need: float, endpoint: str = PRIVATE
    ) -> Callable[[], None]:
        budget = self.budget(name)

        def job() -> None:
            for _ in range(times):
                self.ask(budget, name, need, endpoint)

        return job

    def seconds(self) -> list[float]:
        return sorted(at for at, _, _ in self.sent)


def most_within(times: Iterable[float], seconds: float) -> int:
    """The largest number of requests in any window of this length, whose end is not in it."""
    ordered = sorted(times)
    return max(
        sum(1 for at in ordered if begin <= at < begin + seconds - 1e-6) for begin in ordered
    )


NAMES = [f"account{number}" for number in range(20)]


def test_an_address_keeps_the_pace_of_one_account_however_many_ask() -> None:
    exchange = Exchange()
    exchange.clock.run([exchange.account(name, 10, 50.0) for name in NAMES])

    times = exchange.seconds()
    assert len(times) == 200
    assert min(later - earlier for earlier, later in pairwise(times)) == pytest.approx(0.05)
    assert times[-1] == pytest.approx(199 * 0.05), "no turn is left unused, latency is hidden"


def test_accounts_that_are_counted_apart_run_side_by_side() -> None:
    exchange = Exchange(PER_ACCOUNT)
    exchange.clock.run([exchange.account(name, 10, 150.0) for name in NAMES])

    assert exchange.clock.monotonic() == pytest.approx(9 * 0.15 + LATENCY), "as long as one alone"
    for name in NAMES:
        own = [at for at, account, _ in exchange.sent if account == name]
        assert min(later - earlier for earlier, later in pairwise(own)) == pytest.approx(0.15)


def test_public_requests_of_all_accounts_share_the_pace_of_the_address() -> None:
    exchange = Exchange(PER_ACCOUNT)
    exchange.clock.run([exchange.account(name, 5, 50.0, PUBLIC) for name in NAMES])

    assert most_within(exchange.seconds(), 1.0) == 20


def test_an_address_never_sends_more_than_the_exchange_accepts_from_it() -> None:
    exchange = Exchange(PER_ACCOUNT_AND_ADDRESS)
    exchange.clock.run([exchange.account(name, 100, 10.0) for name in NAMES])

    assert len(exchange.sent) == 2000
    assert 500 <= most_within(exchange.seconds(), 5.0) <= 600


def test_no_account_starves_and_none_overtakes() -> None:
    exchange = Exchange()
    exchange.clock.run([exchange.account(name, 10, 50.0) for name in NAMES])

    done = dict.fromkeys(NAMES, 0)
    for _, name, _ in sorted(exchange.sent):
        done[name] += 1
        assert max(done.values()) - min(done.values()) <= 1


def test_sections_that_are_counted_apart_do_not_wait_for_each_other() -> None:
    exchange = Exchange(Limits(apart=("fapi",)))
    jobs = [exchange.account("a", 10, 200.0), exchange.account("b", 10, 200.0, FUTURES)]
    exchange.clock.run(jobs)

    assert exchange.clock.monotonic() == pytest.approx(9 * 0.2 + LATENCY)


def test_another_address_has_a_pace_of_its_own() -> None:
    exchange = Exchange()
    near, far = exchange.budget("a"), exchange.budget("b", "httpsProxy http://127.0.0.1:3128")

    def job(budget: Budget, name: str) -> Callable[[], None]:
        return lambda: [exchange.ask(budget, name, 1000.0) for _ in range(3)] and None

    exchange.clock.run([job(near, "a"), job(far, "b")])
    assert exchange.clock.monotonic() == pytest.approx(2 + LATENCY)


# --- pauses ---------------------------------------------------------------------------------------


def refusing(exchange: Exchange, error: RateLimited, status: int | None) -> None:
    """The third request of all is refused."""
    refused: list[float] = []

    def account(name: str) -> Callable[[], None]:
        budget = exchange.budget(name)

        def job() -> None:
            for _ in range(5):
                exchange.ask(budget, name, 50.0)
                if len(exchange.sent) >= 3 and not refused:
                    refused.append(exchange.clock.monotonic())
                    budget.hold(error, PRIVATE, status)

        return job

    exchange.clock.run([account(name) for name in NAMES[:4]])


@pytest.mark.parametrize("limits", [Limits(), PER_ACCOUNT], ids=["address", "account"])
def test_a_429_stops_every_account_of_the_address_until_its_end(limits: Limits) -> None:
    exchange = Exchange(limits)
    refusing(exchange, RateLimited("slower", retry_after=5.0), 429)

    times = exchange.seconds()
    assert len(times) == 20
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) >= 5 - LATENCY
    assert sum(gap > 1 for gap in gaps) == 1, "all waited, also those that had a turn"
    for name in NAMES[:4]:
        own = sorted(at for at, account, _ in exchange.sent if account == name)
        pauses = [later - earlier for earlier, later in pairwise(own)]
        assert min(pauses) >= 0.05, "after the pause nobody makes up for it"


def test_a_refusal_of_one_account_in_an_ordinary_answer_concerns_that_account_alone() -> None:
    exchange = Exchange(PER_ACCOUNT)
    first = exchange.budget("a")
    first.hold(RateLimited("slower", retry_after=5.0), PRIVATE, 200)

    jobs = [lambda: exchange.ask(first, "a", 50.0), exchange.account("b", 3, 50.0)]
    exchange.clock.run(jobs)
    assert sorted((name, at) for at, name, _ in exchange.sent)[0] == ("a", 5.0)
    assert max(at for at, name, _ in exchange.sent if name == "b") < 1


def test_a_refusal_without_an_end_lets_all_wait_shortly() -> None:
    exchange = Exchange()
    budget = exchange.budget("a")
    budget.hold(RateLimited("slower"), PRIVATE, 429)
    exchange.clock.run([exchange.account("b", 1, 50.0)])
    assert exchange.seconds() == [0.5]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Banned("no", retry_after=600.0), Banned),
        (RateLimited("slower", retry_after=PATIENCE_MS / 1000 + 1), RateLimited),
    ],
)
def test_nothing_is_sent_during_a_long_pause(error: RateLimited, kind: type[RateLimited]) -> None:
    exchange = Exchange(PER_ACCOUNT)
    exchange.budget("a").hold(error, PRIVATE, 418 if kind is Banned else 429)

    with pytest.raises(kind) as caught:
        exchange.clock.run([exchange.account("b", 1, 50.0)])
    assert type(caught.value) is kind
    assert caught.value.account == "b"
    assert caught.value.retry_after == error.retry_after
    assert exchange.sent == []


def test_a_ban_reaches_those_that_wait_for_their_turn() -> None:
    exchange = Exchange()
    slow = exchange.budget("slow")

    def waits() -> None:
        for _ in range(2):
            exchange.ask(slow, "slow", 4000.0)

    def banned() -> None:
        exchange.clock.sleep(1)
        exchange.budget("other").hold(Banned("no", retry_after=600.0), PRIVATE, 418)

    with pytest.raises(Banned):
        exchange.clock.run([waits, banned])
    assert [name for _, name, _ in exchange.sent] == ["slow"]


# --- expensive requests ---------------------------------------------------------------------------


def test_expensive_requests_are_counted_with_their_account_and_hold_up_no_other() -> None:
    exchange = Exchange(Limits(dear_per_account=True))
    dear = DEAR_MS * 6 + 1.5
    jobs = [exchange.account(name, 3, dear, PRIVATE) for name in ("a", "b")]
    exchange.clock.run([*jobs, exchange.account("c", 20, 50.0)])

    for name in ("a", "b"):
        assert most_within((at for at, who, _ in exchange.sent if who == name), 60.0) == 2
    assert max(at for at, who, _ in exchange.sent if who == "c") < 2


def test_expensive_requests_of_an_address_share_its_minute_where_nothing_is_stated() -> None:
    exchange = Exchange()
    jobs = [exchange.account(name, 2, DEAR_MS * 6 + 1.5) for name in ("a", "b")]
    exchange.clock.run(jobs)
    assert most_within(exchange.seconds(), 60.0) == 2


# --- between processes, and what answers report ---------------------------------------------------

USER = Allowance(header="x-user", a_minute={"api": 100}, suffix="-user", per_account=True)
ALL = Allowance(header="x-all", a_minute={"api": 100})


def test_what_one_account_used_up_is_waited_for_by_all_unless_it_is_its_own() -> None:
    exchange = Exchange(allowances=(ALL, USER))
    until = to_ms(exchange.clock.now()) + 30_000
    one, other = exchange.budget("one"), exchange.budget("other")
    one.note_used({"api-user": Used(0.95, until)})
    assert "api-user" in one.used and other.used == {}
    one.note_used({"api": Used(0.95, until)})
    assert other.used == {"api": Used(0.95, until)}

    exchange.clock.run([lambda: exchange.ask(other, "other", 1.0)])
    assert exchange.seconds() == [30.5]


def test_a_late_answer_does_not_take_back_what_is_used() -> None:
    budget = Exchange().budget("a")
    budget.note_used({"api": Used(0.5, MINUTE_MS)})
    budget.note_used({"api": Used(0.4, MINUTE_MS)})
    assert budget.used == {"api": Used(0.5, MINUTE_MS)}
    budget.note_used({"api": Used(0.1, 2 * MINUTE_MS)})
    assert budget.used == {"api": Used(0.1, 2 * MINUTE_MS)}


def test_a_new_process_goes_on_where_the_one_before_ended() -> None:
    exchange = Exchange(Limits(dear_per_account=True))
    now = to_ms(exchange.clock.now())
    budget = exchange.budget("a")
    budget.resume(now, now - 20, [(now - 10_000, 30_001.5), (now - 5_000, 30_001.5)], {})
    assert budget.dear(now) == [[now - 10_000, 30_001.5], [now - 5_000, 30_001.5]]

    exchange.clock.run([lambda: exchange.ask(budget, "a", 50.0)])
    assert exchange.seconds() == [pytest.approx(0.03)]
    exchange.clock.run([lambda: exchange.ask(budget, "a", 30_001.5)])
    assert exchange.seconds()[-1] == pytest.approx(50.0)


def test_what_several_accounts_remember_of_one_minute_is_counted_once() -> None:
    exchange = Exchange()
    now = to_ms(exchange.clock.now())
    exchange.budget("a").resume(now, 0, [(now - 1000, 30_001.5)], {})
    again = exchange.budget("a")
    again.resume(now, 0, [(now - 1000, 30_001.5)], {})
    assert again.dear(now) == [[now - 1000, 30_001.5]]
    assert exchange.budget("b").dear(now) == []


def test_a_process_goes_on_where_another_of_its_address_ended_with_another_account() -> None:
    own = Allowance(header="used", a_minute={"api": 100}, suffix="-user", per_account=True)
    exchange = Exchange(allowances=(own,))
    now = to_ms(exchange.clock.now())
    budget = exchange.budget("b")
    used = {"api": Used(0.5, now + 10_000), "api-user": Used(0.9, now + 10_000)}
    budget.resume_beside("a", now, now - 20, [(now - 10_000, 60_000.0)], used)
    assert budget.used == {"api": Used(0.5, now + 10_000)}
    assert budget.dear(now) == []
    exchange.clock.run([lambda: exchange.ask(budget, "b", 50.0)])
    assert exchange.seconds() == [pytest.approx(0.03)]
    exchange.clock.run([lambda: exchange.ask(budget, "b", 30_001.5)])
    assert exchange.seconds()[-1] == pytest.approx(50.0)


def test_what_is_counted_by_account_is_no_matter_of_another_one() -> None:
    exchange = Exchange(PER_ACCOUNT)
    now = to_ms(exchange.clock.now())
    budget = exchange.budget("b")
    budget.resume_beside("a", now, now - 20, [(now - 10_000, 60_000.0)], {})
    exchange.clock.run([lambda: exchange.ask(budget, "b", 50.0)])
    assert exchange.seconds() == [pytest.approx(0.0)]
