import io

from exchange_cache.render.progress import SyncDisplay
from tests.render.builders import ASCII, PIPED, Event


def test_without_a_terminal_nothing_is_written():
    stream = io.StringIO()
    with SyncDisplay(stream, PIPED, monotonic=lambda: 1.0) as display:
        display.tell(Event())
    assert stream.getvalue() == ""


def test_on_a_terminal_the_summary_closes_the_display():
    stream = io.StringIO()
    with SyncDisplay(stream, ASCII, monotonic=lambda: 1.0, accounts=("main",)) as display:
        display.tell(Event(rows=3, requests=1))
        display.tell(Event(state="finished", rows=3, requests=1))
    assert stream.getvalue().endswith("ok 3 rows, 1 request in 0.0 s\n")
