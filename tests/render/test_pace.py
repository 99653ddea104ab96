"""How much longer a count takes."""

from datetime import timedelta

from exchange_cache.render.pace import Pace
from tests.render.builders import seconds


def paced(*noted: tuple[int, int]) -> Pace:
    pace = Pace(started=timedelta(0))
    for at, done in noted:
        pace.note(seconds(at), done)
    return pace


def test_nothing_is_estimated_before_fifteen_seconds() -> None:
    assert paced((0, 0), (10, 50)).left(seconds(14), 100) is None
    assert paced((0, 0), (10, 50)).left(seconds(20), 100) == seconds(20)


def test_nothing_is_estimated_before_a_tenth_is_done() -> None:
    assert paced((0, 0), (30, 9)).left(seconds(30), 100) is None
    assert paced((0, 0), (30, 10)).left(seconds(30), 100) == seconds(270)


def test_only_the_last_minute_counts() -> None:
    pace = paced((0, 0), (10, 500), (70, 520), (100, 530), (130, 540))

    assert pace.left(seconds(130), 600) == seconds(180)  # 20 in 60 s


def test_a_total_that_grows_keeps_the_pace() -> None:
    pace = paced((0, 0), (20, 40))

    assert pace.left(seconds(20), 60) == seconds(10)
    assert pace.left(seconds(20), 100) == seconds(30)


def test_a_standstill_takes_longer_by_the_second_and_then_nothing_is_said() -> None:
    pace = paced((0, 0), (20, 40))

    assert pace.left(seconds(40), 60) == seconds(20)
    assert pace.left(seconds(81), 60) is None
